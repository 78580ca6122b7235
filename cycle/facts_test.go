package cycle_test

import (
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cyclecal/cyclecal/cycle"
)

// must returns what a test wrote, read; a slip of the pen stops the test.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func day(s string) cycle.Date { return must(cycle.ParseDate(s)) }

func month(s string) cycle.Month { return must(cycle.ParseMonth(s)) }

func zone(name string) *time.Location { return must(time.LoadLocation(name)) }

func instant(s string) time.Time { return must(time.Parse(time.RFC3339Nano, s)) }

// diff compares values of the model.
func diff(want, got any) string {
	return cmp.Diff(want, got, cmpopts.EquateComparable(cycle.Date{}, cycle.Month{}, cycle.ReleaseDay{}),
		cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() }))
}

// windows is a track that follows Microsoft's rule from October 2025 on.
func windows() cycle.Track {
	return cycle.Track{
		ID: "windows", Name: "Windows", Branch: "26100", FirstMonth: month("2025-10"),
		Rule: cycle.Rule{
			BaselineMonths: []time.Month{time.January, time.April, time.July, time.October},
			Day:            cycle.NthWeekday(2, time.Tuesday),
			Hour:           10,
			Zone:           zone("America/Los_Angeles"),
		},
	}
}

// baseline is a release that came, and was known, on that day of its own month.
func baseline(date, kb string) cycle.Release {
	d := day(date)
	return cycle.Release{
		Track: "windows", Month: d.Month(), KB: kb, Type: cycle.TypeBaseline,
		Restart: cycle.RestartNeeded, Date: d, KnownOn: d,
	}
}

// hotpatch is the same for a release that does not restart.
func hotpatch(date, kb string) cycle.Release {
	r := baseline(date, kb)
	r.Type, r.Restart = cycle.TypeHotpatch, cycle.RestartNotNeeded
	return r
}

// cumulative is the same for the standard update of a day.
func cumulative(date, kb string) cycle.Release {
	r := baseline(date, kb)
	r.Type = cycle.TypeCumulative
	return r
}

func outOfBand(r cycle.Release) cycle.Release {
	r.OutOfBand = true
	return r
}

// notice says, from that day on, that a month is of that kind.
func notice(m, known string, kind cycle.Kind) cycle.Notice {
	return cycle.Notice{Track: "windows", Month: month(m), Kind: kind, KnownOn: day(known)}
}

// flips are the facts of 2026 as they came: June and September turned into baselines.
func flips() cycle.Facts {
	return cycle.Facts{
		Track: windows(),
		Releases: []cycle.Release{
			baseline("2026-01-13", "KB5074109"), hotpatch("2026-02-10", "KB5077212"), hotpatch("2026-03-10", "KB5079420"),
			baseline("2026-04-14", "KB5083769"), hotpatch("2026-05-12", "KB5089466"), baseline("2026-06-09", "KB5094126"),
			baseline("2026-07-14", "KB5101650"), hotpatch("2026-08-11", "KB5120994"), baseline("2026-09-08", "KB5124008"),
		},
		Notices: []cycle.Notice{
			notice("2026-06", "2026-06-09", cycle.Baseline),
			notice("2026-09", "2026-09-08", cycle.Baseline),
		},
	}
}

// milestones are the months of a schedule from one to another, both included;
// those off the track are left out.
func milestones(s cycle.Schedule, from, to cycle.Month) []cycle.Milestone {
	var list []cycle.Milestone
	for m := from; !m.After(to); m = m.AddMonths(1) {
		if i, ok := s.Milestone(m); ok {
			list = append(list, i)
		}
	}
	return list
}
