package api_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-ical"
	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/auth"
)

// entry is what a feed and the rows say of the same thing.
type entry struct {
	uid, start, end, status, url string
	restart                      string // with what the summary begins
}

// entries reads a feed with a library that did not write it.
func entries(t *testing.T, feed string) []entry {
	t.Helper()
	cal, err := ical.NewDecoder(strings.NewReader(feed)).Decode()
	if err != nil {
		t.Fatal(err)
	}
	var list []entry
	for _, e := range cal.Events() {
		value := func(name string) string {
			if p := e.Props.Get(name); p != nil {
				return p.Value
			}
			return ""
		}
		restart, _, _ := strings.Cut(value("SUMMARY"), ":")
		list = append(list, entry{value("UID"), value("DTSTART"), value("DTEND"), value("STATUS"), value("URL"), restart})
	}
	return sorted(list)
}

func sorted(list []entry) []entry {
	slices.SortFunc(list, func(a, b entry) int { return strings.Compare(a.uid, b.uid) })
	return list
}

// row gives the fields of a JSON row as text; null is "".
func row(t *testing.T, v any) func(string) string {
	t.Helper()
	fields, ok := v.(map[string]any)
	if !ok {
		t.Fatalf("row %v, want an object", v)
	}
	return func(name string) string {
		value, ok := fields[name]
		if !ok {
			t.Fatalf("row %v has no %s", fields, name)
		}
		if value == nil {
			return ""
		}
		return fmt.Sprint(value)
	}
}

// ofMonth is what the feed should say of a row of the schedule.
func ofMonth(t *testing.T, field func(string) string) entry {
	t.Helper()
	e := entry{
		uid: field("month") + "." + field("track") + "@cyclecal", url: field("url"),
		status: map[bool]string{true: "CONFIRMED", false: "TENTATIVE"}[field("status") == "released" || field("status") == "announced"],
	}
	e.start, e.end = days(t, field("release_date"))
	e.restart = map[string]string{"true": "Restart", "false": "No restart"}[field("restart")] +
		map[string]string{"planned": " planned", "announced": " announced", "unconfirmed": " (unconfirmed)", "released": ""}[field("status")]
	return e
}

// ofRelease is what the feed should say of a release that is no month's own.
func ofRelease(t *testing.T, field func(string) string) entry {
	t.Helper()
	e := entry{uid: strings.ToLower(field("kb")) + "." + field("track") + "@cyclecal", url: field("url"), status: "CONFIRMED"}
	e.start, e.end = days(t, field("release_date"))
	e.restart = map[string]string{"true": "Restart", "false": "No restart", "": "Restart unknown"}[field("restart")]
	if field("type") == "cumulative" {
		e.restart = "Restart off the cycle only"
	}
	return e
}

// days returns a day and the next as an event has them.
func days(t *testing.T, s string) (start, end string) {
	t.Helper()
	first := instant(t, s+"T00:00:00Z")
	return first.Format("20060102"), first.AddDate(0, 0, 1).Format("20060102")
}

// extra says whether a release has an event of its own beside its month's: an
// out-of-band hotpatch always, the other types where the feed includes them. One of
// which no day is known never has.
func extra(field func(string) string, include string) bool {
	switch typ := field("type"); typ {
	case "hotpatch":
		return field("out_of_band") == "true"
	case "cumulative", "component":
		return strings.Contains(include, typ) && field("release_date") != ""
	}
	return false
}

// A feed says of each month and each release what the rows of the same months say,
// and has nothing else in it.
func TestFeedIsTheSchedule(t *testing.T) {
	s := newSite(t, api.Config{})
	tracks := map[string]string{"all": "?"}
	for _, f := range builtIn(t) {
		tracks[f.Track.ID] = "?track=" + f.Track.ID
	}
	for track, query := range tracks {
		for _, include := range []string{"", "&include=cumulative", "&include=component", "&include=cumulative,component"} {
			var want []entry
			for _, r := range rows(t, s.get("/api/v1/schedule"+query+"&from=2021-03&to=2027-05")) {
				want = append(want, ofMonth(t, row(t, r)))
			}
			for _, r := range rows(t, s.get("/api/v1/releases"+strings.TrimSuffix(query, "?"))) {
				if field := row(t, r); extra(field, include) {
					want = append(want, ofRelease(t, field))
				}
			}
			feed := s.get("/calendars/" + track + ".ics?past=68&ahead=6" + include)
			if feed.StatusCode != http.StatusOK || len(want) == 0 {
				t.Fatalf("feed of %s = %d %.200s, %d rows", track, feed.StatusCode, feed.body, len(want))
			}
			if diff := cmp.Diff(sorted(want), entries(t, feed.body), cmp.AllowUnexported(entry{})); diff != "" {
				t.Errorf("%s%s (-rows +feed):\n%s", track, include, diff)
			}
		}
	}
}

