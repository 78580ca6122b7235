package cycle

import "time"

// NextOffer returns the first month whose update is offered to the ring after that instant.
// It returns false where there is none to come.
func (s Schedule) NextOffer(at time.Time, ring Ring, zone *time.Location) (Milestone, bool) {
	return s.first(at, func(m Milestone) bool { return s.OfferedAt(m, ring, zone).After(at) })
}

// NextRingRestart returns the first baseline month for which a device of the
// ring may still restart: the ring's last day for it, in that zone, has not passed. It
// returns false where there is none to come.
func (s Schedule) NextRingRestart(at time.Time, ring Ring, zone *time.Location) (Milestone, bool) {
	return s.first(at, func(m Milestone) bool { return m.Kind == Baseline && s.restartEnd(m, ring, zone).After(at) })
}

// RingState says whether a device of a ring is due to restart at an instant.
type RingState struct {
	Due bool
	// Milestone is the baseline month that the restart is for, where one is due.
	Milestone Milestone
	// Since and Until bound the span in which the ring restarts, where one is due.
	Since, Until time.Time
}

// RingAt returns the state of a ring at an instant. A restart is due from the
// offer of a baseline to the end, in that zone, of the ring's last day for it. Where the spans of
// two baselines overlap, the older one counts to its end: its last day comes first.
func (s Schedule) RingAt(at time.Time, ring Ring, zone *time.Location) RingState {
	m, ok := s.NextRingRestart(at, ring, zone)
	since := s.OfferedAt(m, ring, zone)
	if !ok || since.After(at) {
		return RingState{}
	}
	return RingState{true, m, since, s.restartEnd(m, ring, zone)}
}

// OfferedAt returns the instant at which the ring is offered a month's update. The
// deferral counts in calendar days of that zone, so that the hour there stays
// the same across a change of clocks.
func (s Schedule) OfferedAt(m Milestone, ring Ring, zone *time.Location) time.Time {
	released := m.At.In(zone)
	t, _ := ring.OfferedOn(DateIn(released, zone)).clock(released.Hour(), released.Minute(), zone)
	return t.UTC()
}

// restartEnd returns the end of the ring's last day in that zone.
func (s Schedule) restartEnd(m Milestone, ring Ring, zone *time.Location) time.Time {
	return ring.RestartBy(DateIn(m.At, zone)).AddDays(1).Start(zone)
}

// ForRing returns a month as a ring is offered it, where the month stands for an out-of-band release that
// came after the month's own, as in [Standing.Next]. The ring's deferral counts from the month's own
// release, but the offer is no earlier than the out-of-band release. Any other month is returned as it is.
func (s Schedule) ForRing(m Milestone, ring Ring, zone *time.Location) Milestone {
	own, ok := s.Milestone(m.Month)
	if !ok || !m.At.After(own.At) {
		return m
	}
	m.At = m.At.In(zone).AddDate(0, 0, -ring.Deferral).UTC() // the ring adds it again
	m.Date = DateIn(m.At, s.track.Rule.Zone)
	if m.At.Before(own.At) {
		m.At, m.Date = own.At, own.Date
	}
	return m
}
