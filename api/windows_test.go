package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle"
)

// The windows are those of the schedule: a row for each month that restarts, with the same days,
// instants and freezes.
func TestWindowsAreThoseOfTheSchedule(t *testing.T) {
	s := newSite(t, fleetConfig(t))
	const query = "?ring=pilot&from=2025-01&to=2028-12"
	var want []any
	for _, row := range rows(t, s.get("/api/v1/schedule"+query+"&restart=true", asAdmin)) {
		row, ok := row.(map[string]any)
		if !ok {
			t.Fatalf("row %v: want an object", row)
		}
		short := map[string]any{}
		for _, name := range []string{"ring", "track", "month", "offered_on", "deadline_on", "restart_by", "window_start", "window_end", "freeze", "freeze_conflict", "status", "unplanned"} {
			short[name] = row[name]
		}
		want = append(want, short)
	}
	if len(want) < 12 { // the track ends in 2027
		t.Fatalf("the schedule has %d restarts, want 12 at least", len(want))
	}
	if diff := cmp.Diff(want, rows(t, s.get("/api/v1/windows"+query, asAdmin))); diff != "" {
		t.Errorf("(-schedule +windows):\n%s", diff)
	}
}

// A window is there until it ends, and no answer of before is kept for longer.
func TestWindowsUntilTheyAreOver(t *testing.T) {
	now := newClock(t, "2026-06-15T14:59:30Z") // half a minute before the end of the ring's last day in Tokyo
	s := newSite(t, api.Config{Now: now.time})
	const query = "/api/v1/windows?ring=pilot:1/2/2&track=windows-11-24h2&tz=Asia/Tokyo&to=2026-06"
	answer := s.get(query)
	if list, keep := rows(t, answer), answer.Header.Get("Cache-Control"); len(list) != 1 || keep != "public, max-age=30" {
		t.Errorf("before its end %d windows, %s: want 1, and no longer than 30 s", len(list), keep)
	}
	now.set(now.time().Add(30 * time.Second))
	if list := rows(t, s.get(query)); len(list) != 0 {
		t.Errorf("at its end windows %v: want none", list)
	}
}

// The last day of a ring may come five months after the one that its update is named for: of
// January 31, 28 days later, 67 days more.
func TestWindowsOfLongAgo(t *testing.T) {
	zone, err := cycle.ParseZone("UTC")
	if err != nil {
		t.Fatal(err)
	}
	late := cycle.Track{ID: "late", Name: "Late", FirstMonth: cycle.DateIn(instant(t, "2026-01-01T00:00:00Z"), zone).Month(), Rule: cycle.Rule{BaselineMonths: []time.Month{time.January}, OffsetDays: 28, Zone: zone}}
	snapshot := api.NewSnapshot(api.Contents{Facts: []cycle.Facts{{Track: late}}})
	s := newSite(t, api.Config{Source: snapshot, Now: func() time.Time { return instant(t, "2026-05-06T12:00:00Z") }})
	list := rows(t, s.get("/api/v1/windows?ring=last:30/30/7&to=2026-12"))
	if len(list) != 1 {
		t.Errorf("on its last day the windows are %v: want that of January", list)
	}
}

// Whoever may not know of freezes is told that they are not looked at, and nobody else is.
func TestWindowsOfTheBlind(t *testing.T) {
	s := newSite(t, fleetConfig(t))
	const query, told = "/api/v1/windows?ring=broad:9/5/2&track=windows-server-2025&to=2027-12&format=azure", "No freeze is looked at"
	if body := s.get(query).body; !strings.Contains(body, told) {
		t.Errorf("the public is not told that freezes are not known:\n%s", body)
	}
	if body := s.get(query, asAdmin).body; strings.Contains(body, told) {
		t.Errorf("the admin is told that freezes are not known:\n%s", body)
	}
}

// The window of a ring without hours is the span in which /api/v1/state says that its restart is due.
func TestWindowsAreThoseOfTheState(t *testing.T) {
	s := newSite(t, api.Config{})
	for _, query := range []string{"ring=now:0&tz=America/Los_Angeles", "ring=broad:9/5/2&tz=Asia/Tokyo", "ring=late:30/30/7&tz=Europe/Berlin"} {
		query += "&track=windows-11-24h2"
		for _, row := range rows(t, s.get("/api/v1/windows?from=2026-01&to=2026-07&"+query)) {
			window, ok := row.(map[string]any)
			if !ok {
				t.Fatalf("row %v: want an object", row)
			}
			state := rows(t, s.get(fmt.Sprintf("/api/v1/state?at=%s&%s", window["window_start"], query)))
			now, ok := state[0].(map[string]any)
			if !ok || now["restart_month"] == window["month"] && (now["restart_since"] != window["window_start"] || now["restart_until"] != window["window_end"]) {
				t.Errorf("%s: window %v, state %v: want one span", query, window, state)
			}
			if now["restart_due"] != true {
				t.Errorf("%s: at %s no restart is due", query, window["window_start"])
			}
		}
	}
}
