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
	// Zone is that of the ring's maintenance window, or where its days begin and end.
	Zone *time.Location
	// Windows are those of the months that restart, and of out-of-band baselines, in the order of
	// their beginnings; those that a freeze forbids are among them.
	Windows []Window

	from, to cycle.Month
	days     *time.Location // in which the ring counts its days
	blind    bool           // the freezes are not known
	schedule cycle.Schedule
}

// Window is what one update that restarts means for a ring.
type Window struct {
	// Month is the month that restarts; for an out-of-band baseline it has that one's day.
	Month cycle.Milestone
	Plan  cycle.Plan
	// Span is the ring's maintenance window. Where it has none, it reaches from the instant of
	// the offer, before which there is nothing to restart for, to the end of the last day.
	Span cycle.Span
	// Frozen is the freeze that forbids the span; its ID is "" where none does.
	Frozen cycle.Freeze

	outOfBand bool
}

// Freeze returns the freeze that the span or, where it does not, the ring's last day falls into; its
// ID is "" where there is none.
func (w Window) Freeze() cycle.Freeze {
	if w.Frozen.ID != "" {
		return w.Frozen
	}
	return w.Plan.Freeze
}

// name is that of the month, or of the day of an out-of-band baseline.
func (w Window) name() string {
	if w.outOfBand {
		return w.Month.Date.String() + "-out-of-band"
	}
	return w.Month.Month.String()
}

// Of returns the windows of a ring for the months from a first to a last one. Days are
// counted in that zone. The ring must hold the schedule's track. Freezes that are nil, and not
// empty, are not known, of which tools are told.
func Of(s cycle.Schedule, ring cycle.Ring, freezes []cycle.Freeze, from, to cycle.Month, zone *time.Location) Calendar {
	c := Calendar{
		Ring: ring, Track: s.Track(), Zone: cmp.Or(ring.Window.Zone, zone),
		from: from, to: to, days: zone, blind: freezes == nil, schedule: s,
	}
	freezes = slices.DeleteFunc(slices.Clone(freezes), func(f cycle.Freeze) bool { return !f.Holds(c.Track.ID, ring.Name) })
	for n := range from.MonthsUntil(to) + 1 {
		if m, ok := s.Milestone(from.AddMonths(n)); ok && m.Kind.Restarts() {
			c.Windows = append(c.Windows, c.window(m, freezes))
		}
	}
	for _, r := range s.Releases() {
		if m, ok := c.outOfBand(r); ok {
			w := c.window(m, freezes)
			w.outOfBand = true
			c.Windows = append(c.Windows, w)
		}
	}
	slices.SortStableFunc(c.Windows, func(a, b Window) int { return a.Span.Start.Compare(b.Span.Start) })
	return c
}

// outOfBand returns a release as if it were a month's, where it restarts beside the update of its
// month. No rule plans such a one.
func (c Calendar) outOfBand(r cycle.Release) (cycle.Milestone, bool) {
	month, status := r.Month, cycle.Released
	if month.IsZero() {
		month = r.Date.Month()
	}
	if r.Type != cycle.TypeBaseline || !r.RestartsCycle() || r.Date.IsZero() || month.Before(c.from) || month.After(c.to) {
		return cycle.Milestone{}, false
	}
	if own, _ := c.schedule.Milestone(month); r == own.Update {
		return cycle.Milestone{}, false
	}
	if r.Date.After(c.schedule.AsOf()) {
		status = cycle.Announced
	}
	return cycle.Milestone{
		Month: month, Kind: cycle.Baseline, PlannedKind: cycle.Hotpatch, Status: status,
		Date: r.Date, At: c.Track.Rule.At(r.Date), Update: r,
	}, true
}

// window returns what a month that restarts means. The freezes are those of the ring.
func (c Calendar) window(m cycle.Milestone, freezes []cycle.Freeze) Window {
	w := Window{Month: m, Plan: c.schedule.Plan(m, c.Ring, freezes, c.days)}
	w.Span = w.Plan.Window
	if w.Span.Start.IsZero() {
		w.Span = cycle.Span{Start: c.schedule.OfferedAt(m, c.Ring, c.days), End: w.Plan.RestartBy.AddDays(1).Start(c.days).UTC()}
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
func (c Calendar) Days() int { return len(c.parts()) }

// open returns the windows that no freeze forbids. In one, two updates may restart at once.
func (c Calendar) open() []Window {
	list := slices.DeleteFunc(slices.Clone(c.Windows), func(w Window) bool { return w.Frozen.ID != "" })
	return slices.CompactFunc(list, func(a, b Window) bool { return a.Span == b.Span })
}

// whole reports whether the windows are days, because the ring has no hours for them.
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

// lost tells what no tool is given: the windows in a freeze, and that days were made of none; and
// where freezes are not known.
func (c Calendar) lost() []string {
	list := []string{}
	if c.whole() {
		list = append(list, fmt.Sprintf("The ring has no maintenance window: its days are taken, from the instant of the offer to the end of its last day in %s.", c.Zone))
	}
	if c.blind {
		list = append(list, "No freeze is looked at: that needs a token, and the server that stores them.")
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

// longest is how long a window of AWS may last; one of Azure or of Configuration Manager, less.
const longest = 24 * time.Hour

// pieces cuts a span where a tool takes no longer one: days at midnight, so that the next begins
// at night.
func (c Calendar) pieces(s cycle.Span) []cycle.Span {
	var list []cycle.Span
	for start := s.Start; start.Before(s.End); {
		end := start.Add(longest)
		if next := cycle.DateIn(start, c.Zone).AddDays(1).Start(c.Zone); c.whole() && next.Before(end) {
			end = next.UTC()
		}
		if end.After(s.End) {
			end = s.End
		}
		list = append(list, cycle.Span{Start: start, End: end})
		start = end
	}
	return list
}

// part is a window, or a piece of one, for a tool that takes no more than a day at once.
type part struct {
	Window
	span cycle.Span
	name string
}

// parts returns what is open. Their names stay the same whatever else is open.
func (c Calendar) parts() []part {
	var list []part
	for _, w := range c.open() {
		for i, s := range c.pieces(w.Span) {
			name := w.name()
			if i > 0 {
				name = fmt.Sprintf("%s-%d", name, i+1)
			}
			list = append(list, part{w, s, name + "_" + c.id()})
		}
	}
	return list
}
