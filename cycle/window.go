package cycle

import "time"

// Window is a maintenance window of a ring: the span in which its machines are
// restarted. It exists only for an update that restarts. The zero Window is none.
type Window struct {
	// ByWeekday says which field chooses the day: Weekday, or else OffsetDays, counted from the release
	// day. The window is that of the first such weekday, or of the first day from OffsetDays on, that
	// begins when the update has been offered.
	ByWeekday  bool
	Weekday    time.Weekday
	OffsetDays int
	// Hour and Minute are the local time in Zone at which the window begins.
	Hour, Minute int
	// Duration is how long the window lasts, in elapsed time also across a change of clocks; more than
	// zero.
	Duration time.Duration
	Zone     *time.Location
}

// IsZero reports whether there is no window.
func (w Window) IsZero() bool { return w.Zone == nil }

// Span is a stretch of time: from Start up to, but not including, End.
type Span struct{ Start, End time.Time }

// on returns the window of that day.
func (w Window) on(d Date) Span {
	start, _ := d.clock(w.Hour, w.Minute, w.Zone)
	return Span{start.UTC(), start.Add(w.Duration).UTC()}
}

// first returns the day of the window for an update that came on the day released and is
// offered at an instant. Where the clocks skip its hour, the window may begin on the day after.
func (w Window) first(released Date, offered time.Time) Date {
	if !w.ByWeekday {
		d := released.AddDays(w.OffsetDays)
		for w.on(d).Start.Before(offered) { // at most as often as the ring's deferral has days
			d = d.AddDays(1)
		}
		return d
	}
	d := DateIn(offered, w.Zone).AddDays(-1)
	d = d.AddDays(int(w.Weekday-d.Weekday()+7) % 7)
	if w.on(d).Start.Before(offered) {
		return d.AddDays(7)
	}
	return d
}

// every is how many days lie between one window and the next.
func (w Window) every() int {
	if w.ByWeekday {
		return 7
	}
	return 1
}

// days returns the first and the last day that a span touches in a zone.
func (s Span) days(zone *time.Location) (first, last Date) {
	return DateIn(s.Start, zone), DateIn(s.End.Add(-time.Nanosecond), zone)
}
