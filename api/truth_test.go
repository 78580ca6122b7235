package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle"
)

// changes are the instants at which some answer stops being true.
var changes = map[string]string{
	"midnight before spring": "2026-03-08T08:00:00Z",
	"midnight after spring":  "2026-03-09T07:00:00Z",
	"midnight before autumn": "2026-11-01T07:00:00Z",
	"midnight after autumn":  "2026-11-02T08:00:00Z",
	"release":                "2026-06-09T17:00:00Z",
	"unconfirmed begins":     "2026-12-09T08:00:00Z",
	"offer to a ring":        "2026-06-10T17:00:00Z",
	"end of a ring":          "2026-06-15T07:00:00Z",
	"end of a ring in Tokyo": "2026-06-15T15:00:00Z",
	"midnight in Kiritimati": "2026-11-22T10:00:00Z",
	"end of a track":         "2021-09-14T17:00:00Z",
	"year":                   "2027-01-01T08:00:00Z",
}

const ended = "windows-server-azure-automanage-preview"

var askedAround = []string{
	"/api/v1/tracks/windows-11-24h2", "/api/v1/schedule?track=windows-11-24h2", "/api/v1/schedule.csv?track=windows-11-24h2&as_of=2021-01-20",
	"/api/v1/releases?track=windows-11-24h2&from=2026-05&as_of=2021-01-20", "/api/v1/tracks/windows-11-24h2/months/2026-12",
	"/calendars/windows-11-24h2.ics?past=1&ahead=1", "/calendars/windows-11-24h2.ics?past=0&ahead=1&ring=pilot:1/2/2&tz=Asia/Tokyo&style=timed",
	"/api/v1/next", "/api/v1/next?track=windows-11-24h2&ring=pilot:1/2/2&ring=broad:9/5/2",
	"/api/v1/next?track=windows-11-24h2&ring=pilot:1/2/2&tz=Asia/Tokyo", "/api/v1/next?track=windows-11-24h2&tz=Pacific/Kiritimati",
	"/api/v1/next?track=windows-11-24h2&as_of=2021-01-20", "/api/v1/state?track=windows-11-24h2&as_of=2021-01-20&ring=pilot:1/2/2",
	"/api/v1/state", "/api/v1/state?track=windows-11-24h2&ring=pilot:1/2/2&ring=broad:9/5/2",
	"/api/v1/state?track=windows-11-24h2&ring=pilot:1/2/2&tz=Asia/Tokyo", "/api/v1/state?at=2026-06-09T17:00:00Z",
	"/tracks/windows-11-24h2", "/tracks/windows-11-24h2?deferral=1&deadline=2&grace=2&tz=Asia/Tokyo", "/tracks/windows-11-24h2?as_of=2021-01-20",
	"/tracks/windows-11-24h2/badge.svg", "/tracks/windows-11-24h2/badge.svg?tz=Asia/Tokyo", "/tracks/windows-11-24h2/year.svg",
	"/api/v1/annotations?track=windows-11-24h2", "/api/v1/annotations?track=windows-11-24h2&from=2026-05&ring=pilot:1/2/2&tz=Asia/Tokyo",
	"/api/v1/annotations?track=windows-11-24h2&as_of=2021-01-20", "/api/v1/annotations.csv?track=windows-11-24h2&from=1767254400000",
	"/calendars/" + ended + ".ics", "/api/v1/state?track=" + ended,
}

// What a client may still hold by max-age, what it is told to keep by a 304, and what
// the service has kept itself is always what would be rendered anew.
func TestNothingIsKeptTooLong(t *testing.T) {
	facts := builtIn(t)
	for name, change := range changes {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			checkKept(t, facts, askedAround, change, -301*time.Second, -299*time.Second, -time.Second, -500*time.Millisecond, 0, 301*time.Second)
		})
	}
}

// A clock that was ahead is set back over an instant at which something changes, and comes there
// again: the same holds.
func TestClockIsSetBack(t *testing.T) {
	facts := builtIn(t)
	for _, name := range []string{"midnight after spring", "midnight before autumn", "release", "end of a ring in Tokyo", "year"} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			checkKept(t, facts, askedAround, changes[name], 301*time.Second, -24*time.Hour, -299*time.Second, 0, -time.Second, 302*time.Second)
		})
	}
}

