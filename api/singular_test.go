package api_test

import (
	"html"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/api"
)

// One day is a day, not days, wherever a text counts them.
func TestOneDayIsSingular(t *testing.T) {
	for known, notice := range map[int]string{1: "1 day after its release", -1: "1 day before its release", 2: "2 days after its release", -2: "2 days before its release"} {
		facts := aheadOfRedmond(t, "America/Los_Angeles")
		facts[0].Releases[0].KnownOn = facts[0].Releases[0].Date.AddDays(known)
		h := newHandler(t, api.Config{Source: snapshotOf(facts), Now: newClock(t, "2026-11-30T20:00:00Z").time})
		for target, want := range map[string]string{
			"/api/v1/changes.atom":                                           notice,
			"/api/v1/annotations?from=2026-11":                               notice,
			"/calendars/all.ics?ring=mine:1/1/1":                             "grace 1 day)",
			"/calendars/all.ics?ring=mine:1/1/2":                             "grace 2 days)",
			"/?month=2026-11&deferral=1&deadline=1&grace=1":                  "grace 1 day)",
			"/tracks/los_angeles?month=2026-11&deferral=1&grace=2&year=2026": "grace 2 days)",
		} {
			body := html.UnescapeString(strings.ReplaceAll(serve(t, h, target).Body.String(), "\r\n ", ""))
			if !strings.Contains(body, want) {
				t.Errorf("GET %s, known %d days after the release: want %q in %s", target, known, want, body)
			}
		}
	}
}
