package ics_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api/ics"
	"github.com/cyclecal/cyclecal/cycle"
)

// Whenever an event says something else than on the day before, its SEQUENCE is higher and its stamp is of that day,
// whether a fact became known or only the day came; and neither ever goes back.
func TestLawEachChangeIsSeen(t *testing.T) {
	for seed := range uint64(randomTracks) {
		random := rand.New(rand.NewPCG(seed, 7))
		facts := announced(t, random)
		q := ics.Query{
			From: facts.Track.FirstMonth, To: facts.Track.FirstMonth.AddMonths(11), Cumulative: true, Component: true,
			Rings: []cycle.Ring{{Name: "pilot", Deferral: 1, Deadline: 2, Grace: 2}},
		}
		seen := map[string]ics.Event{}
		for n := range 430 {
			asOf := facts.Track.FirstMonth.Day(1).AddDays(n - 40)
			for _, e := range ics.Events([]cycle.Schedule{cycle.Compile(facts, asOf)}, q) {
				old, ok := seen[e.UID]
				seen[e.UID] = e
				if !ok {
					continue
				}
				said, says := texts(old), texts(e)
				switch changed := said != says; {
				case e.Sequence < old.Sequence || e.Stamp.Before(old.Stamp):
					t.Errorf("seed %d: %s on %s: SEQUENCE %d of %v after %d of %v", seed, e.UID, asOf, e.Sequence, e.Stamp, old.Sequence, old.Stamp)
				case changed && (e.Sequence == old.Sequence || cycle.DateIn(e.Stamp, facts.Track.Rule.Zone) != asOf):
					t.Errorf("seed %d: %s on %s: SEQUENCE %d of %v after %d of %v, but %s\nafter %s", seed, e.UID, asOf,
						e.Sequence, e.Stamp, old.Sequence, old.Stamp, says, said)
				}
			}
		}
	}
}

// texts is all of an event but its SEQUENCE and its stamp.
func texts(e ics.Event) string {
	e.Sequence, e.Stamp = 0, time.Time{}
	return fmt.Sprintf("%+v", e)
}

// announced is a year of which much is told beforehand, and some too late.
func announced(t *testing.T, random *rand.Rand) cycle.Facts {
	t.Helper()
	zone, err := cycle.ParseZone([]string{cycle.PatchZone, "Asia/Tokyo", "Africa/Cairo"}[random.IntN(3)])
	if err != nil {
		t.Fatal(err)
	}
	facts := cycle.Facts{Track: cycle.Track{ID: "x", Name: "X", FirstMonth: cycle.MonthOf(2026, 1), Rule: cycle.Rule{
		BaselineMonths: []time.Month{1, 4, 7, 10}, Day: cycle.NthWeekday(2, time.Tuesday), Hour: 10, Zone: zone,
	}}}
	for n := range 12 {
		m := facts.Track.FirstMonth.AddMonths(n)
		date := facts.Track.Rule.Date(m)
		around := func() cycle.Date { return date.AddDays(random.IntN(24) - 12) }
		if random.IntN(2) == 0 {
			facts.Notices = append(facts.Notices, cycle.Notice{Track: "x", Month: m, Kind: cycle.Kind(1 + random.IntN(2)), KnownOn: around()})
		}
		for i := range random.IntN(4) {
			r := cycle.Release{
				Track: "x", Month: m, KB: fmt.Sprintf("KB%06d", 100000+10*n+i), Type: []cycle.ReleaseType{cycle.TypeBaseline, cycle.TypeHotpatch, cycle.TypeCumulative}[random.IntN(3)],
				Date: around(), KnownOn: around(),
			}
			if r.OutOfBand = i > 0; r.OutOfBand && r.Type == cycle.TypeBaseline {
				r.Type = cycle.TypeHotpatch
			}
			facts.Releases = append(facts.Releases, r)
		}
	}
	return facts
}

// What an event says changes on the day of an announced month, and on the day after it.
func TestAnnouncedDayIsAChange(t *testing.T) {
	facts := announced(t, rand.New(rand.NewPCG(0, 0)))
	facts.Track.Rule.Zone, _ = cycle.ParseZone(cycle.PatchZone)
	june := cycle.MonthOf(2026, time.June)
	told := cycle.Notice{Track: "x", Month: june, Kind: cycle.Baseline, KnownOn: june.Day(1)}
	known := cycle.Release{Track: "x", Month: june, KB: "KB1234567", Type: cycle.TypeBaseline, Restart: cycle.RestartNeeded, Date: june.Day(9), KnownOn: june.Day(1)}
	for _, tt := range []struct {
		name     string
		notices  []cycle.Notice
		releases []cycle.Release
		day      int // on which it changes
	}{
		{"no release came", []cycle.Notice{told}, nil, 10},
		{"the release was known before", nil, []cycle.Release{known}, 9},
	} {
		facts.Notices, facts.Releases = tt.notices, tt.releases
		on := func(day int) ics.Event {
			return ics.Events(compile([]cycle.Facts{facts}, june.Day(day)), ics.Query{From: june, To: june})[0]
		}
		before, after := on(tt.day-1), on(tt.day)
		if before.Sequence != 2 || after.Sequence != 3 || before.Stamp.Format(time.RFC3339) != "2026-06-01T17:00:00Z" {
			t.Errorf("%s: SEQUENCE %d of %v, then %d, want 2 of 1 June, 10:00 in Redmond, then 3", tt.name, before.Sequence, before.Stamp, after.Sequence)
		}
		if want := time.Date(2026, time.June, tt.day, 7, 0, 0, 0, time.UTC); !after.Stamp.Equal(want) || on(29).Sequence != 3 || !on(29).Stamp.Equal(want) {
			t.Errorf("%s: stamp %v, want %v for ever", tt.name, after.Stamp, want)
		}
	}
}
