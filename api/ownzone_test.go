package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle"
)

// patchDays returns tracks of somebody's own whose updates restart on the second Tuesday of each month at 02:00 of
// these zones, when it is still Monday in Redmond.
func patchDays(t *testing.T, zones ...string) []cycle.Facts {
	t.Helper()
	facts := aheadOfRedmond(t, zones...)
	for i := range facts {
		rule := &facts[i].Track.Rule
		rule.BaselineMonths, rule.Day, rule.Hour = nil, cycle.NthWeekday(2, time.Tuesday), 2
		for m := time.January; m <= time.December; m++ {
			rule.BaselineMonths = append(rule.BaselineMonths, m)
		}
		facts[i].Releases = nil
	}
	return facts
}

// A page that counts days is true until the day ends in the zone of each of its tracks, and in the zone that was
// chosen.
func TestPageIsTrueUntilMidnightOfTheZone(t *testing.T) {
	facts := patchDays(t, "Europe/Berlin", "Pacific/Honolulu")
	for _, tt := range []struct{ target, now, before, then string }{
		{"/tracks/berlin", "2026-11-22T22:59:00Z", "in 16 days", "in 15 days"},
		{"/", "2026-11-22T22:59:00Z", "in 16 days", "in 15 days"},
		{"/tracks/honolulu", "2026-11-23T09:59:00Z", "in 16 days", "in 15 days"},
		{"/", "2026-11-23T09:59:00Z", "in 16 days", "in 15 days"},
		{"/tracks/honolulu?tz=Asia/Tokyo", "2026-11-22T14:59:00Z", "in 16 days", "in 15 days"},
	} {
		for at, want := range map[string]string{tt.now: tt.before, instant(t, tt.now).Add(time.Minute).Format(time.RFC3339): tt.then} {
			a := serve(t, newHandler(t, api.Config{Source: snapshotOf(facts), Now: newClock(t, at).time}), tt.target)
			if !strings.Contains(a.Body.String(), `<span class="away">`+want+`</span>`) {
				t.Errorf("GET %s at %s: want %s", tt.target, at, want)
			}
			if got := a.Header().Get("Cache-Control"); at == tt.now && got != "public, max-age=60" {
				t.Errorf("GET %s at %s: %s, want it true for a minute", tt.target, at, got)
			}
		}
		checkKept(t, facts, []string{tt.target}, tt.now, -301*time.Second, 0, 59*time.Second, 60*time.Second, 61*time.Second, 0)
	}
}

// The next events of a page's feed are those from today on, in the zone of each track: the restart of Berlin's
// Tuesday is listed until that ends, and no longer.
func TestNextEventsAreOfTheZone(t *testing.T) {
	facts := patchDays(t, "Europe/Berlin")
	for at, want := range map[string]bool{"2026-12-08T22:59:00Z": true, "2026-12-08T23:00:00Z": false} {
		h := newHandler(t, api.Config{Source: snapshotOf(facts), Now: newClock(t, at).time})
		_, events, _ := strings.Cut(serve(t, h, "/tracks/berlin").Body.String(), `<ol class="events">`)
		events, _, _ = strings.Cut(events, "</ol>")
		if got := strings.Contains(events, `datetime="2026-12-08"`); got != want || strings.Count(events, "<li") != 5 {
			t.Errorf("at %s: 8 December is there: %v, want %v, among five in %s", at, got, want, events)
		}
	}
}
