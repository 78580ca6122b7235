package cycle

import (
	"slices"
	"strings"
	"time"
)

// Step is one update of a forecast, and where that leaves the device. A month may have several.
type Step struct {
	// Milestone is the update. One that the device may take at once is [Standing.Next].
	Milestone Milestone
	// Before and After are where the device stands before and after the update.
	Before, After Place
	// Restarts says whether the device restarts for the update; unknown where its build does not tell.
	Restarts Restart
	// Reason says why, without a full stop.
	Reason string
}

// Forecast follows a device from where it stands at an instant through that many months to come, fewer
// where the track ends. A month with two baselines has a step for each that is to come. Where the device may take
// an update at once, that is an additional first step, whose day has passed. A device with the zero Build is
// taken to be current.
func (s Schedule) Forecast(st Standing, at time.Time, months int) []Step {
	var steps []Step
	place := st.Place
	if st.Build == (Build{}) {
		place = Current
	}
	take := func(m Milestone, step func(Milestone, Place) Step) {
		next := step(m, place)
		place = next.After
		steps = append(steps, next)
	}
	next, ok := s.Next(at)
	switch {
	case st.Next.Month.IsZero():
	case st.Next.At.After(at):
		next = st.Next // a build that came before its day has that month already
	default:
		take(st.Next, func(m Milestone, p Place) Step { return catchUp(st, m, p) })
	}
	for month, n := next.Month, 0; ok && n < months; n++ {
		m, _ := s.Milestone(month)
		for _, update := range s.inOrder(m) {
			if !update.At.Before(next.At) {
				take(update, step)
			}
		}
		ok = month.n != lastMonth && s.track.Has(month.AddMonths(1))
		month = month.AddMonths(1)
	}
	return steps
}

// catchUp is the step of a device that may take an update at once.
func catchUp(st Standing, m Milestone, before Place) Step {
	s := Step{Milestone: m, Before: before, After: before, Restarts: RestartUnknown}
	switch {
	case before == Behind:
		s.After, s.Restarts, s.Reason = Current, RestartNotNeeded, "catches up with a hotpatch"
	case before == OffCycle:
		s.Restarts, s.Reason = RestartNeeded, "off the cycle: catches up with the standard update"
	case st.NextRestarts && st.BaselineMonth == m.Month:
		s.After, s.Restarts, s.Reason = Current, RestartNeeded, "on the first baseline of "+m.Month.String()+": takes the later one"
	case st.NextRestarts:
		s.After, s.Restarts, s.Reason = Current, RestartNeeded, "on an older baseline: takes that of "+m.Month.String()+", and then its hotpatches"
	default:
		s.Reason = "the build does not tell whether it is on the cycle"
	}
	return s
}

// step is the step of a device for a month to come.
func step(m Milestone, before Place) Step {
	s := Step{Milestone: m, Before: before, After: before, Restarts: RestartUnknown}
	switch {
	case m.Kind == Baseline:
		s.After, s.Restarts, s.Reason = Current, RestartNeeded, "a baseline"
		if before != Current {
			s.Reason = "a baseline: back on the cycle"
		}
	case before == Current:
		s.Restarts, s.Reason = RestartNotNeeded, "a hotpatch"
	case before == OffCycle:
		s.Restarts, s.Reason = RestartNeeded, "off the cycle: the standard update of a hotpatch month"
	default:
		s.Reason = "the build does not tell whether it is on the cycle"
	}
	if m.Assumed {
		s.Reason += ", as assumed"
	}
	return s
}

// Upgrade is what happens to a device on the cycle that is upgraded, in some month, to the version of
// another track.
type Upgrade struct {
	// Keeps says whether the device stays on the cycle. It does in a baseline month, whose update it
	// takes with the upgrade; in a hotpatch month it gets standard updates until the next baseline.
	Keeps bool
	// Back is the baseline month that puts the device on the cycle.
	Back Month
	// Restarts counts the hotpatch months that restart the device because of it.
	Restarts int
}

// Upgrade returns what an upgrade to the schedule's track means in that month.
// It returns false for a month that is not on the track, or that no baseline month follows.
func (s Schedule) Upgrade(m Month) (Upgrade, bool) {
	for back := m; s.track.Has(back); back = back.AddMonths(1) {
		const year = 12 // a rule repeats every year; facts may reach further
		if m.MonthsUntil(back) > year && s.track.FirstMonth.MonthsUntil(back) > len(s.months)+year || back.n == lastMonth {
			break
		}
		if s.Kind(back) == Baseline {
			return Upgrade{back == m, back, m.MonthsUntil(back)}, true
		}
	}
	return Upgrade{}, false
}

// Assumption is a month that somebody supposes to be of some kind, to see what would follow.
type Assumption struct {
	Month Month
	Kind  Kind
}

// ParseAssumption reads MONTH:KIND, "2026-12:baseline".
// It returns an [*InvalidError] for anything else.
func ParseAssumption(s string) (Assumption, error) {
	first, second, _ := strings.Cut(s, ":")
	month, noMonth := ParseMonth(first)
	kind, noKind := ParseKind(second)
	if noMonth != nil || noKind != nil {
		return Assumption{}, invalid("assumption", s, "MONTH:KIND, such as 2026-12:baseline")
	}
	return Assumption{month, kind}, nil
}

// String returns the assumption as [ParseAssumption] reads it.
func (a Assumption) String() string { return a.Month.String() + ":" + a.Kind.String() }

// Assume returns the schedule as it would be if those months were of those kinds. Months that are
// not on the track, and those whose release is known, stay what they are. It works out every month
// up to the last one assumed, so its cost grows with how far ahead that is.
func (s Schedule) Assume(list ...Assumption) Schedule {
	first, months := s.track.FirstMonth, slices.Clone(s.months)
	for _, a := range list {
		if !s.track.Has(a.Month) {
			continue
		}
		for len(months) <= first.MonthsUntil(a.Month) {
			m, _ := s.Milestone(first.AddMonths(len(months)))
			months = append(months, m)
		}
		if m := &months[first.MonthsUntil(a.Month)]; m.Update.Type == 0 {
			m.Kind, m.Assumed = a.Kind, true
		}
	}
	var baseline Month
	for i := range months {
		if months[i].Kind == Baseline {
			baseline = months[i].Month
		}
		months[i].BaselineMonth = baseline
	}
	s.months = months
	return s
}