// Where November's update comes after December's, nothing is kept beyond December's, which is in force from then on.
func TestNothingIsKeptBeyondANewerMonth(t *testing.T) {
	facts := builtIn(t)[1:2]
	for _, r := range []cycle.Release{
		{Month: cycle.MonthOf(2026, 11), KB: "KB9999991", Type: cycle.TypeHotpatch, Date: cycle.DateOf(2026, 12, 14)},
		{Month: cycle.MonthOf(2026, 12), KB: "KB9999992", Build: "26100.9990", Type: cycle.TypeBaseline, Date: cycle.DateOf(2026, 12, 8)},
	} {
		r.Track, r.KnownOn = facts[0].Track.ID, cycle.DateOf(2026, 10, 1)
		facts[0].Releases = append(facts[0].Releases, r)
	}
	asked := []string{"/api/v1/state", "/tracks/windows-11-24h2", "/api/v1/builds/26100.8655", "/api/v1/next", "/"}
	bodies := checkKept(t, facts, asked, "2026-12-08T18:00:00Z", -100*time.Second, -time.Second, 0, time.Second)
	if want := 2 * len(asked); len(bodies) != want {
		t.Errorf("%d different answers, want %d", len(bodies), want)
	}
}

// checkKept holds a service that keeps its answers, and a client of each, against one that renders them anew, at
// some steps from an instant. It returns the different answers.
func checkKept(t *testing.T, facts []cycle.Facts, asked []string, change string, steps ...time.Duration) map[string]bool {
	t.Helper()
	c, clients, bodies := newClock(t, change), make([]holder, len(asked)), map[string]bool{}
	kept := newHandler(t, api.Config{Source: snapshotOf(facts), Now: c.time})
	for n, step := range steps {
		c.set(instant(t, change).Add(step))
		anew := newHandler(t, api.Config{Source: snapshotOf(facts), Now: c.time})
		for i, target := range asked {
			truth := serve(t, anew, target)
			if truth.Code != http.StatusOK {
				t.Fatalf("GET %s at %s%+v = %d %s", target, change, step, truth.Code, truth.Body)
			}
			if got := serve(t, kept, target).Body.String(); got != truth.Body.String() {
				t.Errorf("GET %s at %s%+v is not what is rendered anew", target, change, step)
			}
			if n > 0 && step < steps[n-1] {
				clients[i].until = time.Time{} // no client can know that the clock is set back
			}
			clients[i].check(t, kept, target, c.time(), truth.Body.String())
			bodies[truth.Body.String()] = true
		}
	}
	return bodies
}

// holder is a client that uses an answer for as long as it may.
type holder struct {
	body, etag, modified string
	until                time.Time
}

func (c *holder) check(t *testing.T, h http.Handler, target string, now time.Time, truth string) {
	t.Helper()
	if c.body != "" && now.Before(c.until) && c.body != truth {
		t.Errorf("GET %s: at %v the client may use its answer until %v, but it is no longer true", target, now, c.until)
	}
	for _, condition := range []string{"If-Modified-Since: " + c.modified, "If-None-Match: " + c.etag} {
		if c.body != "" && serve(t, h, target, condition).Code == http.StatusNotModified && c.body != truth {
			t.Errorf("GET %s with %s at %v = 304, want the new body", target, condition, now)
		}
	}
	answer := serve(t, h, target)
	age, err := strconv.Atoi(strings.TrimPrefix(answer.Header().Get("Cache-Control"), "public, max-age="))
	if err != nil || age < 0 || age > 300 {
		t.Fatalf("GET %s at %v: Cache-Control = %q, want public and a max-age of 0 to 300", target, now, answer.Header().Get("Cache-Control"))
	}
	if now.Before(c.until) { // the client does not ask yet
		return
	}
	*c = holder{
		body: answer.Body.String(), etag: answer.Header().Get("ETag"), modified: answer.Header().Get("Last-Modified"),
		until: now.Add(time.Duration(age) * time.Second),
	}
}

