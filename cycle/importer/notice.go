package importer

import (
	"cmp"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// notice adds a notice where a row says that the kind of a month differs from what was known.
//
// That a page tells the plan's kind is news only if this same page told the other kind on an
// earlier day: where pages disagree, the one that differs from the plan is believed. From the day
// of the update on it is no news, as any page may be an old copy. What a page says otherwise on the
// same day is a difference, and counts if it still says so on the next one. What a copy says that may be
// from before this page's newest notice is a difference, too.
func (m *merger) notice(row Row) error {
	n := cycle.Notice{
		Track: row.Track, Month: row.Month, Kind: row.Kind, KnownOn: m.today, Source: m.page(row),
		Reason: "Microsoft's " + pageName(m.doc.Origin) + " says so; the plan was " + otherKind(row.Kind).String() + noReason,
	}
	newest := m.newestNotice(row.Month)
	today, samePage := newest.KnownOn == m.today, newest.Source == n.Source && n.Source != ""
	rule := m.facts.Track.Rule
	due := !m.today.Before(rule.Date(row.Month))
	if today && samePage && newest.Kind != row.Kind && !due {
		m.differ(Differs, row.Month, n.ID(), "kind", newest.Kind.String(), row.Kind.String())
		return nil
	}
	switch {
	case rule.Kind(row.Month) == row.Kind:
		milestone, _ := m.schedule.Milestone(row.Month)
		if due || milestone.Update.Type != 0 || newest.Kind != otherKind(row.Kind) || !samePage || today {
			return nil
		}
		n.Reason = "Microsoft's " + pageName(m.doc.Origin) + " tells the plan again"
	case today && newest.Kind != row.Kind:
		return nil // another page took it back today: a page that still says so tomorrow counts then
	case today:
		m.share(n)
		return nil
	case m.schedule.Kind(row.Month) == row.Kind:
		return nil
	}
	if samePage && newest.Kind != row.Kind && m.mayBeOld(newest, due) {
		m.differ(Differs, row.Month, newest.ID(), "kind", newest.Kind.String(), row.Kind.String())
		return nil
	}
	if err := m.facts.Track.CheckNotice(n); err != nil {
		return err
	}
	m.facts.Notices = append(m.facts.Notices, n)
	m.differ(Noticed, row.Month, n.ID(), "kind", m.schedule.Kind(row.Month).String(), row.Kind.String())
	return nil
}

// mayBeOld reports whether the document may be a copy from before a notice of the same page: by its own word of when
// it was changed. Without such a word it has to wait, until the day of the update, for as long as the month's notices
// go back, lest two copies take turns for ever.
func (m *merger) mayBeOld(newest cycle.Notice, due bool) bool {
	if !m.doc.Updated.IsZero() {
		return m.doc.Updated.Before(newest.KnownOn)
	}
	oldest := newest.KnownOn
	for _, n := range m.facts.Notices {
		if n.Month == newest.Month && n.KnownOn.Before(oldest) {
			oldest = n.KnownOn
		}
	}
	return !due && m.today.Before(newest.KnownOn.AddDays(oldest.DaysUntil(newest.KnownOn)))
}

// noReason ends the reason of a notice that an import made.
const noReason = ". It gives no reason"

// newestNotice returns the notice that counts for a month, zero where it has none.
func (m *merger) newestNotice(month cycle.Month) cycle.Notice {
	var newest cycle.Notice
	for _, n := range m.facts.Notices {
		if n.Month == month && cmp.Or(n.KnownOn.Compare(newest.KnownOn), cmp.Compare(n.Kind, newest.Kind), cmp.Compare(n.Source, newest.Source)) > 0 {
			newest = n
		}
	}
	return newest
}

// share replaces a notice of today by one that says the same and is from a better page.
func (m *merger) share(n cycle.Notice) {
	for i, old := range m.facts.Notices {
		if old.Month != n.Month || old.Kind != n.Kind || old.KnownOn != n.KnownOn || !strings.HasSuffix(old.Reason, noReason) {
			continue
		}
		if cmp.Or(cmp.Compare(sourceRank(n.Source), sourceRank(old.Source)), cmp.Compare(n.Source, old.Source)) < 0 {
			n.PlanSeenOn = old.PlanSeenOn
			m.facts.Notices[i] = n
		}
	}
}

func otherKind(k cycle.Kind) cycle.Kind {
	if k == cycle.Baseline {
		return cycle.Hotpatch
	}
	return cycle.Baseline
}

// page returns the address of the page that says the kind.
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
