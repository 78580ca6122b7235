package devices

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// Count is how many rows are alike: of a track, at a place, with the same restart day.
type Count struct {
	// Track is "" where none can be told; Candidates are then those it may be, if any.
	Track      string
	Candidates []string
	Place      string
	// NextRestart is the first day on which one of them restarts, "" where none is known.
	NextRestart string
	Rows        int
}

// Day is how many rows restart on a day.
type Day struct {
	Day  string
	Rows int
}

// Fault is a row that could not be read.
type Fault struct {
	Line   int
	Detail string
}

// Summary is a list in numbers.
type Summary struct {
	// Rows are all of the list; each is in one of Places.
	Rows   int
	Places []Count
	// Restarts are the days on which rows restart next, in order. A day that has passed is that of
	// an update which the devices may take at any time.
	Restarts []Day
	// RestartUnknown are how many rows of a track are in none of Restarts as their place is unknown
	// or ambiguous, and the day with it.
	RestartUnknown int
	// Newer are how many rows have a build newer than any release known of their track.
	Newer int
	// Faults are how many rows are unreadable; Faulty are the first of them.
	Faults int
	Faulty []Fault
	// Builds, Revisions and Products are the columns that were read.
	Builds, Revisions, Products []string
}

// mostFaulty bounds how many unreadable rows are told one by one.
const mostFaulty = 20

// alike is what rows that are counted together have in common.
type alike struct {
	track, candidates, place, restart string
	newer                             bool
}

type tally struct {
	counts map[alike]*Count
	faults int
	faulty []Fault
}

// counted finds where rows of a verdict are counted.
func (j *judge) counted(v *Verdict, candidates []string) *Verdict {
	key := alike{v.Track, strings.Join(candidates, " "), v.Place, v.NextRestart, v.newer}
	if j.tally.counts == nil {
		j.tally.counts = map[alike]*Count{}
	}
	if j.tally.counts[key] == nil {
		j.tally.counts[key] = &Count{Track: v.Track, Candidates: candidates, Place: v.Place, NextRestart: v.NextRestart}
	}
	v.count = j.tally.counts[key]
	return v
}

// Summary returns what was read so far in numbers.
func (t *Table) Summary() Summary {
	s := Summary{
		Faults: t.judge.tally.faults, Faulty: t.judge.tally.faulty,
		Builds: t.named(t.judge.at.builds), Revisions: t.named(t.judge.at.revisions), Products: t.named(t.judge.at.products),
	}
	days := map[string]int{}
	for key, c := range t.judge.tally.counts {
		s.Rows += c.Rows
		if key.newer {
			s.Newer += c.Rows
		}
		switch {
		case key.track != "" && (key.place == cycle.PlaceUnknown.String() || key.place == cycle.Ambiguous.String()):
			s.RestartUnknown += c.Rows
		case key.restart != "":
			days[key.restart] += c.Rows
		}
	}
	for _, day := range slices.Sorted(maps.Keys(days)) {
		if days[day] > 0 {
			s.Restarts = append(s.Restarts, Day{day, days[day]})
		}
	}
	s.Places = t.judge.tally.places()
	slices.SortFunc(s.Places, t.judge.compare)
	return s
}

// places sums up the rows at each place, in no order, whatever their restart days and however new
// their builds. NextRestart is the first of the days.
func (t *tally) places() []Count {
	sums := map[alike]*Count{}
	for key, c := range t.counts {
		if c.Rows == 0 {
			continue
		}
		key.restart, key.newer = "", false
		if sums[key] == nil {
			sums[key] = &Count{Track: c.Track, Candidates: c.Candidates, Place: c.Place}
		}
		sum := sums[key]
		sum.Rows += c.Rows
		if c.NextRestart != "" && (sum.NextRestart == "" || c.NextRestart < sum.NextRestart) {
			sum.NextRestart = c.NextRestart
		}
	}
	var list []Count
	for _, sum := range sums {
		list = append(list, *sum)
	}
	return list
}

// compare orders by track as the schedules are, those without one last, then by place.
func (j *judge) compare(a, b Count) int {
	rank := func(c Count) int {
		for i, s := range j.o.Schedules {
			if s.Track().ID == c.Track {
				return i
			}
		}
		return len(j.o.Schedules)
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Place, b.Place), slices.Compare(a.Candidates, b.Candidates))
}

// named returns the names of columns.
func (t *Table) named(at []int) []string {
	list := []string{}
	for _, i := range at {
		list = append(list, t.header[i])
	}
	return list
}
