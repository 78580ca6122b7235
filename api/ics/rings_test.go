package ics_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api/ics"
	"github.com/cyclecal/cyclecal/cycle"
)

// two are tracks whose baselines are planned for March, June, October and December, and
// the baseline of June 2026.
func two(t testing.TB) []cycle.Facts {
	t.Helper()
	released := day(t, "2026-06-09")
	facts := make([]cycle.Facts, 2)
	for i, id := range []string{"windows-11-24h2", "windows-11-25h2"} {
		facts[i] = cycle.Facts{
			Track: cycle.Track{
				ID: id, Name: "Windows 11 " + strings.ToUpper(id[len("windows-11-"):]), FirstMonth: cycle.MonthOf(2026, time.January),
				Rule: cycle.Rule{
					BaselineMonths: []time.Month{time.March, time.June, time.October, time.December},
					Day:            cycle.NthWeekday(2, time.Tuesday), Hour: 10, Zone: zone(t, "America/Los_Angeles"),
				},
			},
			Releases: []cycle.Release{{
				Track: id, Month: released.Month(), KB: "KB5094126", Type: cycle.TypeBaseline, Restart: cycle.RestartNeeded,
				Date: released, KnownOn: released, URL: "https://example.com/KB5094126",
			}},
		}
	}
	return facts
}

// pilot restarts from the day after the release to four days later, in a window where it has one.
func pilot(w cycle.Window) cycle.Ring {
	return cycle.Ring{Name: "pilot", Deferral: 1, Deadline: 2, Grace: 2, Window: w}
}

func saturdayNight(t testing.TB) cycle.Window {
	t.Helper()
	return cycle.Window{ByWeekday: true, Weekday: time.Saturday, Hour: 22, Duration: 4 * time.Hour, Zone: zone(t, "Europe/Berlin")}
}

func freeze(t testing.TB, id, from, to, reason string) cycle.Freeze {
	t.Helper()
	return cycle.Freeze{ID: id, From: day(t, from), To: day(t, to), Reason: reason}
}

// ringEvents returns the events of rings for the months from one to another.
func ringEvents(t testing.TB, facts []cycle.Facts, q ics.Query) []ics.Event {
	t.Helper()
	return slices.DeleteFunc(ics.Events(compile(facts, day(t, "2026-06-30")), q), func(e ics.Event) bool {
		return !slices.Contains(e.Categories, "Ring restart")
	})
}

// monthQuery asks for one month of 2026.
func monthQuery(t testing.TB, of time.Month, ring cycle.Ring, freezes ...cycle.Freeze) ics.Query {
	t.Helper()
	m := cycle.MonthOf(2026, of)
	return ics.Query{From: m, To: m, Zone: zone(t, "America/Los_Angeles"), Rings: []cycle.Ring{ring}, Freezes: freezes}
}

