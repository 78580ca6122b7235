package main

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle"
)

// What a fact is about, as a webhook reads it.
const (
	factPlan      = "plan"
	factOutOfBand = "out_of_band"
	factRestart   = "restart"
)

// news is for how many days a change is worth a message, so that storing the history of a product
// does not send all of it.
const news = 90

// fact is something to tell people of, about one track.
type fact struct {
	kind   string
	track  cycle.Track
	change cycle.Change // zero for a restart
	nth    int          // of the changes of plan of its month, from 1; 0 for all else

	month                            cycle.Month
	releasedOn, restartOn, restartBy cycle.Date
	daysAway                         int
	ring, frozen                     string // frozen tells what falls into a freeze, "" where nothing does
	status                           cycle.Status
}

// day is the day under which the ledger has the fact: when it became known, or the day of the restart.
func (f fact) day() cycle.Date {
	if f.kind == factRestart {
		return f.restartOn
	}
	return f.change.KnownOn
}

// group is the same for the facts that go into one message.
func (f fact) group() string {
	parts := []string{f.subject(), f.day().String(), f.frozen}
	if f.kind == factOutOfBand {
		parts = append(parts, f.change.Release.Type.String(), f.releasedOn.String(), f.change.Release.Restart.String())
	}
	return strings.Join(parts, ".")
}

// subject is what the fact is about, on any track. It doesn't change when more becomes known: the
// day on which a change became known can move when the month's release arrives.
func (f fact) subject() string {
	parts := []string{f.kind, f.month.String()}
	switch f.kind {
	case factPlan:
		parts = append(parts, f.change.Is.String(), strconv.Itoa(f.nth))
	case factRestart:
		parts = append(parts, f.restartOn.String(), f.ring)
	}
	return strings.Join(parts, ".")
}

// mark is the fact's short name in the ledger. It is the same if the fact changes in its details.
func (f fact) mark() string {
	if f.kind == factOutOfBand {
		return hashOf(f.kind + "." + f.change.Release.ID())[:markLength]
	}
	return hashOf(f.subject() + "." + f.track.ID)[:markLength]
}

// markLength is so long that two of some thousand facts have the same mark once in ten million stores.
const markLength = 8

func hashOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// factsOf returns what is worth a message at an instant, the oldest first.
func factsOf(s *api.Snapshot, now time.Time, days int) []fact {
	var list []fact
	for _, known := range s.Facts {
		today := cycle.DateIn(now, known.Track.Rule.Zone)
		schedule := cycle.Compile(known, today)
		list = append(list, changesToTell(schedule, today)...)
		if days > 0 {
			list = append(list, restartsToTell(schedule, s, now, days)...)
		}
	}
	slices.SortStableFunc(list, func(a, b fact) int { return a.day().Compare(b.day()) })
	return list
}

func changesToTell(s cycle.Schedule, today cycle.Date) []fact {
	var list []fact
	changes, nth := s.Changes(), map[cycle.Month]int{}
	slices.SortStableFunc(changes, func(a, b cycle.Change) int { return a.KnownOn.Compare(b.KnownOn) })
	for _, c := range changes {
		f := fact{kind: factOutOfBand, track: s.Track(), change: c, month: c.Month, releasedOn: c.ReleasedOn}
		if !c.OutOfBand() {
			nth[c.Month]++ // also where it is no news
			f.kind, f.nth = factPlan, nth[c.Month]
		}
		if !c.KnownOn.Before(today.AddDays(-news)) {
			list = append(list, f)
		}
	}
	return list
}

// restartsToTell returns the restarts that are at most so many days away: those of the stored rings
// or, if none is stored, those of the track.
func restartsToTell(s cycle.Schedule, of *api.Snapshot, now time.Time, days int) []fact {
	const back, ahead = 4, 5 // a ring's window is at most three months after the release, and days at most as many
	var list []fact
	month := cycle.DateIn(now, s.Track().Rule.Zone).Month().AddMonths(-back)
	for range back + ahead {
		m, _ := s.Milestone(month)
		month = month.AddMonths(1)
		for _, update := range s.Restarts(m) {
			for _, f := range restartsOf(s, update, of, now) {
				if f.daysAway >= 0 && f.daysAway <= days {
					list = append(slices.DeleteFunc(list, func(o fact) bool { return o.mark() == f.mark() }), f) // two updates may share a window
				}
			}
		}
	}
	return list
}

func restartsOf(s cycle.Schedule, m cycle.Milestone, of *api.Snapshot, now time.Time) []fact {
	zone := s.Track().Rule.Zone
	f := fact{kind: factRestart, track: s.Track(), month: m.Month, releasedOn: m.Date, status: m.Status}
	if len(of.Rings) == 0 {
		f.restartOn, f.daysAway = m.Date, cycle.DateIn(now, zone).DaysUntil(m.Date)
		return []fact{f}
	}
	var list []fact
	for _, ring := range of.Rings {
		if !ring.Holds(s.Track().ID) {
			continue
		}
		plan, in := s.Plan(m, *ring, of.Freezes, zone), zone
		f.ring, f.frozen, f.restartOn, f.restartBy = ring.Name, frozenOf(*ring, plan), plan.OfferedOn, plan.RestartBy
		if !ring.Window.IsZero() {
			in = ring.Window.Zone
			f.restartOn = cycle.DateIn(plan.Window.Start, in)
		}
		f.daysAway = cycle.DateIn(now, in).DaysUntil(f.restartOn)
		list = append(list, f)
	}
	return list
}
