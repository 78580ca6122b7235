package cycle

import (
	"slices"
	"time"
)

// Freeze is a span of days in which no restart is wanted.
type Freeze struct {
	// ID names it: 1 to 64 of a-z, 0-9 and "-".
	ID string
	// From and To are its first and its last day.
	From, To Date
	// Tracks and Rings are the ids of those that the freeze is for; none means all.
	Tracks, Rings []string
	// Reason says why there is a freeze, or "".
	Reason string
}

// Holds reports whether the freeze is for a ring on a track.
func (f Freeze) Holds(track, ring string) bool {
	return (len(f.Tracks) == 0 || slices.Contains(f.Tracks, track)) && (len(f.Rings) == 0 || slices.Contains(f.Rings, ring))
}

// touches reports whether the freeze has a day in common with those from first to last.
func (f Freeze) touches(first, last Date) bool { return !first.After(f.To) && !last.Before(f.From) }

// Forbids reports whether the freeze has a day of that zone in common with a span.
func (f Freeze) Forbids(s Span, zone *time.Location) bool { return f.touches(s.days(zone)) }

// Plan is what a month means for a ring. Everything but OfferedOn is zero where nothing restarts.
type Plan struct {
	// OfferedOn, DeadlineOn and RestartBy are the days of [Ring.OfferedOn], [Ring.DeadlineOn] and
	// [Ring.RestartBy].
	OfferedOn, DeadlineOn, RestartBy Date
	// Window is the maintenance window, zero where the ring has none.
	Window Span
	// Freeze is the freeze in the way of the restart; its ID is "" where there is none. For a ring with
	// a window it is the freeze that the window falls into, or else the one that RestartBy falls into.
	// For a ring without a window it is the one that RestartBy falls into, or else any other day from
	// OfferedOn on.
	Freeze Freeze
	// NextWindow is the first later window that no freeze forbids. It is zero where the window itself
	// is allowed, and where none comes within a year. EarlierDay is the last day from OfferedOn on, but
	// before RestartBy, that no freeze forbids; zero where there is none. Both are zero without a freeze.
	NextWindow Span
	EarlierDay Date
}

// LastDayFrozen reports whether RestartBy lies in the plan's freeze.
func (p Plan) LastDayFrozen() bool {
	return p.Freeze.ID != "" && p.Freeze.touches(p.RestartBy, p.RestartBy)
}

// Plan returns what a month means for a ring, with days in that zone. It reads no more of the month
// than Kind, Date and At, so a caller may also ask about an out-of-band baseline.
func (s Schedule) Plan(m Milestone, ring Ring, freezes []Freeze, zone *time.Location) Plan {
	released := DateIn(m.At, zone)
	p := Plan{OfferedOn: ring.OfferedOn(released)}
	if m.Kind != Baseline {
		return p
	}
	p.DeadlineOn, p.RestartBy = ring.DeadlineOn(released), ring.RestartBy(released)
	var asked Date
	if !ring.Window.IsZero() {
		asked = ring.Window.first(m.Date, s.OfferedAt(m, ring, zone))
		p.Window = ring.Window.on(asked)
	}
	freezes = slices.DeleteFunc(slices.Clone(freezes), func(f Freeze) bool { return !f.Holds(s.track.ID, ring.Name) })
	p.avoid(ring.Window, asked, freezes)
	return p
}

// avoid finds the freeze in the way of the window of the day asked, or of the ring's days, and what
// would be allowed instead. Devices without a window may restart on any of their days.
func (p *Plan) avoid(w Window, asked Date, freezes []Freeze) {
	at := inTheWay(freezes, p.RestartBy, p.RestartBy)
	switch {
	case w.IsZero() && at < 0:
		at = inTheWay(freezes, p.OfferedOn, p.RestartBy)
	case !w.IsZero():
		first, last := p.Window.days(w.Zone)
		if of := inTheWay(freezes, first, last); of >= 0 {
			at = of
			p.NextWindow = w.allowed(asked, freezes)
		}
	}
	if at < 0 {
		return
	}
	p.Freeze = freezes[at]
	for d := p.RestartBy.AddDays(-1); !d.Before(p.OfferedOn); d = d.AddDays(-1) {
		if inTheWay(freezes, d, d) < 0 {
			p.EarlierDay = d
			return
		}
	}
}

// allowed returns the first window of a later day that no freeze forbids, or the zero Span.
func (w Window) allowed(after Date, freezes []Freeze) Span {
	const year = 366
	for days := w.every(); days < year; days += w.every() {
		next := w.on(after.AddDays(days))
		if first, last := next.days(w.Zone); inTheWay(freezes, first, last) < 0 {
			return next
		}
	}
	return Span{}
}

// inTheWay returns the index of the first freeze that has a day in common with those from first to
// last, or -1.
func inTheWay(freezes []Freeze, first, last Date) int {
	return slices.IndexFunc(freezes, func(f Freeze) bool { return f.touches(first, last) })
}
