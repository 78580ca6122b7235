package cycle_test

import (
	"testing"

	"github.com/cyclecal/cyclecal/cycle"
)

// What became known when, the newest first; a notice of what the rule says is no change.
func TestChanges(t *testing.T) {
	facts := flips()
	early := notice("2026-12", "2026-11-20", cycle.Baseline)
	same := notice("2026-11", "2026-11-01", cycle.Hotpatch)
	silent := baseline("2026-11-10", "KB5200001") // came as a baseline, and nobody had said so
	late := hotpatch("2026-06-19", "KB5099999")
	late.OutOfBand = true
	facts.Notices = append(facts.Notices, early, same)
	facts.Releases = append(facts.Releases, silent, late)
	type row struct {
		Month, Known, Was, Is string
		Days                  int
		OutOfBand             bool
	}
	want := []row{
		{"2026-12", "2026-11-20", "hotpatch", "baseline", 18, false},
		{"2026-11", "2026-11-10", "hotpatch", "baseline", 0, false},
		{"2026-09", "2026-09-08", "hotpatch", "baseline", 0, false},
		{"2026-06", "2026-06-19", "baseline", "baseline", 0, true},
		{"2026-06", "2026-06-09", "hotpatch", "baseline", 0, false},
	}
	var got []row
	for _, c := range cycle.Compile(facts, day("2026-11-22")).Changes() {
		got = append(got, row{c.Month.String(), c.KnownOn.String(), c.Was.String(), c.Is.String(), c.DaysOfNotice(), c.OutOfBand()})
	}
	if d := diff(want, got); d != "" {
		t.Errorf("changes (-want +got):\n%s", d)
	}
	if got := cycle.Compile(facts, day("2026-06-08")).Changes(); len(got) != 0 {
		t.Errorf("changes known on 2026-06-08: %v, want none", got)
	}
}

// 2026 as it was known in September, counted by hand: planned in January, April, July and October;
// came in January, April, June, July and September.
func TestYears(t *testing.T) {
	years := cycle.Compile(flips(), day("2026-09-30")).Years()
	want := []cycle.Year{
		{Year: 2025, Months: 3, Planned: 1},
		{Year: 2026, Months: 12, Released: 9, Planned: 4, Restarts: 5, Hotpatches: 6, Held: 4, Changed: true},
	}
	if d := diff(want, years); d != "" {
		t.Errorf("years (-want +got):\n%s", d)
	}
	if got := years[1].Saved(); got != 4 {
		t.Errorf("saved %d restarts, want 4 of 9 months", got)
	}
}

// What was said before stays known as of the days on which it held.
func TestEarlierStatements(t *testing.T) {
	facts := cycle.Facts{Track: windows()}
	n := notice("2026-12", "2026-11-25", cycle.Hotpatch)
	n.Earlier = []cycle.Notice{notice("2026-12", "2026-11-20", cycle.Baseline)}
	facts.Notices = []cycle.Notice{n}
	for _, tt := range []struct {
		asOf    string
		kind    cycle.Kind
		changes int
	}{{"2026-11-19", cycle.Hotpatch, 0}, {"2026-11-20", cycle.Baseline, 1}, {"2026-11-24", cycle.Baseline, 1}, {"2026-11-25", cycle.Hotpatch, 2}} {
		s := cycle.Compile(facts, day(tt.asOf))
		if got := s.Changes(); s.Kind(month("2026-12")) != tt.kind || len(got) != tt.changes {
			t.Errorf("as of %s: %v and %d changes, want %v and %d", tt.asOf, s.Kind(month("2026-12")), len(got), tt.kind, tt.changes)
		}
	}
	if got := facts.KnownUntil(day("2026-11-22")); got != day("2026-11-20") {
		t.Errorf("known until %v, want the earlier statement's day", got)
	}
}