// What the event of a ring says and when it is, with a window and without, in a
// freeze and not.
func TestRingEvent(t *testing.T) {
	days, night := pilot(cycle.Window{}), pilot(saturdayNight(t))
	friday := pilot(saturdayNight(t))
	friday.Window.Weekday, friday.Window.Hour = time.Friday, 20
	monday := pilot(saturdayNight(t))
	monday.Window.Weekday = time.Monday
	long := pilot(saturdayNight(t))
	long.Window.Duration = 24 * time.Hour
	const ring = "Ring pilot (deferral 1, deadline 2, grace 2 days): offered on 2026-06-10, deadline on 2026-06-12, restarted by 2026-06-14."
	const window = "Maintenance window: 2026-06-13 22:00 to 2026-06-14 02:00 (Europe/Berlin)."
	for _, tt := range []struct {
		name    string
		ring    cycle.Ring
		freezes []cycle.Freeze
		summary string
		lines   []string // those before the month's own
		from    string   // of a timed event
	}{
		{"days", days, nil, "Restart by 14 June: ring pilot, Windows 11 24H2 baseline, June 2026", []string{ring}, ""},
		{
			"window", night, nil, "Restart: ring pilot, 13 June 22:00 to 02:00 (Europe/Berlin), Windows 11 24H2 baseline, June 2026",
			[]string{ring, window},
			"2026-06-13T20:00:00Z",
		},
		{
			"24 hours", long, nil, "Restart: ring pilot, 13 June 22:00 to 14 June 22:00 (Europe/Berlin), Windows 11 24H2 baseline, June 2026",
			[]string{ring, "Maintenance window: 2026-06-13 22:00 to 2026-06-14 22:00 (Europe/Berlin)."},
			"2026-06-13T20:00:00Z",
		},
		{
			"late window", monday, nil, "Restart: ring pilot, 15 June 22:00 to 02:00 (Europe/Berlin), Windows 11 24H2 baseline, June 2026",
			[]string{ring, "Maintenance window: 2026-06-15 22:00 to 2026-06-16 02:00 (Europe/Berlin). It begins after the last day."},
			"2026-06-15T20:00:00Z",
		},
		{
			"window in a freeze", night,
			[]cycle.Freeze{freeze(t, "half-year", "2026-06-14", "2026-06-21", "Half-year closing.")},
			"Restart: ring pilot, 13 June 22:00 to 02:00 (Europe/Berlin), Windows 11 24H2 baseline, June 2026, in freeze half-year",
			[]string{ring, window, "The window falls into the freeze half-year (2026-06-14 to 2026-06-21): Half-year closing. " +
				"The next window outside of all freezes: 2026-06-27 22:00 to 2026-06-28 02:00 (Europe/Berlin), after the last day. Without a window, 2026-06-13 would do."},
			"2026-06-13T20:00:00Z",
		},
		{
			"every window in a freeze", night,
			[]cycle.Freeze{freeze(t, "for-ever", "2026-06-01", "2028-12-31", "")},
			"Restart: ring pilot, 13 June 22:00 to 02:00 (Europe/Berlin), Windows 11 24H2 baseline, June 2026, in freeze for-ever",
			[]string{ring, window, "The window falls into the freeze for-ever (2026-06-01 to 2028-12-31). No window within a year is outside of all freezes."},
			"2026-06-13T20:00:00Z",
		},
		{
			"last day in a freeze", friday,
			[]cycle.Freeze{freeze(t, "audit", "2026-06-14", "2026-06-14", "Audit")},
			"Restart: ring pilot, 12 June 20:00 to 00:00 (Europe/Berlin), Windows 11 24H2 baseline, June 2026, last day in freeze audit",
			[]string{
				ring, "Maintenance window: 2026-06-12 20:00 to 2026-06-13 00:00 (Europe/Berlin).",
				"The last day, 2026-06-14, falls into the freeze audit (2026-06-14 to 2026-06-14): Audit. The last earlier day outside of all freezes is 2026-06-13.",
			},
			"2026-06-12T18:00:00Z",
		},
		{
			"no window, in a freeze", days,
			[]cycle.Freeze{freeze(t, "audit", "2026-06-12", "2026-06-20", "")},
			"Restart by 14 June: ring pilot, Windows 11 24H2 baseline, June 2026, in freeze audit",
			[]string{ring, "The last day, 2026-06-14, falls into the freeze audit (2026-06-12 to 2026-06-20). The last earlier day outside of all freezes is 2026-06-11."},
			"",
		},
		{
			"no window, some days in a freeze", days,
			[]cycle.Freeze{freeze(t, "audit", "2026-06-01", "2026-06-11", "Audit")},
			"Restart by 14 June: ring pilot, Windows 11 24H2 baseline, June 2026, some days in freeze audit",
			[]string{ring, "The last day does not, but some days before it fall into the freeze audit (2026-06-01 to 2026-06-11): Audit."},
			"",
		},
		{
			"no window, no day", days,
			[]cycle.Freeze{freeze(t, "audit", "2026-06-10", "2026-06-14", "")},
			"Restart by 14 June: ring pilot, Windows 11 24H2 baseline, June 2026, in freeze audit",
			[]string{ring, "The last day, 2026-06-14, falls into the freeze audit (2026-06-10 to 2026-06-14). No day from the offer on is outside of all freezes."},
			"",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, timed := range []bool{false, true} {
				q := monthQuery(t, time.June, tt.ring, tt.freezes...)
				q.Timed = timed
				events := ringEvents(t, two(t)[:1], q)
				if len(events) != 1 {
					t.Fatalf("%d events, want one", len(events))
				}
				e := events[0]
				if e.Summary != tt.summary {
					t.Errorf("summary %q, want %q", e.Summary, tt.summary)
				}
				if got := strings.Split(e.Description, "\n"); !slices.Equal(got[:len(tt.lines)], tt.lines) || !strings.HasPrefix(got[len(tt.lines)], "Baseline: ") {
					t.Errorf("description\n%s\nwant first\n%s", e.Description, strings.Join(tt.lines, "\n"))
				}
				if got := slices.Contains(e.Categories, "Freeze conflict"); got != (len(tt.freezes) > 0) || e.UID != "2026-06.windows-11-24h2.pilot@cyclecal" {
					t.Errorf("%s in %q, want a conflict: %v", e.UID, e.Categories, len(tt.freezes) > 0)
				}
				checkPlace(t, e, tt.from, tt.ring.Window.Duration, timed)
			}
		})
	}
}

