package ics_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api/ics"
	"github.com/cyclecal/cyclecal/cycle"
)

// The same facts give the same bytes, in whatever order they are.
func TestSameBytes(t *testing.T) {
	facts, other := builtIn(t), builtIn(t)
	for i := range other {
		for j := range other[i].Releases {
			k := len(other[i].Releases) - 1 - j
			if k > j {
				other[i].Releases[j], other[i].Releases[k] = other[i].Releases[k], other[i].Releases[j]
			}
		}
	}
	for name, q := range variants(t) {
		one := render(t, calendar, ics.Events(compile(facts, day(t, "2026-11-22")), q))
		two := render(t, calendar, ics.Events(compile(other, day(t, "2026-11-22")), q))
		if !bytes.Equal(one, two) {
			t.Errorf("%s: the same facts give %d and %d other bytes", name, len(one), len(two))
		}
	}
}

// June 2026 keeps its UID when it turns into a baseline, gets a higher SEQUENCE and a
// new SUMMARY, and was last modified on the day of that fact.
func TestJuneFlips(t *testing.T) {
	facts := builtIn(t)
	q := query(t, 5, -5)
	for i, f := range facts[:5] {
		before := ics.Events(compile(facts[i:i+1], day(t, "2026-06-08")), q)
		after := ics.Events(compile(facts[i:i+1], day(t, "2026-06-09")), q)
		if len(before) != 1 || len(after) != 1 {
			t.Fatalf("%s: %d and %d events in June 2026, want 1 and 1", f.Track.ID, len(before), len(after))
		}
		b, a := before[0], after[0]
		if want := "2026-06." + f.Track.ID + "@cyclecal"; b.UID != want || a.UID != want {
			t.Errorf("UIDs %s and %s, want %s", b.UID, a.UID, want)
		}
		if a.Sequence <= b.Sequence {
			t.Errorf("%s: SEQUENCE %d after %d, want a higher one", f.Track.ID, a.Sequence, b.Sequence)
		}
		if !strings.HasPrefix(b.Summary, "No restart planned:") || !strings.HasPrefix(a.Summary, "Restart: ") {
			t.Errorf("summaries %q and %q, want a planned hotpatch and then a restart", b.Summary, a.Summary)
		}
		if want := time.Date(2026, 6, 9, 17, 0, 0, 0, time.UTC); !a.Stamp.Equal(want) || !b.Stamp.Before(want) {
			t.Errorf("%s: stamps %v and %v, want an earlier one and %v", f.Track.ID, b.Stamp, a.Stamp, want)
		}
		if b.Confirmed || !a.Confirmed {
			t.Errorf("%s: confirmed %v and %v, want false and true", f.Track.ID, b.Confirmed, a.Confirmed)
		}
	}
}

// As more becomes known, day by day, no SEQUENCE and no time stamp of a UID goes
// back, and whatever facts changed in an event, its SEQUENCE or its stamp says so.
func TestNeverGoesBack(t *testing.T) {
	q := query(t, 0, 0)
	q.Cumulative, q.Component = true, true
	q.Rings = []cycle.Ring{{Name: "pilot", Deferral: 1, Deadline: 2, Grace: 2}}
	for _, f := range builtIn(t) {
		t.Run(f.Track.ID, func(t *testing.T) {
			t.Parallel()
			seen := map[string]ics.Event{}
			for asOf := day(t, "2021-01-01"); asOf.Before(day(t, "2026-12-31")); asOf = asOf.AddDays(1) {
				q := q
				q.From, q.To = asOf.Month().AddMonths(-18), asOf.Month().AddMonths(3) // facts come late, but not later
				for _, e := range ics.Events([]cycle.Schedule{cycle.Compile(f, asOf)}, q) {
					old, ok := seen[e.UID]
					if ok && (e.Sequence < old.Sequence || e.Stamp.Before(old.Stamp)) {
						t.Fatalf("%s as of %s: SEQUENCE %d of %v after %d of %v", e.UID, asOf, e.Sequence, e.Stamp, old.Sequence, old.Stamp)
					}
					if ok && e.Restarts != old.Restarts && e.Sequence == old.Sequence {
						t.Fatalf("%s as of %s: %q after %q with the same SEQUENCE %d", e.UID, asOf, e.Summary, old.Summary, e.Sequence)
					}
					seen[e.UID] = e
				}
			}
		})
	}
}
