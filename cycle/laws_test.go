package cycle_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// A year without facts has exactly four baselines: January, April, July and October.
func TestLawFourBaselines(t *testing.T) {
	track := windows()
	track.FirstMonth = month("0001-01")
	s := cycle.Compile(cycle.Facts{Track: track}, day("2026-11-22"))
	for year := 1; year <= 9999; year++ {
		var got []time.Month
		for of := time.January; of <= time.December; of++ {
			if s.Kind(cycle.MonthOf(year, of)) == cycle.Baseline {
				got = append(got, of)
			}
		}
		if !slices.Equal(got, []time.Month{time.January, time.April, time.July, time.October}) {
			t.Fatalf("baselines of %d: %v", year, got)
		}
	}
}

// A second Tuesday is a Tuesday from the 8th to the 14th.
func TestLawSecondTuesday(t *testing.T) {
	rule := windows().Rule
	for m := month("0001-01"); m.Before(month("9999-12")); m = m.AddMonths(1) {
		got := must(time.Parse(time.DateOnly, rule.Date(m).String()))
		if got.Weekday() != time.Tuesday || got.Day() < 8 || got.Day() > 14 || got.Format("2006-01") != m.String() {
			t.Fatalf("second Tuesday of %v = %v, a %v", m, got, got.Weekday())
		}
	}
}

// The order of the facts makes no difference.
func TestLawOrderOfFacts(t *testing.T) {
	forRandomFacts(t, func(t *testing.T, random *rand.Rand, facts cycle.Facts) {
		asOf := facts.Track.FirstMonth.Day(1 + random.IntN(1500))
		want := cycle.Compile(facts, asOf)
		random.Shuffle(len(facts.Releases), func(i, j int) {
			facts.Releases[i], facts.Releases[j] = facts.Releases[j], facts.Releases[i]
		})
		random.Shuffle(len(facts.Notices), func(i, j int) {
			facts.Notices[i], facts.Notices[j] = facts.Notices[j], facts.Notices[i]
		})
		same(t, want, cycle.Compile(facts, asOf))
	})
}

// What becomes known later never changes what was known as of an earlier day.
func TestLawAsOf(t *testing.T) {
	forRandomFacts(t, func(t *testing.T, random *rand.Rand, facts cycle.Facts) {
		asOf := facts.Track.FirstMonth.Day(1 + random.IntN(1500))
		known := cycle.Facts{Track: facts.Track}
		for _, r := range facts.Releases {
			if !r.KnownOn.After(asOf) {
				known.Releases = append(known.Releases, r)
			}
		}
		for _, n := range facts.Notices {
			if !n.KnownOn.After(asOf) {
				known.Notices = append(known.Notices, n)
			}
		}
		same(t, cycle.Compile(known, asOf), cycle.Compile(facts, asOf))
		if got, want := facts.KnownUntil(asOf), known.KnownUntil(day("9999-12-31")); got != want || got.After(asOf) {
			t.Errorf("KnownUntil(%v) = %v, want %v", asOf, got, want)
		}
	})
}

// As time goes on, the changes of a month and the day of the newest fact only grow.
func TestLawKnowledgeGrows(t *testing.T) {
	forRandomFacts(t, func(t *testing.T, _ *rand.Rand, facts cycle.Facts) {
		var before []cycle.Milestone
		var until cycle.Date
		for asOf := facts.Track.FirstMonth.Day(-40); asOf.Before(facts.Track.FirstMonth.Day(1700)); asOf = asOf.AddDays(17) {
			now := all(cycle.Compile(facts, asOf))
			for i := range before {
				if now[i].Changes() < before[i].Changes() || now[i].UpdatedOn.Before(before[i].UpdatedOn) {
					t.Errorf("as of %v %v has %d changes, it had %d", asOf, now[i].Month, now[i].Changes(), before[i].Changes())
				}
			}
			if got := facts.KnownUntil(asOf); got.Before(until) {
				t.Errorf("KnownUntil(%v) = %v, it was %v", asOf, got, until)
			}
			before, until = now, facts.KnownUntil(asOf)
		}
	})
}