// checkPlace wants the hours of a window in either style, and else the days.
func checkPlace(t *testing.T, e ics.Event, from string, length time.Duration, timed bool) {
	t.Helper()
	switch {
	case from != "":
		if e.Start.Format(time.RFC3339) != from || e.End.Sub(e.Start) != length || !e.First.IsZero() || !e.Last.IsZero() {
			t.Errorf("timed %v: %v to %v, days %v to %v, want %v from %s", timed, e.Start, e.End, e.First, e.Last, length, from)
		}
	case timed:
		if got := e.Start.Format(time.RFC3339) + " " + e.End.UTC().Format(time.RFC3339); got != "2026-06-10T17:00:00Z 2026-06-15T07:00:00Z" || !e.First.IsZero() {
			t.Errorf("timed: %s, want from the offer to the end of the last day", got)
		}
	case e.First != day(t, "2026-06-10") || e.Last != day(t, "2026-06-14") || !e.Start.IsZero():
		t.Errorf("%v to %v, want the 10th to the 14th", e.First, e.Last)
	}
}

// A freeze of other rings or of another track is in nobody's way, nor is one in another month.
func TestFreezeOfOthers(t *testing.T) {
	ring, whole := pilot(saturdayNight(t)), freeze(t, "f", "2026-06-01", "2026-06-30", "")
	ofRing, ofTrack, later := whole, whole, freeze(t, "f", "2026-06-15", "2026-06-30", "")
	ofRing.Rings, ofTrack.Tracks = []string{"broad"}, []string{"windows-11-25h2"}
	want := render(t, calendar, ringEvents(t, two(t)[:1], monthQuery(t, time.June, ring)))
	got := render(t, calendar, ringEvents(t, two(t)[:1], monthQuery(t, time.June, ring, ofRing, ofTrack, later)))
	if !bytes.Equal(got, want) {
		t.Errorf("with freezes of others\n%s\nwant\n%s", got, want)
	}
	if got := ringEvents(t, two(t), monthQuery(t, time.June, ring, ofTrack)); len(got) != 2 || strings.Contains(got[0].Summary, "freeze") || !strings.Contains(got[1].Summary, "freeze f") {
		t.Errorf("%v, want a freeze on the second track alone", got)
	}
}

