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
	summary := fmt.Sprintf("%s: %s %s, %s", Headline(m), b.Track().Name, kindOf(m), m.Month.Name())
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
		Confirmed:   confirmed(m),
		Restarts:    restartOf(m.Kind),
		Stamp:       b.stamp(m),
		Sequence:    b.sequence(m),
	}
}

// confirmed reports whether a fact tells the kind of a month, and not the rule alone.
func confirmed(m cycle.Milestone) bool {
	return m.Status == cycle.Released || m.Status == cycle.Announced
}

// sequence grows with each fact about a month, whenever people change or withdraw one, and once more
// when the day alone changes the event.
func (b *builder) sequence(m cycle.Milestone) int {
	n := 2*m.Changes() + 4*int(b.q.Edition)
	if !b.turned(m).IsZero() {
		return n + 1
	}
	return n
}

// turned returns the day that alone, without a fact, changed what the event of a month says: that of a release
// known beforehand, or the day after one that passed without a release. It is zero while there is none.
func (b *builder) turned(m cycle.Milestone) cycle.Date {
	switch {
	case m.Status == cycle.Released && m.UpdatedOn.Before(m.Date):
		return m.Date
	case m.Status != cycle.Released && b.AsOf().After(m.Date):
		return m.Date.AddDays(1)
	}
	return cycle.Date{}
}

// editions is the sequence of an event about a single release: it grows when people change something.
func (b *builder) editions(of cycle.Month) int { return 4*int(b.Edition(of)) + 4*int(b.q.Edition) }

// Headline says whether the month restarts, and how sure that is.
func Headline(m cycle.Milestone) string {
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

func (b *builder) monthLines(m cycle.Milestone) []string {
	lines := []string{Meaning(m), b.certainty(m)}
	if m.Update.Type != 0 {
		lines = append(lines, Describe(m.Update))
	}
	for _, n := range m.Notices {
		lines = append(lines, fmt.Sprintf("Known since %s: %s. %s", n.KnownOn, n.Kind, sentence(n.Reason)))
	}
	for _, r := range m.Releases {
		if r != m.Update {
			lines = append(lines, Describe(r))
		}
	}
	return lines
}

// Meaning says in a sentence what the month does to devices.
func Meaning(m cycle.Milestone) string {
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

// Describe describes a release in one line.
func Describe(r cycle.Release) string {
	words := []string{r.What()}
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

func effect(r cycle.Release) string {
	switch {
	case r.Type == cycle.TypeCumulative:
		return "for devices off the cycle, with a restart"
	case r.Restarts() == cycle.RestartNeeded:
		return "restarts"
	case r.Restarts() == cycle.RestartNotNeeded:
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
	}[r.Restarts()]
	if r.Type == cycle.TypeCumulative {
		restart = "Restart off the cycle only"
	}
	what := r.What()
	categories := []string{strings.ToUpper(what[:1]) + what[1:], restart}
	e := Event{
		UID:         uid(releaseName(r), b.Track().ID),
		Summary:     strings.TrimSuffix(fmt.Sprintf("%s: %s %s, %s, %s", restart, b.Track().Name, what, m.Month.Name(), r.KB), ", "),
		Description: Describe(r),
		URL:         r.URL,
		Categories:  categories,
		Confirmed:   !r.Date.After(b.AsOf()),
		Restarts:    r.Restarts(),
		Stamp:       b.Track().Rule.At(r.KnownOn),
		Sequence:    b.editions(r.Month),
	}
	if e.Confirmed && r.KnownOn.Before(r.Date) { // the day alone confirmed it
		e.Stamp, e.Sequence = r.Date.Start(b.Track().Rule.Zone).UTC(), e.Sequence+1
	}
	return e
}

// stamp is the instant since which the event says what it says: the release hour of the
// day on which its newest fact became known, or the beginning of the day that alone changed
// it since. What only the rule says has been known since the track began.
func (b *builder) stamp(m cycle.Milestone) time.Time {
	rule, turned := b.Track().Rule, b.turned(m)
	switch {
	case !turned.IsZero() && m.UpdatedOn.Before(turned):
		return turned.Start(rule.Zone).UTC()
	case m.UpdatedOn.IsZero():
		return rule.At(b.Track().FirstMonth.Day(1))
	}
	return rule.At(m.UpdatedOn)
}
