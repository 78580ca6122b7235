package devices

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Count counts the rows of one track at one place.
type Count struct {
	// Track is "" where it can't be told. Candidates are then the tracks that are possible, if any.
	Track      string
	Candidates []string
	Place      string
	// NextRestart is the first day, YYYY-MM-DD, on which one of the rows restarts; "" where none is known, or it
	// can't be told.
	NextRestart string
	Rows        int
}

// Day counts the rows that restart next on a day, YYYY-MM-DD.
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
	// Rows counts all rows; each is counted in one of Places.
	Rows   int
	Places []Count
	// Restarts are the days on which rows restart next, in order. A day that has passed is that of
	// an update which the devices may take at any time.
	Restarts []Day
	// RestartUnknown counts the rows on a track that are in none of Restarts, since their build does not tell whether
	// they restart next.
	RestartUnknown int
	// Newer counts the rows whose build is newer than every known release of their track.
	Newer int
	// Faults counts the unreadable rows; Faulty are the first of them.
	Faults int
	Faulty []Fault
	// Builds, Revisions and Products are the names of the columns that were read.
	Builds, Revisions, Products []string
}

// mostFaulty bounds how many unreadable rows a summary lists.
const mostFaulty = 20

// alike is what rows that are counted together have in common.
type alike struct {
	track, candidates, place, restart string
	newer, untold                     bool
}

type tally struct {
	counts map[alike]*Count
	faults int
	faulty []Fault
}

// counted sets the count to which the rows of a verdict belong, and returns the verdict.
func (j *judge) counted(v *Verdict) *Verdict {
	key := alike{v.Track, strings.Join(v.candidates, " "), v.Place, v.NextRestart, v.newer, v.untold}
	if v.untold {
		key.restart = ""
	}
	if j.tally.counts[key] == nil {
		j.tally.counts[key] = &Count{Track: v.Track, Candidates: v.candidates, Place: v.Place, NextRestart: key.restart}
	}
	v.count = j.tally.counts[key]
	return v
}

// Summary returns the numbers of the rows that were read so far.
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
		case key.untold:
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
// their builds. NextRestart is the first of the days that can be told.
func (t *tally) places() []Count {
	sums := map[alike]*Count{}
	for key, c := range t.counts {
		if c.Rows == 0 {
			continue
		}
		key = alike{track: key.track, candidates: key.candidates, place: key.place}
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

// compare orders by track, in the order of the schedules and counts without one last, and then by place.
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
