package api_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
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
