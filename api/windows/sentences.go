package windows

import (
	"fmt"
	"slices"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// title says whose windows these are.
func (c Calendar) title() string {
	return fmt.Sprintf("Ring %s on %s, as known on %s", c.Ring.Name, c.Track.ID, c.schedule.AsOf())
}

// local writes an instant as the clocks of the calendar's zone show it.
func (c Calendar) local(t time.Time) string { return t.In(c.Zone).Format("2006-01-02 15:04") }

// line describes a window to people who read a script.
func (c Calendar) line(w Window) string {
	text := fmt.Sprintf("%s %s: %s to %s %s", w.Month.Month, w.Month.Status, c.local(w.Span.Start), c.local(w.Span.End), c.Zone)
	if w.Month.Unplanned() {
		text += " (not planned by the rule)"
	}
	if w.Month.Assumed {
		text += " (assumed as asked)"
	}
	return text
}

// lost says what every tool must be told in words: that a ring has no maintenance window, that the
// freezes are not known, what is assumed, and what freezes take away.
func (c Calendar) lost() []string {
	list := []string{}
	if c.Whole() {
		list = append(list, fmt.Sprintf("The ring has no maintenance window: its days are taken, from the instant of the offer to the end of its last day in %s.", c.Zone))
	}
	if c.blind {
		list = append(list, "No freeze is looked at: that needs a token, and the server that stores them.")
	}
	for _, m := range c.assumed {
		list = append(list, fmt.Sprintf("Assumed as asked: nobody told that %s is a %s.", m.Month, m.Kind))
	}
	for _, w := range c.Windows {
		list = append(list, c.frozen(w)...)
	}
	return list
}

// frozen says what freezes take away from a window, or that the ring's last day lies in one.
func (c Calendar) frozen(w Window) []string {
	switch {
	case len(w.Open) == 0:
		return []string{fmt.Sprintf("%s is left out: it lies in freeze %s%s.", c.line(w), w.Plan.Freeze.ID, c.instead(w))}
	case len(w.cuts) == 0 && w.Plan.Freeze.ID != "":
		return []string{fmt.Sprintf("%s: the ring's last day, %s, lies in freeze %s.", c.line(w), w.Plan.RestartBy, w.Plan.Freeze.ID)}
	}
	var list []string
	first := cycle.DateIn(w.Span.Start, c.Zone)
	for _, f := range w.cuts {
		from, to := f.From, f.To
		if from.Before(first) {
			from = first
		}
		if to.After(w.Plan.RestartBy) {
			to = w.Plan.RestartBy
		}
		days := from.String()
		if from != to {
			days += " to " + to.String()
		}
		list = append(list, fmt.Sprintf("%s: without %s, in freeze %s.", c.line(w), days, f.ID))
	}
	return list
}

// instead says what is allowed in place of a window that a freeze forbids.
func (c Calendar) instead(w Window) string {
	switch next := w.Plan.NextWindow; {
	case !next.Start.IsZero():
		text := "; the next one allowed begins " + c.local(next.Start)
		if last := w.Plan.RestartBy; cycle.DateIn(next.Start, c.days).After(last) {
			text += fmt.Sprintf(", after the ring's last day, %s", last)
			if slices.ContainsFunc(w.cuts, func(f cycle.Freeze) bool { return !last.Before(f.From) && !last.After(f.To) }) {
				text += ", which lies in the freeze"
			}
		}
		return text
	case !w.Plan.EarlierDay.IsZero():
		return fmt.Sprintf("; the last day before that is allowed is %s", w.Plan.EarlierDay)
	}
	return "; nothing else is allowed"
}
