package api

import (
	"cmp"
	"slices"
	"time"

	"github.com/cyclecal/cyclecal/api/windows"
	"github.com/cyclecal/cyclecal/cycle"
)

// lastWindows is the last year for which there are windows: those of a later month may lie after the
// year 9999, where no calendar reaches.
const lastWindows = 9998

type restartWindowRow struct {
	Ring           string  `json:"ring"`
	Track          string  `json:"track"`
	Month          string  `json:"month" format:"month"`
	OfferedOn      string  `json:"offered_on" format:"date"`
	DeadlineOn     string  `json:"deadline_on" format:"date"`
	RestartBy      string  `json:"restart_by" format:"date" doc:"last day on which a device of the ring restarts"`
	WindowStart    string  `json:"window_start" format:"date-time" doc:"of the ring's maintenance window; where it has none, the instant of the offer"`
	WindowEnd      string  `json:"window_end" format:"date-time" doc:"where the ring has no maintenance window, the end of restart_by"`
	Freeze         *string `json:"freeze" doc:"the freeze that the window or the last day falls into, or any day of a ring without a window; null where there is none, and to the public"`
	FreezeConflict *bool   `json:"freeze_conflict" doc:"null to the public: freezes need a token"`
	Status         string  `json:"status" enum:"planned,announced,released,unconfirmed"`
	Unplanned      bool    `json:"unplanned" doc:"a baseline that the rule did not plan"`
	Note           *string `json:"note" doc:"also that the month is assumed as asked"`
	TimeZone       string  `json:"time_zone" doc:"IANA name of the zone of the maintenance window; where the ring has none, of its days"`
	WholeDays      bool    `json:"whole_days" doc:"the ring has no maintenance window: its days are taken"`
}

// windows lists when rings restart, or writes it for the tool that restarts them.
func (c *call) windows() (result, error) {
	rings, view := c.askedRings(), c.asOf()
	format := windows.Format(0)
	if has(c.q.params, paramFormat.name) { // not of the rows as CSV
		format = read(c.q, paramFormat.name, format, windows.ParseFormat)
	}
	calendars := c.windowCalendars(view, rings, format)
	if !slices.ContainsFunc(c.q.all("ring"), func(s string) bool { return s != "" }) {
		c.q.fail("ring", "missing: want NAME:DEFERRAL[/DEADLINE[/GRACE]] in days, such as pilot:1/2/2, or with a token a stored ring")
	}
	if format != 0 && c.q.values.Has("shape") {
		c.q.fail("shape", "is for rows, and format %s for a tool: want one of the two", format)
	}
	if err := c.q.err(); err != nil {
		return result{}, err
	}
	if format == 0 {
		return result{data: c.windowRows(view, calendars), view: view}, nil
	}
	body, err := windows.Render(format, calendars)
	return result{body: body, media: format.Media(), view: view}, err
}

// windowCalendars returns the calendars that the request asks for. If it names no first month, the
// windows are those that are not over, of which one may be of an earlier month.
func (c *call) windowCalendars(view *view, rings []cycle.Ring, format windows.Format) []windows.Calendar {
	zone := c.q.zone()
	from, to := c.windowMonths(zone)
	schedules := view.of(c.q.tracks(c.snapshot))
	assumed := c.assumptions(schedules)
	if c.q.err() != nil {
		return nil
	}
	recent := len(c.q.all("from")) == 0
	if recent {
		from = from.AddMonths(-monthsBefore)
	}
	freezes := c.freezes()
	if c.trusted() && freezes == nil {
		freezes = []cycle.Freeze{} // nil would say that they are not known
	}
	var list []windows.Calendar
	count := 0
	for _, ring := range rings {
		for _, s := range assume(schedules, assumed) {
			if !ring.Holds(s.Track().ID) || count > mostRows {
				continue
			}
			calendar := windows.Of(s, ring, freezes, from, to, zoneOf(zone, s))
			if recent {
				calendar = calendar.After(c.at())
				c.untilOver(calendar)
			}
			if count += len(calendar.Windows); format != 0 {
				count += calendar.Days()
			}
			list = append(list, calendar)
		}
	}
	if count > mostRows {
		c.q.fail("to", "more than %d windows, or days in them: want fewer months, tracks or rings", mostRows)
	}
	return list
}

// windowMonths reads the first and the last month.
func (c *call) windowMonths(zone *time.Location) (from, to cycle.Month) {
	from, to = c.q.months(cycle.DateIn(c.at(), c.zone).Month(), cmp.Or(zone, c.zone))
	if to.Year() > lastWindows {
		c.q.fail("to", "%s: a ring's days and its window may lie after the year 9999: want at most %d-12", to, lastWindows)
	}
	return from, to
}

// untilOver says that the answer is true until the next window ends, which is left out from then on.
func (c *call) untilOver(calendar windows.Calendar) {
	for _, w := range calendar.Windows {
		c.trueUntil(w.Span.End)
	}
}

func (c *call) windowRows(view *view, calendars []windows.Calendar) []restartWindowRow {
	rows := []restartWindowRow{}
	for _, calendar := range calendars {
		asOf := view.day(c.snapshot.index[calendar.Track.ID])
		for _, w := range calendar.Windows {
			rows = append(rows, restartWindowRow{
				Ring: calendar.Ring.Name, Track: calendar.Track.ID, Month: w.Month.Month.String(),
				OfferedOn: w.Plan.OfferedOn.String(), DeadlineOn: w.Plan.DeadlineOn.String(), RestartBy: w.Plan.RestartBy.String(),
				WindowStart: instant(w.Span.Start), WindowEnd: instant(w.Span.End),
				Freeze: orNull(w.Plan.Freeze.ID), FreezeConflict: c.conflict(w.Plan), Status: w.Month.Status.String(), Unplanned: w.Month.Unplanned(),
				Note: orNull(noteOf(w.Month, asOf)), TimeZone: calendar.Zone.String(), WholeDays: calendar.Whole(),
			})
		}
	}
	return rows
}
