package cycle

import "time"

// Window is a maintenance window of a ring: the span in which its machines are
// restarted. It exists only for an update that restarts. The zero Window is none.
type Window struct {
	// ByWeekday chooses the first such Weekday whose window begins when the update
	// has been offered; otherwise it is OffsetDays after the release day.
	ByWeekday  bool
	Weekday    time.Weekday
	OffsetDays int
	// Hour and Minute are the local time in Zone at which the window begins.
	Hour, Minute int
	// Duration is how long it lasts by a stopwatch, also across a change of clocks.
	Duration time.Duration
	Zone     *time.Location
}

// IsZero reports whether there is no window.
func (w Window) IsZero() bool { return w.Zone == nil }

// Span is a stretch of time: from Start up to, but not including, End.
type Span struct{ Start, End time.Time }

// on returns the window of a day.
func (w Window) on(d Date) Span {
	start, _ := d.clock(w.Hour, w.Minute, w.Zone)
	return Span{start.UTC(), start.Add(w.Duration).UTC()}
}

// First returns the window for an update that came on the day released and is
// offered at an instant.
func (w Window) First(released Date, offered time.Time) Span {
	if !w.ByWeekday {
		return w.on(released.AddDays(w.OffsetDays))
	}
	d := DateIn(offered, w.Zone)
	d = d.AddDays(int(w.Weekday-d.Weekday()+7) % 7)
	if s := w.on(d); !s.Start.Before(offered) {
		return s
	}
	return w.on(d.AddDays(7))
}

// next returns the window after one: a week later by weekday, else a day later.
func (w Window) next(s Span) Span {
	days := 1
	if w.ByWeekday {
		days = 7
	}
	return w.on(DateIn(s.Start, w.Zone).AddDays(days))
}

// days returns the first and the last day that a span touches in a zone.
func (s Span) days(zone *time.Location) (first, last Date) {
	return DateIn(s.Start, zone), DateIn(s.End.Add(-time.Nanosecond), zone)
}
