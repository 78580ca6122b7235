package ics

import (
	"fmt"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// monthEvent says what a month is, restart first: colours and categories do not
// reach every client, the first words do.
func (b *builder) monthEvent(m cycle.Milestone) Event {
	summary := fmt.Sprintf("%s: %s %s, %s", headline(m), b.Track().Name, kindOf(m), monthName(m.Month))
	if m.Update.KB != "" {
		summary += ", " + m.Update.KB
	}
	categories := []string{"Hotpatch month", "No restart"}
	if m.Kind == cycle.Baseline {
		categories = []string{"Baseline month", "Restart"}
	}
	if m.Unplanned() {
		categories = append(categories, "Unplanned")
	}
	return Event{
		UID:         uid(m.Month.String(), b.Track().ID),
		Summary:     summary,
		Description: strings.Join(b.monthLines(m), "\n"),
		URL:         m.Update.URL,
		Categories:  categories,
		Confirmed:   m.Status == cycle.Released || m.Status == cycle.Announced,
		Restarts:    restartOf(m.Kind),
		Stamp:       b.stamp(m.UpdatedOn),
		Sequence:    m.Changes(),
	}
}

// headline is the answer to the one question: does it restart, and how sure is that.
func headline(m cycle.Milestone) string {
	restart := "No restart"
	if m.Kind == cycle.Baseline {
		restart = "Restart"
	}
	switch m.Status {
	case cycle.Planned:
		return restart + " planned"
	case cycle.Announced:
		return restart + " announced"
	case cycle.Unconfirmed:
		return restart + " (unconfirmed)"
	}
	return restart
}

func kindOf(m cycle.Milestone) string {
	if m.Unplanned() {
		return "unplanned baseline"
	}
	return m.Kind.String()
}

func monthName(m cycle.Month) string { return m.Day(1).Midnight().Format("January 2006") }

func (b *builder) monthLines(m cycle.Milestone) []string {
	lines := []string{meaning(m), b.certainty(m)}
	if m.Kind == cycle.Hotpatch && !m.BaselineMonth.IsZero() {
		lines = append(lines, "It builds on the baseline of "+monthName(m.BaselineMonth)+".")
	}
	if m.Update.Type != 0 {
		lines = append(lines, describe(m.Update))
	}
	for _, n := range m.Notices {
		lines = append(lines, fmt.Sprintf("Known since %s: %s. %s", n.KnownOn, n.Kind, sentence(n.Reason)))
	}
	for _, r := range m.Releases {
		if r != m.Update {
			lines = append(lines, describe(r))
		}
	}
	return lines
}

func meaning(m cycle.Milestone) string {
	switch {
	case m.Unplanned():
		return "Unplanned baseline: the rule planned a hotpatch, but this month's update restarts every device."
	case m.Kind == cycle.Baseline:
		return "Baseline: this month's update restarts every device."
	case m.PlannedKind == cycle.Baseline:
		return "Hotpatch although the rule planned a baseline: devices on the newest baseline do not restart."
	}
	return "Hotpatch: devices on the newest baseline do not restart; all others do."
}

func (b *builder) certainty(m cycle.Milestone) string {
	switch m.Status {
	case cycle.Planned:
		return "Planned by the rule; Microsoft has turned hotpatch months into baselines on the day itself."
	case cycle.Announced:
		if b.AsOf().After(m.Date) {
			return "Announced; its day has passed, but no release is known here."
		}
		return "Announced; not released yet."
	case cycle.Unconfirmed:
		return "Unconfirmed: the day has passed, but no release is known here. The kind is only the plan's: look it up."
	}
	return "Released on " + m.Date.String() + "."
}

// describe tells a release in one line.
func describe(r cycle.Release) string {
	words := []string{}
	if r.OutOfBand {
		words = append(words, "out-of-band")
	}
	words = append(words, typeName(r.Type))
	if r.KB != "" {
		words = append(words, r.KB)
	}
	if r.Build != "" {
		words = append(words, "(OS build "+r.Build+")")
	}
	if !r.Date.IsZero() {
		words = append(words, "of "+r.Date.String())
	}
	line := strings.Join(words, " ") + ": " + effect(r) + "."
	if r.Note != "" {
		line += " " + sentence(r.Note)
	}
	return strings.ToUpper(line[:1]) + line[1:]
}

func typeName(t cycle.ReleaseType) string {
	switch t {
	case cycle.TypeCumulative:
		return "cumulative update"
	case cycle.TypeComponent:
		return "component update"
	}
	return t.String()
}

func effect(r cycle.Release) string {
	switch {
	case r.Type == cycle.TypeCumulative:
		return "for devices off the cycle, with a restart"
	case r.Restart == cycle.RestartNeeded:
		return "restarts"
	case r.Restart == cycle.RestartNotNeeded:
		return "no restart"
	}
	return "nobody says whether it restarts"
}

// sentence ends a text with a full stop.
func sentence(s string) string {
	if s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

func (b *builder) releaseEvent(m cycle.Milestone, r cycle.Release) Event {
	restart := map[cycle.Restart]string{
		cycle.RestartNeeded: "Restart", cycle.RestartNotNeeded: "No restart", cycle.RestartUnknown: "Restart unknown",
	}[r.Restart]
	if r.Type == cycle.TypeCumulative {
		restart = "Restart off the cycle only"
	}
	what := typeName(r.Type)
	if r.OutOfBand {
		what = "out-of-band " + what
	}
	categories := []string{strings.ToUpper(what[:1]) + what[1:], restart}
	return Event{
		UID:         uid(releaseName(r), b.Track().ID),
		Summary:     strings.TrimSuffix(fmt.Sprintf("%s: %s %s, %s, %s", restart, b.Track().Name, what, monthName(m.Month), r.KB), ", "),
		Description: describe(r),
		URL:         r.URL,
		Categories:  categories,
		Confirmed:   !r.Date.After(b.AsOf()),
		Restarts:    r.Restart,
		Stamp:       b.stamp(r.KnownOn),
	}
}

func (b *builder) ringEvent(m cycle.Milestone, ring cycle.Ring, released cycle.Date) Event {
	offered, by := ring.OfferedOn(released), ring.RestartBy(released)
	summary := fmt.Sprintf("%s by %s: ring %s, %s %s, %s", headline(m), by.Midnight().Format("2 January"),
		ring.Name, b.Track().Name, kindOf(m), monthName(m.Month))
	lines := append([]string{fmt.Sprintf(
		"Ring %s (deferral %d, deadline %d, grace %d days): offered on %s, deadline on %s, restarted by %s.",
		ring.Name, ring.Deferral, ring.Deadline, ring.Grace, offered, ring.DeadlineOn(released), by)}, b.monthLines(m)...)
	return Event{
		Summary:     summary,
		Description: strings.Join(lines, "\n"),
		URL:         m.Update.URL,
		Categories:  []string{"Ring restart", "Restart"},
		Confirmed:   m.Status == cycle.Released || m.Status == cycle.Announced,
		Restarts:    cycle.RestartNeeded,
		Stamp:       b.stamp(m.UpdatedOn),
	}
}

// stamp is the instant of a fact: the release hour of the day on which it became known.
// What only the rule says has been known since the track began.
func (b *builder) stamp(knownOn cycle.Date) time.Time {
	if knownOn.IsZero() {
		knownOn = b.Track().FirstMonth.Day(1)
	}
	return b.Track().Rule.At(knownOn)
}
