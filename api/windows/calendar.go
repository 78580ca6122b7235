package windows

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// Calendar holds the restart windows of one ring on one track.
type Calendar struct {
	Ring  cycle.Ring
	Track cycle.Track
	// Zone is that of the ring's maintenance window, or where its days begin.
	Zone *time.Location
	// Windows are those of the months that restart, in the order of their beginnings; those
	// that a freeze forbids are among them.
	Windows []Window

	from, to cycle.Month
	days     *time.Location // in which the ring counts its days
	schedule cycle.Schedule
}

// Window is what one month that restarts means for a ring.
type Window struct {
	Month cycle.Milestone
	Plan  cycle.Plan
	// Span is the ring's maintenance window. Where it has none, it reaches from the beginning
	// of the day of the offer to the end of the last day.
	Span cycle.Span
	// Frozen is the freeze that forbids the span; its ID is "" where none does.
	Frozen cycle.Freeze
}

// Freeze returns the freeze that the span or, where it does not, the ring's last day falls into; its
// ID is "" where there is none.
func (w Window) Freeze() cycle.Freeze {
	if w.Frozen.ID != "" {
		return w.Frozen
	}
	return w.Plan.Freeze
}

// Of returns the windows of a ring for the months from a first to a last one. Days are
// counted in that zone. The ring must hold the schedule's track.
func Of(s cycle.Schedule, ring cycle.Ring, freezes []cycle.Freeze, from, to cycle.Month, zone *time.Location) Calendar {
	c := Calendar{
		Ring: ring, Track: s.Track(), Zone: cmp.Or(ring.Window.Zone, zone),
		from: from, to: to, days: zone, schedule: s,
	}
	freezes = slices.DeleteFunc(slices.Clone(freezes), func(f cycle.Freeze) bool { return !f.Holds(c.Track.ID, ring.Name) })
	for n := range from.MonthsUntil(to) + 1 {
		if m, ok := s.Milestone(from.AddMonths(n)); ok && m.Kind.Restarts() {
			c.Windows = append(c.Windows, c.window(m, freezes))
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
		w.Span = cycle.Span{Start: w.Plan.OfferedOn.Start(c.days).UTC(), End: w.Plan.RestartBy.AddDays(1).Start(c.days).UTC()}
	}
	if i := slices.IndexFunc(freezes, func(f cycle.Freeze) bool { return f.Forbids(w.Span, c.Zone) }); i >= 0 {
		w.Frozen = freezes[i]
	}
	return w
}

// After leaves out the windows that are over at an instant.
func (c Calendar) After(at time.Time) Calendar {
	c.Windows = slices.DeleteFunc(slices.Clone(c.Windows), func(w Window) bool { return !w.Span.End.After(at) })
	return c
}

// Days counts what a tool is given that takes no more than a day at once.
func (c Calendar) Days() int {
	n := 0
	for _, w := range c.open() {
		n += len(pieces(w.Span))
	}
	return n
}

// open returns the windows that no freeze forbids.
func (c Calendar) open() []Window {
	return slices.DeleteFunc(slices.Clone(c.Windows), func(w Window) bool { return w.Frozen.ID != "" })
}

// whole reports whether the windows are whole days, because the ring has no hours for them.
func (c Calendar) whole() bool { return c.Ring.Window.IsZero() }

// title says of whom the windows are.
func (c Calendar) title() string {
	return fmt.Sprintf("Ring %s on %s, as known on %s", c.Ring.Name, c.Track.ID, c.schedule.AsOf())
}

// id names the calendar where a tool wants a name. No id has a "_" of its own, so that no two
// calendars have one name.
func (c Calendar) id() string { return c.Ring.Name + "_" + c.Track.ID }

// local writes an instant as the clocks of the calendar's zone show it.
func (c Calendar) local(t time.Time) string { return t.In(c.Zone).Format("2006-01-02 15:04") }

// line tells a window to who reads a script.
func (c Calendar) line(w Window) string {
	text := fmt.Sprintf("%s %s: %s to %s %s", w.Month.Month, w.Month.Status, c.local(w.Span.Start), c.local(w.Span.End), c.Zone)
	if w.Month.Unplanned() {
		text += " (not planned by the rule)"
	}
	return text
}

// lost tells what no tool is given: the windows in a freeze, and that days were made of none.
func (c Calendar) lost() []string {
	list := []string{}
	if c.whole() {
		list = append(list, fmt.Sprintf("The ring has no maintenance window: its days are taken whole, from 00:00 in %s on the day of the offer to the end of its last day.", c.Zone))
	}
	for _, w := range c.Windows {
		switch id := w.Freeze().ID; {
		case w.Frozen.ID != "":
			list = append(list, fmt.Sprintf("%s is left out: it lies in freeze %s%s.", c.line(w), id, c.instead(w)))
		case id != "":
			list = append(list, fmt.Sprintf("%s: the ring's last day, %s, lies in freeze %s.", c.line(w), w.Plan.RestartBy, id))
		}
	}
	return list
}

// instead tells what would do where a freeze forbids the window.
func (c Calendar) instead(w Window) string {
	switch next := w.Plan.NextWindow; {
	case !next.Start.IsZero():
		return fmt.Sprintf("; the next one allowed begins %s", c.local(next.Start))
	case !w.Plan.EarlierDay.IsZero():
		return fmt.Sprintf("; the last day before that is allowed is %s", w.Plan.EarlierDay)
	}
	return "; nothing else is allowed"
}

// longest is how long a window of AWS and of Configuration Manager may last; one of Azure, less.
const longest = 24 * time.Hour

// pieces cuts a span where a tool takes no longer one.
func pieces(s cycle.Span) []cycle.Span {
	var list []cycle.Span
	for start := s.Start; start.Before(s.End); start = start.Add(longest) {
		end := start.Add(longest)
		if end.After(s.End) {
			end = s.End
		}
		list = append(list, cycle.Span{Start: start, End: end})
	}
	return list
}

// piece names the i-th piece of a window; a window is mostly one.
func (c Calendar) piece(w Window, i int) string {
	if i == 0 {
		return fmt.Sprintf("%s_%s", w.Month.Month, c.id())
	}
	return fmt.Sprintf("%s-%d_%s", w.Month.Month, i+1, c.id())
}
