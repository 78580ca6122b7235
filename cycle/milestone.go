package cycle

import (
	"time"
)

// Milestone is one month of a track: what was planned, what the month is, and its releases.
type Milestone struct {
	Month       Month
	Kind        Kind
	PlannedKind Kind
	Status      Status
	// Assumed marks a kind that no fact and no rule tells, but [Schedule.Assume].
	Assumed bool
	// Date is the day of the month's update in the zone of the rule: the real one
	// once it is known, the rule's before.
	Date Date
	// At is the instant of that update, in UTC.
	At time.Time
	// BaselineMonth is the newest baseline month at or before this one: what its
	// hotpatch is built on. It is zero where the track's history has none.
	BaselineMonth Month
	// Update is the release that makes the month what it is; its Type is zero while none is known.
	Update Release
	// Releases are all releases of the month, by date. The slice must not be changed.
	Releases []Release
	// Notices are all notices about the month, by the day they became known. The slice must not be changed.
	Notices []Notice
	// UpdatedOn is the day of the newest fact about the month, zero where only the
	// rule speaks of it.
	UpdatedOn Date
	// Edition grows whenever people change or withdraw what is known about the month.
	Edition int64
}

// Unplanned reports whether the month restarts although the rule said that it would not.
func (m Milestone) Unplanned() bool { return m.Kind == Baseline && m.PlannedKind == Hotpatch }

// Restarts counts the updates of the month that restart a device on the cycle. It is at least 1 for a
// baseline month, whose release may not be known yet.
func (m Milestone) Restarts() int {
	n := 0
	for _, r := range m.Releases {
		if r.RestartsCycle() {
			n++
		}
	}
	if m.Kind == Baseline {
		return max(n, 1)
	}
	return n
}

// OutOfBand counts the month's out-of-band releases, those for devices off the
// cycle included.
func (m Milestone) OutOfBand() int {
	n := 0
	for _, r := range m.Releases {
		if r.OutOfBand {
			n++
		}
	}
	return n
}

// Changes returns a number that grows with each fact about the month, and whenever people change or
// withdraw one; it never shrinks.
func (m Milestone) Changes() int {
	const most = 64 // more facts than a month has, so that a new edition outweighs all that it takes away
	return len(m.Releases) + len(m.Notices) + most*int(m.Edition)
}

// update returns the release that makes a month what it is: its first baseline,
// the regular one before an out-of-band one, else its first regular hotpatch.
func update(releases []Release) Release {
	rank := func(r Release) int {
		switch {
		case r.Type == TypeBaseline && !r.OutOfBand:
			return 3
		case r.Type == TypeBaseline:
			return 2
		case r.Type == TypeHotpatch && !r.OutOfBand:
			return 1
		}
		return 0
	}
	var best Release
	for _, r := range releases {
		if rank(r) > rank(best) {
			best = r
		}
	}
	return best
}
