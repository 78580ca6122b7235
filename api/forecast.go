package api

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

type forecastRow struct {
	Track             string  `json:"track"`
	TrackName         string  `json:"track_name"`
	Build             *string `json:"build" doc:"null where the device is taken to be current"`
	Month             string  `json:"month" format:"month"`
	Kind              string  `json:"kind" enum:"baseline,hotpatch"`
	Status            string  `json:"status" enum:"planned,announced,released,unconfirmed"`
	ReleaseDate       string  `json:"release_date" format:"date" doc:"in the first row it has passed where the device may take the update at once"`
	Restarts          *bool   `json:"restarts" doc:"whether the device restarts for it; null where its build does not tell"`
	Reason            string  `json:"reason"`
	PlaceBefore       string  `json:"place_before" enum:"unknown,current,behind,baseline-due,off-cycle,ambiguous"`
	PlaceAfter        string  `json:"place_after" enum:"unknown,current,behind,baseline-due,off-cycle,ambiguous"`
	UpgradeKeepsCycle *bool   `json:"upgrade_keeps_cycle" doc:"whether a device that is upgraded with this month's update stays on the cycle; null without upgrade, and where its day has passed"`
	UpgradeBackIn     *string `json:"upgrade_back_in" format:"month" doc:"the baseline month that puts it on the cycle"`
	UpgradeRestarts   *int    `json:"upgrade_restarts" doc:"hotpatch months, this one included, that restart a device on the cycle because it is upgraded in this one"`
	Note              *string `json:"note"`
}

type ringForecastRow struct {
	forecastRow
	ringView
}

// mostForecast is how many months a forecast reaches, and an assumption lies ahead.
const mostForecast = 120

// outlook is what a forecast is asked for.
type outlook struct {
	build  cycle.Build // zero for a device that is current
	months int
	rings  []cycle.Ring
	zone   *time.Location   // nil where none was asked for
	to     []cycle.Schedule // of the track to upgrade to, if one is asked for
}

// forecast follows a device through the months to come, on each track that it may be on.
func (c *call) forecast() (result, error) {
	q := c.q
	o := outlook{build: read(q, "build", cycle.Build{}, cycle.ParseBuild)}
	tracks := q.tracks(c.snapshot)
	o.rings, o.zone, o.months = c.askedRings(), q.zone(), q.number("months", 12, 1, mostForecast)
	view := c.asOf()
	to, schedules := c.upgrade(view), view.of(tracks)
	if o.build != (cycle.Build{}) {
		schedules = fitting(schedules, o.build)
	}
	c.upgradable(schedules, to)
	assumed := c.assumptions(append(to, schedules...))
	if err := q.err(); err != nil {
		return result{}, err
	}
	if len(schedules) == 0 && o.build != (cycle.Build{}) {
		return result{}, noBranch(o.build)
	}
	c.live = true
	o.to = assume(to, assumed)
	var rows []forecastRow
	var ringRows []ringForecastRow
	for _, s := range assume(schedules, assumed) {
		c.untilNext(s)
		months, rings := c.forecastOf(s, o)
		rows, ringRows = append(rows, months...), append(ringRows, rings...)
	}
	return result{data: byRing(o.rings, rows, ringRows), view: view}, nil
}

// forecastOf returns the rows of one track: those of months or, where rings are asked for, of rings.
func (c *call) forecastOf(s cycle.Schedule, o outlook) (rows []forecastRow, ringRows []ringForecastRow) {
	zone := zoneOf(o.zone, s)
	for _, step := range c.steps(s, o.build, o.months) {
		row := viewStep(s, o.build, step, zone)
		if step.Milestone.At.After(c.at()) { // nobody upgrades in the past
			row.viewUpgrade(s, o.to, step.Milestone.Month)
		}
		if len(o.rings) == 0 {
			rows = append(rows, row)
		}
		for _, ring := range held(o.rings, s) {
			ringRows = append(ringRows, ringForecastRow{row, c.viewRing(s, ring, s.ForRing(restarting(step), ring, zone), zone)})
		}
	}
	return rows, ringRows
}

// steps follows a device from its build; without one it is taken to be current.
func (c *call) steps(s cycle.Schedule, build cycle.Build, months int) []cycle.Step {
	at, from := c.at(), cycle.Standing{}
	if build != (cycle.Build{}) {
		from = s.Place(build, at)
	}
	return s.Forecast(from, at, months)
}

// upgrade returns the schedule of the track that devices are to be upgraded to, if one is asked for.
func (c *call) upgrade(view *view) []cycle.Schedule {
	return read(c.q, "upgrade", nil, func(id string) ([]cycle.Schedule, error) {
		if i, ok := c.snapshot.index[id]; ok {
			return view.of([]int{i}), nil
		}
		return nil, &cycle.InvalidError{What: "track", Value: clip(id), Want: "one of " + strings.Join(c.snapshot.ids, ", ")}
	})
}

