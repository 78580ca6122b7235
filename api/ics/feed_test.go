package ics_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	ical "github.com/emersion/go-ical"

	"github.com/cyclecal/cyclecal/api/ics"
	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/catalog"
)

// builtIn returns the history that ships with the program.
func builtIn(t testing.TB) []cycle.Facts {
	t.Helper()
	facts, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

func compile(facts []cycle.Facts, asOf cycle.Date) []cycle.Schedule {
	schedules := make([]cycle.Schedule, len(facts))
	for i, f := range facts {
		schedules[i] = cycle.Compile(f, asOf)
	}
	return schedules
}

func day(t testing.TB, s string) cycle.Date {
	t.Helper()
	d, err := cycle.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := cycle.ParseZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// query asks for so many months before and after November 2026.
func query(t testing.TB, past, ahead int) ics.Query {
	t.Helper()
	now := cycle.MonthOf(2026, time.November)
	return ics.Query{From: now.AddMonths(-past), To: now.AddMonths(ahead), Zone: zone(t, "America/Los_Angeles")}
}

var calendar = ics.Calendar{Name: "Hotpatch: all tracks", Description: "What restarts.", Source: "https://cal.example.com/calendars/all.ics?kind=baseline"}

func render(t testing.TB, c ics.Calendar, events []ics.Event) []byte {
	t.Helper()
	feed, err := ics.Render(c, events)
	if err != nil {
		t.Fatal(err)
	}
	return feed
}

// decode reads a feed with another library than the one that wrote it.
func decode(t testing.TB, feed []byte) *ical.Calendar {
	t.Helper()
	cal, err := ical.NewDecoder(bytes.NewReader(feed)).Decode()
	if err != nil {
		t.Fatalf("decode: %v in\n%s", err, feed)
	}
	return cal
}

// text returns the only value of a property that holds text.
func text(t testing.TB, props ical.Props, name string) string {
	t.Helper()
	values := props.Values(name)
	if len(values) != 1 {
		t.Fatalf("%d properties %s, want 1", len(values), name)
	}
	list, err := values[0].TextList()
	if err != nil || len(list) != 1 {
		t.Fatalf("%s = %q (%v), want one text", name, list, err)
	}
	return list[0]
}

// variants are queries of every sort.
func variants(t testing.TB) map[string]ics.Query {
	t.Helper()
	rings := []cycle.Ring{{Name: "pilot", Deferral: 1, Deadline: 2, Grace: 2}, {Name: "broad", Deferral: 9, Deadline: 5, Grace: 2}}
	night := cycle.Ring{Name: "night", Deferral: 3, Deadline: 2, Grace: 2, Window: saturdayNight(t)}
	freezes := []cycle.Freeze{freeze(t, "summer", "2026-06-12", "2026-08-31", "Sommerpause; Lager, Büro"), freeze(t, "year-end", "2025-12-18", "2026-01-31", "")}
	all := map[string]func(*ics.Query){
		"plain":     func(*ics.Query) {},
		"timed":     func(q *ics.Query) { q.Timed = true },
		"include":   func(q *ics.Query) { q.Cumulative, q.Component = true, true },
		"rings":     func(q *ics.Query) { q.Rings = rings },
		"baselines": func(q *ics.Query) { q.Kind, q.Rings = cycle.Baseline, rings },
		"restarts":  func(q *ics.Query) { q.Restart, q.Cumulative = cycle.RestartNeeded, true },
		"quiet":     func(q *ics.Query) { q.Restart, q.Component = cycle.RestartNotNeeded, true },
		"tokyo":     func(q *ics.Query) { q.Zone, q.Rings = zone(t, "Asia/Tokyo"), rings },
		"everything": func(q *ics.Query) {
			q.Timed, q.Cumulative, q.Component, q.Rings = true, true, true, rings
		},
		"windows": func(q *ics.Query) {
			q.Rings, q.Freezes, q.Edition = append([]cycle.Ring{night}, rings...), freezes, 7
		},
		"timed windows": func(q *ics.Query) {
			q.Timed, q.Cumulative, q.Rings, q.Freezes = true, true, append([]cycle.Ring{night}, rings...), freezes
		},
	}
	queries := map[string]ics.Query{}
	for name, change := range all {
		for _, months := range []int{0, 12} {
			q := query(t, months, months)
			change(&q)
			queries[fmt.Sprintf("%s/%d", name, months)] = q
		}
	}
	largest := query(t, 300, 300)
	all["everything"](&largest)
	queries["everything/300"] = largest
	return queries
}

// unfold takes a feed apart into its logical lines.
func unfold(feed []byte) []string {
	whole := strings.ReplaceAll(strings.TrimSuffix(string(feed), "\r\n"), "\r\n ", "")
	return strings.Split(whole, "\r\n")
}
