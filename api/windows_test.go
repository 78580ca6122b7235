package api_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/api"
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
