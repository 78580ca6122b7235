package cycle

import (
	"iter"
	"slices"
	"time"
)

// Next returns the first update that comes after that instant: that of a month, or a further one of its
// [Schedule.Restarts]. It returns false where the track has ended by then.
func (s Schedule) Next(at time.Time) (Milestone, bool) {
	return s.earliest(at, func(m Milestone) bool { return m.At.After(at) })
}

// NextRestart returns the first update that restarts machines and comes after that instant. It returns false
// where there is none to come.
func (s Schedule) NextRestart(at time.Time) (Milestone, bool) {
	return s.earliest(at, func(m Milestone) bool { return m.Kind == Baseline && m.At.After(at) })
}

// NextHotpatch returns the first hotpatch month whose update comes after that instant. It returns false
// where there is none to come.
func (s Schedule) NextHotpatch(at time.Time) (Milestone, bool) {
	return s.earliest(at, func(m Milestone) bool { return m.Kind == Hotpatch && m.At.After(at) })
}

// Restarts returns the updates of a month that restart machines, in the order in which they come: the
// month itself, if it is a baseline, and each further baseline of the month with a known day, as if it
// was the update of a month. No rule plans such a one.
func (s Schedule) Restarts(m Milestone) []Milestone {
	if m.Kind != Baseline {
		return nil
	}
	return s.inOrder(m)
}

// inOrder returns the updates of a month in the order in which they come.
func (s *Schedule) inOrder(m Milestone) []Milestone {
	return slices.SortedStableFunc(s.updates(m), func(a, b Milestone) int { return a.At.Compare(b.At) })
}

// updates returns the month itself, and each further baseline of it with a known day.
func (s *Schedule) updates(m Milestone) iter.Seq[Milestone] {
	return func(yield func(Milestone) bool) {
		if !yield(m) {
			return
		}
		for _, r := range m.Releases {
			if r.Type == TypeBaseline && !r.Date.IsZero() && r != m.Update && !yield(s.AsUpdate(m, r)) {
				return
			}
		}
	}
}

// AsUpdate returns a release that restarts machines, other than the month's own update, as if it was the update
// of a month.
func (s Schedule) AsUpdate(m Milestone, r Release) Milestone {
	f := Milestone{
		Month: m.Month, Kind: Baseline, PlannedKind: Hotpatch, Status: Released,
		Date: r.Date, At: s.track.Rule.At(r.Date), BaselineMonth: m.Month, Update: r,
	}
	if r.Date.After(s.asOf) {
		f.Status = Announced
	}
	return f
}

// NextCome returns the first instant after another at which a release that is known comes; the zero Time where
// none is known.
func (s Schedule) NextCome(at time.Time) time.Time {
	var next time.Time
	for i := range s.releases {
		if day := s.dayOf(&s.releases[i]); !day.IsZero() && !day.Before(DateIn(at, s.track.Rule.Zone)) {
			if come := s.track.Rule.At(day); come.After(at) && (next.IsZero() || come.Before(next)) {
				next = come
			}
		}
	}
	return next
}

// late is how many months on there may be an update that comes earlier: a rule moves an update by at most 28 days,
// and no release lies farther from its month.
const late = 2

// earliest returns the update for which ok holds that comes first, of the months from a few before the instant on.
func (s *Schedule) earliest(at time.Time, ok func(Milestone) bool) (Milestone, bool) {
	const back = 4       // a ring's last day is at most 67 days after the release
	const ahead = 12 + 2 // the rule repeats every year
	m := DateIn(at, time.UTC).Month().AddMonths(-back)
	if m.Before(s.track.FirstMonth) {
		m = s.track.FirstMonth
	}
	facts := m.MonthsUntil(s.track.FirstMonth.AddMonths(len(s.months))) // they may reach far ahead
	var found Milestone
	for range max(facts, 0) + back + ahead + late {
		if !found.Month.IsZero() && found.Month.MonthsUntil(m) > late {
			break
		}
		if month, on := s.Milestone(m); on {
			for update := range s.updates(month) {
				if ok(update) && (found.Month.IsZero() || update.At.Before(found.At)) {
					found = update
				}
			}
		}
		m = m.AddMonths(1)
	}
	return found, !found.Month.IsZero()
}

// State is what is in force on a track at an instant.
type State struct {
	// Milestone is the month in force since its update came. Its Kind is zero before
	// the track's first release and after the track's end.
	Milestone Milestone
	// Until is the instant at which the update of a newer month comes and the state changes; the zero Time
	// where it never does.
	Until time.Time
}

// At returns the state of the track at an instant.
// The last month of a track is in force until the instant at which the rule would
// bring the update of the month after it.
func (s Schedule) At(at time.Time) State {
	v := s.look(at)
	if !v.next.Month.IsZero() {
		return State{v.now, v.until()}
	}
	after := s.track.LastMonth.AddMonths(1)
	end := s.track.Rule.At(s.track.Rule.Date(after))
	if !end.After(at) {
		return State{}
	}
	return State{v.now, end}
}

// until returns when the update of a newer month comes. A month may come late, after the ones that follow it.
func (v *vantage) until() time.Time {
	until := v.next.At
	for n := range late + 1 {
		if m, ok := v.Milestone(v.next.Month.AddMonths(n)); ok && m.At.Before(until) {
			until = m.At
		}
	}
	return until
}
