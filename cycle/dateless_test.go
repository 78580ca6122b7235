package cycle_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// Nobody knows the day of some releases: they come on the rule's. So taking away the day of those that came on that
// day changes the place of no build at any hour.
func TestLawPlaceWithoutDays(t *testing.T) {
	for seed := range uint64(randomHistories) {
		random := rand.New(rand.NewPCG(seed, 5))
		dated := history(random, 18)
		rule := dated.Track.Rule
		dateless := cycle.Facts{Track: dated.Track}
		for i := range dated.Releases {
			dated.Releases[i].KnownOn = dated.Track.FirstMonth.Day(1) // long before it comes
			r := dated.Releases[i]
			if r.Date == rule.Date(r.Month) && random.IntN(3) > 0 {
				r.Date = cycle.Date{}
			}
			dateless.Releases = append(dateless.Releases, r)
		}
		end := dated.Track.FirstMonth.AddMonths(18).Day(1)
		a, b := cycle.Compile(dated, end), cycle.Compile(dateless, end)
		for range 400 {
			at := dated.Track.FirstMonth.Day(1).Midnight().Add(time.Duration(random.IntN(18*30*24)) * time.Hour)
			build := cycle.Build{Branch: 26100, Revision: 995 + random.IntN(10*len(dated.Releases)+10)}
			if random.IntN(2) > 0 {
				build.Revision -= build.Revision % 10 // one that a release has
			}
			want, got := a.Place(build, at), b.Place(build, at)
			if told(want) != told(got) {
				t.Errorf("seed %d: %v at %v (-dated +dateless):\n%s", seed, build, at, diff(told(want), told(got)))
			}
		}
	}
}

// told is what a standing says, without the releases that it rests on.
func told(st cycle.Standing) [9]string {
	restarts := "no restart"
	if st.NextRestarts {
		restarts = "restart"
	}
	return [9]string{
		st.Place.String(), st.Month.String(), st.BaselineMonth.String(), st.Next.Month.String(), st.Next.Date.String(), st.Next.Update.KB,
		restarts, st.NextRestart.Month.String(), st.Note,
	}
}

// What is stored for a month to come, without its day, is not missing yet and makes nothing older.
func TestDatelessReleaseToCome(t *testing.T) {
	july, october := baseline("2026-07-14", "KB1000001"), baseline("2026-10-13", "KB1000003")
	september := hotpatch("2026-09-08", "KB1000002")
	facts := cycle.Facts{Track: windows(), Releases: with(july, september, october)}
	for i := range facts.Releases[1:] {
		facts.Releases[i+1].Date, facts.Releases[i+1].KnownOn = cycle.Date{}, day("2026-07-15")
	}
	for _, tt := range []struct{ asOf, build, want, next, note string }{
		{"2026-07-20", "26100.1000", "current", "2026-08-11", ""},
		{"2026-09-07", "26100.1000", "behind", "2026-08-11", "By the plan: no release of 2026-08 is known"},
		{"2026-09-08", "26100.1000", "behind", "2026-09-08", "KB1000002 is missing"},
		{"2026-10-12", "26100.1015", "unknown", "", "No release with this build is known; it lies between 26100.1010 (hotpatch KB1000002) and 26100.1020 (baseline KB1000003)"},
		{"2026-10-13", "26100.1015", "unknown", "2026-10-13", "No release with this build is known; it lies between 26100.1010 (hotpatch KB1000002) and 26100.1020 (baseline KB1000003). It is older than a baseline: the next update restarts"},
		{"2026-07-20", "26100.1010", "current", "2026-10-13", ""}, // as of its release
	} {
		st := cycle.Compile(facts, day(tt.asOf)).Place(must(cycle.ParseBuild(tt.build)), day(tt.asOf).AddDays(1).Start(facts.Track.Rule.Zone))
		if st.Place.String() != tt.want || st.Next.Date.String() != tt.next || st.Note != tt.note {
			t.Errorf("%s on %s: %v, next %v, %q, want %s, %q, %q", tt.build, tt.asOf, st.Place, st.Next.Date, st.Note, tt.want, tt.next, tt.note)
		}
	}
}
