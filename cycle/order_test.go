package cycle_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// In force is the newest month that has come, until a newer one comes or the track ends. A release may come in the
// month after its own or before it, and so after that of a newer month; a build stands on the same months.
func TestLawStateAt(t *testing.T) {
	late := 0
	forRandomFacts(t, func(t *testing.T, random *rand.Rand, facts cycle.Facts) {
		for i, r := range facts.Releases {
			if r.Date = r.Month.Day(1).AddDays(random.IntN(59) - 14); facts.Track.CheckRelease(r) == nil {
				facts.Releases[i] = r
			}
		}
		s := cycle.Compile(facts, facts.Track.FirstMonth.Day(1600))
		months := all(s)
		for range 60 {
			at := facts.Track.FirstMonth.Day(random.IntN(1600) - 40).Midnight().Add(time.Duration(random.IntN(24)) * time.Hour)
			var want cycle.State
			for _, m := range months {
				switch {
				case !m.At.After(at):
					want = cycle.State{Milestone: m}
				case want.Until.IsZero() || m.At.Before(want.Until):
					want.Until = m.At
				}
			}
			if last := facts.Track.LastMonth; want.Milestone.Month == last && !last.IsZero() {
				if want.Until = facts.Track.Rule.At(facts.Track.Rule.Date(last.AddMonths(1))); !want.Until.After(at) {
					want = cycle.State{}
				}
			}
			got := s.At(at)
			if got.Milestone.Month != want.Milestone.Month || !got.Until.Equal(want.Until) {
				t.Errorf("At(%v) = %v until %v, want %v until %v", at, got.Milestone.Month, got.Until, want.Milestone.Month, want.Until)
			}
			if next, ok := s.Next(at); ok && next.Month.Before(got.Milestone.Month) {
				late++
			}
		}
	})
	if late == 0 {
		t.Error("no month was late, want some")
	}
}
