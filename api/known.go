package api

import (
	"sync"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// mostViews bounds how many days are kept compiled: dashboards ask for today, a
// stranger may ask for any day since the year 1.
const mostViews = 8

// history is what is known of a track. Snapshots share the histories of tracks that did not change.
type history struct {
	facts cycle.Facts
	mu    sync.Mutex
	days  []*known // the newest first
}

// known is what was known of a track on a day, compiled when it is first asked for.
type known struct {
	asOf     cycle.Date
	until    func() cycle.Date
	schedule func() cycle.Schedule
}

// asOf returns what was known at the end of that day.
func (h *history) asOf(day cycle.Date) *known {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, k := range h.days {
		if k.asOf == day {
			return k
		}
	}
	k := &known{
		asOf:     day,
		until:    sync.OnceValue(func() cycle.Date { return h.facts.KnownUntil(day) }),
		schedule: sync.OnceValue(func() cycle.Schedule { return cycle.Compile(h.facts, day) }),
	}
	h.days = append([]*known{k}, h.days[:min(len(h.days), mostViews-1)]...)
	return k
}

// view is a snapshot as of a day.
type view struct {
	asOf       cycle.Date
	since      time.Time // when the newest day began that it is in any zone; zero for a day that has passed
	knownUntil func() cycle.Date
	histories  []*history
}

// present returns since when and until when what is known stays the same, as far as that depends on the
// clock: facts become known with the day in the zone of the rule, which may be ahead of that zone.
func (s *Snapshot) present(now time.Time, zone *time.Location) (since, until time.Time) {
	today := cycle.DateIn(now, zone)
	since, until = today.Start(zone), today.AddDays(1).Start(zone)
	for _, ahead := range s.zones {
		if day := cycle.DateIn(now, ahead); day.After(today) {
			since = latest(since, day.Start(ahead))
		} else if next := today.AddDays(1).Start(ahead); next.Before(until) {
			until = next
		}
	}
	return since, until
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// atPresent returns the snapshot as it is known on the present day.
func (s *Snapshot) atPresent(now time.Time, zone *time.Location) *view {
	since, _ := s.present(now, zone)
	return s.view(cycle.DateIn(now, zone), since)
}

// asOf returns the snapshot as it was known at the end of a day that has passed everywhere.
func (s *Snapshot) asOf(day cycle.Date) *view { return s.view(day, time.Time{}) }

func (s *Snapshot) view(day cycle.Date, since time.Time) *view {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.views {
		if v.asOf == day && v.since.Equal(since) {
			return v
		}
	}
	v := &view{asOf: day, since: since, histories: s.histories}
	v.knownUntil = sync.OnceValue(func() cycle.Date { return v.knownUntilOf(s.all()) })
	s.views = append([]*view{v}, s.views[:min(len(s.views), mostViews-1)]...)
	return v
}

// day returns the day at whose end a track is seen. It is at least that of the view: what is known of a track
// east of it does not wait for its midnight.
func (v *view) day(track int) cycle.Date {
	zone := v.histories[track].facts.Track.Rule.Zone
	if day := cycle.DateIn(v.since, zone); day.After(v.asOf) {
		return day
	}
	return v.asOf
}

// knownUntilOf returns the day of the newest fact about some tracks.
func (v *view) knownUntilOf(tracks []int) cycle.Date {
	var newest cycle.Date
	for _, track := range tracks {
		if until := v.known(track).until(); until.After(newest) {
			newest = until
		}
	}
	return newest
}

func (v *view) known(track int) *known { return v.histories[track].asOf(v.day(track)) }

func (v *view) schedule(track int) cycle.Schedule { return v.known(track).schedule() }

func (v *view) of(tracks []int) []cycle.Schedule {
	list := make([]cycle.Schedule, len(tracks))
	for i, track := range tracks {
		list[i] = v.schedule(track)
	}
	return list
}
