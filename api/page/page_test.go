package page_test

import (
	"slices"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api/page"
	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/catalog"
)

// today is when the tests look, unless they say otherwise: the history ends on 14 September.
const today = "2026-11-22T09:00:00Z"

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := cycle.ParseZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func month(t testing.TB, s string) cycle.Month {
	t.Helper()
	m, err := cycle.ParseMonth(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func history(t testing.TB) []cycle.Facts {
	t.Helper()
	facts, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

// lookAt is what somebody sees who opens the page of a track, or of all, at that instant.
func lookAt(t testing.TB, now string, ids ...string) page.Input {
	t.Helper()
	return inputOf(t, now, history(t), ids...)
}

func inputOf(t testing.TB, now string, facts []cycle.Facts, ids ...string) page.Input {
	t.Helper()
	in := page.Input{Now: instant(t, now), Zone: zone(t, "America/Los_Angeles"), Single: len(ids) == 1}
	in.Today = cycle.DateIn(in.Now, in.Zone)
	in.Year, in.Month = in.Today.Month().Year(), in.Today.Month()
	for _, f := range facts {
		in.All = append(in.All, f.Track)
		if until := f.KnownUntil(in.Today); until.After(in.KnownUntil) {
			in.KnownUntil = until
		}
		if len(ids) == 0 || slices.Contains(ids, f.Track.ID) {
			in.Schedules = append(in.Schedules, cycle.Compile(f, in.Today))
		}
	}
	return in
}

// asOf looks back from today, at what was known at the end of that day.
func asOf(t testing.TB, day, id string) page.Input {
	t.Helper()
	in := lookAt(t, day+"T20:00:00Z", id)
	in.AsOf = in.Today
	in.Now = in.Today.AddDays(1).Start(in.Zone).Add(-time.Nanosecond)
	return in
}

func render(t testing.TB, in page.Input) element {
	t.Helper()
	body, err := page.Render(in)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, body)
}
