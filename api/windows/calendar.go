package windows

import (
	"cmp"
	"slices"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// Calendar holds the restart windows of one ring on one track.
type Calendar struct {
	Ring  cycle.Ring
	Track cycle.Track
	// Zone is the zone of the ring's maintenance window or, without one, of its days.
	Zone *time.Location
	// Windows are those of the months that restart and of out-of-band baselines, also those that a
	// freeze forbids, in the order of their beginnings.
	Windows []Window

	from, to cycle.Month
	assumed  []cycle.Milestone // the months whose kind is assumed, also those that don't restart
	days     *time.Location    // the zone in which the ring counts its days
	blind    bool              // the freezes are not known
	schedule cycle.Schedule
}

// Window is what one update that restarts means for a ring.
type Window struct {
	// Month is the month that restarts. For an out-of-band baseline its Date, At and Update are those
	// of that release.
	Month cycle.Milestone
	Plan  cycle.Plan
	// Span is the ring's maintenance window. If the ring has none it is the span from the instant of
	// the offer to the end of the ring's last day.
	Span cycle.Span
	// Open are the parts of the span that no freeze forbids: all or nothing of a maintenance window,
	// and of a span of days the runs of days without a freeze.
	Open []cycle.Span

	cuts      []cycle.Freeze // the freezes that the span touches
	outOfBand bool
}

// name is the month or, for an out-of-band baseline, its day.
func (w Window) name() string {
	if w.outOfBand {
		return w.Month.Date.String() + "-out-of-band"
	}
	return w.Month.Month.String()
}

// Of returns the windows of a ring for the months from a first to a last one. Days are
// counted in that zone. The ring must hold the schedule's track. If freezes is nil, and not
// just empty, the freezes are not known, and what is written says so.
func Of(s cycle.Schedule, ring cycle.Ring, freezes []cycle.Freeze, from, to cycle.Month, zone *time.Location) Calendar {
	c := Calendar{
		Ring: ring, Track: s.Track(), Zone: cmp.Or(ring.Window.Zone, zone),
		from: from, to: to, days: zone, blind: freezes == nil, schedule: s,
	}
	freezes = slices.DeleteFunc(slices.Clone(freezes), func(f cycle.Freeze) bool { return !f.Holds(c.Track.ID, ring.Name) })
	for n := range from.MonthsUntil(to) + 1 {
		m, _ := s.Milestone(from.AddMonths(n))
		for _, update := range s.Restarts(m) {
			w := c.window(update, freezes)
			w.outOfBand = update.Update != m.Update
			c.Windows = append(c.Windows, w)
		}
		if m.Assumed {
			c.assumed = append(c.assumed, m)
		}
	}
	slices.SortStableFunc(c.Windows, func(a, b Window) int { return a.Span.Start.Compare(b.Span.Start) })
	return c
}

// window returns what a month that restarts means. The freezes are those of the ring.
func (c Calendar) window(m cycle.Milestone, freezes []cycle.Freeze) Window {
	w := Window{Month: m, Plan: c.schedule.Plan(m, c.Ring, freezes, c.days)}
	w.Span = w.Plan.Window
	if w.Span.Start.IsZero() {
		w.Span = cycle.Span{Start: c.schedule.OfferedAt(m, c.Ring, c.days), End: w.Plan.RestartBy.AddDays(1).Start(c.days).UTC()}
	}
	for _, f := range freezes {
		if f.Forbids(w.Span, c.Zone) {
			w.cuts = append(w.cuts, f)
		}
	}
	w.Open = c.allowed(w.Span, w.cuts)
	return w
}

// allowed returns the parts of a span that the freezes leave, as [Window.Open] has them.
func (c Calendar) allowed(s cycle.Span, cuts []cycle.Freeze) []cycle.Span {
	switch {
	case len(cuts) == 0:
		return []cycle.Span{s}
	case !c.Whole():
		return nil
	}
	var list []cycle.Span
	for _, day := range c.pieces(s) {
		n := len(list)
		switch {
		case slices.ContainsFunc(cuts, func(f cycle.Freeze) bool { return f.Forbids(day, c.Zone) }):
		case n > 0 && list[n-1].End.Equal(day.Start):
			list[n-1].End = day.End
		default:
			list = append(list, day)
		}
	}
	return list
}

// After leaves out the windows that are over at an instant.
func (c Calendar) After(at time.Time) Calendar {
	c.Windows = slices.DeleteFunc(slices.Clone(c.Windows), func(w Window) bool { return !w.Span.End.After(at) })
	return c
}

// Days counts the windows for a tool that takes no window longer than a day.
func (c Calendar) Days() int { return len(c.parts()) }

// distinct returns each window once, as two updates may share one.
func (c Calendar) distinct() []Window {
	return slices.CompactFunc(slices.Clone(c.Windows), func(a, b Window) bool { return a.Span == b.Span })
}

// open returns the parts of the windows that no freeze forbids, each as a window of its own. Of two that begin
// at the same instant, as where a freeze ends for two updates, it returns the longer one.
func (c Calendar) open() []Window {
	var list []Window
	for _, w := range c.distinct() {
		for _, s := range w.Open {
			run := w
			run.Span = s
			switch i := slices.IndexFunc(list, func(o Window) bool { return o.Span.Start.Equal(s.Start) }); {
			case i < 0:
				list = append(list, run)
			case s.End.After(list[i].Span.End):
				list[i] = run
			}
		}
	}
	return list
}

// closed returns the windows that freezes forbid altogether.
func (c Calendar) closed() []Window {
	return slices.DeleteFunc(c.distinct(), func(w Window) bool { return len(w.Open) > 0 })
}

// Whole reports whether the windows are whole days, because the ring has no maintenance window.
func (c Calendar) Whole() bool { return c.Ring.Window.IsZero() }

// id is the name of the calendar in a tool. It is unique, as ids of rings and tracks have no "_".
func (c Calendar) id() string { return c.Ring.Name + "_" + c.Track.ID }
