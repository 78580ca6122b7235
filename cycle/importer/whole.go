package importer

import (
	"fmt"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// since returns the first month from which on a page is compared with what it told before: a
// year ago, or the oldest month of which it still has a release, as pages drop past years; or the
// January with which it begins, where no update of the year has come yet.
func (m *merger) since() cycle.Month {
	var oldest cycle.Month
	for _, r := range m.doc.Rows {
		counts := r.Type != 0 || r.Month.Of() == time.January && !r.Month.After(m.today.Month())
		if counts && !r.Month.IsZero() && (oldest.IsZero() || r.Month.Before(oldest)) {
			oldest = r.Month
		}
	}
	if year := m.today.Month().AddMonths(-12); oldest.IsZero() || oldest.Before(year) {
		return year
	}
	return oldest
}

// checkWhole returns an error for a page that tells less than half of what it told before about the track.
func (m *merger) checkWhole() error {
	if !m.mustTell() {
		return nil
	}
	told := 0
	for _, id := range m.before {
		if m.touched[id] {
			told++
		}
	}
	const fewest = 4 // half of fewer releases means nothing
	if len(m.before) >= fewest && 2*told < len(m.before) {
		return fmt.Errorf("%s: tells %d of the %d releases since %s that it told before: want a whole page%s",
			m.facts.Track.ID, told, len(m.before), m.since(), m.unread())
	}
	return nil
}

// unread tells what of the page could not be read, which may be why it seems not to be whole.
func (m *merger) unread() string {
	if len(m.doc.Problems) == 0 {
		return ""
	}
	first := m.doc.Problems[0]
	return "; what can't be read of it begins with " + first.Place + ": " + first.Detail
}

// mustTell reports whether the page should still have what it told about the track: the
// track has updates to come, has a list of its own, and the page is about it.
func (m *merger) mustTell() bool {
	p := productOf(m.facts.Track.ID)
	if p.follows != "" || m.over() {
		return false
	}
	switch m.doc.Origin {
	case SecurityGuide, Feed:
		return false // these tell only of one month, or of the newest updates
	case UpdateHistory: // each family has a page
		for _, r := range m.doc.Rows {
			if other := productOf(r.Track); other.track == p.track || p.family != "" && other.family == p.family {
				return true
			}
		}
		return false
	}
	return true
}

// over reports whether the track's last update has come.
func (m *merger) over() bool {
	last := m.facts.Track.LastMonth
	if last.IsZero() || m.today.Month() != last {
		return !m.facts.Track.Has(m.today.Month())
	}
	milestone, _ := m.schedule.Milestone(last)
	return milestone.Update.Type != 0 && !milestone.Date.After(m.today)
}