// The baseline month of a month is a baseline, comes no later, and no baseline comes between.
func TestLawBaselineMonth(t *testing.T) {
	forRandomFacts(t, func(t *testing.T, _ *rand.Rand, facts cycle.Facts) {
		s := cycle.Compile(facts, day("9999-12-31"))
		var want cycle.Month
		for _, m := range all(s) {
			if m.Kind == cycle.Baseline {
				want = m.Month
			}
			if m.BaselineMonth != want {
				t.Errorf("%v builds on %v, want %v", m.Month, m.BaselineMonth, want)
			}
			if m.Kind != s.Kind(m.Month) {
				t.Errorf("%v is %v, Kind says %v", m.Month, m.Kind, s.Kind(m.Month))
			}
		}
	})
}

// firstUpdate returns the first update of all months for which ok holds, by what the releases alone say of the further ones.
func firstUpdate(s cycle.Schedule, months []cycle.Milestone, ok func(cycle.Kind, time.Time) bool) (month cycle.Month, at time.Time) {
	see := func(m cycle.Month, k cycle.Kind, t time.Time) {
		if ok(k, t) && (at.IsZero() || t.Before(at)) {
			month, at = m, t
		}
	}
	for _, m := range months {
		see(m.Month, m.Kind, m.At)
		for _, r := range m.Releases {
			if r.Type == cycle.TypeBaseline && !r.Date.IsZero() {
				see(m.Month, cycle.Baseline, s.Track().Rule.At(r.Date))
			}
		}
	}
	return month, at
}

// What comes next, and what is in force, is what a scan over all months finds.
func TestLawNext(t *testing.T) {
	forRandomFacts(t, func(t *testing.T, random *rand.Rand, facts cycle.Facts) {
		s := cycle.Compile(facts, facts.Track.FirstMonth.Day(random.IntN(1500)))
		months := all(s)
		ring := cycle.Ring{Name: "r", Deferral: random.IntN(31), Deadline: random.IntN(31), Grace: random.IntN(8)}
		z := zone([]string{"UTC", "America/Los_Angeles", "Asia/Tokyo"}[random.IntN(3)])
		for range 40 {
			near := months[random.IntN(min(len(months), 50))].At
			at := near.Add(time.Duration(random.IntN(3)-1) * time.Duration(1+random.IntN(2)*random.IntN(int(60*24*time.Hour))))
			expect := func(what string, got cycle.Milestone, found bool, ok func(cycle.Kind, time.Time) bool) {
				t.Helper()
				want, come := firstUpdate(s, months, ok)
				if got.Month != want || !got.At.Equal(come) || found == want.IsZero() {
					t.Errorf("%s(%v) = %v at %v, %v, want %v at %v", what, at, got.Month, got.At, found, want, come)
				}
			}
			next, ok := s.Next(at)
			expect("Next", next, ok, func(_ cycle.Kind, t time.Time) bool { return t.After(at) })
			restart, ok := s.NextRestart(at)
			expect("NextRestart", restart, ok, func(k cycle.Kind, t time.Time) bool { return k == cycle.Baseline && t.After(at) })
			noRestart, ok := s.NextHotpatch(at)
			expect("NextHotpatch", noRestart, ok, func(k cycle.Kind, t time.Time) bool { return k == cycle.Hotpatch && t.After(at) })
			offer, ok := s.NextOffer(at, ring, z)
			expect("NextOffer", offer, ok, func(_ cycle.Kind, t time.Time) bool { return t.In(z).AddDate(0, 0, ring.Deferral).After(at) })
			ringRestart, ok := s.NextRingRestart(at, ring, z)
			expect("NextRingRestart", ringRestart.Milestone, ok, func(k cycle.Kind, t time.Time) bool {
				return k == cycle.Baseline && !cycle.DateIn(at, z).After(cycle.DateIn(t, z).AddDays(ring.Deferral+ring.Deadline+ring.Grace))
			})
			inForce, state := cycle.Milestone{}, s.At(at)
			for _, m := range months {
				if !m.At.After(at) && !state.Until.IsZero() {
					inForce = m
				}
			}
			if state.Milestone.Month != inForce.Month || (!state.Until.IsZero() && !state.Until.After(at)) {
				t.Errorf("At(%v) = %v until %v, want %v", at, state.Milestone.Month, state.Until, inForce.Month)
			}
		}
	})
}
