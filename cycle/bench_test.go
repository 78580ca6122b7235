package cycle_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// synthetic is a track of five years, with two releases in each month and a
// notice in each year.
func synthetic(n int) cycle.Facts {
	facts := cycle.Facts{Track: windows()}
	facts.Track.ID, facts.Track.FirstMonth = fmt.Sprintf("track-%d", n), month("2022-01")
	for i := range 60 {
		m := facts.Track.FirstMonth.AddMonths(i)
		date := facts.Track.Rule.Date(m)
		r := hotpatch(date.String(), fmt.Sprintf("KB5%06d", 2*i))
		if facts.Track.Rule.Kind(m) == cycle.Baseline {
			r = baseline(date.String(), r.KB)
		}
		facts.Releases = append(facts.Releases, r, cumulative(date.String(), fmt.Sprintf("KB5%06d", 2*i+1)))
		if m.Of() == time.June {
			facts.Notices = append(facts.Notices, notice(m.String(), date.String(), cycle.Hotpatch))
		}
	}
	return facts
}

// Asking for the kind of a month allocates nothing, with facts and beyond them.
func TestKindAllocatesNothing(t *testing.T) {
	s := cycle.Compile(synthetic(0), day("2026-12-31"))
	for _, m := range []cycle.Month{month("2024-06"), month("2036-06"), month("2000-01")} {
		if got := testing.AllocsPerRun(100, func() { s.Kind(m) }); got != 0 {
			t.Errorf("Kind(%v) allocates %v times, want 0", m, got)
		}
	}
}

func BenchmarkKind(b *testing.B) {
	s := cycle.Compile(synthetic(0), day("2026-12-31"))
	for _, m := range []cycle.Month{month("2024-06"), month("2036-06")} {
		b.Run(m.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Kind(m)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	facts := synthetic(0)
	b.ReportAllocs()
	for b.Loop() {
		cycle.Compile(facts, day("2026-12-31"))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(facts.Releases)), "ns/release")
}

// A row is one month of one track. The first twelve have facts and are looked up,
// those after them are worked out from the rule; how many there are of either
// should not change what one costs.
func BenchmarkRows(b *testing.B) {
	for _, tracks := range []int{6, 60, 1000} {
		var schedules []cycle.Schedule
		for n := range tracks {
			schedules = append(schedules, cycle.Compile(synthetic(n), day("2026-12-31")))
		}
		for _, months := range []int{12, 60, 600} {
			b.Run(fmt.Sprintf("tracks=%d/months=%d", tracks, months), func(b *testing.B) {
				first := month("2026-01")
				b.ReportAllocs()
				for b.Loop() {
					for _, s := range schedules {
						for n := range months {
							s.Milestone(first.AddMonths(n))
						}
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(tracks*months), "ns/row")
			})
		}
	}
}

func BenchmarkAt(b *testing.B) {
	s, at := cycle.Compile(synthetic(0), day("2026-12-31")), instant("2026-11-22T12:00:00Z")
	b.ReportAllocs()
	for b.Loop() {
		s.At(at)
	}
}
