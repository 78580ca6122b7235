package cycle_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cyclecal/cyclecal/cycle"
)

// An edition counts for its month, and that of the zero Month for all of them.
func TestEdition(t *testing.T) {
	facts := flips()
	facts.Editions = map[cycle.Month]int64{month("2026-06"): 3, month("2027-06"): 4, {}: 2}
	s := cycle.Compile(facts, day("2026-11-22"))
	for _, tt := range []struct {
		month   string
		edition int64
		changes int // 2 facts in June 2026, 1 in May, none in 2027
	}{{"2026-06", 3, 194}, {"2026-05", 2, 129}, {"2027-06", 4, 256}, {"2027-05", 2, 128}} {
		m, _ := s.Milestone(month(tt.month))
		if m.Edition != tt.edition || m.Changes() != tt.changes || s.Edition(m.Month) != tt.edition {
			t.Errorf("%s: edition %d (%d), %d changes, want %d and %d", tt.month, m.Edition, s.Edition(m.Month), m.Changes(), tt.edition, tt.changes)
		}
	}
	if got := s.Edition(cycle.Month{}); got != 2 {
		t.Errorf("edition of what belongs to no month = %d, want 2", got)
	}
	if m, _ := cycle.Compile(flips(), day("2026-11-22")).Milestone(month("2026-06")); m.Edition != 0 || m.Changes() != 2 {
		t.Errorf("edition %d and %d changes where people changed nothing, want 0 and 2", m.Edition, m.Changes())
	}
}

// With each fact that people withdraw, or change, the changes of its month grow, and
// those of no other month shrink. Editions come from one sequence for the whole track.
func TestLawChangesGrow(t *testing.T) {
	forRandomFacts(t, func(t *testing.T, random *rand.Rand, facts cycle.Facts) {
		facts.Editions = map[cycle.Month]int64{}
		asOf := day("9999-12-31")
		before := all(cycle.Compile(facts, asOf))
		for edition := int64(1); edition <= 30; edition++ {
			of := withdraw(random, &facts)
			facts.Editions = maps.Clone(facts.Editions) // an older schedule keeps its own
			facts.Editions[of] = edition
			now := all(cycle.Compile(facts, asOf))
			for i, m := range now {
				if was := before[i].Changes(); m.Changes() < was || m.Month == of && m.Changes() == was {
					t.Fatalf("%v has %d changes, it had %d, when a fact of %v was withdrawn", m.Month, m.Changes(), was, of)
				}
			}
			before = now
		}
	})
}

// withdraw takes one fact away, and returns its month. Now and then it changes the rule
// instead, which belongs to no month.
func withdraw(random *rand.Rand, facts *cycle.Facts) cycle.Month {
	switch {
	case len(facts.Releases) > 0 && random.IntN(2) == 0:
		i := random.IntN(len(facts.Releases))
		of := facts.Releases[i].Month
		facts.Releases = slices.Delete(slices.Clone(facts.Releases), i, i+1)
		return of
	case len(facts.Notices) > 0 && random.IntN(2) == 0:
		i := random.IntN(len(facts.Notices))
		of := facts.Notices[i].Month
		facts.Notices = slices.Delete(slices.Clone(facts.Notices), i, i+1)
		return of
	}
	facts.Track.Rule.OffsetDays = random.IntN(20)
	return cycle.Month{}
}
