package catalog_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/cycle"
)

// plan is a row of Microsoft's hotpatch calendar as it stood on a day; it is
// overwritten in place.
type plan struct {
	Track, Month, Plan, KB, Build string
	AsOf                          string `json:"as_of"`
	AvailabilityDate              string `json:"availability_date"`
	SecondTuesday                 string `json:"second_tuesday"`
}

// As of the day of each copy of Microsoft's calendar, the schedule tells what the calendar told.
func TestPlan(t *testing.T) {
	facts := map[string]cycle.Facts{}
	for _, f := range load(t) {
		facts[f.Track.ID] = f
	}
	for _, p := range readJSON[plan](t, "testdata/plan.json") {
		m, ok := cycle.Compile(facts[p.Track], day(t, p.AsOf)).Milestone(month(t, p.Month))
		if kind, _, _ := strings.Cut(strings.ToLower(p.Plan), " "); !ok || m.Kind.String() != kind {
			t.Errorf("%s %s as of %s is %v, want %s", p.Track, p.Month, p.AsOf, m.Kind, p.Plan)
		}
		status := cycle.Planned
		if p.AvailabilityDate != "" {
			status = cycle.Released
		}
		if m.Status != status || m.Update.KB != p.KB || m.Update.Build != p.Build || m.Update.Date.String() != p.AvailabilityDate {
			t.Errorf("%s %s as of %s is %v as %s %s on %q, want %v as %s %s on %q", p.Track, p.Month, p.AsOf,
				m.Status, m.Update.KB, m.Update.Build, m.Update.Date, status, p.KB, p.Build, p.AvailabilityDate)
		}
		if m.Date.String() != p.SecondTuesday {
			t.Errorf("%s %s as of %s comes on %v, want %s", p.Track, p.Month, p.AsOf, m.Date, p.SecondTuesday)
		}
	}
}

// What was known of June and September 2026 before and after they turned, and
// what is not known today.
func TestAsOf(t *testing.T) {
	for _, tt := range []struct{ asOf, month, want string }{
		{"2026-05-20", "2026-06", "planned hotpatch on 2026-04"},
		{"2026-06-08", "2026-06", "planned hotpatch on 2026-04"},
		{"2026-06-09", "2026-06", "released baseline on 2026-06, unplanned"},
		{"2026-06-10", "2026-06", "released baseline on 2026-06, unplanned"},
		{"2026-06-10", "2026-07", "planned baseline on 2026-07"},
		{"2026-06-10", "2026-08", "planned hotpatch on 2026-07"},
		{"2026-09-07", "2026-09", "planned hotpatch on 2026-07"},
		{"2026-09-08", "2026-09", "released baseline on 2026-09, unplanned"},
		{"2026-09-08", "2026-10", "planned baseline on 2026-10"},
		{today, "2026-10", "unconfirmed baseline on 2026-10"},
		{today, "2026-11", "unconfirmed hotpatch on 2026-10"},
		{today, "2026-12", "planned hotpatch on 2026-10"},
		{today, "2027-01", "planned baseline on 2027-01"},
	} {
		tracks := 0
		for _, facts := range load(t) {
			m, ok := cycle.Compile(facts, day(t, tt.asOf)).Milestone(month(t, tt.month))
			if !ok {
				continue // the ended track
			}
			tracks++
			got := fmt.Sprintf("%v %v on %v", m.Status, m.Kind, m.BaselineMonth)
			if m.Unplanned() {
				got += ", unplanned"
			}
			if got != tt.want {
				t.Errorf("%s %s as of %s: %s, want %s", facts.Track.ID, tt.month, tt.asOf, got, tt.want)
			}
		}
		if tracks != 5 {
			t.Errorf("%s is on %d tracks, want the 5 current ones", tt.month, tracks)
		}
	}
}

// What each track restarted, year by year, as Microsoft's own lists count it.
func TestRestartsOfYears(t *testing.T) {
	for _, tt := range []struct {
		track string
		year  int
		want  int
	}{
		{"windows-server-2022-azure-edition", 2022, 7}, // May, August and December besides
		{"windows-server-2022-azure-edition", 2023, 4},
		{"windows-server-2022-azure-edition", 2024, 5}, // August
		{"windows-server-2022-azure-edition", 2025, 4},
		{"windows-11-24h2", 2025, 4},
		{"windows-11-24h2", 2026, 6}, // June and September, and October if it came as planned
		{"windows-server-2025", 2026, 6},
	} {
		got := 0
		for _, facts := range load(t) {
			s := cycle.Compile(facts, day(t, today))
			for n := range 12 {
				if m, _ := s.Milestone(month(t, fmt.Sprintf("%d-01", tt.year)).AddMonths(n)); facts.Track.ID == tt.track {
					got += m.Restarts()
				}
			}
		}
		if got != tt.want {
			t.Errorf("%s restarted %d times in %d, want %d", tt.track, got, tt.year, tt.want)
		}
	}
}