// A ring has events on the tracks that it holds, for out-of-band baselines too.
func TestRingHolds(t *testing.T) {
	facts := two(t)
	for i := range facts {
		late := facts[i].Releases[0]
		late.KB, late.OutOfBand, late.Date, late.KnownOn = "KB5099999", true, day(t, "2026-06-19"), day(t, "2026-06-19")
		facts[i].Releases = append(facts[i].Releases, late)
	}
	ring := pilot(saturdayNight(t))
	for _, tt := range []struct {
		tracks []string
		want   []string
	}{
		{nil, []string{"2026-06.windows-11-24h2", "2026-06.windows-11-25h2", "kb5099999.windows-11-24h2", "kb5099999.windows-11-25h2"}},
		{[]string{"windows-11-25h2"}, []string{"2026-06.windows-11-25h2", "kb5099999.windows-11-25h2"}},
		{[]string{"other"}, nil},
	} {
		ring.Tracks = tt.tracks
		var got []string
		for _, e := range ringEvents(t, facts, monthQuery(t, time.June, ring)) {
			got = append(got, strings.TrimSuffix(e.UID, ".pilot@cyclecal"))
			// The out-of-band one came on Friday the 19th, at 19:00 in Berlin, and is offered on Saturday at 19:00.
			if want := map[bool]string{true: "2026-06-20T20:00:00Z", false: "2026-06-13T20:00:00Z"}[strings.HasPrefix(e.UID, "kb")]; e.Start.Format(time.RFC3339) != want {
				t.Errorf("%s begins %v, want %s", e.UID, e.Start, want)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("ring of %v has events %v, want %v", tt.tracks, got, tt.want)
		}
	}
}

// A window over a change of clocks has the right instants on each track, and its local
// hours in words.
func TestWindowOverChangeOfClocks(t *testing.T) {
	for _, tt := range []struct {
		of             time.Month
		deferral       int
		hour, minute   int
		zone           string
		from, to, word string
	}{
		{time.March, 15, 1, 0, "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T04:00:00Z", "29 March 01:00 to 06:00 (Europe/Berlin)"},
		{time.March, 15, 2, 30, "Europe/Berlin", "2026-03-29T01:30:00Z", "2026-03-29T05:30:00Z", "29 March 03:30 to 07:30 (Europe/Berlin)"}, // 02:30 is skipped
		{time.October, 10, 1, 0, "Europe/Berlin", "2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z", "25 October 01:00 to 04:00 (Europe/Berlin)"},
		{time.October, 10, 2, 30, "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T04:30:00Z", "25 October 02:30 to 05:30 (Europe/Berlin)"}, // the first
		{time.October, 15, 0, 30, "America/New_York", "2026-11-01T04:30:00Z", "2026-11-01T08:30:00Z", "1 November 00:30 to 03:30 (America/New_York)"},
	} {
		ring := pilot(cycle.Window{ByWeekday: true, Weekday: time.Sunday, Hour: tt.hour, Minute: tt.minute, Duration: 4 * time.Hour, Zone: zone(t, tt.zone)})
		ring.Deferral = tt.deferral
		events := ringEvents(t, two(t), monthQuery(t, tt.of, ring))
		feed := decode(t, render(t, calendar, events))
		if len(feed.Events()) != 2 {
			t.Fatalf("%d events, want one on each track", len(feed.Events()))
		}
		for i, e := range feed.Events() {
			start, err := e.DateTimeStart(time.UTC)
			end, err2 := e.DateTimeEnd(time.UTC)
			if err != nil || err2 != nil || start.Format(time.RFC3339) != tt.from || end.Format(time.RFC3339) != tt.to || !strings.Contains(events[i].Summary, ", "+tt.word+", ") {
				t.Errorf("%q from %v to %v (%v, %v), want %s to %s, %s", events[i].Summary, start, end, err, err2, tt.from, tt.to, tt.word)
			}
		}
	}
}
