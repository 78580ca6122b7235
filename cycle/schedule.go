package cycle

import (
	"cmp"
	"slices"
)

// Schedule is a track's months as they were known at the end of one day. It is
// immutable and may be used from several goroutines.
type Schedule struct {
	track     Track
	asOf      Date
	months    []Milestone // from the track's first month to the last one with a fact
	releases  []Release   // all that are known, with those that belong to no month
	revisions []int       // of the builds of the releases, in the same order
	notices   []Notice    // all that are known
	editions  map[Month]int64
}

// Compile lays the facts that were known at the end of asOf over the track's rule.
// The order of the facts does not matter. They are copied, not kept.
func Compile(facts Facts, asOf Date) Schedule {
	s := Schedule{track: facts.Track, asOf: asOf, editions: facts.Editions}
	known := func(day Date) bool { return !day.After(asOf) }
	for _, r := range facts.Releases {
		if known(r.KnownOn) {
			s.releases = append(s.releases, r)
		}
	}
	for _, n := range Statements(facts.Notices) {
		if known(n.KnownOn) && s.track.Has(n.Month) {
			s.notices = append(s.notices, n)
		}
	}
	slices.SortFunc(s.releases, compareReleases)
	s.revisions = s.track.revisionsOf(s.releases)
	slices.SortFunc(s.notices, compareNotices)
	s.fill()
	return s
}

// compareReleases orders by the month of the label, then by day; the KB makes the order total.
func compareReleases(a, b Release) int {
	return cmp.Or(a.Month.Compare(b.Month), a.Date.Compare(b.Date), cmp.Compare(a.KB, b.KB),
		cmp.Compare(a.Type, b.Type), cmp.Compare(a.Build, b.Build), a.KnownOn.Compare(b.KnownOn), cmp.Compare(a.Title, b.Title))
}

func compareNotices(a, b Notice) int {
	return cmp.Or(a.Month.Compare(b.Month), a.KnownOn.Compare(b.KnownOn), cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Source, b.Source), cmp.Compare(a.Reason, b.Reason))
}

// fill makes a milestone of each month from the track's first one to the last one with a fact.
func (s *Schedule) fill() {
	notices, last := s.notices, Month{}
	inMonths := make([]Release, 0, len(s.releases))
	for _, r := range s.releases {
		if s.track.Has(r.Month) {
			inMonths = append(inMonths, r)
			last = r.Month
		}
	}
	if len(notices) > 0 && notices[len(notices)-1].Month.After(last) {
		last = notices[len(notices)-1].Month
	}
	baseline := Month{}
	for n := range s.track.FirstMonth.MonthsUntil(last) + 1 {
		m := s.track.FirstMonth.AddMonths(n)
		i := Milestone{Month: m}
		i.Releases, inMonths = cut(inMonths, func(r Release) bool { return r.Month == m })
		i.Notices, notices = cut(notices, func(n Notice) bool { return n.Month == m })
		s.settle(&i)
		if i.Kind == Baseline {
			baseline = m
		}
		i.BaselineMonth = baseline
		s.months = append(s.months, i)
	}
}

// cut splits a list after its leading items that belong.
func cut[T any](items []T, belongs func(T) bool) (head, tail []T) {
	n := 0
	for n < len(items) && belongs(items[n]) {
		n++
	}
	return items[:n:n], items[n:]
}

// settle works out everything about a month but its baseline.
//
// A release decides the kind of the month. Where none is known the newest notice does,
// and where there is none either, the rule. An out-of-band hotpatch decides
// nothing: it comes in baseline months too.
func (s *Schedule) settle(m *Milestone) {
	m.PlannedKind = s.track.Rule.Kind(m.Month)
	m.Kind, m.Date = m.PlannedKind, s.track.Rule.Date(m.Month)
	m.Update = update(m.Releases)
	switch {
	case m.Update.Type == TypeBaseline:
		m.Kind = Baseline
	case m.Update.Type == TypeHotpatch:
		m.Kind = Hotpatch
	case len(m.Notices) > 0:
		m.Kind = m.Notices[len(m.Notices)-1].Kind
	}
	if !m.Update.Date.IsZero() {
		m.Date = m.Update.Date
	}
	m.Status = s.status(m)
	m.At = s.track.Rule.At(m.Date)
	m.UpdatedOn = knownUntil(m.Releases, m.Notices, s.asOf)
	m.Edition = s.Edition(m.Month)
}

// Edition returns when people last changed or withdrew facts of a month, as a number that only grows.
// The zero Month asks about the facts that belong to no month.
func (s Schedule) Edition(m Month) int64 { return max(s.editions[m], s.editions[Month{}]) }

func (s *Schedule) status(m *Milestone) Status {
	switch {
	case m.Update.Type != 0 && !m.Date.After(s.asOf):
		return Released
	case m.Update.Type != 0 || len(m.Notices) > 0:
		return Announced
	case s.asOf.After(m.Date):
		return Unconfirmed
	}
	return Planned
}

// Track returns the track that the schedule is about.
func (s Schedule) Track() Track { return s.track }

// AsOf returns the day at whose end all of this was known.
func (s Schedule) AsOf() Date { return s.asOf }

// Releases returns all releases known, also those of no month, by month and day.
// The slice must not be changed.
func (s Schedule) Releases() []Release { return s.releases }

// Notices returns all notices known, by month and by the day they became known.
// The slice must not be changed.
func (s Schedule) Notices() []Notice { return s.notices }

// Kind returns the kind of that month, and the zero Kind for a month that is not
// on the track.
func (s Schedule) Kind(m Month) Kind {
	if !s.track.Has(m) {
		return 0
	}
	if i := s.track.FirstMonth.MonthsUntil(m); i < len(s.months) {
		return s.months[i].Kind
	}
	return s.track.Rule.Kind(m)
}

// Milestone returns that month of the schedule.
// It returns false for a month that is not on the track.
func (s Schedule) Milestone(m Month) (Milestone, bool) {
	if !s.track.Has(m) {
		return Milestone{}, false
	}
	if i := s.track.FirstMonth.MonthsUntil(m); i < len(s.months) {
		return s.months[i], true
	}
	i := Milestone{Month: m}
	s.settle(&i)
	i.BaselineMonth = s.baselineMonth(m)
	return i, true
}

// baselineMonth returns the newest baseline month at or before a month that comes after all facts.
func (s Schedule) baselineMonth(m Month) Month {
	first := s.track.FirstMonth.AddMonths(len(s.months))
	for range 12 { // a rule repeats every year
		if m.Before(first) {
			break
		}
		if s.track.Rule.Kind(m) == Baseline {
			return m
		}
		m = m.AddMonths(-1)
	}
	if len(s.months) == 0 {
		return Month{}
	}
	return s.months[len(s.months)-1].BaselineMonth
}
