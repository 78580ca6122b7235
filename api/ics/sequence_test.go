package ics_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api/ics"
	"github.com/cyclecal/cyclecal/cycle"
)

// desk is where people change facts, rings and freezes, as days pass.
type desk struct {
	*rand.Rand
	facts    cycle.Facts
	asOf     cycle.Date
	q        ics.Query
	editions int64 // one sequence for all months
}

// Whatever people do, no SEQUENCE of a UID goes down; and where they changed rings,
// freezes or what the feed asks for, each event that says something else has a higher one.
func TestSequenceWhenPeopleChange(t *testing.T) {
	for seed := range uint64(randomDesks) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, seed)
			seen, last := map[string]ics.Event{}, map[string]ics.Event{}
			for range 150 {
				what := d.change(t)
				now := map[string]ics.Event{}
				for _, e := range ics.Events([]cycle.Schedule{cycle.Compile(d.facts, d.asOf)}, d.q) {
					if old, ok := seen[e.UID]; ok && e.Sequence < old.Sequence {
						t.Fatalf("%s: %s: SEQUENCE %d of %q after %d of %q", what, e.UID, e.Sequence, e.Summary, old.Sequence, old.Summary)
					}
					before, ok := last[e.UID]
					other := e.Summary != before.Summary || !e.Start.Equal(before.Start) || e.First != before.First || e.Last != before.Last || e.Description != before.Description
					if ok && other && e.Sequence == before.Sequence && strings.HasPrefix(what, "fleet") {
						t.Fatalf("%s: %s: %q after %q with the same SEQUENCE %d", what, e.UID, e.Summary, before.Summary, e.Sequence)
					}
					now[e.UID], seen[e.UID] = e, e
				}
				last = now
			}
			if len(seen) < 30 {
				t.Errorf("%d UIDs seen, want many", len(seen))
			}
		})
	}
}

func newDesk(t *testing.T, seed uint64) *desk {
	t.Helper()
	d := &desk{Rand: rand.New(rand.NewPCG(seed, 1)), asOf: day(t, "2025-01-01"), q: query(t, 24, 6)}
	d.facts = builtIn(t)[d.IntN(5)]
	d.facts.Editions = map[cycle.Month]int64{}
	d.q.Cumulative, d.q.Component = true, true
	return d
}

// change lets some days pass, or somebody change one thing; it says what.
func (d *desk) change(t *testing.T) string {
	t.Helper()
	if d.IntN(3) == 0 {
		d.asOf = d.asOf.AddDays(d.IntN(30))
		return "days pass"
	}
	if d.IntN(2) == 0 {
		return d.fact()
	}
	d.q.Edition++
	if d.IntN(3) == 0 && len(d.q.Freezes) > 0 {
		i := d.IntN(len(d.q.Freezes))
		d.q.Freezes = slices.Delete(slices.Clone(d.q.Freezes), i, i+1)
		return "fleet: freeze withdrawn"
	}
	if d.IntN(2) == 0 {
		from := day(t, "2025-01-01").AddDays(d.IntN(700))
		d.q.Freezes = append(slices.Clone(d.q.Freezes), cycle.Freeze{ID: fmt.Sprint(d.Int()), From: from, To: from.AddDays(d.IntN(60))})
		return "fleet: new freeze"
	}
	ring := cycle.Ring{Name: []string{"pilot", "broad"}[d.IntN(2)], Deferral: d.IntN(31), Deadline: d.IntN(31), Grace: d.IntN(8)}
	if d.IntN(2) == 0 {
		ring.Window = saturdayNight(t)
		ring.Window.Weekday = time.Weekday(d.IntN(7))
	}
	d.q.Rings = slices.DeleteFunc(slices.Clone(d.q.Rings), func(r cycle.Ring) bool { return r.Name == ring.Name })
	if d.IntN(4) == 0 {
		return "fleet: ring withdrawn"
	}
	d.q.Rings = append(d.q.Rings, ring)
	return "fleet: ring " + ring.String()
}

// fact withdraws or changes one fact, or the rule.
func (d *desk) fact() string {
	d.editions++
	d.facts.Editions = maps.Clone(d.facts.Editions)
	d.facts.Releases, d.facts.Notices = slices.Clone(d.facts.Releases), slices.Clone(d.facts.Notices)
	touch := func(m cycle.Month) { d.facts.Editions[m] = d.editions }
	switch n := d.IntN(4); {
	case n == 0 && len(d.facts.Notices) > 0:
		i := d.IntN(len(d.facts.Notices))
		touch(d.facts.Notices[i].Month)
		d.facts.Notices = slices.Delete(d.facts.Notices, i, i+1)
		return "notice withdrawn"
	case n == 1 && len(d.facts.Releases) > 0:
		i := d.IntN(len(d.facts.Releases))
		touch(d.facts.Releases[i].Month)
		d.facts.Releases = slices.Delete(d.facts.Releases, i, i+1)
		return "release withdrawn"
	case n == 2 && len(d.facts.Releases) > 0:
		r := &d.facts.Releases[d.IntN(len(d.facts.Releases))]
		touch(r.Month)
		if !r.Month.IsZero() { // it belongs to another month now
			r.Month = r.Month.AddMonths(d.IntN(3) - 1)
		}
		touch(r.Month)
		if !r.Date.IsZero() {
			r.Date = r.Date.AddDays(d.IntN(5))
		}
		r.Type = cycle.ReleaseType(1 + d.IntN(4))
		return "release changed"
	}
	d.facts.Track.Rule.OffsetDays = d.IntN(7)
	touch(cycle.Month{})
	return "rule changed"
}

// Each edition of the feed is worth the same to every event; an event of no month
// counts the editions of its own.
func TestSequenceCountsEditions(t *testing.T) {
	facts := two(t)[:1]
	late := facts[0].Releases[0]
	late.KB, late.OutOfBand, late.Date, late.KnownOn = "KB5099999", true, day(t, "2026-06-19"), day(t, "2026-06-19")
	facts[0].Releases = append(facts[0].Releases, late)
	june := cycle.MonthOf(2026, time.June)
	for _, tt := range []struct {
		of      int64 // the edition of June
		edition int64
		want    map[string]int
	}{
		{0, 0, map[string]int{"2026-06.": 4, "2026-06.ring": 4, "kb5099999.": 0, "kb5099999.ring": 0}},
		{0, 3, map[string]int{"2026-06.": 16, "2026-06.ring": 16, "kb5099999.": 12, "kb5099999.ring": 12}},
		{2, 0, map[string]int{"2026-06.": 260, "2026-06.ring": 260, "kb5099999.": 8, "kb5099999.ring": 8}},
		{2, 3, map[string]int{"2026-06.": 272, "2026-06.ring": 272, "kb5099999.": 20, "kb5099999.ring": 20}},
	} {
		facts[0].Editions = map[cycle.Month]int64{june: tt.of}
		q := monthQuery(t, time.June, pilot(saturdayNight(t)))
		q.Edition = tt.edition
		got := map[string]int{}
		for _, e := range ics.Events(compile(facts, day(t, "2026-06-30")), q) {
			name, rest, _ := strings.Cut(e.UID, ".")
			if strings.Contains(rest, ".pilot") {
				got[name+".ring"] = e.Sequence
			} else {
				got[name+"."] = e.Sequence
			}
		}
		if !maps.Equal(got, tt.want) {
			t.Errorf("edition %d of June, %d of the feed: %v, want %v", tt.of, tt.edition, got, tt.want)
		}
	}
}
