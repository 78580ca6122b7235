package windows

import (
	"fmt"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// recurrence is the plan as tools express it: a number of days after the nth weekday of a month.
type recurrence struct {
	nth     int // 1 to 4; 0 is the last
	weekday time.Weekday
	offset  int        // days from that weekday to the day of the window
	start   cycle.Date // the first day after the schedule's on which the window opens
	hour    int        // local in the calendar's zone
	minute  int
	length  time.Duration // for a ring without a window, the length of its first day
}

// ahead is for how many months a recurrence is verified: after 28 years weekdays and leap years repeat,
// and with them the days on which clocks change.
const ahead = 28 * 12

// recurrence returns the window of every month as the rule plans it, from the schedule's day on. If that
// can't be expressed as a number of days after an nth weekday, it returns a sentence that says why.
func (c Calendar) recurrence() (recurrence, string) {
	nth, weekday, ok := c.Track.Rule.Day.NthWeekday()
	if !ok {
		return recurrence{}, fmt.Sprintf("The plan of %s, %s, is no nth weekday of a month: there is nothing to repeat.", c.Track.ID, c.Track.Rule.Day)
	}
	first := c.schedule.AsOf().Month()
	r := recurrence{nth: nth, weekday: weekday, length: c.Ring.Window.Duration, hour: c.Ring.Window.Hour, minute: c.Ring.Window.Minute}
	if c.Whole() {
		r.hour, r.minute, _ = c.planned(first).Start.In(c.Zone).Clock()
		r.length = longest - time.Duration(r.hour)*time.Hour - time.Duration(r.minute)*time.Minute
	}
	r.offset = c.offset(first)
	for n := range ahead {
		m := first.AddMonths(n)
		start := c.planned(m).Start
		if !r.holds(c, m) {
			return recurrence{}, fmt.Sprintf("The window is not always as many days after the %s: that of %s begins %s in %s, as clocks change. There is nothing to repeat.",
				c.Track.Rule.Day, m, c.local(start), c.Zone)
		}
		if day := cycle.DateIn(start, c.Zone); r.start.IsZero() && day.After(c.schedule.AsOf()) {
			r.start = day
		}
	}
	return r, ""
}

// repeats returns the recurrence if a planned restart is still to come, else a sentence that says why there
// is none.
func (c Calendar) repeats() (recurrence, string) {
	switch {
	case len(c.Track.Rule.BaselineMonths) == 0:
		return recurrence{}, "The rule plans no restart: there is nothing to repeat."
	case !c.toCome():
		return recurrence{}, fmt.Sprintf("No restart of the plan is to come on %s, which ends with %s: there is nothing to repeat.", c.Track.ID, c.Track.LastMonth)
	}
	return c.recurrence()
}

// toCome reports whether the rule plans a restart that is still to come before the track ends.
func (c Calendar) toCome() bool {
	if c.Track.LastMonth.IsZero() {
		return true
	}
	asOf := c.schedule.AsOf()
	for n := range ahead {
		switch m := asOf.Month().AddMonths(n); {
		case m.After(c.Track.LastMonth):
			return false
		case c.Track.Rule.Kind(m).Restarts() && cycle.DateIn(c.planned(m).Start, c.Zone).After(asOf):
			return true
		}
	}
	return false
}

// end returns the end of the window of the track's last month, zero where the track has no end.
func (c Calendar) end() time.Time {
	if c.Track.LastMonth.IsZero() {
		return time.Time{}
	}
	return c.planned(c.Track.LastMonth).End
}

// extent says that only the first day of a ring without a maintenance window is repeated, and when the repetition
// is to end; "" where neither holds.
func (c Calendar) extent() string {
	text := ""
	if c.Whole() {
		text = " It opens on the first of the ring's days only, from the hour of the offer."
	}
	if end := c.end(); !end.IsZero() {
		text += fmt.Sprintf(" The track ends with %s: nothing is to repeat after %s.", c.Track.LastMonth, c.local(end))
	}
	return text
}

// plan returns the recurrence if it can be expressed by days of the month, in the months that the rule
// plans to restart, else a sentence that says why not.
func (c Calendar) plan() (recurrence, string) {
	r, why := c.repeats()
	_, _, ok := r.monthDays()
	switch {
	case c.Whole() || len(c.Track.Rule.BaselineMonths) == 0:
		return r, "Without a maintenance window, or a month that the rule plans to restart, there is nothing to repeat."
	case why != "":
		return r, why
	case !ok:
		return r, r.beyond()
	}
	return r, ""
}

// offset counts the days from the nth weekday of a month to the window that the rule plans.
func (c Calendar) offset(m cycle.Month) int {
	return c.Track.Rule.Day.In(m).DaysUntil(cycle.DateIn(c.planned(m).Start, c.Zone))
}

// holds reports whether the recurrence gives the window that the rule plans for a month.
func (r recurrence) holds(c Calendar, m cycle.Month) bool {
	local := c.planned(m).Start.In(c.Zone)
	return c.offset(m) == r.offset && local.Hour() == r.hour && local.Minute() == r.minute
}

// planned returns the span of a month as the rule plans it, as if the month restarted.
func (c Calendar) planned(m cycle.Month) cycle.Span {
	day := c.Track.Rule.Date(m)
	return c.window(cycle.Milestone{Month: m, Kind: cycle.Baseline, Date: day, At: c.Track.Rule.At(day)}, nil).Span
}

// weeks returns the same recurrence, counted from a later or earlier week so that the offset
// becomes small: twelve days after the second Tuesday are five days after the third.
func (r recurrence) weeks() recurrence {
	const week = 7
	for r.nth > 0 && r.nth < 4 && r.offset >= week {
		r.nth, r.offset = r.nth+1, r.offset-week
	}
	for r.nth > 1 && r.offset < 0 {
		r.nth, r.offset = r.nth-1, r.offset+week
	}
	return r
}

// day returns the weekday of the window.
func (r recurrence) day() time.Weekday { return time.Weekday(((int(r.weekday)+r.offset)%7 + 7) % 7) }

// shortest is the last day that every month has.
const shortest = 28

// monthDays returns the first and the last of the seven days of the month on which the window may be. It
// returns false if not every month has all of them.
func (r recurrence) monthDays() (first, last int, ok bool) {
	first, last = 7*r.nth-6+r.offset, 7*r.nth+r.offset
	return first, last, r.nth > 0 && first >= 1 && last <= shortest
}

// beyond says why a window that may lie in another month is not repeated.
func (r recurrence) beyond() string {
	which := "after"
	switch {
	case r.nth == 0 && r.offset <= 0:
		return fmt.Sprintf("A window %s lies on other days in a shorter month: nothing is repeated.", r.words())
	case r.offset < 0:
		which = "before"
	}
	return fmt.Sprintf("A window %s may lie in the month %s: nothing is repeated.", r.words(), which)
}

var ordinals = []string{"Last", "First", "Second", "Third", "Fourth"}

// words describes the recurrence to people.
func (r recurrence) words() string {
	return fmt.Sprintf("%s after the %s %s", cycle.Quantity(r.offset, "day", "days"), ordinals[r.nth], r.weekday)
}

// monthNumbers joins the numbers of months, each written in that format.
func monthNumbers(months []time.Month, form string) string {
	list := make([]string, len(months))
	for i, m := range months {
		list[i] = fmt.Sprintf(form, m)
	}
	return strings.Join(list, ",")
}
