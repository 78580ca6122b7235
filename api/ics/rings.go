package ics

import (
	"fmt"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// rings adds an event for each ring about an update that restarts, with what the update's own event says. What is
// the update in a word or two.
func (b *builder) rings(own Event, update cycle.Milestone, what string) {
	if !b.wants(cycle.Baseline, cycle.RestartNeeded) { // a component passes the filter of kinds, its rings do not
		return
	}
	for _, ring := range b.q.Rings {
		if !ring.Holds(b.Track().ID) {
			continue
		}
		p := b.Plan(update, ring, b.q.Freezes, b.zone())
		e := b.ringEvent(own, ring, p)
		e.Summary = b.ringSummary(update, what, ring, p)
		e.Confirmed = confirmed(update)
		switch {
		case !ring.Window.IsZero():
			e.Start, e.End = p.Window.Start, p.Window.End
		case b.q.Timed:
			e.Start, e.End = b.OfferedAt(update, ring, b.zone()), p.RestartBy.AddDays(1).Start(b.zone())
		default:
			e.First, e.Last = p.OfferedOn, p.RestartBy
		}
		b.events = append(b.events, e)
	}
}

func (b *builder) ringEvent(own Event, ring cycle.Ring, p cycle.Plan) Event {
	lines := []string{fmt.Sprintf(
		"Ring %s (deferral %d, deadline %d, grace %s): offered on %s, deadline on %s, restarted by %s.",
		ring.Name, ring.Deferral, ring.Deadline, cycle.Quantity(ring.Grace, "day", "days"), p.OfferedOn, p.DeadlineOn, p.RestartBy)}
	if !ring.Window.IsZero() {
		lines = append(lines, b.windowLine(ring.Window, p))
	}
	categories := []string{"Ring restart", "Restart"}
	if p.Freeze.ID != "" {
		lines = append(lines, b.freezeLine(ring.Window, p))
		categories = append(categories, "Freeze conflict")
	}
	return Event{
		UID:         uid(strings.TrimSuffix(own.UID, domain), ring.Name),
		Description: strings.Join(append(lines, own.Description), "\n"),
		URL:         own.URL,
		Categories:  categories,
		Restarts:    cycle.RestartNeeded,
		Stamp:       own.Stamp,
		Sequence:    own.Sequence,
	}
}

// ringSummary says by when, or in which window, the ring restarts, and ends with the
// freeze that is in the way.
func (b *builder) ringSummary(update cycle.Milestone, what string, ring cycle.Ring, p cycle.Plan) string {
	by, in, freeze := " by "+p.RestartBy.Midnight().Format("2 January"), "", ""
	if !ring.Window.IsZero() {
		by, in = "", briefly(p.Window, ring.Window.Zone)+", "
	}
	switch {
	case p.Freeze.ID == "":
	case !ring.Window.IsZero() && !windowFrozen(ring.Window, p):
		freeze = ", last day in freeze " + p.Freeze.ID
	case p.LastDayFrozen() || !ring.Window.IsZero():
		freeze = ", in freeze " + p.Freeze.ID
	default:
		freeze = ", some days in freeze " + p.Freeze.ID
	}
	return fmt.Sprintf("%s%s: ring %s, %s%s %s, %s%s", Headline(update), by, ring.Name, in, b.Track().Name, what, update.Month.Name(), freeze)
}

// windowFrozen reports whether the plan's freeze is in the way of the window, and not only of the last
// day.
func windowFrozen(w cycle.Window, p cycle.Plan) bool {
	return !w.IsZero() && p.Freeze.Forbids(p.Window, w.Zone)
}

func (b *builder) windowLine(w cycle.Window, p cycle.Plan) string {
	line := "Maintenance window: " + exactly(p.Window, w.Zone) + "."
	if b.late(p.Window, p) {
		line += " It begins after the last day."
	}
	return line
}

// late reports whether a window begins after the ring's last day.
func (b *builder) late(s cycle.Span, p cycle.Plan) bool {
	return cycle.DateIn(s.Start, b.zone()).After(p.RestartBy)
}

// freezeLine says what falls into which freeze, and what would be allowed instead.
func (b *builder) freezeLine(w cycle.Window, p cycle.Plan) string {
	what, instead := "last day, "+p.RestartBy.String()+", falls", earlier(p)
	switch {
	case windowFrozen(w, p):
		what, instead = "window falls", b.nextWindow(w, p)
	case !p.LastDayFrozen():
		what, instead = "last day does not, but some days before it fall", ""
	}
	line := fmt.Sprintf("The %s into the freeze %s (%s to %s)", what, p.Freeze.ID, p.Freeze.From, p.Freeze.To)
	if p.Freeze.Reason != "" {
		line += ": " + strings.TrimSuffix(p.Freeze.Reason, ".")
	}
	return strings.TrimSpace(line + ". " + instead)
}

func earlier(p cycle.Plan) string {
	if p.EarlierDay.IsZero() {
		return "No day from the offer on is outside of all freezes."
	}
	return "The last earlier day outside of all freezes is " + p.EarlierDay.String() + "."
}

func (b *builder) nextWindow(w cycle.Window, p cycle.Plan) string {
	line := "No window within a year is outside of all freezes."
	if next := p.NextWindow; !next.Start.IsZero() {
		line = "The next window outside of all freezes: " + exactly(next, w.Zone)
		if !b.late(next, p) {
			return line + "."
		}
		line += ", after the last day."
	}
	if !p.EarlierDay.IsZero() {
		line += " Without a window, " + p.EarlierDay.String() + " would do."
	}
	return line
}

// briefly is a span in a zone as "13 June 22:00 to 02:00 (Europe/Berlin)"; it has a second
// day only where the reader could not tell that it ends on the next.
func briefly(s cycle.Span, zone *time.Location) string {
	const day, clock = "2 January 15:04", "15:04"
	start, end := s.Start.In(zone), s.End.In(zone)
	to := end.Format(clock)
	if cycle.DateIn(start, zone) != cycle.DateIn(end, zone) && to >= start.Format(clock) {
		to = end.Format(day)
	}
	return fmt.Sprintf("%s to %s (%s)", start.Format(day), to, zone)
}

// exactly is a span in a zone with both its days.
func exactly(s cycle.Span, zone *time.Location) string {
	const minute = "2006-01-02 15:04"
	return fmt.Sprintf("%s to %s (%s)", s.Start.In(zone).Format(minute), s.End.In(zone).Format(minute), zone)
}
