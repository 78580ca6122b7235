package page

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// view is what the template of the schedule shows. Every text is plain: the template escapes it.
type view struct {
	Title       string
	Heading     string
	Nav         []Link
	AsOf        string
	Now         string // link back to today, where the reader looks back
	Next        []nextGroup
	Due         []string // baselines that came a few days ago
	None        []string // why no restart is to come, where there is none
	KnownUntil  string
	Unconfirmed string
	Year        yearView
	Ring        ringView
	Subscribe   subscribeView
	Query       []line
	Month       monthView
	Changes     []change
	Earlier     []change
	Feed        string
	Single      bool
	Sources     []Source
}

// line is a labelled text that can be copied.
type line struct{ Label, Text, Hint string }

// nextGroup is the next restart of the tracks that share it.
type nextGroup struct {
	Day, ISO, Away, Why, KB, Tracks, At string
}

// Render renders the page of all tracks, or of one.
func Render(in Input) ([]byte, error) {
	v := view{
		Title: "When do Windows updates restart?", Heading: "Next restart", Nav: in.nav(), KnownUntil: shortDay(in.KnownUntil),
		Unconfirmed: in.unconfirmed(), Next: in.next(), Due: in.due(), Year: in.year(), Ring: in.ring(),
		Subscribe: in.subscribe(), Query: in.queries(), Month: in.month(), Feed: in.feedPath(), Single: in.Single, Sources: in.Sources,
	}
	if len(v.Next) == 0 {
		v.None = in.none()
	}
	v.Changes = in.changes()
	if len(v.Changes) > newestChanges {
		v.Changes, v.Earlier = v.Changes[:newestChanges], v.Changes[newestChanges:]
	}
	if in.Single {
		v.Heading, v.Title = "Next restart of "+in.track().Name, in.track().Name+": when do updates restart?"
	}
	if !in.AsOf.IsZero() {
		v.AsOf, v.Now = longDay(in.AsOf), in.link("", "as_of", "")
	}
	return render("schedule.html", v)
}

func (in Input) nav() []Link {
	keep := in
	keep.Month = cycle.Month{}
	links := []Link{{keep.linkTo("/", ""), "All tracks", !in.Single}}
	for _, t := range in.All {
		here := in.Single && t.ID == in.track().ID
		links = append(links, Link{keep.linkTo(trackPath(t), ""), shortName(t), here})
	}
	return links
}

// next groups the tracks by their next restart, the nearest first.
func (in Input) next() []nextGroup {
	type key struct {
		day    cycle.Date
		at     time.Time
		month  cycle.Month
		status cycle.Status
		why    string
		kb     string
		clock  string
		away   string
	}
	var same groups[key]
	for i, s := range in.Schedules {
		m, ok := s.NextRestart(in.Now)
		if !ok {
			continue
		}
		day := in.releasedOn(s, m)
		same.add(key{day, m.At, m.Month, m.Status, reason(m), m.Update.KB, in.clock(s, m.At), in.away(s, day)}, i)
	}
	slices.SortStableFunc(same.order, func(a, b key) int { return a.at.Compare(b.at) })
	var list []nextGroup
	for _, k := range same.order {
		list = append(list, nextGroup{
			Day: longDay(k.day), ISO: k.at.Format(time.RFC3339), Away: k.away, Why: k.why,
			KB: k.kb, Tracks: in.tracksOf(same.tracks[k]), At: k.clock,
		})
	}
	return list
}

// none says why no restart is to come.
func (in Input) none() []string {
	if in.Single {
		s := in.Schedules[0]
		if in.ended(s) {
			return []string{"The track ended with " + in.track().LastMonth.Name() + "."}
		}
		why := in.whyNone(s)
		return []string{strings.ToUpper(why[:1]) + why[1:] + "."}
	}
	var same groups[string]
	for i, s := range in.Schedules {
		same.add(in.whyNone(s), i)
	}
	list := make([]string, len(same.order))
	for i, why := range same.order {
		list[i] = in.tracksOf(same.tracks[why]) + ": " + why + "."
	}
	return list
}

