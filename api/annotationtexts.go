package api

import (
	"slices"
	"strings"

	"github.com/cyclecal/cyclecal/api/ics"
	"github.com/cyclecal/cyclecal/cycle"
)

func monthMark(s cycle.Schedule, m cycle.Milestone) annotationRow {
	return annotationRow{
		Title: ics.Headline(m) + ": " + nameOf(s, m),
		Text:  strings.Join(monthTexts(m, s.AsOf()), " "),
		Tags:  tagsOf(s, m.Kind, m.Status.String(), flag("unplanned", m.Unplanned()), flag("restart", m.Kind.Restarts())),
	}
}

// monthTexts says what a month does, and either its release or what else is to know about it.
func monthTexts(m cycle.Milestone, asOf cycle.Date) []string {
	list := []string{ics.Meaning(m)}
	if m.Update.Type != 0 {
		return append(list, ics.Describe(m.Update))
	}
	if note := noteOf(m, asOf); note != "" {
		list = append(list, strings.TrimSuffix(note, ".")+".")
	}
	return list
}

func releaseMark(s cycle.Schedule, r cycle.Release) annotationRow {
	title := map[cycle.Restart]string{
		cycle.RestartNeeded: "Restart", cycle.RestartNotNeeded: "No restart", cycle.RestartUnknown: "Restart unknown",
	}[r.Restarts()] + ": " + whatOf(s, r)
	if r.KB != "" {
		title += ", " + r.KB
	}
	status := cycle.Released
	if r.Date.After(s.AsOf()) {
		status = cycle.Announced
	}
	return annotationRow{
		Title: title, Text: ics.Describe(r),
		Tags: tagsOf(s, r.Type, status.String(), flag("out-of-band", r.OutOfBand), flag("restart", r.Restarts() == cycle.RestartNeeded)),
	}
}

// whatOf is "Windows 11 24H2 out-of-band hotpatch, June 2026".
func whatOf(s cycle.Schedule, r cycle.Release) string {
	return s.Track().Name + " " + r.What() + ", " + r.Month.Name()
}

func changeMark(s cycle.Schedule, change cycle.Change) annotationRow {
	row, restart := viewChange(s.Track(), change), "No restart"
	if change.Is.Restarts() {
		restart = "Restart"
	}
	m, _ := s.Milestone(change.Month)
	return annotationRow{
		Title: restart + ": " + row.title(), Text: row.summary(),
		Tags: tagsOf(s, change.Is, m.Status.String(), "change", flag("unplanned", change.Is.Restarts() && !m.PlannedKind.Restarts()), flag("restart", change.Is.Restarts())),
	}
}

func ringMark(s cycle.Schedule, update cycle.Milestone, what string, ring cycle.Ring, p cycle.Plan) annotationRow {
	text := "Ring " + ring.Name + ": offered on " + p.OfferedOn.String() + ", deadline on " + p.DeadlineOn.String() + ", restarted by " + p.RestartBy.String() + "."
	if p.Freeze.ID != "" {
		text += " In the freeze " + p.Freeze.ID + "."
	}
	return annotationRow{
		Title: ics.Headline(update) + ": ring " + ring.Name + ", " + what,
		Text:  text,
		Tags: tagsOf(s, cycle.Baseline, update.Status.String(), flag("unplanned", update.Unplanned()), "restart", "ring", ring.Name,
			flag("freeze", p.Freeze.ID != "")),
	}
}

// nameOf is "Windows 11 24H2 unplanned baseline, June 2026".
func nameOf(s cycle.Schedule, m cycle.Milestone) string {
	kind := m.Kind.String()
	if m.Unplanned() {
		kind = "unplanned " + kind
	}
	return s.Track().Name + " " + kind + ", " + m.Month.Name()
}

// tagsOf joins tags. None of them has a comma, as they are ids, kinds and words of this program.
func tagsOf(s cycle.Schedule, kind interface{ String() string }, more ...string) string {
	list := append([]string{s.Track().ID, kind.String()}, more...)
	return strings.Join(slices.DeleteFunc(list, func(tag string) bool { return tag == "" }), ",")
}

func flag(word string, is bool) string {
	if is {
		return word
	}
	return ""
}
