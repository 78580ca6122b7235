package api

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

type buildRow struct {
	Track              string   `json:"track"`
	TrackName          string   `json:"track_name"`
	Build              string   `json:"build"`
	Place              string   `json:"place" enum:"unknown,current,behind,baseline-due,off-cycle,ambiguous"`
	Month              *string  `json:"month" format:"month" doc:"of the release with that build"`
	KB                 *string  `json:"kb" doc:"of that release; null where two packages have the build: see releases"`
	Type               *string  `json:"type" enum:"baseline,hotpatch,cumulative,component"`
	BaselineMonth      *string  `json:"baseline_month" format:"month" doc:"baseline that the release is built on"`
	Releases           []string `json:"releases" doc:"KBs of all releases with that build, oldest first"`
	NextUpdate         *string  `json:"next_update" format:"month" doc:"month whose update the device takes next; null where that can't be told, or none comes"`
	NextUpdateDate     *string  `json:"next_update_date" format:"date" doc:"its day, with ring that of its offer; it has passed where the device may take it at once"`
	NextUpdateRestarts *bool    `json:"next_update_restarts" doc:"null where the build does not tell"`
	NextRestartMonth   *string  `json:"next_restart_month" format:"month" doc:"next month for which the device certainly restarts"`
	NextRestartDate    *string  `json:"next_restart_date" format:"date" doc:"its day, with ring that of its offer; it has passed where the restart is due"`
	Note               *string  `json:"note"`
}

type ringBuildRow struct {
	buildRow
	Ring      string  `json:"ring"`
	RestartBy *string `json:"restart_by" format:"date" doc:"last day on which a device of the ring restarts for the next restart"`
}

// builds tells what a build means on each track that has builds of its branch.
func (c *call) builds() (result, error) {
	b := c.pathBuild()
	tracks, rings, asked, view := c.q.tracks(c.snapshot), c.askedRings(), c.q.zone(), c.asOf()
	if err := c.q.err(); err != nil {
		return result{}, err
	}
	schedules := fitting(view.of(tracks), b)
	if len(schedules) == 0 {
		return result{}, noBranch(b)
	}
	c.live = true
	var rows []buildRow
	var ringRows []ringBuildRow
	for _, s := range schedules {
		zone, st := zoneOf(asked, s), s.Place(b, c.at())
		c.untilNext(s)
		if len(rings) == 0 {
			rows = append(rows, viewStanding(s, st, func(m cycle.Milestone) time.Time { return m.At }, zone))
		}
		for _, ring := range held(rings, s) {
			row := viewStanding(s, st, func(m cycle.Milestone) time.Time { return s.OfferedAt(s.ForRing(m, ring, zone), ring, zone) }, zone)
			ringRow := ringBuildRow{buildRow: row, Ring: ring.Name}
			if m := st.NextRestart; !m.Month.IsZero() {
				ringRow.RestartBy = text(ring.RestartBy(cycle.DateIn(s.ForRing(m, ring, zone).At, zone)))
			}
			ringRows = append(ringRows, ringRow)
		}
	}
	return result{data: byRing(rings, rows, ringRows), view: view}, nil
}

// pathBuild reads the build in the path, which ends with .csv if the answer is to be CSV.
func (c *call) pathBuild() cycle.Build {
	b, err := cycle.ParseBuild(strings.TrimSuffix(c.r.PathValue("build"), ".csv"))
	if err != nil {
		c.q.fail("build", "%v", err)
	}
	return b
}

// fitting returns the schedules of the tracks that have builds of that branch.
func fitting(schedules []cycle.Schedule, b cycle.Build) []cycle.Schedule {
	return slices.DeleteFunc(schedules, func(s cycle.Schedule) bool { return !s.Track().Fits(b) })
}

func noBranch(b cycle.Build) error {
	return fmt.Errorf("build %s: %w: none of the tracks has builds of the branch %d", b, cycle.ErrNotFound, b.Branch)
}

// untilNext says that the answer is true until the track's next update or any other release that is known comes, or
// the track's last month is over.
func (c *call) untilNext(s cycle.Schedule) {
	if m, ok := s.Next(c.at()); ok {
		c.trueUntil(m.At)
	}
	c.trueUntil(s.NextCome(c.at()))
	c.trueUntil(s.At(c.at()).Until)
}

// viewStanding shows where a build stands, with days in a zone; when tells at which instant a
// device gets a month's update.
func viewStanding(s cycle.Schedule, st cycle.Standing, when func(cycle.Milestone) time.Time, zone *time.Location) buildRow {
	row := buildRow{
		Track: s.Track().ID, TrackName: s.Track().Name, Build: st.Build.String(), Place: st.Place.String(),
		Month: text(st.Month), BaselineMonth: text(st.BaselineMonth), Releases: []string{}, Note: orNull(st.Note),
	}
	for _, r := range st.Releases {
		if r.KB != "" {
			row.Releases = append(row.Releases, r.KB)
		}
		if st.Place != cycle.Ambiguous && (row.Type == nil || r.Type != cycle.TypeComponent) {
			row.KB, row.Type = orNull(r.KB), text(r.Type)
		}
	}
	if m := st.Next; !m.Month.IsZero() {
		row.NextUpdate, row.NextUpdateDate = text(m.Month), text(cycle.DateIn(when(m), zone))
		if told := st.Place != cycle.PlaceUnknown && st.Place != cycle.Ambiguous; told || st.NextRestarts {
			row.NextUpdateRestarts = &st.NextRestarts
		}
	}
	if m := st.NextRestart; !m.Month.IsZero() {
		row.NextRestartMonth, row.NextRestartDate = text(m.Month), text(cycle.DateIn(when(m), zone))
	}
	return row
}
