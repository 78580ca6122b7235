package catalog_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/catalog"
)

// The lines of a table may stand in any order.
func TestOrderOfLines(t *testing.T) {
	want := load(t)
	for seed := range uint64(5) {
		random := rand.New(rand.NewPCG(seed, 0))
		dir := tables(t)
		for _, table := range []string{"releases.csv", "notices.csv", "sources.csv"} {
			dir[table].Data = shuffle(random, dir[table].Data)
		}
		got, err := catalog.Read(dir)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for i := range want {
			for _, asOf := range []string{"2022-08-09", "2024-10-31", "2026-05-20", "2026-06-10", today} {
				a, b := cycle.Compile(want[i], day(t, asOf)), cycle.Compile(got[i], day(t, asOf))
				if d := diff(milestones(a), milestones(b)); d != "" {
					t.Errorf("seed %d: %s as of %s (-want +got):\n%s", seed, want[i].Track.ID, asOf, d)
				}
				if d := diff(a.Releases(), b.Releases()); d != "" {
					t.Errorf("seed %d: %s as of %s (-want +got):\n%s", seed, want[i].Track.ID, asOf, d)
				}
			}
		}
	}
}

// shuffle puts the lines below the one with the columns into another order.
func shuffle(random *rand.Rand, table []byte) []byte {
	lines := strings.SplitAfter(string(table), "\n")
	columns := 0
	for strings.HasPrefix(lines[columns], "#") {
		columns++
	}
	rows := lines[columns+1:]
	random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	return []byte(strings.Join(lines, ""))
}

// milestones are all months of a track until 2030.
func milestones(s cycle.Schedule) []cycle.Milestone {
	var list []cycle.Milestone
	for m := s.Track().FirstMonth; m.Year() <= 2030; m = m.AddMonths(1) {
		if i, ok := s.Milestone(m); ok {
			list = append(list, i)
		}
	}
	return list
}

func diff(want, got any) string {
	return gocmp.Diff(want, got, cmpopts.EquateComparable(cycle.Date{}, cycle.Month{}))
}
