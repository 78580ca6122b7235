package api

import (
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// next answers when the next release and the next restart come.
func (c *call) next() (result, error) {
	tracks, rings, asked, view := c.q.tracks(c.snapshot), c.askedRings(), c.q.zone(), c.asOf()
	if err := c.q.err(); err != nil {
		return result{}, err
	}
	c.live = true
	var rows []nextRow
	var ringRows []ringNextRow
	for _, s := range view.of(tracks) {
		zone := zoneOf(asked, s)
		c.untilMidnight(zone)
		if len(rings) == 0 {
			rows = append(rows, c.nextOf(s, zone))
		}
		for _, ring := range held(rings, s) {
			ringRows = append(ringRows, c.nextOfRing(s, ring, zone))
		}
	}
	return result{data: byRing(rings, rows, ringRows), view: view}, nil
}

func (c *call) nextOf(s cycle.Schedule, zone *time.Location) nextRow {
	row := nextRow{Track: s.Track().ID, TrackName: s.Track().Name}
	at := c.at()
	today := cycle.DateIn(at, zone)
	c.untilNext(s)
	if m, ok := s.Next(at); ok {
		row.release(m, m.At, zone, today)
	}
	if m, ok := s.NextRestart(at); ok {
		row.restart(m, m.At, zone, today)
	}
	return row
}

func (c *call) nextOfRing(s cycle.Schedule, ring cycle.Ring, zone *time.Location) ringNextRow {
	row := ringNextRow{nextRow: nextRow{Track: s.Track().ID, TrackName: s.Track().Name}, Ring: ring.Name}
	at := c.at()
	today := cycle.DateIn(at, zone)
	c.untilRing(s, at, ring, zone)
	if m, ok := s.NextOffer(at, ring, zone); ok {
		offered := s.OfferedAt(m, ring, zone)
		row.release(m, offered, zone, today)
	}
	if restart, ok := s.NextRingRestart(at, ring, zone); ok {
		row.RestartDue = restart.Due(at)
		row.nextRow.restart(restart.Milestone, restart.Since, zone, today)
		v := c.viewRing(s, ring, restart.Milestone, zone)
		row.OfferedOn, row.DeadlineOn, row.RestartBy = &v.OfferedOn, v.DeadlineOn, v.RestartBy
		row.WindowStart, row.WindowEnd, row.Freeze, row.FreezeConflict = v.WindowStart, v.WindowEnd, v.Freeze, v.FreezeConflict
		row.NextWindowStart, row.EarlierDay = v.NextWindowStart, v.EarlierDay
	}
	return row
}

func (row *nextRow) release(m cycle.Milestone, at time.Time, zone *time.Location, today cycle.Date) {
	day := cycle.DateIn(at, zone)
	row.NextReleaseMonth, row.NextReleaseKind, row.NextReleaseStatus = text(m.Month), text(m.Kind), text(m.Status)
	row.NextReleaseDate, row.NextReleaseAt, row.NextReleaseDaysAway = text(day), orNull(instant(at)), new(today.DaysUntil(day))
}

func (row *nextRow) restart(m cycle.Milestone, at time.Time, zone *time.Location, today cycle.Date) {
	day := cycle.DateIn(at, zone)
	row.NextRestartMonth, row.NextRestartStatus, row.NextRestartUnplanned = text(m.Month), text(m.Status), new(m.Unplanned())
	row.NextRestartDate, row.NextRestartAt, row.NextRestartDaysAway = text(day), orNull(instant(at)), new(max(today.DaysUntil(day), 0))
	row.NextRestartKB = orNull(m.Update.KB)
}

// state answers what is in force at an instant.
func (c *call) state() (result, error) {
	at := c.q.instant("at", time.Time{})
	tracks, rings, zone, view := c.q.tracks(c.snapshot), c.askedRings(), c.q.zone(), c.asOf()
	if err := c.q.err(); err != nil {
		return result{}, err
	}
	if c.live = at.IsZero(); c.live {
		at = c.at()
	}
	var rows []stateRow
	var ringRows []ringStateRow
	for _, s := range view.of(tracks) {
		state := s.At(at)
		if c.live && !state.Until.IsZero() {
			c.trueUntil(state.Until)
		}
		row := viewState(s.Track(), state)
		if len(rings) == 0 {
			rows = append(rows, row)
		}
		for _, ring := range held(rings, s) {
			ringRows = append(ringRows, c.ringState(row, s, at, ring, zoneOf(zone, s)))
		}
	}
	return result{data: byRing(rings, rows, ringRows), view: view}, nil
}

func (c *call) ringState(row stateRow, s cycle.Schedule, at time.Time, ring cycle.Ring, zone *time.Location) ringStateRow {
	r := ringStateRow{stateRow: row, Ring: ring.Name}
	if restart, _ := s.NextRingRestart(at, ring, zone); restart.Due(at) {
		r.RestartDue = true
		r.RestartMonth, r.RestartStatus = text(restart.Milestone.Month), text(restart.Milestone.Status)
		r.RestartSince, r.RestartUntil = orNull(instant(restart.Since)), orNull(instant(restart.Until))
	}
	if c.live {
		c.untilRing(s, at, ring, zone)
	}
	return r
}
