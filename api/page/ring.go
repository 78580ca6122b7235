package page

import (
	"slices"
	"strconv"

	"github.com/cyclecal/cyclecal/cycle"
)

// ringView is the calculator: what was put in, and what follows.
type ringView struct {
	Action                    string
	Keep                      []hidden
	Deferral, Deadline, Grace int
	Zone                      string
	Results                   []ringResult
	Presets                   []presetGroup
}

// hidden carries a parameter of the page through the form.
type hidden struct{ Name, Value string }

type ringResult struct {
	Tracks, From, By, Deadline, Month, Away string
	None                                    string // that nothing is to come, and why
	Due, Unconfirmed                        bool
}

type presetGroup struct {
	Source string
	Links  []Link
}

// presetSource is where presets come from: a version of Microsoft's page, or whoever exports the site.
type presetSource struct {
	source string
	rings  []cycle.Ring
}

// presets are the defaults of Autopatch's groups in two versions of Microsoft's page
// learn.microsoft.com/windows/deployment/windows-autopatch, "manage Windows Autopatch groups", dated
// 2024-09-16 and 2025-03-31. They are a starting point, not a rule.
var presets = []presetSource{
	{"Sep 2024", []cycle.Ring{
		{Name: "Test"},
		{Name: "Ring 1", Deferral: 1, Deadline: 2, Grace: 2},
		{Name: "Ring 2", Deferral: 6, Deadline: 2, Grace: 2},
		{Name: "Ring 3", Deferral: 9, Deadline: 5, Grace: 2},
		{Name: "Last", Deferral: 11, Deadline: 3, Grace: 2},
	}},
	{"Mar 2025", []cycle.Ring{
		{Name: "Test"},
		{Name: "Ring 1", Deferral: 1, Deadline: 2, Grace: 2},
		{Name: "Ring 2", Deferral: 5, Deadline: 2, Grace: 2},
		{Name: "Ring 3", Deferral: 9, Deadline: 5, Grace: 2},
		{Name: "Last", Deferral: 10, Deadline: 3, Grace: 2},
	}},
}

func ringParams(r cycle.Ring) map[string]string {
	return map[string]string{
		"deferral": strconv.Itoa(r.Deferral), "deadline": strconv.Itoa(r.Deadline), "grace": strconv.Itoa(r.Grace),
	}
}

func sameDays(a, b cycle.Ring) bool {
	return a.Deferral == b.Deferral && a.Deadline == b.Deadline && a.Grace == b.Grace
}

func (in Input) ring() ringView {
	v := ringView{
		Action:   in.path(),
		Deferral: in.Ring.Deferral, Deadline: in.Ring.Deadline, Grace: in.Ring.Grace,
	}
	if in.Chosen {
		v.Zone = in.Zone.String()
	}
	state := in.state()
	for _, name := range []string{"year", "month", "as_of"} {
		if state.Has(name) {
			v.Keep = append(v.Keep, hidden{name, state.Get(name)})
		}
	}
	for _, p := range in.presets() {
		group := presetGroup{Source: p.source}
		for _, r := range p.rings {
			var changes []string
			for name, days := range ringParams(r) {
				changes = append(changes, name, days)
			}
			group.Links = append(group.Links, Link{
				Href: in.link("ring", changes...), Text: r.Name, Here: in.Calculated && sameDays(in.Ring, r),
			})
		}
		v.Presets = append(v.Presets, group)
	}
	if in.Calculated {
		v.Results = in.ringResults()
	}
	return v
}

// ringResults groups the tracks by the next restart of the ring.
func (in Input) ringResults() []ringResult {
	var same groups[ringResult]
	for i, s := range in.Schedules {
		restart, ok := s.NextRingRestart(in.Now, in.Ring, in.ZoneOf(s))
		if !ok {
			continue
		}
		m := restart.Milestone
		released := in.releasedOn(s, m)
		from, by := in.Ring.OfferedOn(released), in.Ring.RestartBy(released)
		same.add(ringResult{
			Unconfirmed: m.Status == cycle.Unconfirmed,
			From:        weekDay(from), By: weekDay(by), Deadline: weekDay(in.Ring.DeadlineOn(released)),
			Month: m.Month.Name() + ", " + reason(m), Away: in.away(s, from),
			Due: restart.Due(in.Now),
		}, i)
	}
	if len(same.order) == 0 {
		return []ringResult{{None: in.noneOfRing()}}
	}
	list := slices.Clone(same.order)
	for i, r := range same.order {
		list[i].Tracks = in.tracksOf(same.tracks[r])
	}
	return list
}

// noneOfRing says that no restart is to come and, where the page is of one track, why.
func (in Input) noneOfRing() string {
	if in.Single {
		return "No restart to come: " + in.whyNone(in.Schedules[0]) + "."
	}
	return "No restart to come."
}

// presets are those of Autopatch, and the rings that were put beside them.
func (in Input) presets() []presetSource {
	if len(in.Rings) == 0 {
		return presets
	}
	return append(slices.Clone(presets), presetSource{"Our own", in.Rings})
}

// Rings returns the rings that pages offer, Autopatch's and those beside them. Each combination of days is
// there once, and each ring has the name that pages give it.
func Rings(beside []cycle.Ring) []cycle.Ring {
	var list []cycle.Ring
	for _, source := range (Input{Rings: beside}).presets() {
		for _, r := range source.rings {
			if !slices.ContainsFunc(list, func(o cycle.Ring) bool { return sameDays(o, r) }) {
				list = append(list, cycle.Ring{Name: "mine", Deferral: r.Deferral, Deadline: r.Deadline, Grace: r.Grace})
			}
		}
	}
	return list
}
