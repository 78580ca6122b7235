package catalog_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// place finds where a build stands at the end of a day in the facts of one track, by comparing
// texts: days as they are written, types as the facts name them.
func place(facts []upstream, build, day string) string {
	known := func(u upstream) bool { return u.entry().KnownOn <= day }
	baselineAt := func(day string) string { // the day of the newest baseline
		newest := ""
		for _, u := range facts {
			if known(u) && strings.HasSuffix(u.Type, "baseline") && u.Released <= day {
				newest = max(newest, u.Released)
			}
		}
		return newest
	}
	var on, off *upstream
	for _, u := range facts {
		switch {
		case u.Build != build || !known(u) || u.Released == "":
		case u.Type == "oob-restart" || u.Type == "cumulative":
			off = &u
		default:
			on = &u
		}
	}
	switch {
	case on == nil && off == nil:
		return "unknown"
	case on != nil && off != nil:
		return "ambiguous"
	case on == nil && baselineAt(off.Released) == baselineAt(day):
		return "off-cycle"
	case on == nil || baselineAt(on.Released) != baselineAt(day):
		return "baseline-due"
	}
	for _, u := range facts {
		if known(u) && strings.HasSuffix(u.Type, "hotpatch") && u.Released > on.Released && u.Released <= day {
			return "behind"
		}
	}
	// The clients' hotpatch of November 2024 came a week late; until then there was one by the plan only.
	if this := day[:len("2024-11")]; on.Month < this && secondTuesday(this) <= day && !slices.ContainsFunc(facts, func(u upstream) bool {
		return u.Month == this && u.Type == "hotpatch" && known(u)
	}) {
		return "behind"
	}
	return "current"
}

// Every build stands where the facts put it on the day before, the day of and the day after
// whatever came on its track, its own release among that.
func TestPlace(t *testing.T) {
	facts := readJSON[upstream](t, "testdata/upstream.json")
	facts = append(facts, siblings(t, facts)...)
	places := map[string]int{}
	for _, track := range load(t) {
		var own []upstream
		var builds, days []string
		for _, u := range facts {
			if u.Track != track.Track.ID {
				continue
			}
			own = append(own, u)
			if u.Build != "" {
				builds = append(builds, u.Build)
			}
			if u.Released != "" {
				on := day(t, u.Released)
				days = append(days, on.AddDays(-1).String(), on.String(), on.AddDays(1).String())
			}
		}
		slices.Sort(builds)
		slices.Sort(days)
		builds, days = slices.Compact(builds), slices.Compact(days)
		for _, day := range days {
			s, at := endOf(t, track, day)
			for _, build := range builds {
				want, got := place(own, build, day), s.Place(buildOf(t, build), at)
				places[want]++
				if got.Place.String() != want {
					t.Errorf("%s %s at the end of %s is %v (%s), want %s", track.Track.ID, build, day, got.Place, got.Note, want)
				}
			}
		}
	}
	for _, p := range []string{"unknown", "current", "behind", "baseline-due", "off-cycle", "ambiguous"} {
		if places[p] == 0 {
			t.Errorf("no build is %s on any day, want the test to see all places", p)
		}
	}
	t.Logf("builds on days: %v", places)
}

// An out-of-band update is dated by its own day, not by that of its month; a ring whose deferral has
// passed by then is offered it the same day.
func TestNextOutOfBand(t *testing.T) {
	for _, tt := range []struct{ track, build, on, kb, next, soon, late string }{
		{"windows-server-2025", "26100.6901", "2025-10-25", "KB5070881", "2025-10-23", "2025-10-23", "2025-10-28"},
		{"windows-11-25h2", "26200.9445", "2026-09-20", "KB5129241", "2026-09-14", "2026-09-15", "2026-09-22"},
		{"windows-server-2022-azure-edition", "20348.3561", "2025-04-20", "", "2025-04-16", "2025-04-16", "2025-04-22"},
		{"windows-11-25h2", "26200.7092", "2025-11-25", "", "2025-11-20", "2025-11-20", "2025-11-25"},
	} {
		i := slices.IndexFunc(load(t), func(f cycle.Facts) bool { return f.Track.ID == tt.track })
		s, at := endOf(t, load(t)[i], tt.on)
		m := s.Place(buildOf(t, tt.build), at).Next
		zone := s.Track().Rule.Zone
		offered := func(deferral int) string {
			ring := cycle.Ring{Name: "ring", Deferral: deferral}
			return cycle.DateIn(s.OfferedAt(s.ForRing(m, ring, zone), ring, zone), zone).String()
		}
		if m.Date.String() != tt.next || !m.At.Equal(s.Track().Rule.At(m.Date)) || m.Update.Date != m.Date || tt.kb != "" && m.Update.KB != tt.kb {
			t.Errorf("%s takes %s on %v, at %v, want %s on %s", tt.build, m.Update.KB, m.Date, m.At, tt.kb, tt.next)
		}
		if soon, late := offered(7), offered(14); soon != tt.soon || late != tt.late {
			t.Errorf("%s is offered its next on %s and %s after 7 and 14 days, want %s and %s", tt.build, soon, late, tt.soon, tt.late)
		}
	}
}

