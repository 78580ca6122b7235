package api

import (
	"slices"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

func sourceRows(ages []SourceAge) []sourceRow {
	var rows []sourceRow
	for _, a := range ages {
		rows = append(rows, sourceRow{a.ID, text(a.CheckedOn), a.Stale})
	}
	return rows
}

func viewTrack(t cycle.Track) trackRow {
	months := make([]int, len(t.Rule.BaselineMonths))
	for i, m := range t.Rule.BaselineMonths {
		months[i] = int(m)
	}
	return trackRow{
		ID: t.ID, Name: t.Name, OSBranch: orNull(t.Branch), FirstMonth: t.FirstMonth.String(),
		HotpatchUntil: text(t.LastMonth), Note: orNull(t.Note),
		Rule: ruleView{
			BaselineMonths: months, ReleaseDay: t.Rule.Day.String(), OffsetDays: t.Rule.OffsetDays,
			ReleaseTime: time.Date(1, 1, 1, t.Rule.Hour, t.Rule.Minute, 0, 0, time.UTC).Format("15:04"),
			TimeZone:    t.Rule.Zone.String(),
		},
	}
}

func viewMonth(s cycle.Schedule, m cycle.Milestone, zone *time.Location) scheduleRow {
	t, asOf := s.Track(), s.AsOf()
	row := scheduleRow{
		Track: t.ID, TrackName: t.Name, Month: m.Month.String(),
		Kind: m.Kind.String(), PlannedKind: m.PlannedKind.String(), Unplanned: m.Unplanned(),
		Restart: m.Kind.Restarts(), Status: m.Status.String(),
		ReleaseDate: cycle.DateIn(m.At, zone).String(), ReleaseAt: instant(m.At),
		Quarter:       m.Month.String()[:5] + "Q" + string(rune('0'+m.Month.Quarter())),
		BaselineMonth: text(m.BaselineMonth), KB: orNull(m.Update.KB), Build: orNull(m.Update.Build), URL: orNull(m.Update.URL),
		Restarts: m.Restarts(), OutOfBand: m.OutOfBand(), Note: orNull(noteOf(m, asOf)),
	}
	if !m.UpdatedOn.IsZero() {
		row.UpdatedAt = orNull(instant(t.Rule.At(m.UpdatedOn)))
	}
	return row
}

// noteOf returns what a reader should know about a month beside the fields of its row, or "".
func noteOf(m cycle.Milestone, asOf cycle.Date) string {
	switch {
	case m.Assumed:
		return "Assumed as asked: nobody told that the month is a " + m.Kind.String()
	case m.Status == cycle.Unconfirmed:
		return "No release is known although the day has passed: the kind is only the plan's"
	case m.Status == cycle.Announced && asOf.After(m.Date):
		return "Announced, and its day has passed, but no release is known"
	}
	for _, n := range slices.Backward(m.Notices) {
		if n.Kind == m.Kind { // a release may have come otherwise than announced
			return n.Reason
		}
	}
	return m.Update.Note
}

// viewRing says what a month means for a ring, with days in a zone.
func (c *call) viewRing(s cycle.Schedule, ring cycle.Ring, m cycle.Milestone, zone *time.Location) ringView {
	p := s.Plan(m, ring, c.freezes(), zone)
	v := ringView{
		Ring: ring.Name, OfferedOn: p.OfferedOn.String(), DeadlineOn: text(p.DeadlineOn), RestartBy: text(p.RestartBy),
		Freeze: orNull(p.Freeze.ID), FreezeReason: orNull(p.Freeze.Reason), EarlierDay: text(p.EarlierDay),
		FreezeConflict: c.conflict(p),
	}
	v.WindowStart, v.WindowEnd = viewSpan(p.Window)
	v.NextWindowStart, v.NextWindowEnd = viewSpan(p.NextWindow)
	return v
}

// conflict tells whether a freeze forbids a plan. The public is told of no freeze.
func (c *call) conflict(p cycle.Plan) *bool {
	if !c.trusted() {
		return nil
	}
	return new(p.Freeze.ID != "")
}

func viewSpan(s cycle.Span) (start, end *string) {
	if s.Start.IsZero() {
		return nil, nil
	}
	return orNull(instant(s.Start)), orNull(instant(s.End))
}

func viewRelease(r cycle.Release) releaseRow {
	return releaseRow{
		Track: r.Track, Month: text(r.Month), KB: orNull(r.KB), Build: orNull(r.Build), Type: r.Type.String(),
		OutOfBand: r.OutOfBand, ReleaseDate: text(r.Date), KnownOn: r.KnownOn.String(), Title: orNull(r.Title),
		URL: orNull(r.URL), Confidence: orNull(r.Confidence), Note: orNull(r.Note), Restart: viewRestart(r.Restart),
	}
}

// viewRestart is null where nobody knows.
func viewRestart(r cycle.Restart) *bool {
	if r == cycle.RestartUnknown {
		return nil
	}
	return new(r == cycle.RestartNeeded)
}

func viewNotice(n cycle.Notice) noticeRow {
	return noticeRow{
		ID: n.ID(), Track: n.Track, Month: n.Month.String(), Kind: n.Kind.String(), KnownOn: n.KnownOn.String(),
		PlanSeenOn: text(n.PlanSeenOn), Reason: orNull(n.Reason), Source: orNull(n.Source),
	}
}

func viewState(t cycle.Track, s cycle.State) stateRow {
	row := stateRow{Track: t.ID, TrackName: t.Name}
	if m := s.Milestone; m.Kind != 0 {
		row.Month, row.Kind, row.Unplanned, row.Status = text(m.Month), text(m.Kind), new(m.Unplanned()), text(m.Status)
		row.BaselineMonth, row.Since = text(m.BaselineMonth), orNull(instant(m.At))
	}
	if !s.Until.IsZero() {
		row.Until = orNull(instant(s.Until))
	}
	return row
}