// whyNone says why no restart of a track is to come.
func (in Input) whyNone(s cycle.Schedule) string {
	t := s.Track()
	switch {
	case in.ended(s):
		return "the track has ended"
	case len(t.Rule.BaselineMonths) == 0 || t.LastMonth.IsZero():
		return "by its rule no month restarts"
	}
	return "the track ends with " + t.LastMonth.Name()
}

// ended reports whether the track's last month is no longer in force.
func (in Input) ended(s cycle.Schedule) bool {
	_, more := s.Next(in.Now)
	return !more && s.At(in.Now).Milestone.Kind == 0
}

// restarting is how many days after a baseline most rings still restart for it: the
// longest of Autopatch's defaults takes 16.
const restarting = 16

// due tells of the baselines that came so lately that machines still restart for them.
func (in Input) due() []string {
	var same groups[string]
	for i, s := range in.Schedules {
		came := slices.DeleteFunc(s.Restarts(s.At(in.Now).Milestone), func(m cycle.Milestone) bool { return m.At.After(in.Now) })
		if len(came) == 0 {
			continue
		}
		m := came[len(came)-1]
		day := in.releasedOn(s, m)
		if m.Status != cycle.Released || day.DaysUntil(in.TodayOf(s)) > restarting {
			continue
		}
		same.add(reason(m)+" of "+longDay(day)+", "+in.away(s, day), i)
	}
	var list []string
	for _, text := range same.order {
		list = append(list, "Restarting now: "+text+", "+in.tracksOf(same.tracks[text])+".")
	}
	return list
}

// clock shows an instant: first in the zone whose day stands beside it, then in that of the track's rule and in UTC,
// with the day where it is another one there.
func (in Input) clock(s cycle.Schedule, at time.Time) string {
	zone, rule := in.ZoneOf(s), s.Track().Rule.Zone
	var times, names []string
	for _, z := range []*time.Location{zone, rule, time.UTC} {
		if slices.Contains(names, z.String()) {
			continue
		}
		names = append(names, z.String())
		text := at.In(z).Format("15:04 MST")
		if z == zone && in.Chosen && z.String() != rule.String() && z != time.UTC {
			text = at.In(z).Format("15:04") + " in " + z.String()
		}
		if cycle.DateIn(at, z) != cycle.DateIn(at, zone) {
			text += at.In(z).Format(" on 2 January")
		}
		times = append(times, text)
	}
	return strings.Join(times, ", ")
}

// unconfirmed names the months that have passed without a known release, and the tracks where these are not all that
// have the month: the last ones, after how many came before.
func (in Input) unconfirmed() string {
	type passed struct {
		month cycle.Month
		kind  string
	}
	var list groups[passed]
	having := map[cycle.Month]int{}
	for i, s := range in.Schedules {
		for of := s.Track().FirstMonth; !of.After(in.TodayOf(s).Month()); of = of.AddMonths(1) {
			m, ok := s.Milestone(of)
			if !ok {
				break
			}
			having[of]++
			switch {
			case m.Status == cycle.Unconfirmed:
				list.add(passed{of, "planned " + m.PlannedKind.String()}, i)
			case m.Status == cycle.Announced && s.AsOf().After(m.Date):
				list.add(passed{of, "announced " + m.Kind.String()}, i)
			}
		}
	}
	slices.SortFunc(list.order, func(a, b passed) int { return cmp.Or(a.month.Compare(b.month), cmp.Compare(a.kind, b.kind)) })
	const most = 4
	var texts []string
	last := list.order
	if before := len(last) - most; before > 1 {
		texts, last = []string{strconv.Itoa(before) + " since " + last[0].month.Name()}, last[before:]
	}
	for _, p := range last {
		if on := list.tracks[p]; len(on) < having[p.month] {
			p.kind += ", " + in.tracksOf(on)
		}
		texts = append(texts, p.month.Name()+" ("+p.kind+")")
	}
	return names(texts)
}