// endOf returns what was known at the end of a day, and its last instant.
func endOf(t testing.TB, facts cycle.Facts, on string) (cycle.Schedule, time.Time) {
	t.Helper()
	d := day(t, on)
	return cycle.Compile(facts, d), d.AddDays(1).Start(facts.Track.Rule.Zone).Add(-time.Nanosecond)
}

func buildOf(t testing.TB, s string) cycle.Build {
	t.Helper()
	b, err := cycle.ParseBuild(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func factsOf(t testing.TB, track string) cycle.Facts {
	t.Helper()
	all := load(t)
	i := slices.IndexFunc(all, func(f cycle.Facts) bool { return f.Track.ID == track })
	if i < 0 {
		t.Fatalf("no track %s", track)
	}
	return all[i]
}

// scene is what a build means on a day, in a story.
type scene struct {
	on, build, place, next string
	restarts               bool
	restart, note          string
}

func play(t *testing.T, track string, scenes []scene) {
	t.Helper()
	facts := factsOf(t, track)
	for _, want := range scenes {
		s, at := endOf(t, facts, want.on)
		st := s.Place(buildOf(t, want.build), at)
		got := scene{want.on, want.build, st.Place.String(), st.Next.Month.String(), st.NextRestarts, st.NextRestart.Month.String(), want.note}
		if got != want {
			t.Errorf("%s on %s: got %v, want %v", want.build, want.on, got, want)
		}
		if !strings.Contains(st.Note, want.note) {
			t.Errorf("%s on %s: note %q, want %q in it", want.build, want.on, st.Note, want.note)
		}
	}
}

// In October 2025 an update of WSUS was offered to enrolled machines too, as a standard update.
// Those that took it got standard updates until January; the others got a package of their own
// with the same build, and stayed.
func TestWSUS(t *testing.T) {
	play(t, "windows-server-2025", []scene{
		{"2025-10-22", "26100.6899", "current", "2025-11", false, "2026-01", ""},
		{"2025-10-23", "26100.6905", "off-cycle", "2025-11", true, "2025-11", "until the baseline of 2026-01"}, // the other package came a day later
		{"2025-10-24", "26100.6905", "ambiguous", "2025-11", false, "2026-01", "KB5070893, the component update (current)"},
		{"2025-11-12", "26100.6905", "ambiguous", "2025-11", false, "2026-01", "KB5070881, the out-of-band cumulative update (off-cycle), and KB5070893, the component update (behind)"},
		{"2025-11-12", "26100.7092", "current", "2025-12", false, "2026-01", ""},                               // those that stayed
		{"2025-11-12", "26100.7171", "off-cycle", "2025-12", true, "2025-12", "until the baseline of 2026-01"}, // those that did not
		{"2025-12-10", "26100.7462", "off-cycle", "2026-01", true, "2026-01", "until the baseline of 2026-01"},
		{"2026-01-13", "26100.7462", "baseline-due", "2026-01", true, "2026-01", ""},
		{"2026-01-13", "26100.6905", "ambiguous", "2026-01", true, "2026-01", "(baseline-due), and KB5070893, the component update (baseline-due)"},
		{"2026-01-13", "26100.32230", "current", "2026-02", false, "2026-04", ""}, // all of them
	})
	play(t, "windows-server-2022-azure-edition", []scene{
		{"2025-10-24", "20348.4297", "ambiguous", "2025-11", false, "2026-01", "KB5070884, the out-of-band cumulative update (off-cycle), and KB5070892"},
	})
}

// June and September 2026 were planned without a restart and became baselines.
func TestUnplannedBaselines(t *testing.T) {
	play(t, "windows-11-24h2", []scene{
		{"2026-06-08", "26100.8390", "current", "2026-06", false, "2026-07", ""}, // by the plan
		{"2026-06-09", "26100.8390", "baseline-due", "2026-06", true, "2026-06", ""},
		{"2026-06-09", "26100.8655", "current", "2026-07", true, "2026-07", ""}, // two in a row
		{"2026-07-14", "26100.8655", "baseline-due", "2026-07", true, "2026-07", ""},
		{"2026-07-18", "26100.8875", "behind", "2026-07", false, "2026-10", "KB5121768 is missing"},
		{"2026-09-07", "26100.9106", "current", "2026-09", false, "2026-10", ""},
		{"2026-09-08", "26100.9106", "baseline-due", "2026-09", true, "2026-09", ""},
		{"2026-09-13", "26100.9445", "current", "2026-10", true, "2026-10", ""},
		{"2026-09-14", "26100.9445", "behind", "2026-09", false, "2026-10", "KB5129241 is missing"},
		{"2026-09-14", "26100.9448", "current", "2026-10", true, "2026-10", ""},
		{"2026-09-14", "26100.9457", "off-cycle", "2026-10", true, "2026-10", "until the baseline of 2026-10"},
		{"2026-11-22", "26100.9448", "baseline-due", "2026-10", true, "2026-10", "By the plan: no release of 2026-10 is known"},
		{"2026-11-22", "26100.9106", "baseline-due", "2026-10", true, "2026-10", "Due since the baseline of 2026-09 at the latest; no release of 2026-10 is known"},
	})
}

// Before the hour of a release the month before is in force, from it on the new one.
func TestPlaceAtTheHour(t *testing.T) {
	s, _ := endOf(t, factsOf(t, "windows-11-24h2"), "2026-06-09")
	hour := time.Date(2026, time.June, 9, 17, 0, 0, 0, time.UTC)
	may := buildOf(t, "26100.8390")
	if got := s.Place(may, hour.Add(-time.Nanosecond)); got.Place != cycle.Current || !got.NextRestarts || got.Next.Month != month(t, "2026-06") {
		t.Errorf("just before the release: %v, next %v, want current and June", got.Place, got.Next.Month)
	}
	if got := s.Place(may, hour); got.Place != cycle.BaselineDue {
		t.Errorf("at the release: %v, want baseline-due", got.Place)
	}
	// A machine that has it before its hour has it.
	if got := s.Place(buildOf(t, "26100.8655"), hour.Add(-time.Hour)); got.Place != cycle.Current || got.Next.Month != month(t, "2026-07") {
		t.Errorf("an hour before its release: %v, next %v, want current and July", got.Place, got.Next.Month)
	}
}

// Whatever a device runs, taking the next update again and again puts it back on the cycle, and
// it restarts for each of them that is said to restart it, and for no other.
func TestCatchingUp(t *testing.T) {
	for _, track := range load(t) {
		for i, r := range track.Releases {
			if r.Build == "" || r.Date.IsZero() {
				continue
			}
			for _, later := range []int{0, 1, 20, 45, 100} {
				catchUp(t, track, track.Releases[i], r.Date.AddDays(later))
			}
		}
	}
}

func catchUp(t *testing.T, track cycle.Facts, from cycle.Release, on cycle.Date) {
	t.Helper()
	const patience = 8 // months off the cycle, and one to take
	build, last := buildOf(t, from.Build), day(t, "2026-09-20")
	for range patience {
		if on.After(last) || track.Track.LastMonth.Before(on.Month()) && !track.Track.LastMonth.IsZero() {
			return // the facts end
		}
		s, at := endOf(t, track, on.String())
		st := s.Place(build, at)
		switch {
		case st.Place == cycle.Current:
			return
		case st.Place == cycle.Ambiguous:
			return // what it takes depends on what it has
		case st.Next.Month.IsZero():
			t.Errorf("%s %s on %v is %v and takes nothing", track.Track.ID, build, on, st.Place)
			return
		}
		if st.Next.At.After(at) {
			on = cycle.DateIn(st.Next.At, track.Track.Rule.Zone)
			s, at = endOf(t, track, on.String())
		}
		next, restarts := taken(t, s, st, at)
		if next == (cycle.Build{}) {
			return // a month without builds
		}
		if restarts != st.NextRestarts {
			t.Errorf("%s %s on %v, %v, takes %v: restarts %v, said %v", track.Track.ID, build, on, st.Place, next, restarts, st.NextRestarts)
		}
		build = next
	}
	t.Errorf("%s %s is not back on the cycle by %v", track.Track.ID, from.Build, on)
}

// taken returns the build that a device gets with the update of a month.
func taken(t *testing.T, s cycle.Schedule, st cycle.Standing, at time.Time) (build cycle.Build, restarts bool) {
	t.Helper()
	m, _ := s.Milestone(st.Next.Month)
	for _, r := range m.Releases {
		fits := r.Type == cycle.TypeBaseline
		switch st.Place {
		case cycle.Behind:
			fits = r.Type == cycle.TypeHotpatch
		case cycle.OffCycle:
			fits = fits || r.Type == cycle.TypeCumulative && m.Kind == cycle.Hotpatch || r.Type == cycle.TypeCumulative && m.Month == st.Month
		}
		if fits && r.Build != "" && !s.Track().Rule.At(r.Date).After(at) {
			build, restarts = buildOf(t, r.Build), r.Restart == cycle.RestartNeeded
		}
	}
	return build, restarts
}