// upgradable refuses an upgrade that is possible from none of the tracks, and names those that are possible.
func (c *call) upgradable(from, to []cycle.Schedule) {
	if len(from) == 0 || len(to) == 0 || slices.ContainsFunc(from, func(s cycle.Schedule) bool { return upgrades(s.Track(), to[0].Track()) }) {
		return
	}
	var possible []string
	for _, old := range c.snapshot.Facts {
		for _, s := range c.snapshot.Facts {
			if upgrades(old.Track, s.Track) {
				possible = append(possible, old.Track.ID+" to "+s.Track.ID)
			}
		}
	}
	c.q.fail("upgrade", "none of the tracks asked about can be upgraded to %s; possible are: %s", to[0].Track().ID, cmp.Or(strings.Join(possible, ", "), "none"))
}

// version matches the version at the end of a track's id: windows-11-24h2.
var version = regexp.MustCompile(`-[0-9]{2}h[0-9]$`)

// upgrades reports whether a device can be upgraded from one track to the other: to a later version
// of the same product.
func upgrades(from, to cycle.Track) bool {
	product, _ := strings.CutSuffix(from.ID, version.FindString(from.ID))
	return version.MatchString(from.ID) && version.MatchString(to.ID) && version.ReplaceAllString(to.ID, "") == product && to.Branch > from.Branch
}

// assumptions reads the assumptions of the request. Each must be about a month to come on one of the
// schedules, as what has come can't be assumed otherwise.
func (c *call) assumptions(schedules []cycle.Schedule) []cycle.Assumption {
	var list []cycle.Assumption
	at := c.at()
	far := cycle.DateIn(at, c.zone).Month().AddMonths(mostForecast)
	for _, text := range c.q.all("assume") {
		a, err := cycle.ParseAssumption(text)
		open := func(s cycle.Schedule) bool {
			m, ok := s.Milestone(a.Month)
			return ok && m.Update.Type == 0 && m.At.After(at)
		}
		switch {
		case err != nil:
			c.q.fail("assume", "%v", err)
		case slices.ContainsFunc(list, func(other cycle.Assumption) bool { return other.Month == a.Month }):
			c.q.fail("assume", "%s is there twice: want each month once", a.Month)
		case a.Month.After(far) || !slices.ContainsFunc(schedules, open):
			c.q.fail("assume", "%s has come, or is on none of the tracks: want a month to come, up to %s", a.Month, far)
		default:
			list = append(list, a)
		}
	}
	return list
}

// assume returns the schedules as they would be if the assumptions were true.
func assume(schedules []cycle.Schedule, list []cycle.Assumption) []cycle.Schedule {
	if len(list) == 0 {
		return schedules
	}
	assumed := make([]cycle.Schedule, len(schedules))
	for i, s := range schedules {
		assumed[i] = s.Assume(list...)
	}
	return assumed
}

func viewStep(s cycle.Schedule, build cycle.Build, step cycle.Step, zone *time.Location) forecastRow {
	m := step.Milestone
	return forecastRow{
		Track: s.Track().ID, TrackName: s.Track().Name, Build: text(build),
		Month: m.Month.String(), Kind: m.Kind.String(), Status: m.Status.String(), ReleaseDate: cycle.DateIn(m.At, zone).String(),
		Reason: step.Reason, PlaceBefore: step.Before.String(), PlaceAfter: step.After.String(), Note: orNull(noteOf(m, s.AsOf())),
		Restarts: viewRestart(step.Restarts),
	}
}

// viewUpgrade tells what an upgrade to another track means in a month, if one is asked for.
func (row *forecastRow) viewUpgrade(from cycle.Schedule, to []cycle.Schedule, m cycle.Month) {
	for _, s := range to {
		if u, ok := s.Upgrade(m); ok && upgrades(from.Track(), s.Track()) {
			row.UpgradeKeepsCycle, row.UpgradeBackIn, row.UpgradeRestarts = &u.Keeps, text(u.Back), &u.Restarts
		}
	}
}

// restarting returns the month with the kind that it has for the device: a device off the cycle restarts in
// hotpatch months too, and one that catches up with a hotpatch does not restart in a baseline month.
func restarting(step cycle.Step) cycle.Milestone {
	m := step.Milestone
	switch step.Restarts {
	case cycle.RestartNeeded:
		m.Kind = cycle.Baseline
	case cycle.RestartNotNeeded:
		m.Kind = cycle.Hotpatch
	}
	return m
}
