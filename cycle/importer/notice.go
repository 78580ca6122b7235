package importer

import (
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// notice remembers a kind that differs from what was known.
//
// That a page tells the plan is no news on the day on which another page tells
// otherwise, nor after the release has come: it may be an old copy.
func (m *merger) notice(row Row) error {
	n := cycle.Notice{
		Track: row.Track, Month: row.Month, Kind: row.Kind, KnownOn: m.today, Source: m.page(row),
		Reason: "Microsoft's " + pageName(m.doc.Origin) + " says so; the plan was " + otherKind(row.Kind).String() + ". It gives no reason",
	}
	var newest cycle.Notice
	for i, old := range m.facts.Notices {
		if old.Month != row.Month {
			continue
		}
		if old.Kind == n.Kind && old.KnownOn == m.today { // another page said so today
			if sourceRank(n.Source) < sourceRank(old.Source) || sourceRank(n.Source) == sourceRank(old.Source) && n.Source < old.Source {
				n.PlanSeenOn = old.PlanSeenOn
				m.facts.Notices[i] = n
			}
			return nil
		}
		if !old.KnownOn.Before(newest.KnownOn) {
			newest = old
		}
	}
	if m.facts.Track.Rule.Kind(row.Month) == row.Kind {
		milestone, _ := m.schedule.Milestone(row.Month)
		if newest.Kind == 0 || newest.Kind == row.Kind || !newest.KnownOn.Before(m.today) || milestone.Update.Type != 0 {
			return nil
		}
		n.Reason = "Microsoft's " + pageName(m.doc.Origin) + " tells the plan again"
	} else if m.schedule.Kind(row.Month) == row.Kind {
		return nil
	}
	if err := m.facts.Track.CheckNotice(n); err != nil {
		return err
	}
	m.facts.Notices = append(m.facts.Notices, n)
	m.differ(Noticed, row.Month, n.ID(), "kind", m.schedule.Kind(row.Month).String(), row.Kind.String())
	return nil
}

func otherKind(k cycle.Kind) cycle.Kind {
	if k == cycle.Baseline {
		return cycle.Hotpatch
	}
	return cycle.Baseline
}

// page is where a kind was said.
func (m *merger) page(row Row) string {
	if m.doc.Origin == ReleaseNotes && row.URL != "" {
		return row.URL
	}
	return m.doc.Page
}

func pageName(o Origin) string {
	switch o {
	case Windows11Calendar, ServerCalendar:
		return "release information"
	case ReleaseNotes:
		return "list of release notes"
	}
	return "update history"
}

// sourceRank prefers the page with the whole calendar.
func sourceRank(address string) int {
	if strings.HasPrefix(address, "https://learn.microsoft.com/") {
		return 0
	}
	return 1
}
