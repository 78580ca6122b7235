package cycle

import "time"

// Year sums up a calendar year of a track.
type Year struct {
	Year int
	// Months counts the months of the year that are on the track, and Released those that have a known
	// release.
	Months, Released int
	// Planned counts the restarts that the rule plans for the year, and Restarts those that came with
	// known releases.
	Planned, Restarts int
	// Hotpatches counts the released months that the rule had planned as hotpatch, and Held those of
	// them that were hotpatch months.
	Hotpatches, Held int
	// Notice is the fewest days of notice that a change of plan had; Changed says whether there was one.
	Notice  int
	Changed bool
	// OutOfBand counts the out-of-band releases, those for devices off the cycle included.
	OutOfBand int
}

// Saved returns how many restarts the year has saved so far against one each month.
func (y Year) Saved() int { return y.Released - y.Restarts }

// Years sums up each calendar year from the track's first month to the last of which a fact is known.
func (s Schedule) Years() []Year {
	var list []Year
	for _, m := range s.months {
		if n := len(list); n == 0 || list[n-1].Year != m.Month.Year() {
			list = append(list, s.emptyYear(m.Month.Year()))
		}
		list[len(list)-1].add(m)
	}
	for _, c := range s.Changes() {
		for i := range list {
			if y := &list[i]; !c.OutOfBand() && c.Month.Year() == y.Year && (!y.Changed || c.DaysOfNotice() < y.Notice) {
				y.Changed, y.Notice = true, c.DaysOfNotice()
			}
		}
	}
	return list
}

// emptyYear returns a year with what the rule plans, and no facts yet.
func (s Schedule) emptyYear(year int) Year {
	y := Year{Year: year}
	for of := time.January; of <= time.December; of++ {
		if m := MonthOf(year, of); s.track.Has(m) {
			y.Months++
			if s.track.Rule.Kind(m) == Baseline {
				y.Planned++
			}
		}
	}
	return y
}

func (y *Year) add(m Milestone) {
	y.OutOfBand += m.OutOfBand()
	if m.Status != Released {
		return
	}
	y.Released++
	y.Restarts += m.Restarts()
	if m.PlannedKind == Hotpatch {
		y.Hotpatches++
		if m.Kind == Hotpatch {
			y.Held++
		}
	}
}
