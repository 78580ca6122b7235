package cycle

import (
	"slices"
	"time"
)

// vantage is what is in force on a track at an instant.
type vantage struct {
	*Schedule
	at    time.Time
	reach Date      // the last day whose releases have come
	now   Milestone // the month in force; zero before the first
	next  Milestone // the one after it; zero where the track has ended
}

// look returns what is in force at an instant.
func (s *Schedule) look(at time.Time) vantage {
	today := DateIn(at, s.track.Rule.Zone)
	v := vantage{Schedule: s, at: at, reach: today}
	if s.track.Rule.At(today).After(at) {
		v.reach = today.AddDays(-1)
	}
	first, last := s.track.FirstMonth, s.track.LastMonth
	month := today.Month().AddMonths(1) // a rule moves an update by at most 28 days: none of a later month has come
	if !last.IsZero() && month.After(last) {
		month = last
	}
	if month.Before(first) {
		month = first
	}
	v.now, _ = s.Milestone(month)
	for v.now.At.After(at) {
		v.next, v.now = v.now, Milestone{}
		if month == first {
			return v
		}
		month = month.AddMonths(-1)
		v.now, _ = s.Milestone(month)
	}
	if v.next.Month.IsZero() && month.n != lastMonth {
		v.next, _ = s.Milestone(month.AddMonths(1))
	}
	return v
}

// came reports whether a release has come.
func (v *vantage) came(r *Release) bool { return !v.dayOf(r).After(v.reach) }

// dayOf returns the day on which a release comes: the rule's where nobody knows it. It is zero for a release that
// has no month either: such a one has come before it became known.
func (s *Schedule) dayOf(r *Release) Date {
	if r.Date.IsZero() && !r.Month.IsZero() {
		return s.track.Rule.Date(r.Month)
	}
	return r.Date
}

// baselineOf returns the month of the baseline that a release is built on. An out-of-band
// hotpatch may come in a baseline month before the baseline does.
func (s *Schedule) baselineOf(r *Release) Month {
	if r.Type == TypeBaseline {
		return r.Month
	}
	m, _ := s.Milestone(r.Month)
	if !r.Date.IsZero() && r.Date.Before(m.Date) { // the month before a hotpatch month has the same baseline
		m, _ = s.Milestone(r.Month.AddMonths(-1))
	}
	return m.BaselineMonth
}

// newest returns the newest release of a type that is built on the newest baseline, has come, and is newer
// than a build; nil where there is none.
func (v *vantage) newest(t ReleaseType, b Build) *Release {
	var found *Release
	most := b.Revision
	for i := len(v.releases) - 1; i >= 0 && !v.releases[i].Month.Before(v.now.BaselineMonth); i-- {
		r := &v.releases[i]
		if r.Type != t || !v.came(r) || v.revisions[i] <= most || v.baselineOf(r) != v.now.BaselineMonth {
			continue
		}
		found, most = r, v.revisions[i]
	}
	return found
}

// with returns the month of a release, with that release as its update.
func (v *vantage) with(r *Release) Milestone {
	m, _ := v.Milestone(r.Month)
	m.Update = *r
	if !r.Date.IsZero() {
		m.Date, m.At = r.Date, v.track.Rule.At(r.Date)
	}
	return m
}

// knownBaseline returns the month of the newest baseline whose release is known and has come.
func (v *vantage) knownBaseline() Month {
	for i := len(v.releases) - 1; i >= 0; i-- {
		if r := &v.releases[i]; r.Type == TypeBaseline && v.came(r) {
			return r.Month
		}
	}
	return Month{}
}

// coming returns the first update to come of the month in force or a newer one, zero where there is none. That of an
// older month is not for devices that are on this one.
func (v *vantage) coming() Milestone {
	m, _ := v.earliest(v.at, func(m Milestone) bool { return m.At.After(v.at) && !m.Month.Before(v.now.Month) })
	return m
}

// restart returns the next update to come that restarts machines, zero where there is none.
func (v *vantage) restart() Milestone {
	m, _ := v.NextRestart(v.at)
	return m
}

// withBuild returns the releases with that build, oldest first and those without a day last.
func (s *Schedule) withBuild(b Build) []Release {
	var list []Release
	for i, revision := range s.revisions {
		if revision == b.Revision {
			list = append(list, s.releases[i])
		}
	}
	slices.SortStableFunc(list, func(a, b Release) int {
		if a.Date.IsZero() != b.Date.IsZero() {
			return b.Date.Compare(a.Date)
		}
		return a.Date.Compare(b.Date)
	})
	return list
}
