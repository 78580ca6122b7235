package api

import (
	"cmp"
	"fmt"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// tracks lists the tracks.
func (c *call) tracks() (result, error) {
	view := c.asOf()
	rows := make([]trackRow, len(c.snapshot.Facts))
	for i, f := range c.snapshot.Facts {
		rows[i] = viewTrack(f.Track)
	}
	return result{data: rows, view: view}, nil
}

// track shows one track. The ETag of a stored one begins with its version.
func (c *call) track() (result, error) {
	view := c.asOf()
	i, err := c.pathTrack()
	if err != nil {
		return result{}, err
	}
	res := result{data: viewTrack(c.snapshot.Facts[i].Track), view: view}
	if d, ok := c.snapshot.document("tracks", c.snapshot.ids[i]); ok {
		res.tag = d.tag() + "-"
	}
	return res, nil
}

// wantedMonths is which months of a schedule are asked for, for which rings, and which page of their rows.
type wantedMonths struct {
	from, to cycle.Month
	kind     cycle.Kind
	restart  cycle.Restart
	rings    []cycle.Ring
	zone     *time.Location // nil where none was asked for
	page     pager
}

// schedule answers with a row for each month and track, and each ring where rings are asked for.
func (c *call) schedule() (result, error) {
	q := c.q
	tracks := q.tracks(c.snapshot)
	w := wantedMonths{kind: q.kind(), restart: q.restart(), rings: c.askedRings(), zone: q.zone()}
	w.from, w.to = q.months(cycle.DateIn(c.at(), c.zone).Month(), cmp.Or(w.zone, c.zone))
	w.page = pager{limit: q.number("limit", c.usualLimit(), 1, mostRows), after: c.cursor()}
	view := c.asOf()
	schedules := view.of(tracks)
	assumed := c.assumptions(schedules)
	if err := q.err(); err != nil {
		return result{}, err
	}
	rows, ringRows := c.monthRows(&w, assume(schedules, assumed))
	if after := w.page.after; after != "" && !w.page.found {
		return result{}, badRequest(fault{Parameter: "cursor", Detail: fmt.Sprintf("%q begins no page of this query: want the next_cursor of the page before", clip(after))})
	}
	return result{data: byRing(w.rings, rows, ringRows), view: view, next: w.page.next}, nil
}

// monthRows returns the rows of the page: those of months or, where rings are asked for, of rings.
func (c *call) monthRows(w *wantedMonths, schedules []cycle.Schedule) (rows []scheduleRow, ringRows []ringScheduleRow) {
	for n := range w.from.MonthsUntil(w.to) + 1 {
		if w.page.next != "" {
			break
		}
		for _, s := range schedules {
			m, ok := s.Milestone(w.from.AddMonths(n))
			if !ok || !keeps(m.Kind, w.kind, w.restart) {
				continue
			}
			place, zone := m.Month.String()+"."+s.Track().ID, zoneOf(w.zone, s)
			if len(w.rings) == 0 && w.page.takes(place) {
				rows = append(rows, viewMonth(s, m, zone))
			}
			for _, ring := range held(w.rings, s) {
				if w.page.takes(place + "." + ring.Name) {
					ringRows = append(ringRows, ringScheduleRow{viewMonth(s, m, zone), c.viewRing(s, ring, m, zone)})
				}
			}
		}
	}
	return rows, ringRows
}

// keeps reports whether a month of that kind passes the filters; a zero one takes all.
func keeps(is, kind cycle.Kind, restart cycle.Restart) bool {
	return (kind == 0 || is == kind) && (restart == cycle.RestartUnknown || is.Restarts() == (restart == cycle.RestartNeeded))
}

// month shows one month with everything known about it. Without rings that are asked for it has all that are stored,
// for those who may know of them.
func (c *call) month() (result, error) {
	rings, zone, view := c.askedRings(), c.q.zone(), c.asOf()
	track, trackErr := c.pathTrack()
	m, err := cycle.ParseMonth(c.r.PathValue("month"))
	if err != nil {
		c.q.fail("month", "%v", err)
	}
	if err := c.q.err(); err != nil {
		return result{}, err
	}
	if trackErr != nil {
		return result{}, trackErr
	}
	s := view.schedule(track)
	i, ok := s.Milestone(m)
	if !ok {
		return result{}, fmt.Errorf("month %s of track %s: %w: the track has the months from %s%s",
			m, s.Track().ID, cycle.ErrNotFound, s.Track().FirstMonth, toLast(s.Track().LastMonth))
	}
	if len(rings) == 0 {
		rings = c.fleetRings()
	}
	zone = zoneOf(zone, s)
	data := monthView{scheduleRow: viewMonth(s, i, zone), Releases: []releaseRow{}, Notices: []noticeRow{}, Rings: []ringView{}}
	for _, r := range i.Releases {
		data.Releases = append(data.Releases, viewRelease(r))
	}
	for _, n := range i.Notices {
		data.Notices = append(data.Notices, viewNotice(n))
	}
	for _, ring := range held(rings, s) {
		data.Rings = append(data.Rings, c.viewRing(s, ring, i, zone))
	}
	return result{data: data, view: view}, nil
}

// toLast ends "the months from …".
func toLast(last cycle.Month) string {
	if last.IsZero() {
		return " on"
	}
	return " to " + last.String()
}

// releases lists the releases of all types.
func (c *call) releases() (result, error) {
	q := c.q
	tracks := q.tracks(c.snapshot)
	from, to := q.monthOf("from", cycle.Month{}, c.zone), q.monthOf("to", cycle.Month{}, c.zone)
	if !from.IsZero() && !to.IsZero() {
		q.checkRange(from, to)
	}
	typ := read(q, "type", 0, cycle.ParseReleaseType)
	outOfBand := read(q, "out_of_band", nil, func(s string) (*bool, error) {
		yes, err := cycle.ParseBool(s)
		return &yes, err
	})
	restart := q.restart()
	view := c.asOf()
	rows := []releaseRow{}
	for _, s := range view.of(tracks) {
		for _, r := range s.Releases() {
			switch {
			case r.Month.Before(from), !to.IsZero() && (r.Month.IsZero() || r.Month.After(to)):
			case typ != 0 && r.Type != typ, outOfBand != nil && r.OutOfBand != *outOfBand, restart != 0 && r.Restart != restart:
			default:
				rows = append(rows, viewRelease(r))
			}
		}
	}
	return result{data: rows, view: view}, nil
}
