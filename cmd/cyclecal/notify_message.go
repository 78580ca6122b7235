package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/cyclecal/cyclecal/cycle"
)

// message is what a receiver gets. Unknown values are null.
type message struct {
	ID          string   `json:"id"` // the same whenever it is sent again
	Kind        string   `json:"kind"`
	Title       string   `json:"title"`
	Text        string   `json:"text"`
	Tracks      []string `json:"tracks"`
	Month       *string  `json:"month"`
	KnownOn     *string  `json:"known_on"`
	ReleaseDate *string  `json:"release_date"`
	RestartOn   *string  `json:"restart_on"`
	RestartBy   *string  `json:"restart_by"`
	Ring        *string  `json:"ring"`
	URL         *string  `json:"url"`

	facts []fact
}

// compose makes one message of all facts that differ in their track alone.
func compose(facts []fact, baseURL string) []message {
	groups := map[string][]fact{}
	order := []string{}
	for _, f := range facts {
		g := f.group()
		if groups[g] == nil {
			order = append(order, g)
		}
		groups[g] = append(groups[g], f)
	}
	list := make([]message, len(order))
	for i, g := range order {
		list[i] = messageOf(groups[g], baseURL)
	}
	return list
}

func messageOf(facts []fact, baseURL string) message {
	f, marks := facts[0], ""
	tracks := map[string]bool{}
	for _, each := range facts {
		marks += each.mark()
		tracks[each.track.ID] = true
	}
	m := message{
		ID: f.subject() + "." + hashOf(marks)[:markLength], Kind: f.kind, Title: clean(f.title(), mostTitle), Tracks: slices.Sorted(maps.Keys(tracks)),
		Month: orNull(f.month.String()), KnownOn: orNull(f.change.KnownOn.String()), ReleaseDate: orNull(f.releasedOn.String()),
		RestartOn: orNull(f.restartOn.String()), RestartBy: orNull(f.restartBy.String()), Ring: orNull(f.ring), facts: facts,
	}
	link := cmp.Or(f.change.Notice.Source, f.change.Release.URL)
	if baseURL != "" {
		link = baseURL + "/"
		if len(tracks) == 1 && !f.month.IsZero() {
			link += "tracks/" + f.track.ID + "?month=" + f.month.String() + "#month"
		}
	}
	m.URL = orNull(clean(link, mostTitle))
	lines := slices.Concat(names(facts), f.sentences(), []string{link})
	m.Text = strings.Join(slices.DeleteFunc(lines, func(s string) bool { return s == "" }), "\n")
	return m
}

// Receivers bound a message: Discord takes 2,000 characters, Telegram 4,096.
const (
	mostTitle = 250
	mostNames = 20
)

// names returns a line for each track.
func names(facts []fact) []string {
	var lines []string
	for i, f := range facts {
		if i == mostNames {
			return append(lines, fmt.Sprintf("- and %d more", len(facts)-i))
		}
		what := []string{f.track.Name}
		if f.kind == factOutOfBand {
			what = append(what, f.change.Release.KB, f.change.Release.Build)
		}
		what = slices.DeleteFunc(what, func(s string) bool { return s == "" })
		lines = append(lines, "- "+clean(strings.Join(what, ", "), 60))
	}
	return lines
}

func (f fact) title() string {
	switch f.kind {
	case factPlan:
		if f.change.Is.Restarts() {
			return f.month.Name() + " became a baseline month: its update restarts"
		}
		return f.month.Name() + " became a hotpatch month: its update needs no restart"
	case factOutOfBand:
		title := "New " + f.change.Release.What()
		if !f.releasedOn.IsZero() {
			title += " of " + f.releasedOn.String()
		}
		return title + map[cycle.Restart]string{cycle.RestartNeeded: ": it restarts", cycle.RestartNotNeeded: ": no restart"}[f.change.Release.Restarts()]
	}
	title := "Restart"
	if f.ring != "" {
		title = "Ring " + f.ring + ": restart"
	}
	switch f.daysAway {
	case 0:
		title += " today"
	case 1:
		title += " tomorrow"
	default:
		title += fmt.Sprintf(" in %d days", f.daysAway)
	}
	return title + ", " + f.restartOn.String() + ", for " + f.month.Name()
}

func (f fact) sentences() []string {
	if f.kind == factRestart {
		return f.restartSentences()
	}
	c := f.change
	reason := clean(cmp.Or(c.Notice.Reason, c.Release.Note), 500)
	if f.kind == factOutOfBand {
		return []string{"Known since " + c.KnownOn.String() + ".", reason}
	}
	said := fmt.Sprintf("It was planned as a %s month. Its update is of %s; known since %s.", c.Was, c.ReleasedOn, c.KnownOn)
	return []string{said, reason}
}

func (f fact) restartSentences() []string {
	said := fmt.Sprintf("The update is of %s.", f.releasedOn)
	if f.status == cycle.Planned || f.status == cycle.Unconfirmed {
		said = fmt.Sprintf("The update is planned for %s.", f.releasedOn)
	}
	if !f.restartBy.IsZero() {
		said += fmt.Sprintf(" Devices of the ring restart by %s.", f.restartBy)
	}
	return []string{strings.TrimSpace(said + " " + f.frozen)}
}

// frozenOf tells what of a ring's restart falls into a freeze, in the order in which feeds look at it: its window,
// its last day, or the days before that of a ring without a window.
func frozenOf(ring cycle.Ring, p cycle.Plan) string {
	switch {
	case p.Freeze.ID == "":
		return ""
	case !ring.Window.IsZero() && p.Freeze.Forbids(p.Window, ring.Window.Zone):
		return "The window falls into the freeze " + p.Freeze.ID + "."
	case p.LastDayFrozen():
		return "The last day, " + p.RestartBy.String() + ", falls into the freeze " + p.Freeze.ID + "."
	}
	first, last := p.OfferedOn, p.Freeze.To // which is before the last day
	if p.Freeze.From.After(first) {
		first = p.Freeze.From
	}
	days := first.String() + " falls"
	if last != first {
		days = first.String() + " to " + last.String() + " fall"
	}
	return "The last day does not, but " + days + " into the freeze " + p.Freeze.ID + "."
}

// clean makes one line of what people wrote: no receiver reads a header or a command in it.
func clean(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.TrimSpace(fit(s, most))
}

// orNull returns nil for "".
func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
