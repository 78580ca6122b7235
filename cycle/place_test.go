package cycle_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

func TestParseBuild(t *testing.T) {
	want := cycle.Build{Branch: 26100, Revision: 3983}
	for _, s := range []string{"26100.3983", "10.0.26100.3983", "26100.3983 (24H2)", " 26100.3983\t", "10.0.26100.3983 (24H2)", "26100.3983(24H2)", "26100.3983 (Version 24H2)"} {
		if got, err := cycle.ParseBuild(s); err != nil || got != want {
			t.Errorf("ParseBuild(%q) = %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{
		"", "24H2", "26100", "26100.", ".3983", "26100.3983.1", "10.0.26100", "6.1.26100.3983", "26100.-1", "26100.03983", "2610.3983",
		"026100.3983", "00000.1", "26100.123456", "26100,3983", "26100.3983 (", "26100.3983 24H2", "26100 .3983", "２6100.3983", "26100.3983\n26100.3984",
	} {
		got, err := cycle.ParseBuild(s)
		if invalid, ok := errors.AsType[*cycle.InvalidError](err); !ok || invalid.Value != s {
			t.Errorf("ParseBuild(%q) = %v, %v, want an *InvalidError", s, got, err)
		}
	}
}

func FuzzParseBuild(f *testing.F) {
	fuzzParser(f, cycle.ParseBuild, func(_ string, b cycle.Build) bool {
		return b.Branch >= 10000 && b.Branch <= 99999 && b.Revision >= 0 && b.Revision <= 99999
	}, "26100.3983", "10.0.26100.3983", "26100.3983 (24H2)", "26100.0", "26100.00", " 26100.1 ")
}

func FuzzParseAssumption(f *testing.F) {
	fuzzParser(f, cycle.ParseAssumption, func(s string, a cycle.Assumption) bool { return a.String() == s },
		"2026-12:baseline", "2026-12:hotpatch", "2026-12", ":", "2026-12:baseline:")
}

// A build fits the track of its branch, and none without a branch.
func TestFits(t *testing.T) {
	b := cycle.Build{Branch: 26100, Revision: 1}
	for branch, want := range map[string]bool{"26100": true, "26200": false, "": false, "2610": false} {
		if got := (cycle.Track{Branch: branch}).Fits(b); got != want {
			t.Errorf("branch %q fits %v: %v, want %v", branch, b, got, want)
		}
	}
	if (cycle.Track{}).Fits(cycle.Build{}) {
		t.Error("no build fits a track without a branch, want false")
	}
}

// with gives releases builds of growing revisions, in their order.
func with(releases ...cycle.Release) []cycle.Release {
	for i := range releases {
		releases[i].Build = fmt.Sprintf("26100.%d", 1000+10*i)
	}
	return releases
}

// What a build without facts around it, or with odd ones, means.
func TestPlaceOdd(t *testing.T) {
	bare := cycle.Facts{Track: windows()}
	ended := bare
	ended.Track.LastMonth = month("2026-02")
	ended.Releases = with(baseline("2026-01-13", "KB1000001"), hotpatch("2026-02-10", "KB1000002"))
	off, due := ended, ended
	off.Releases = with(baseline("2026-01-13", "KB1000001"), cumulative("2026-02-10", "KB1000002"))
	due.Releases = with(baseline("2025-10-14", "KB1000001"), baseline("2026-01-13", "KB1000002"))
	component := ended
	component.Releases = slices.Clone(ended.Releases)
	component.Releases[1].Type, component.Releases[1].Month, component.Releases[1].Date = cycle.TypeComponent, cycle.Month{}, cycle.Date{}
	for _, tt := range []struct {
		name, build, asOf, want string
		facts                   cycle.Facts
		next, note              string
	}{
		{"nothing is known", "26100.1000", "2026-02-20", "unknown", bare, "", "No release with this build is known; nor is any other"},
		{"another branch", "26200.1000", "2026-02-20", "unknown", bare, "", "No build of Windows"},
		{"before the oldest", "26100.999", "2026-01-20", "unknown", ended, "2026-01", "No release with this build is known; it comes before the oldest, 26100.1000 (baseline KB1000001). It is older than a baseline: the next update restarts"},
		{"between", "26100.1005", "2026-02-20", "unknown", ended, "", "No release with this build is known; it lies between 26100.1000 (baseline KB1000001) and 26100.1010 (hotpatch KB1000002)"},
		{"before the track", "26100.1000", "2025-06-01", "unknown", ended, "", "No release with this build is known; nor is any other"},
		{"the end, up to date", "26100.1010", "2026-02-20", "current", ended, "2026-03", ""},
		{"the end, off the cycle", "26100.1010", "2026-02-20", "off-cycle", off, "", "No update comes after 2026-02"},
		{"due, and the release is known", "26100.1000", "2026-01-20", "baseline-due", due, "2026-01", ""},
		{"a component without a month", "26100.1010", "2026-02-20", "unknown", component, "", "No release with this build is known; it comes after the newest, 26100.1000 (baseline KB1000001)"},
	} {
		if tt.name == "the end, up to date" {
			tt.next, tt.note = "", "No update comes after 2026-02"
		}
		got := cycle.Compile(tt.facts, day(tt.asOf)).Place(must(cycle.ParseBuild(tt.build)), day(tt.asOf).AddDays(1).Start(zone("America/Los_Angeles")))
		if got.Place.String() != tt.want || got.Next.Month.String() != tt.next || got.Note != tt.note {
			t.Errorf("%s: %v, next %v, note %q, want %s, %q, %q", tt.name, got.Place, got.Next.Month, got.Note, tt.want, tt.next, tt.note)
		}
	}
}

// numbered gives a release that number as the last part of its build.
func numbered(revision int, r cycle.Release) cycle.Release {
	r.Build = fmt.Sprintf("26100.%d", revision)
	return r
}

// What is told of a build beyond its place, of facts that come seldom. NextRestarts and the restart to come
// follow the month that is next, and no more is told than all releases with the build agree on.
func TestPlaceTells(t *testing.T) {
	component := func(date, kb string) cycle.Release {
		r := hotpatch(date, kb)
		r.Type = cycle.TypeComponent
		return r
	}
	undated := outOfBand(hotpatch("2026-04-16", "KB1000009"))
	undated.Date = cycle.Date{}
	october, january, february := numbered(990, baseline("2025-10-14", "KB1000000")), numbered(1000, baseline("2026-01-13", "KB1000001")), numbered(1010, hotpatch("2026-02-10", "KB1000002"))
	standard := numbered(1010, cumulative("2026-02-10", "KB1000003"))
	list := func(r ...cycle.Release) []cycle.Release { return r }
	for _, tt := range []struct {
		name, on, build string
		releases        []cycle.Release
		want, note      string // place, month, baseline, day of the next update, whether that restarts, next restart
	}{
		{"a hotpatch that came before the month's own", "2026-02-20", "26100.1005", list(january, numbered(1005, outOfBand(hotpatch("2026-02-05", "")))), "current 2026-02 2026-01 2026-03-10 false 2026-04", ""},
		{"a baseline known, and its month by the plan", "2026-04-20", "26100.990", list(october, january, february), "baseline-due 2025-10 2025-10 2026-04-14 true 2026-04", "Due since the baseline of 2026-01 at the latest; no release of 2026-04 is known"},
		{"a baseline that came", "2026-02-20", "26100.990", list(october, january), "baseline-due 2025-10 2025-10 2026-01-13 true 2026-01", ""},
		{"a hotpatch of a baseline month, whose day nobody knows", "2026-04-20", "26100.1030", list(january, numbered(1020, baseline("2026-04-14", "KB1000004")), numbered(1030, undated)), "current 2026-04 2026-04 2026-05-12 false 2026-07", ""},
		{"off the cycle, the next by the plan", "2026-03-20", "26100.1010", list(january, standard), "off-cycle 2026-02 2026-01 2026-03-10 true 2026-03", "Standard updates with restarts until the baseline of 2026-04"},

		{"both of one month", "2026-02-20", "26100.1010", list(january, february, standard), "ambiguous 2026-02 2026-01 2026-03-10 false 2026-04", ""},
		{"only the one on the cycle has an update", "2026-02-20", "26100.1010", list(january, february, standard, numbered(1020, outOfBand(hotpatch("2026-02-17", "")))), "ambiguous 2026-02 2026-01  false 2026-04", ""},
		{"the standard one's update is later", "2026-02-20", "26100.1010", list(january, february, standard, numbered(1020, outOfBand(hotpatch("2026-02-17", ""))), numbered(1030, outOfBand(cumulative("2026-02-18", "")))), "ambiguous 2026-02 2026-01 2026-02-18 false 2026-04", ""},
		{"the hotpatch is later", "2026-02-20", "26100.1010", list(january, february, standard, numbered(1020, outOfBand(hotpatch("2026-02-18", ""))), numbered(1030, outOfBand(cumulative("2026-02-17", "")))), "ambiguous 2026-02 2026-01 2026-02-18 false 2026-04", ""},
		{"of two months", "2026-02-20", "26100.1010", list(january, numbered(1010, component("2026-01-20", "KB1000005")), standard), "ambiguous  2026-01  false 2026-04", "(off-cycle), and KB1000005, the component update (behind)"},

		{"a component's build that a hotpatch has later", "2026-02-20", "26100.1010", list(january, numbered(1010, component("2026-01-20", "KB1000005")), february), "current 2026-02 2026-01 2026-03-10 false 2026-04", ""},
		{"a component's build that a hotpatch had before", "2026-03-09", "26100.1010", list(january, february, numbered(1010, component("2026-03-03", "KB1000005"))), "current 2026-02 2026-01 2026-03-10 false 2026-04", ""},

		{"newer than all", "2026-02-20", "26100.1011", list(january, february), "unknown    false 2026-04", "it comes after the newest, 26100.1010 (hotpatch KB1000002)"},
		{"older than all", "2026-02-20", "26100.980", list(january, october, february), "unknown   2026-01-13 true 2026-01", "it comes before the oldest, 26100.990 (baseline KB1000000)"},
		{"next to one without an article", "2026-01-20", "26100.1001", list(numbered(1000, baseline("2026-01-13", ""))), "unknown    false 2026-04", "it comes after the newest, 26100.1000 (baseline)"},
	} {
		st := cycle.Compile(cycle.Facts{Track: windows(), Releases: tt.releases}, day(tt.on)).Place(must(cycle.ParseBuild(tt.build)), day(tt.on).AddDays(1).Start(zone("America/Los_Angeles")))
		got := fmt.Sprintf("%v %v %v %v %v %v", st.Place, st.Month, st.BaselineMonth, st.Next.Date, st.NextRestarts, st.NextRestart.Month)
		if got != tt.want || !strings.Contains(st.Note, tt.note) {
			t.Errorf("%s: %q, note %q, want %q, %q", tt.name, got, st.Note, tt.want, tt.note)
		}
	}
}

// The releases of a build are told by their days, whatever their months, and those without a day last.
func TestPlaceOrdersReleases(t *testing.T) {
	of := func(kb, m, date string) cycle.Release {
		r := cycle.Release{Track: "windows", KB: kb, Type: cycle.TypeComponent, Build: "26100.1000", KnownOn: day("2026-01-20")}
		if m != "" {
			r.Month = month(m)
		}
		if date != "" {
			r.Date = day(date)
		}
		return r
	}
	s := cycle.Compile(cycle.Facts{Track: windows(), Releases: []cycle.Release{
		of("KB1000004", "2025-12", ""), of("KB1000003", "", "2026-01-18"), of("KB1000002", "2026-01", "2026-01-15"), of("KB1000001", "2026-02", "2026-01-14"),
	}}, day("2026-01-20"))
	var got []string
	for _, r := range s.Place(cycle.Build{Branch: 26100, Revision: 1000}, instant("2026-01-21T12:00:00Z")).Releases {
		got = append(got, r.KB)
	}
	if d := diff([]string{"KB1000001", "KB1000002", "KB1000003", "KB1000004"}, got); d != "" {
		t.Errorf("releases of a build (-want +got):\n%s", d)
	}
}

// At the first and at the last day of the calendar there is no month before, and none after.
func TestPlaceAtTheEndsOfTime(t *testing.T) {
	facts := cycle.Facts{Track: windows()}
	facts.Track.FirstMonth = month("0001-01")
	facts.Releases = with(baseline("0001-01-09", "KB1000001"), baseline("9999-10-12", "KB1000002"), hotpatch("9999-12-14", "KB1000003"))
	s := cycle.Compile(facts, day("9999-12-31"))
	for _, tt := range []struct {
		at, build, place, next string
	}{
		{"0001-01-01T00:00:00Z", "26100.1000", "current", "0001-02"}, // as of its release
		{"0001-01-01T00:00:00Z", "26100.1001", "unknown", ""},
		{"9999-12-31T23:00:00Z", "26100.1010", "behind", "9999-12"},
		{"9999-12-31T23:00:00Z", "26100.1020", "current", ""},
		{"9999-12-31T23:00:00Z", "26100.1000", "baseline-due", "9999-10"},
	} {
		st := s.Place(must(cycle.ParseBuild(tt.build)), instant(tt.at))
		if st.Place.String() != tt.place || st.Next.Month.String() != tt.next {
			t.Errorf("%s at %s is %v, next %v, want %s, %q", tt.build, tt.at, st.Place, st.Next.Month, tt.place, tt.next)
		}
		s.Forecast(st, instant(tt.at), 3)
	}
}

// history is a random past of a track that hangs together: a baseline or a hotpatch and a standard
// update in each month, out-of-band ones between.
func history(random *rand.Rand, months int) cycle.Facts {
	facts := cycle.Facts{Track: windows()}
	var list []cycle.Release
	for i := range months {
		m := facts.Track.FirstMonth.AddMonths(i)
		date := facts.Track.Rule.Date(m)
		kb := func(n int) string { return fmt.Sprintf("KB%06d", 100000+10*i+n) }
		if facts.Track.Rule.Kind(m) == cycle.Baseline || random.IntN(5) == 0 {
			list = append(list, baseline(date.String(), kb(0)))
		} else {
			list = append(list, hotpatch(date.String(), kb(0)), cumulative(date.String(), kb(1)))
		}
		if random.IntN(3) == 0 {
			list = append(list, outOfBand(hotpatch(date.AddDays(3).String(), kb(2))))
		}
		if random.IntN(3) == 0 {
			list = append(list, outOfBand(cumulative(date.AddDays(1+random.IntN(10)).String(), kb(3))))
		}
	}
	facts.Releases = with(list...)
	return facts
}

// Taking the next update again and again ends on the cycle, from every build on every day, and it
// restarts when it was said to.
func TestLawCatchingUp(t *testing.T) {
	for seed := range uint64(randomHistories) {
		facts := history(rand.New(rand.NewPCG(seed, 1)), 18)
		for _, r := range facts.Releases {
			for later := 0; later < 300; later += 23 {
				follow(t, seed, facts, r, r.Date.AddDays(later))
			}
		}
	}
}

func follow(t *testing.T, seed uint64, facts cycle.Facts, from cycle.Release, on cycle.Date) {
	t.Helper()
	build, end := must(cycle.ParseBuild(from.Build)), facts.Track.FirstMonth.AddMonths(17).Day(1)
	for range 10 {
		s, at := cycle.Compile(facts, on), on.AddDays(1).Start(facts.Track.Rule.Zone)
		st := s.Place(build, at)
		if st.Place == cycle.Current || st.Next.At.After(end.Midnight()) {
			return
		}
		if st.Place == cycle.PlaceUnknown || st.Place == cycle.Ambiguous || st.Next.Month.IsZero() {
			t.Fatalf("seed %d: %v on %v is %v, next %v", seed, build, on, st.Place, st.Next.Month)
		}
		if st.Next.At.After(at) {
			on = st.Next.Date
			s, at = cycle.Compile(facts, on), on.AddDays(1).Start(facts.Track.Rule.Zone)
		}
		m, _ := s.Milestone(st.Next.Month)
		want := map[cycle.Place]cycle.ReleaseType{cycle.Behind: cycle.TypeHotpatch, cycle.BaselineDue: cycle.TypeBaseline, cycle.OffCycle: cycle.TypeCumulative}[st.Place]
		if st.Place == cycle.OffCycle && m.Kind == cycle.Baseline && m.Month != st.Month {
			want = cycle.TypeBaseline
		}
		if st.NextRestarts != (want != cycle.TypeHotpatch) {
			t.Fatalf("seed %d: %v on %v is %v and restarts: %v", seed, build, on, st.Place, st.NextRestarts)
		}
		i := -1
		for n, r := range m.Releases {
			if r.Type == want && !facts.Track.Rule.At(r.Date).After(at) && must(cycle.ParseBuild(r.Build)).Revision > build.Revision {
				i = n
			}
		}
		if i < 0 {
			t.Fatalf("seed %d: %v on %v is %v, but %v has no %v that is newer", seed, build, on, st.Place, m.Month, want)
		}
		if st.Next.Date.Before(m.Releases[i].Date) {
			t.Fatalf("seed %d: %v on %v takes %s of %v on %v", seed, build, on, m.Releases[i].KB, m.Releases[i].Date, st.Next.Date)
		}
		build = must(cycle.ParseBuild(m.Releases[i].Build))
	}
	t.Errorf("seed %d: %v is not back on the cycle by %v", seed, from.Build, on)
}

// A forecast says of each month what the device finds when it has come: it restarts in baseline
// months, elsewhere only off the cycle, and ends on the cycle with the first baseline.
func TestLawForecast(t *testing.T) {
	for seed := range uint64(randomHistories) {
		random := rand.New(rand.NewPCG(seed, 2))
		facts := history(random, 12)
		on := facts.Track.FirstMonth.Day(1 + random.IntN(360))
		s, at := cycle.Compile(facts, on), on.AddDays(1).Start(facts.Track.Rule.Zone)
		for _, r := range facts.Releases {
			st := s.Place(must(cycle.ParseBuild(r.Build)), at)
			steps, place := s.Forecast(st, at, 12), st.Place
			if len(steps) < 12 || len(steps) > 13 {
				t.Fatalf("seed %d: %d steps, want 12, and one to catch up", seed, len(steps))
			}
			for i, step := range steps {
				if step.Before != place || step.Reason == "" {
					t.Errorf("seed %d: step %d is %+v, want it to begin as %v and tell why", seed, i, step, place)
				}
				toCome := step.Milestone.At.After(at)
				if toCome != (i > 0 || len(steps) == 12) {
					t.Errorf("seed %d: step %d of %d is to come: %v", seed, i, len(steps), toCome)
				}
				if toCome && step.Milestone.Kind == cycle.Baseline && (step.Restarts != cycle.RestartNeeded || step.After != cycle.Current) {
					t.Errorf("seed %d: the baseline of %v leads to %v", seed, step.Milestone.Month, step.After)
				}
				if toCome && step.Milestone.Kind == cycle.Hotpatch && (step.Restarts == cycle.RestartNeeded) != (place == cycle.OffCycle) {
					t.Errorf("seed %d: %v in the hotpatch month %v restarts: %v", seed, place, step.Milestone.Month, step.Restarts)
				}
				place = step.After
			}
		}
	}
}

// A forecast has a step for each update to come from the next one's month on, whatever the order in which months and
// their baselines come.
func TestForecastIsWhole(t *testing.T) {
	several := 0
	forRandomFacts(t, func(t *testing.T, random *rand.Rand, facts cycle.Facts) {
		facts.Track.Rule.OffsetDays = random.IntN(29)
		for i, r := range facts.Releases {
			if r.Date = r.Month.Day(1).AddDays(random.IntN(59)); facts.Track.CheckRelease(r) == nil {
				facts.Releases[i] = r
			}
		}
		s := cycle.Compile(facts, facts.Track.FirstMonth.Day(1600))
		for range 20 {
			at := facts.Track.FirstMonth.Day(random.IntN(1600)).Midnight()
			next, _ := s.Next(at)
			var want, got []string
			for _, m := range milestones(s, next.Month, next.Month.AddMonths(5)) {
				days := []string{}
				if m.At.After(at) {
					days = append(days, m.Date.String())
				}
				for _, r := range m.Releases {
					if r.Type == cycle.TypeBaseline && r != m.Update && !r.Date.IsZero() && s.Track().Rule.At(r.Date).After(at) {
						days = append(days, r.Date.String())
					}
				}
				slices.Sort(days)
				if want = append(want, days...); len(days) > 1 {
					several++
				}
			}
			for _, step := range s.Forecast(cycle.Standing{}, at, 6) {
				got = append(got, step.Milestone.Date.String())
			}
			if d := diff(want, got); d != "" {
				t.Errorf("forecast from %v on (-want +got):\n%s", at, d)
			}
		}
	})
	if several == 0 {
		t.Error("no month had several updates to come, want some")
	}
}

func TestForecastEnds(t *testing.T) {
	facts := cycle.Facts{Track: windows()}
	facts.Track.LastMonth = month("2026-03")
	s := cycle.Compile(facts, day("2026-01-20"))
	var got []string
	for _, step := range s.Forecast(cycle.Standing{}, instant("2026-01-20T00:00:00Z"), 12) {
		got = append(got, fmt.Sprintf("%v %v %v", step.Milestone.Month, step.Restarts, step.After))
	}
	if d := diff([]string{"2026-02 false current", "2026-03 false current"}, got); d != "" {
		t.Errorf("forecast to the track's end (-want +got):\n%s", d)
	}
}

// An upgrade keeps the cycle in a baseline month; elsewhere it restarts in each month up to the next.
func TestUpgrade(t *testing.T) {
	s := cycle.Compile(flips(), day("2026-09-20"))
	for _, tt := range []struct {
		month string
		want  cycle.Upgrade
	}{
		{"2026-09", cycle.Upgrade{Keeps: true, Back: month("2026-09")}}, // unplanned
		{"2026-10", cycle.Upgrade{Keeps: true, Back: month("2026-10")}},
		{"2026-11", cycle.Upgrade{Back: month("2027-01"), Restarts: 2}},
		{"2026-12", cycle.Upgrade{Back: month("2027-01"), Restarts: 1}},
	} {
		if got, ok := s.Upgrade(month(tt.month)); !ok || got != tt.want {
			t.Errorf("Upgrade(%s) = %+v, %v, want %+v", tt.month, got, ok, tt.want)
		}
	}
	never := windows()
	never.Rule.BaselineMonths = nil
	for _, m := range []string{"2025-09", "2026-01"} { // before the track, and with no baseline to come
		if got, ok := cycle.Compile(cycle.Facts{Track: never}, day("2026-01-01")).Upgrade(month(m)); ok {
			t.Errorf("Upgrade(%s) = %+v, want none", m, got)
		}
	}
}

// What is assumed of months to come changes them, and what is built on them; nothing that has come.
func TestAssume(t *testing.T) {
	s := cycle.Compile(flips(), day("2026-09-20"))
	before := milestones(s, month("2025-10"), month("2027-12"))
	assumed := s.Assume(cycle.Assumption{Month: month("2026-12"), Kind: cycle.Baseline}, cycle.Assumption{Month: month("2027-01"), Kind: cycle.Hotpatch},
		cycle.Assumption{Month: month("2026-08"), Kind: cycle.Baseline}, cycle.Assumption{Month: month("2020-01"), Kind: cycle.Baseline})
	if d := diff(before, milestones(s, month("2025-10"), month("2027-12"))); d != "" {
		t.Errorf("the schedule itself (-before +after):\n%s", d)
	}
	for i, got := range milestones(assumed, month("2025-10"), month("2027-12")) {
		want := before[i]
		switch got.Month.String() {
		case "2026-12":
			want.Kind, want.Assumed, want.BaselineMonth = cycle.Baseline, true, got.Month
		case "2027-01":
			want.Kind, want.Assumed, want.BaselineMonth = cycle.Hotpatch, true, month("2026-12")
		case "2027-02", "2027-03":
			want.BaselineMonth = month("2026-12")
		}
		if d := diff(want, got); d != "" {
			t.Errorf("%v (-want +got):\n%s", got.Month, d)
		}
		if got.Kind != assumed.Kind(got.Month) {
			t.Errorf("%v is %v, Kind says %v", got.Month, got.Kind, assumed.Kind(got.Month))
		}
	}
}

// Whatever the facts are, every build has a place at every instant, and it is told in whole.
func TestLawPlace(t *testing.T) {
	forRandomFacts(t, func(t *testing.T, random *rand.Rand, facts cycle.Facts) {
		for i := range facts.Releases {
			if random.IntN(4) > 0 {
				facts.Releases[i].Build = fmt.Sprintf("26100.%d", random.IntN(40))
			}
		}
		s := cycle.Compile(facts, facts.Track.FirstMonth.Day(random.IntN(1500)))
		for range 60 {
			at := facts.Track.FirstMonth.Day(random.IntN(1700) - 60).Start(time.UTC)
			b := cycle.Build{Branch: 26100, Revision: random.IntN(42)}
			st := s.Place(b, at)
			if st.Build != b || st.Place.String() == "" || st.NextRestarts && st.Next.Month.IsZero() {
				t.Errorf("%v at %v: %+v", b, at, st)
			}
			for _, r := range st.Releases {
				if r.Build != b.String() {
					t.Errorf("%v at %v has the release %+v", b, at, r)
				}
			}
			s.Forecast(st, at, 3)
		}
	})
}

// A report places tens of thousands of devices.
func TestPlaceAllocatesLittle(t *testing.T) {
	const most = 6 // with the note of a build that is off the cycle
	facts := history(rand.New(rand.NewPCG(1, 1)), 12)
	last := facts.Releases[len(facts.Releases)-1]
	s, at := cycle.Compile(facts, last.Date), last.Date.AddDays(1).Start(time.UTC)
	build := must(cycle.ParseBuild(last.Build))
	if got := testing.AllocsPerRun(100, func() { s.Place(build, at) }); got > most {
		t.Errorf("placing a build that is %v allocates %v times, want at most %d", s.Place(build, at).Place, got, most)
	}
}

func BenchmarkPlace(b *testing.B) {
	facts := history(rand.New(rand.NewPCG(1, 1)), 24)
	s := cycle.Compile(facts, day("2027-09-20"))
	at := instant("2027-09-20T12:00:00Z")
	for _, i := range []int{0, len(facts.Releases) / 2, len(facts.Releases) - 1} {
		build := must(cycle.ParseBuild(facts.Releases[i].Build))
		b.Run(s.Place(build, at).Place.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Place(build, at)
			}
		})
	}
}