// A feed with rings has an event for each restart of each ring, from the day of its
// offer to the last day, as the rows say.
func TestFeedOfRings(t *testing.T) {
	s := newSite(t, api.Config{})
	const rings = "ring=pilot:1/2/2&ring=broad:9/5/2&tz=Asia/Tokyo"
	for _, f := range builtIn(t) {
		var want []entry
		for _, r := range rows(t, s.get("/api/v1/schedule?track="+f.Track.ID+"&from=2021-03&to=2027-05&kind=baseline&"+rings)) {
			field := row(t, r)
			e := ofMonth(t, field)
			e.uid = field("month") + "." + field("track") + "." + field("ring") + "@cyclecal"
			e.start, _ = days(t, field("offered_on"))
			_, e.end = days(t, field("restart_by"))
			e.restart += " by " + instant(t, field("restart_by")+"T00:00:00Z").Format("2 January")
			want = append(want, e)
		}
		got := slices.DeleteFunc(entries(t, s.get("/calendars/"+f.Track.ID+".ics?past=68&ahead=6&"+rings).body), func(e entry) bool {
			return !strings.Contains(e.uid, ".pilot@") && !strings.Contains(e.uid, ".broad@")
		})
		if diff := cmp.Diff(sorted(want), got, cmp.AllowUnexported(entry{})); diff != "" {
			t.Errorf("%s (-rows +feed):\n%s", f.Track.ID, diff)
		}
	}
}

// A feed has the same bytes at any hour of a day: its stamps come from the facts.
func TestFeedAtEveryHour(t *testing.T) {
	want := ""
	for hour := range 8 {
		at := instant(t, "2026-11-22T08:00:00Z").Add(time.Duration(3*hour) * time.Hour)
		c := new(clock)
		c.set(at)
		feed := serve(t, newHandler(t, api.Config{Now: c.time}), "/calendars/all.ics?ring=pilot:1/2/2").Body.String()
		if want == "" {
			want = feed
		}
		if feed != want {
			t.Errorf("the feed at %v differs from that at midnight", at)
		}
	}
}

// Whatever is in a feed is told under 1 MB, or not at all.
func TestFeedIsBounded(t *testing.T) {
	s := newSite(t, api.Config{})
	for _, query := range []string{"past=300&ahead=300", "past=600", "ahead=600", "past=600&ahead=0", "past=0&ahead=600", "past=300&ahead=300&include=cumulative,component&alarm=P1D&style=timed"} {
		feed := s.get("/calendars/all.ics?" + query)
		if feed.StatusCode != http.StatusOK || len(feed.body) > 1_000_000 || !strings.HasSuffix(feed.body, "END:VCALENDAR\r\n") {
			t.Errorf("feed with %s = %d with %d bytes, want a whole one of at most 1 MB", query, feed.StatusCode, len(feed.body))
		}
	}
	many := "?past=300&ahead=300"
	for n := range 20 {
		many += fmt.Sprintf("&ring=ring-%d:1", n)
	}
	if feed := s.get("/calendars/all.ics" + many); feed.StatusCode != http.StatusBadRequest || strings.Contains(feed.body, "BEGIN:") {
		t.Errorf("feed that is too large = %d %.100s, want 400 and no part of it", feed.StatusCode, feed.body)
	}
	query, err := url.ParseQuery(many[1:])
	if err != nil {
		t.Fatal(err)
	}
	c := fleetContents(t)
	c.Feeds = auth.NewKeys(map[string]api.Feed{auth.Hash(feedSecret): {ID: "sales", Query: query}})
	s = newSite(t, api.Config{Source: api.NewSnapshot(c)})
	// Who reads it can't ask for less.
	if feed := s.get("/feeds/" + feedSecret + ".ics"); feed.StatusCode != http.StatusServiceUnavailable || strings.Contains(feed.body, "BEGIN:") {
		t.Errorf("private feed that is too large = %d %.100s, want 503 and no part of it", feed.StatusCode, feed.body)
	}
}