// Two servers with the same facts, in whatever order, give the same bytes and ETags at
// any hour of a day.
func TestReplicas(t *testing.T) {
	facts := builtIn(t)
	other := builtIn(t)
	for i := range other {
		slices.Reverse(other[i].Releases)
		slices.Reverse(other[i].Notices)
	}
	a := newHandler(t, api.Config{Source: snapshotOf(facts), Now: newClock(t, "2026-11-22T08:00:00Z").time})
	b := newHandler(t, api.Config{Source: snapshotOf(other), Now: newClock(t, "2026-11-22T09:59:59Z").time})
	for _, target := range append(askedAround, targets...) {
		for _, encoding := range []string{"gzip", "identity"} {
			one, two := serve(t, a, target, "Accept-Encoding: "+encoding), serve(t, b, target, "Accept-Encoding: "+encoding)
			if one.Body.String() != two.Body.String() || one.Header().Get("ETag") != two.Header().Get("ETag") {
				t.Errorf("GET %s (%s): ETags %s and %s, want the same", target, encoding, one.Header().Get("ETag"), two.Header().Get("ETag"))
			}
		}
	}
}

// announced are the built-in facts with a baseline in December on one track.
func announced(t *testing.T) (facts []cycle.Facts, track *cycle.Facts) {
	t.Helper()
	facts = builtIn(t)
	track = &facts[slices.IndexFunc(facts, func(f cycle.Facts) bool { return f.Track.ID == "windows-11-24h2" })]
	track.Notices = append(slices.Clone(track.Notices), cycle.Notice{
		Track: track.Track.ID, Month: cycle.MonthOf(2026, 12), Kind: cycle.Baseline, KnownOn: cycle.DateOf(2026, 11, 20), Reason: "A page says so",
	})
	return facts, track
}

// The page begins with the nearest restart, whichever track it is of, and tells of one track what is known of that one.
func TestNearestFirst(t *testing.T) {
	facts, _ := announced(t)
	h := newHandler(t, api.Config{Source: snapshotOf(facts), Now: newClock(t, "2026-11-22T18:00:00Z").time})
	body := serve(t, h, "/").Body.String()
	december, january := strings.Index(body, `datetime="2026-12-08`), strings.Index(body, `datetime="2027-01-12`)
	if december < 0 || january < december {
		t.Errorf("December is at %d of the page, January at %d: want the nearest restart first", december, january)
	}
	for track, want := range map[string]string{"windows-11-24h2": "20 Nov 2026", "windows-11-25h2": "14 Sep 2026"} {
		if body := serve(t, h, "/tracks/"+track).Body.String(); !strings.Contains(body, "The newest fact here is of "+want) {
			t.Errorf("the page of %s does not say that its newest fact is of %s", track, want)
		}
	}
}

// A month that came otherwise than announced doesn't give the announcement as its reason.
func TestNoteOfWhatCame(t *testing.T) {
	facts, f := announced(t)
	note := func(at string) string {
		clock := newClock(t, at)
		h := newHandler(t, api.Config{Source: snapshotOf(facts), Now: clock.time})
		var answer struct{ Data struct{ Kind, Note string } }
		if err := json.Unmarshal(serve(t, h, "/api/v1/tracks/windows-11-24h2/months/2026-12").Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		return answer.Data.Kind + ": " + answer.Data.Note
	}
	if got := note("2026-11-22T18:00:00Z"); got != "baseline: A page says so" {
		t.Errorf("announced: %q", got)
	}
	f.Releases = append(slices.Clone(f.Releases), cycle.Release{
		Track: f.Track.ID, Month: cycle.MonthOf(2026, 12), KB: "KB5150000", Type: cycle.TypeHotpatch, Restart: cycle.RestartNotNeeded, Date: cycle.DateOf(2026, 12, 8), KnownOn: cycle.DateOf(2026, 12, 8),
	})
	if got := note("2026-12-09T18:00:00Z"); got != "hotpatch: " {
		t.Errorf("released as a hotpatch: %q, want no reason for a baseline", got)
	}
}
