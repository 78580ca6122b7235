package cycle_test

import (
	"slices"
	"testing"

	"github.com/cyclecal/cyclecal/cycle"
)

// No month off the track has a kind or a milestone, whatever facts there are.
func TestMonthOffTrack(t *testing.T) {
	facts := flips()
	facts.Track.LastMonth = month("2026-12")
	facts.Releases = append(facts.Releases, baseline("2025-09-09", "KB5000001"), baseline("2027-01-12", "KB5000002"))
	facts.Notices = append(facts.Notices, notice("2027-02", "2026-11-01", cycle.Baseline), notice("2025-02", "2025-01-01", cycle.Baseline))
	s := cycle.Compile(facts, day("2027-02-01"))
	for _, m := range []cycle.Month{month("2025-09"), month("2027-01"), month("2027-02"), month("0001-01"), month("9999-12"), {}} {
		if i, ok := s.Milestone(m); ok || s.Kind(m) != 0 || diff(cycle.Milestone{}, i) != "" {
			t.Errorf("Milestone(%v) = %v, %v, Kind %v, want none", m, i, ok, s.Kind(m))
		}
	}
	if m, _ := s.Milestone(month("2026-06")); len(m.Notices) != 1 || len(m.Releases) != 1 {
		t.Errorf("June has %d notices and %d releases, want 1 and 1", len(m.Notices), len(m.Releases))
	}
	for _, m := range []string{"2025-10", "2026-12"} {
		if i, ok := s.Milestone(month(m)); !ok || i.Month != month(m) || i.Kind != s.Kind(month(m)) || i.Kind == 0 {
			t.Errorf("Milestone(%s) = %v, %v, Kind %v, want that month", m, i, ok, s.Kind(month(m)))
		}
	}
}

// Releases that belong to no month of the track are kept beside it.
func TestReleasesOfNoMonth(t *testing.T) {
	component := cycle.Release{Track: "windows", KB: "KB5061096", Type: cycle.TypeComponent, KnownOn: day("2026-05-27")}
	facts := cycle.Facts{Track: windows(), Releases: []cycle.Release{hotpatch("2026-05-12", "KB5089466"), component}}
	for asOf, want := range map[string][]string{
		"2026-05-26": {"KB5089466"},
		"2026-05-27": {"KB5061096", "KB5089466"},
	} {
		s := cycle.Compile(facts, day(asOf))
		var got []string
		for _, r := range s.Releases() {
			got = append(got, r.KB)
		}
		if !slices.Equal(got, want) {
			t.Errorf("as of %s Releases() = %v, want %v", asOf, got, want)
		}
		for _, m := range milestones(s, month("2025-10"), month("2026-12")) {
			if n := len(m.Releases); n != 0 && m.Month != month("2026-05") {
				t.Errorf("as of %s %v has %d releases, want none", asOf, m.Month, n)
			}
		}
	}
}

// A month's counts: devices on the cycle restart for no standard update, and for
// a baseline at least once even before it is known.
func TestMonthCounts(t *testing.T) {
	facts := cycle.Facts{Track: windows(), Releases: []cycle.Release{
		baseline("2026-07-14", "KB5101650"), outOfBand(hotpatch("2026-07-18", "KB5121768")), outOfBand(cumulative("2026-07-18", "KB5121767")),
		outOfBand(baseline("2026-07-24", "KB5130000")),
		hotpatch("2026-08-11", "KB5120994"), cumulative("2026-08-11", "KB5121003"),
	}, Notices: []cycle.Notice{notice("2026-09", "2026-08-20", cycle.Baseline)}}
	s := cycle.Compile(facts, day("2026-08-31"))
	for _, tt := range []struct {
		month                        string
		restarts, outOfBand, changes int
		updated                      string
	}{
		{"2026-06", 0, 0, 0, ""},
		{"2026-07", 2, 3, 4, "2026-07-24"},
		{"2026-08", 0, 0, 2, "2026-08-11"},
		{"2026-09", 1, 0, 1, "2026-08-20"},
		{"2026-10", 1, 0, 0, ""},
	} {
		m, _ := s.Milestone(month(tt.month))
		if m.Restarts() != tt.restarts || m.OutOfBand() != tt.outOfBand || m.Changes() != tt.changes || m.UpdatedOn.String() != tt.updated {
			t.Errorf("%s: %d restarts, %d out-of-band, %d changes, updated %q, want %v",
				tt.month, m.Restarts(), m.OutOfBand(), m.Changes(), m.UpdatedOn, tt)
		}
	}
	unsure := baseline("2026-07-14", "KB5101650")
	unsure.Restart = cycle.RestartUnknown
	s = cycle.Compile(cycle.Facts{Track: windows(), Releases: []cycle.Release{unsure}}, day("2026-08-31"))
	if m, _ := s.Milestone(month("2026-07")); m.Restarts() != 1 {
		t.Errorf("a baseline of which nobody says that it restarts counts %d times, want 1", m.Restarts())
	}
}

// The day of the newest fact is known on that day, and not before.
func TestKnownUntil(t *testing.T) {
	facts := flips()
	facts.Notices = append(facts.Notices, notice("2026-12", "2026-10-01", cycle.Baseline))
	for asOf, want := range map[string]string{
		"2026-01-12": "", "2026-01-13": "2026-01-13", "2026-02-09": "2026-01-13", "2026-09-30": "2026-09-08", "2026-11-22": "2026-10-01",
	} {
		if got := facts.KnownUntil(day(asOf)).String(); got != want {
			t.Errorf("KnownUntil(%s) = %q, want %q", asOf, got, want)
		}
	}
	if got := (cycle.Facts{Track: windows()}).KnownUntil(day("2026-11-22")); !got.IsZero() {
		t.Errorf("KnownUntil of no facts = %v, want the unknown day", got)
	}
}

// A schedule copies its facts: what happens to them afterwards is nothing to it.
func TestCompileCopies(t *testing.T) {
	facts := flips()
	s := cycle.Compile(facts, day("2026-11-22"))
	want := milestones(s, month("2025-10"), month("2027-12"))
	for i := range facts.Releases {
		facts.Releases[i] = hotpatch("2026-06-09", "KB5000000")
	}
	clear(facts.Notices)
	if d := diff(want, milestones(s, month("2025-10"), month("2027-12"))); d != "" {
		t.Errorf("after the facts changed (-want +got):\n%s", d)
	}
	if s.AsOf() != day("2026-11-22") || diff(windows(), s.Track()) != "" {
		t.Errorf("AsOf() = %v of %v, want 2026-11-22 of windows", s.AsOf(), s.Track())
	}
}
