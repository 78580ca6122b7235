package cycle

import (
	"cmp"
	"slices"
)

// Change is something that did not go by the plan: a month whose kind became another, or an
// out-of-band release.
type Change struct {
	// Month is the month that changed; zero for a release that belongs to no month.
	Month Month
	// Was and Is are the kind of the month before and after. They are equal for an out-of-band release.
	Was, Is Kind
	// KnownOn is the day on which it became known.
	KnownOn Date
	// ReleasedOn is the day of the month's update, or of the out-of-band release; zero for one whose day
	// nobody knows.
	ReleasedOn Date
	// Notice is who said it, and Release the update that came. A change of plan has at least one of
	// them; an out-of-band release has no notice.
	Notice  Notice
	Release Release
	// Ordinal counts the changes of the month's plan from 1 on, as they became known; 0 for an
	// out-of-band release.
	Ordinal int
}

// OutOfBand reports whether the change is an out-of-band release and not a change of plan.
func (c Change) OutOfBand() bool { return c.Was == c.Is }

// DaysOfNotice returns how many days before the release day it became known: 0 on the day
// itself, less than 0 afterwards. It tells nothing where ReleasedOn is zero.
func (c Change) DaysOfNotice() int { return c.KnownOn.DaysUntil(c.ReleasedOn) }

// Changes returns every change of plan and every out-of-band release that is known, the newest
// first.
func (s Schedule) Changes() []Change {
	var list []Change
	for _, m := range s.months {
		list = append(list, s.changesOfPlan(m)...)
	}
	for _, r := range s.releases {
		if r.OutOfBand {
			kind := s.Kind(r.Month)
			list = append(list, Change{Month: r.Month, Was: kind, Is: kind, KnownOn: r.KnownOn, ReleasedOn: r.Date, Release: r})
		}
	}
	slices.SortStableFunc(list, func(a, b Change) int {
		return cmp.Or(b.KnownOn.Compare(a.KnownOn), b.Month.Compare(a.Month), cmp.Compare(a.Release.KB, b.Release.KB))
	})
	return list
}

// changesOfPlan follows the kind of a month from the rule through its notices to its release, and
// returns each step at which it became another.
func (s Schedule) changesOfPlan(m Milestone) []Change {
	var list []Change
	kind := m.PlannedKind
	note := func(c Change) {
		if c.Is != kind {
			c.Month, c.Was, c.ReleasedOn, c.Ordinal = m.Month, kind, m.Date, len(list)+1
			kind = c.Is
			list = append(list, c)
		}
	}
	for _, n := range m.Notices {
		if m.Update.Type == 0 || !n.KnownOn.After(m.Update.KnownOn) {
			note(Change{Is: n.Kind, KnownOn: n.KnownOn, Notice: n})
		}
	}
	if m.Update.Type != 0 {
		note(Change{Is: m.Kind, KnownOn: m.Update.KnownOn, Notice: saying(m.Notices, m.Kind), Release: m.Update})
	}
	return list
}

// saying returns the first notice of that kind, which explains the release that came; the zero Notice
// where there is none.
func saying(notices []Notice, kind Kind) Notice {
	for _, n := range notices {
		if n.Kind == kind {
			return n
		}
	}
	return Notice{}
}
