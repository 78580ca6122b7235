//go:build e2e

package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

// clientEvent is an event as a calendar client reads it.
type clientEvent struct {
	UID      string `json:"uid"`
	Summary  string `json:"summary"`
	Start    string `json:"start"` // a day, or an instant in UTC
	Sequence int    `json:"sequence"`
	Alarms   int    `json:"alarms"`
}

// feedCase is a feed, in the words of its address.
type feedCase struct {
	tracks string
	query  string
}

// TestFeedInClients lets parsers of others read feeds, and compares what they find
// with what the JSON says.
func TestFeedInClients(t *testing.T) {
	s := serveForTest(t, nil, "--listen=127.0.0.1:0")
	readers := clientReaders(t)
	for _, c := range feedCases(t, s) {
		t.Run(c.tracks+"?"+c.query, func(t *testing.T) {
			want := expectedEvents(t, s, c)
			status, _, feed := get(t, s.url+"/calendars/"+c.tracks+".ics?"+c.query)
			if status != 200 {
				t.Fatalf("status %d, want 200: %s", status, feed)
			}
			if got := strings.Count(feed, "BEGIN:VEVENT\r\n"); got != len(want) {
				t.Errorf("%d events in the feed, want %d", got, len(want))
			}
			for name, read := range readers {
				if diff := gocmp.Diff(want, read(t, feed)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

func feedCases(t *testing.T, s *testServer) []feedCase {
	var tracks []struct{ ID string }
	ask(t, s, "/api/v1/tracks", nil, &tracks)
	var cases []feedCase
	for _, track := range tracks {
		cases = append(cases, feedCase{track.ID, ""})
	}
	if len(cases) < 5 {
		t.Fatalf("%d tracks, want at least 5", len(cases))
	}
	return append(
		cases,
		feedCase{"all", ""},
		feedCase{"windows-11-24h2,windows-server-2025", ""},
		feedCase{"all", "ring=pilot:1/2/2&ring=broad:9/5/2"},
		feedCase{"all", "include=cumulative"},
		feedCase{"all", "include=cumulative&include=component"},
		feedCase{"all", "style=timed"},
		feedCase{"windows-server-2025", "style=timed&ring=broad:9/5/2"},
		feedCase{"all", "alarm=P1D"},
		feedCase{"all", "past=600&ahead=0"},
		feedCase{"windows-11-24h2", "past=0&ahead=600"},
	)
}

// reader reads a feed with one client.
type reader func(t *testing.T, feed string) []clientEvent

// clientReaders fails the test where a client is missing: .ci/run installs all of them.
func clientReaders(t *testing.T) map[string]reader {
	t.Helper()
	return map[string]reader{
		// Debian's package belongs to Debian's Python.
		"python3-icalendar": clientReader("/usr/bin/python3", filepath.Join("testdata", "clients", "read.py")),
		"ical.js":           clientReader("node", filepath.Join("testdata", "clients", "read.mjs")),
		"libical":           clientReader(compileLibical(t)),
	}
}

func clientReader(name string, args ...string) reader {
	return func(t *testing.T, feed string) []clientEvent {
		t.Helper()
		var stderr bytes.Buffer
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Stdin, cmd.Stderr = strings.NewReader(feed), &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %v\n%s", cmd.Args, err, stderr.String())
		}
		events := []clientEvent{}
		for dec := json.NewDecoder(bytes.NewReader(out)); ; {
			var e clientEvent
			if err := dec.Decode(&e); err == io.EOF {
				return sorted(events)
			} else if err != nil {
				t.Fatalf("%v: %v\n%.500s", cmd.Args, err, out)
			}
			events = append(events, e)
		}
	}
}

// compileLibical returns the reader that uses libical.
func compileLibical(t *testing.T) string {
	t.Helper()
	flags, err := exec.CommandContext(t.Context(), "pkg-config", "--cflags", "--libs", "libical").Output()
	if err != nil {
		t.Fatalf("pkg-config libical: %v: want libical-dev and pkg-config", err)
	}
	binary := filepath.Join(t.TempDir(), "read")
	args := append([]string{"-Wall", "-Werror", "-o", binary, filepath.Join("testdata", "clients", "read.c")}, strings.Fields(string(flags))...)
	if out, err := exec.CommandContext(t.Context(), "cc", args...).CombinedOutput(); err != nil {
		t.Fatalf("cc %v: %v\n%s", args, err, out)
	}
	return binary
}

func sorted(events []clientEvent) []clientEvent {
	slices.SortFunc(events, func(a, b clientEvent) int { return cmp.Compare(a.UID, b.UID) })
	return events
}

// scheduleEntry and releaseEntry are rows of the API, as far as feeds show them.
type scheduleEntry struct {
	Track       string  `json:"track"`
	TrackName   string  `json:"track_name"`
	Month       string  `json:"month"`
	Kind        string  `json:"kind"`
	Unplanned   bool    `json:"unplanned"`
	Status      string  `json:"status"`
	ReleaseDate string  `json:"release_date"`
	KB          *string `json:"kb"`
	Ring        string  `json:"ring"`
	OfferedOn   string  `json:"offered_on"`
	RestartBy   *string `json:"restart_by"`
}

type releaseEntry struct {
	Track       string  `json:"track"`
	Month       string  `json:"month"` // "" for null
	KB          string  `json:"kb"`
	Type        string  `json:"type"`
	OutOfBand   bool    `json:"out_of_band"`
	Restart     *bool   `json:"restart"`
	ReleaseDate *string `json:"release_date"`
}

const monthForm = "2006-01"

// expectation collects what the JSON says about a feed.
type expectation struct {
	query    url.Values // of the feed
	from, to time.Time  // first days of the first and the last month
	tracks   url.Values // track=…, as the JSON routes take them
	names    map[string]string
	events   []clientEvent
}

// expectedEvents makes the events out of the JSON: one for each row of the schedule,
// one for each hotpatch out of band, one for each restart of a ring, and the releases
// that the feed includes.
func expectedEvents(t *testing.T, s *testServer, c feedCase) []clientEvent {
	t.Helper()
	query, err := url.ParseQuery(c.query)
	if err != nil {
		t.Fatal(err)
	}
	x := &expectation{query: query, tracks: url.Values{}, names: map[string]string{}, events: []clientEvent{}}
	if c.tracks != "all" {
		x.tracks["track"] = strings.Split(c.tracks, ",")
	}
	now := time.Date(testClock().Year(), testClock().Month(), 1, 0, 0, 0, 0, time.UTC)
	x.from = now.AddDate(0, -number(t, query.Get("past"), 12), 0)
	x.to = now.AddDate(0, number(t, query.Get("ahead"), 18), 0)
	x.months(t, s)
	x.releases(t, s)
	return sorted(x.events)
}

func (x *expectation) months(t *testing.T, s *testServer) {
	for from := x.from; !from.After(x.to); from = from.AddDate(25, 0, 0) { // one range must not be longer than 50 years
		to := from.AddDate(25, -1, 0)
		if to.After(x.to) {
			to = x.to
		}
		q := url.Values{"from": {from.Format(monthForm)}, "to": {to.Format(monthForm)}, "track": x.tracks["track"]}
		for _, row := range pages[scheduleEntry](t, s, q) {
			x.names[row.Track] = row.TrackName
			x.add(t, row.Month+"."+row.Track, row.summary(), row.ReleaseDate, sequence(t, s, row))
		}
		if q["ring"] = x.query["ring"]; len(q["ring"]) == 0 {
			continue
		}
		for _, row := range pages[scheduleEntry](t, s, q) {
			if row.RestartBy != nil {
				x.add(t, row.Month+"."+row.Track+"."+row.Ring, row.ringSummary(t), row.OfferedOn, sequence(t, s, row))
			}
		}
	}
}

func (x *expectation) releases(t *testing.T, s *testServer) {
	var hotpatches, others []releaseEntry
	ask(t, s, "/api/v1/releases", url.Values{"track": x.tracks["track"], "type": {"hotpatch"}, "out_of_band": {"true"}}, &hotpatches)
	for _, typ := range x.query["include"] {
		var more []releaseEntry
		ask(t, s, "/api/v1/releases", url.Values{"track": x.tracks["track"], "type": {typ}}, &more)
		others = append(others, more...)
	}
	for _, r := range append(hotpatches, others...) {
		if r.ReleaseDate == nil { // nobody knows when: it stands in no calendar
			continue
		}
		month, err := time.Parse(monthForm, cmp.Or(r.Month, (*r.ReleaseDate)[:len(monthForm)]))
		if err != nil {
			t.Fatal(err)
		}
		if !month.Before(x.from) && !month.After(x.to) {
			x.add(t, strings.ToLower(r.KB)+"."+r.Track, r.summary(x.names[r.Track], month), *r.ReleaseDate, 0)
		}
	}
}

func (x *expectation) add(t *testing.T, uid, summary, day string, sequence int) {
	e := clientEvent{UID: uid + "@cyclecal", Summary: summary, Start: day, Sequence: sequence}
	if x.query.Get("style") == "timed" {
		e.Start = releaseInstant(t, day)
	}
	if x.query.Has("alarm") {
		e.Alarms = 1
	}
	x.events = append(x.events, e)
}

// summary begins with whether it restarts, and how sure that is.
func (r scheduleEntry) summary() string {
	s := fmt.Sprintf("%s: %s %s, %s", r.headline(), r.TrackName, r.kind(), monthInWords(r.Month))
	if r.KB != nil {
		s += ", " + *r.KB
	}
	return s
}

func (r scheduleEntry) ringSummary(t *testing.T) string {
	by, err := time.Parse(time.DateOnly, *r.RestartBy)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s by %s: ring %s, %s %s, %s", r.headline(), by.Format("2 January"), r.Ring, r.TrackName, r.kind(), monthInWords(r.Month))
}

func (r scheduleEntry) headline() string {
	restart := map[string]string{"baseline": "Restart", "hotpatch": "No restart"}[r.Kind]
	return restart + map[string]string{"planned": " planned", "announced": " announced", "unconfirmed": " (unconfirmed)"}[r.Status]
}

func (r scheduleEntry) kind() string {
	if r.Unplanned {
		return "unplanned " + r.Kind
	}
	return r.Kind
}

func (r releaseEntry) summary(track string, month time.Time) string {
	restart := "Restart unknown"
	switch {
	case r.Type == "cumulative":
		restart = "Restart off the cycle only"
	case r.Restart != nil && *r.Restart:
		restart = "Restart"
	case r.Restart != nil:
		restart = "No restart"
	}
	what := map[string]string{"hotpatch": "hotpatch", "cumulative": "cumulative update", "component": "component update"}[r.Type]
	if r.OutOfBand {
		what = "out-of-band " + what
	}
	return fmt.Sprintf("%s: %s %s, %s, %s", restart, track, what, month.Format("January 2006"), r.KB)
}

func monthInWords(month string) string {
	m, err := time.Parse(monthForm, month)
	if err != nil {
		return err.Error()
	}
	return m.Format("January 2006")
}

// releaseInstant is 10:00 where the updates come from.
func releaseInstant(t *testing.T, day string) string {
	t.Helper()
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation(time.DateTime, day+" 10:00:00", zone)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC().Format(time.RFC3339)
}

// sequence is what a month's SEQUENCE must be: two for each fact that the API tells
// about it, and one more where its day passed without a release.
func sequence(t *testing.T, s *testServer, row scheduleEntry) int {
	t.Helper()
	var month struct{ Releases, Notices []json.RawMessage }
	ask(t, s, "/api/v1/tracks/"+row.Track+"/months/"+row.Month, nil, &month)
	n := 2 * (len(month.Releases) + len(month.Notices))
	if row.Status == "unconfirmed" {
		n++
	}
	return n
}

// ask decodes the data of an answer and returns where the next page begins.
func ask(t *testing.T, s *testServer, path string, query url.Values, data any) (next string) {
	t.Helper()
	status, _, body := get(t, s.url+path+"?"+query.Encode())
	document := struct {
		Data any
		Meta struct {
			NextCursor string `json:"next_cursor"`
		}
	}{Data: data}
	if err := json.Unmarshal([]byte(body), &document); err != nil || status != 200 {
		t.Fatalf("%s?%s: %d, %v: %.500s", path, query.Encode(), status, err, body)
	}
	return document.Meta.NextCursor
}

// pages returns the rows of all pages of the schedule.
func pages[T any](t *testing.T, s *testServer, query url.Values) []T {
	t.Helper()
	var all []T
	for {
		var page []T
		next := ask(t, s, "/api/v1/schedule", query, &page)
		all = append(all, page...)
		if next == "" {
			query.Del("cursor")
			return all
		}
		query.Set("cursor", next)
	}
}

func number(t *testing.T, s string, missing int) int {
	t.Helper()
	if s == "" {
		return missing
	}
	var n int
	if _, err := fmt.Sscan(s, &n); err != nil {
		t.Fatal(err)
	}
	return n
}
