package cycle

import "time"

// NextOffer returns the first update that is offered to the ring after that instant, as [Schedule.Next] does.
// It returns false where there is none to come.
func (s Schedule) NextOffer(at time.Time, ring Ring, zone *time.Location) (Milestone, bool) {
	return s.earliest(at, func(m Milestone) bool { return s.OfferedAt(m, ring, zone).After(at) })
}

// RingRestart is a restart of the devices of a ring, and the span in which it is due: from the offer of the
// update to the end of the ring's last day or, where that comes later, of its maintenance window.
type RingRestart struct {
	// Milestone is the update that restarts, one of [Schedule.Restarts].
	Milestone    Milestone
	Since, Until time.Time
}

// Due reports whether the restart is due at an instant.
func (r RingRestart) Due(at time.Time) bool { return !r.Since.After(at) && r.Until.After(at) }

// NextRingRestart returns the first restart of the ring that is not over at that instant, with days in
// that zone. Where the spans of two restarts overlap, the older one counts to its end. It
// returns false where there is none to come.
func (s Schedule) NextRingRestart(at time.Time, ring Ring, zone *time.Location) (RingRestart, bool) {
	m, ok := s.earliest(at, func(m Milestone) bool { return m.Kind == Baseline && s.restartEnd(m, ring, zone).After(at) })
	if !ok {
		return RingRestart{}, false
	}
	return RingRestart{m, s.OfferedAt(m, ring, zone), s.restartEnd(m, ring, zone)}, true
}

// OfferedAt returns the instant at which the ring is offered a month's update. The
// deferral counts in calendar days of that zone, so that the hour there stays
// the same across a change of clocks.
func (s Schedule) OfferedAt(m Milestone, ring Ring, zone *time.Location) time.Time {
	released := m.At.In(zone)
	t, _ := ring.OfferedOn(DateIn(released, zone)).clock(released.Hour(), released.Minute(), zone)
	return t.UTC()
}

// restartEnd returns when a restart is over, with days in that zone.
func (s Schedule) restartEnd(m Milestone, ring Ring, zone *time.Location) time.Time {
	p := s.Plan(m, ring, nil, zone)
	end := p.RestartBy.AddDays(1).Start(zone)
	if p.Window.End.After(end) {
		return p.Window.End
	}
	return end
}

// ForRing returns an update, such as [Standing.Next], as a ring is offered it. It moves only an out-of-band release
// that is no baseline and came after its month's own: for that, the ring's deferral counts from the month's own
// release, but the offer is no earlier than the out-of-band one. All others are returned as they are.
func (s Schedule) ForRing(m Milestone, ring Ring, zone *time.Location) Milestone {
	own, ok := s.Milestone(m.Month)
	if !ok || !m.At.After(own.At) || m.Update.Type == TypeBaseline {
		return m
	}
	m.At = m.At.In(zone).AddDate(0, 0, -ring.Deferral).UTC() // the ring adds it again
	m.Date = DateIn(m.At, s.track.Rule.Zone)
	if m.At.Before(own.At) {
		m.At, m.Date = own.At, own.Date
	}
	return m
}
