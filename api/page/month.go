package page

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// monthView is everything known about a month.
type monthView struct {
	Name           string
	Earlier, Later Link
	Groups         []monthGroup
	Ticket         string
}

// monthGroup is what the tracks share for which the month is the same.
type monthGroup struct {
	Name                 string
	Planned, Kind, Class string
	Status, Day, At      string
	Builds               string
	Notices              []noticeView
	Tracks               []monthTrack
	ids                  []int
}

type monthTrack struct {
	Name, Href string
	Releases   []releaseView
}

type noticeView struct{ Day, Kind, Reason, Source, Host, Seen string }

type releaseView struct {
	Day, Type, KB, Build, Restart, URL, Note string
	Secondary                                bool
}

func (in Input) month() monthView {
	v := monthView{Name: in.Month.Name(), Earlier: in.monthLink(-1), Later: in.monthLink(1)}
	var ticket []string
	for i, s := range in.Schedules {
		m, ok := s.Milestone(in.Month)
		if !ok {
			continue
		}
		g := in.monthGroup(s, m)
		at := slices.IndexFunc(v.Groups, func(o monthGroup) bool { return o.same(g) })
		if at < 0 {
			at = len(v.Groups)
			v.Groups = append(v.Groups, g)
		}
		v.Groups[at].ids = append(v.Groups[at].ids, i)
		v.Groups[at].Tracks = append(v.Groups[at].Tracks, in.monthTrack(s, m))
		ticket = append(ticket, in.ticket(s, m))
	}
	for i, g := range v.Groups {
		v.Groups[i].Name = in.tracksOf(g.ids)
	}
	v.Ticket = strings.Join(ticket, "\n\n")
	return v
}

func (in Input) monthLink(n int) Link {
	m := in.Month.AddMonths(n)
	for _, s := range in.Schedules {
		if s.Track().Has(m) {
			return Link{Href: in.link("month", "month", m.String(), "year", yearText(m.Year())), Text: m.Name()}
		}
	}
	return Link{}
}

// same reports whether the month is the same for two groups, apart from the sources of notices.
func (g monthGroup) same(o monthGroup) bool {
	return g.Kind == o.Kind && g.Planned == o.Planned && g.Status == o.Status && g.At == o.At && g.Day == o.Day && g.Builds == o.Builds &&
		slices.EqualFunc(g.Notices, o.Notices, func(a, b noticeView) bool {
			return a.Day == b.Day && a.Kind == b.Kind && a.Reason == b.Reason && a.Seen == b.Seen
		})
}

func (in Input) monthGroup(s cycle.Schedule, m cycle.Milestone) monthGroup {
	g := monthGroup{
		Planned: m.PlannedKind.String(), Kind: m.Kind.String(), Class: m.Kind.String(), Status: m.Status.String(),
		Day: longDay(in.releasedOn(s, m)), At: in.clock(s, m.At),
	}
	if m.Unplanned() {
		g.Kind, g.Class = "unplanned baseline", g.Class+" unplanned"
	}
	if m.Status == cycle.Unconfirmed {
		g.Kind += " by the plan, unconfirmed"
	}
	if !m.BaselineMonth.IsZero() && m.Kind == cycle.Hotpatch {
		g.Builds = m.BaselineMonth.Name()
	}
	for _, n := range m.Notices {
		g.Notices = append(g.Notices, noticeView{
			Day: shortDay(n.KnownOn), Kind: n.Kind.String(), Reason: sentence(n.Reason),
			Source: n.Source, Host: host(n.Source), Seen: shortDay(n.PlanSeenOn),
		})
	}
	return g
}

func (in Input) monthTrack(s cycle.Schedule, m cycle.Milestone) monthTrack {
	t := monthTrack{Name: s.Track().Name, Href: in.linkTo(trackPath(s.Track()), "month")}
	for _, r := range m.Releases {
		t.Releases = append(t.Releases, releaseView{
			Day: shortDay(r.Date), Type: r.What(), KB: r.KB, Build: r.Build, Restart: effect(r),
			URL: r.URL, Note: r.Note, Secondary: r.Confidence == "secondary",
		})
	}
	return t
}

// host returns the host of an address, to say whose page it is.
func host(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return "somebody"
}

// ticket is what a change manager pastes into a ticket, in Markdown.
func (in Input) ticket(s cycle.Schedule, m cycle.Milestone) string {
	lines := []string{fmt.Sprintf("## %s, %s: %s", oneLine(s.Track().Name), m.Month.Name(), effectOf(m)), ""}
	add := func(label, format string, args ...any) {
		lines = append(lines, "- "+label+": "+fmt.Sprintf(format, args...))
	}
	add("Kind", "%s (the rule planned a %s), %s", reason(m), m.PlannedKind, m.Status)
	add("Release", "%s, %s", longDay(in.releasedOn(s, m)), in.clock(s, m.At))
	if m.Update.Type != 0 {
		add("Update", "%s", cmp.Or(oneLine(m.Update.KB+" "+m.Update.Build), "no KB published"))
	}
	if m.Kind.Restarts() && in.Calculated {
		day := in.releasedOn(s, m)
		add("Our ring", "offered on %s, restarted by %s (deferral %d, deadline %d, grace %s)",
			in.Ring.OfferedOn(day), in.Ring.RestartBy(day), in.Ring.Deferral, in.Ring.Deadline, cycle.Quantity(in.Ring.Grace, "day", "days"))
	}
	for _, n := range m.Notices {
		add("Notice", "%s", noticeLine(n))
	}
	for _, r := range m.Releases {
		if r.OutOfBand && r.OnCycle() {
			add("Out-of-band", "%s, %s, %s", r.Date, oneLine(r.KB), effect(r))
		}
	}
	if m.Update.URL != "" {
		add("Source", "%s", oneLine(m.Update.URL))
	}
	if m.Status == cycle.Unconfirmed {
		add("Unconfirmed", "the day has passed, but no release is known here")
	}
	return strings.Join(lines, "\n")
}

func noticeLine(n cycle.Notice) string {
	line := n.KnownOn.String() + ": " + n.Kind.String() + "."
	if n.Reason != "" {
		line += " " + oneLine(n.Reason)
	}
	if n.Source != "" {
		line += " (" + oneLine(n.Source) + ")"
	}
	return line
}

func (in Input) monthHref(s cycle.Schedule, m cycle.Month) string {
	return in.linkTo(trackPath(s.Track()), "month", "month", m.String(), "year", yearText(m.Year()))
}
