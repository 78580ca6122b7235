package windows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// rrule writes a recurrence set for each calendar (RFC 5545, 3.8.5): the beginnings of its windows, and no
// others. If an RRULE can express the planned months it is used, with EXDATE for months without a
// window and RDATE for windows that were not planned.
func (p *printer) rrule(list []Calendar) {
	p.comments("", "A recurrence set of RFC 5545 for each ring and track: the beginnings of its windows, and no others.",
		"Each ends where the last that is known does. Lines that begin with # are for people.")
	for _, c := range list {
		p.line("")
		p.head("", c)
		for _, w := range c.open() {
			p.comments("", c.line(w))
		}
		for _, line := range c.recurrenceSet() {
			p.line("%s", line)
		}
		for _, next := range c.nextAllowed() {
			p.comments("", c.offer(next), dates("RDATE", []time.Time{next.span.Start})[0])
		}
	}
}

// The forms of a DATE-TIME, RFC 5545, 3.3.5.
const (
	icalLocal = "20060102T150405"
	icalUTC   = icalLocal + "Z"
)

// recurrenceSet returns the lines of the set, none where there is no window.
func (c Calendar) recurrenceSet() []string {
	var starts []time.Time
	for _, w := range c.open() {
		starts = append(starts, w.Span.Start)
	}
	if len(starts) == 0 {
		return nil
	}
	planned, rule := c.byRule(starts[0])
	if len(planned) == 0 || !planned[0].Equal(starts[0]) { // RFC 5545, 3.8.2.4: DTSTART is the first of the set
		return append([]string{"DTSTART:" + starts[0].UTC().Format(icalUTC)}, dates("RDATE", starts)...)
	}
	zone := ";TZID=" + c.Zone.String() + ":"
	lines := []string{"DTSTART" + zone + planned[0].In(c.Zone).Format(icalLocal), rule}
	for _, t := range planned {
		if !slices.ContainsFunc(starts, t.Equal) {
			lines = append(lines, "EXDATE"+zone+t.In(c.Zone).Format(icalLocal))
		}
	}
	extra := slices.DeleteFunc(starts, func(t time.Time) bool { return slices.ContainsFunc(planned, t.Equal) })
	return append(lines, dates("RDATE", extra)...)
}

func dates(property string, list []time.Time) []string {
	lines := make([]string, len(list))
	for i, t := range list {
		lines[i] = property + ":" + t.UTC().Format(icalUTC)
	}
	return lines
}

// byRule returns the beginnings that the rule plans in the calendar's months, from an instant on, and the
// RRULE that gives them. It returns none if no RRULE does.
func (c Calendar) byRule(from time.Time) ([]time.Time, string) {
	r, why := c.recurrence()
	first, last, ok := r.monthDays()
	if why != "" || !ok {
		return nil, ""
	}
	var planned []time.Time
	for n := range c.from.MonthsUntil(c.to) + 1 {
		m := c.from.AddMonths(n)
		start := c.planned(m).Start
		if c.Track.Rule.Kind(m) != cycle.Baseline || start.Before(from) {
			continue
		}
		if !r.holds(c, m) || shownTwice(start.In(c.Zone)) {
			return nil, ""
		}
		planned = append(planned, start)
	}
	if len(planned) == 0 {
		return nil, ""
	}
	var days []string
	for d := first; d <= last; d++ {
		days = append(days, fmt.Sprint(d))
	}
	return planned, fmt.Sprintf("RRULE:FREQ=MONTHLY;UNTIL=%s;BYMONTH=%s;BYMONTHDAY=%s;BYDAY=%s", planned[len(planned)-1].UTC().Format(icalUTC),
		monthNumbers(c.Track.Rule.BaselineMonths, "%d"), strings.Join(days, ","), strings.ToUpper(r.day().String()[:2]))
}

// shownTwice reports whether the clocks show the time of an instant once more when they are set
// back: programs differ in which of the two they take.
func shownTwice(t time.Time) bool {
	_, change := t.ZoneBounds()
	if change.IsZero() {
		return false
	}
	_, now := t.Zone()
	_, then := change.Zone()
	return !t.Add(time.Duration(now-then) * time.Second).Before(change)
}
