package cycle_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// forRandomFacts tries a law on many tracks with facts of all sorts. The name of
// a failing subtest is the seed that shows it again.
func forRandomFacts(t *testing.T, law func(*testing.T, *rand.Rand, cycle.Facts)) {
	t.Helper()
	for seed := range uint64(randomTracks) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 0))
			law(t, random, randomFacts(t, random))
		})
	}
}

// span is how many months after its first month a random track can have facts.
const span = 48

func randomFacts(t *testing.T, random *rand.Rand) cycle.Facts {
	t.Helper()
	track := windows()
	track.FirstMonth = cycle.MonthOf(2021, time.Month(random.IntN(24)))
	if random.IntN(3) == 0 {
		track.LastMonth = track.FirstMonth.AddMonths(span + random.IntN(12))
	}
	track.Rule.Day = []cycle.ReleaseDay{cycle.NthWeekday(2, time.Tuesday), cycle.NthWeekday(0, time.Friday), cycle.FixedDay(31), {}}[random.IntN(4)]
	track.Rule.BaselineMonths = nil
	for of := time.January; of <= time.December; of++ {
		if random.IntN(3) == 0 {
			track.Rule.BaselineMonths = append(track.Rule.BaselineMonths, of)
		}
	}
	facts := cycle.Facts{Track: track}
	for i := range random.IntN(60) {
		r := randomRelease(random, track.FirstMonth.AddMonths(random.IntN(span)), fmt.Sprintf("KB%07d", i))
		if err := track.CheckRelease(r); err != nil {
			t.Fatalf("a random release is none: %v", err)
		}
		facts.Releases = append(facts.Releases, r)
	}
	for _, i := range random.Perm(span)[:random.IntN(8)] {
		m := track.FirstMonth.AddMonths(i)
		facts.Notices = append(facts.Notices, cycle.Notice{
			Track: track.ID, Month: m, Kind: cycle.Kind(1 + random.IntN(2)), KnownOn: m.Day(random.IntN(60) - 40),
		})
	}
	return facts
}

// randomRelease comes on some day of its month and becomes known around that day.
func randomRelease(random *rand.Rand, m cycle.Month, kb string) cycle.Release {
	date := m.Day(1 + random.IntN(28))
	r := cycle.Release{
		Track: "windows", Month: m, KB: kb, Date: date, KnownOn: date.AddDays(random.IntN(30) - 10),
		Type: cycle.ReleaseType(1 + random.IntN(4)), OutOfBand: random.IntN(3) == 0, Restart: cycle.RestartUnknown,
	}
	if r.Type == cycle.TypeComponent && random.IntN(2) == 0 {
		r.Month, r.Date = cycle.Month{}, cycle.Date{}
	}
	return r
}

// all returns the months of a random track as far as a law looks at them.
func all(s cycle.Schedule) []cycle.Milestone {
	first := s.Track().FirstMonth
	return milestones(s, first, first.AddMonths(span+36))
}

// same wants two schedules that tell the same.
func same(t *testing.T, want, got cycle.Schedule) {
	t.Helper()
	if d := diff(all(want), all(got)); d != "" {
		t.Errorf("months (-want +got):\n%s", d)
	}
	if d := diff(want.Releases(), got.Releases()); d != "" {
		t.Errorf("releases (-want +got):\n%s", d)
	}
}
