package ics_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api/ics"
	"github.com/cyclecal/cyclecal/cycle"
)

// assorted has a release of each sort in June 2026 after the month's own, and components just outside of June
// and July.
func assorted(t testing.TB) cycle.Facts {
	t.Helper()
	facts := two(t)[0]
	add := func(kind cycle.ReleaseType, restart cycle.Restart, date, kb string) {
		r := cycle.Release{Track: facts.Track.ID, Type: kind, Restart: restart, Date: day(t, date), KnownOn: day(t, date), KB: kb}
		if kind != cycle.TypeComponent {
			r.Month, r.OutOfBand = r.Date.Month(), true
		}
		facts.Releases = append(facts.Releases, r)
	}
	add(cycle.TypeHotpatch, cycle.RestartNotNeeded, "2026-06-16", "KB5000002")
	add(cycle.TypeComponent, cycle.RestartUnknown, "2026-06-17", "KB5000003")
	add(cycle.TypeBaseline, cycle.RestartNeeded, "2026-06-20", "")
	add(cycle.TypeCumulative, cycle.RestartNeeded, "2026-06-25", "KB5000004")
	add(cycle.TypeComponent, cycle.RestartUnknown, "2026-05-31", "KB5000005")
	add(cycle.TypeComponent, cycle.RestartUnknown, "2026-08-01", "KB5000006")
	return facts
}

// A feed has what was asked for: kinds, restarts, releases that are no months, and the restarts of rings only
// where restarts were asked for.
func TestFilters(t *testing.T) {
	june, july := cycle.MonthOf(2026, time.June), cycle.MonthOf(2026, time.July)
	ring := []cycle.Ring{pilot(cycle.Window{})}
	facts, untold := assorted(t), assorted(t)
	for i, r := range untold.Releases {
		if r.Type == cycle.TypeBaseline {
			untold.Releases[i].Restart = cycle.RestartUnknown // a baseline restarts, also where nobody says so
		}
	}
	for _, tt := range []struct {
		name string
		q    ics.Query
		want string
	}{
		{"all", ics.Query{}, "2026-06 kb5000002 2026-06-20 2026-07"},
		{"with cumulative updates", ics.Query{Cumulative: true}, "2026-06 kb5000002 2026-06-20 kb5000004 2026-07"},
		{"with components", ics.Query{Component: true}, "2026-06 kb5000002 kb5000003 2026-06-20 2026-07"},
		{"baselines", ics.Query{Kind: cycle.Baseline}, "2026-06 2026-06-20"},
		{"hotpatches", ics.Query{Kind: cycle.Hotpatch, Rings: ring}, "kb5000002 2026-07"},
		{"restarts", ics.Query{Restart: cycle.RestartNeeded, Cumulative: true, Component: true, Rings: ring}, "2026-06 2026-06.pilot 2026-06-20 2026-06-20.pilot kb5000004"},
		{"no restarts", ics.Query{Restart: cycle.RestartNotNeeded, Cumulative: true, Component: true, Rings: ring}, "kb5000002 2026-07"},
	} {
		tt.q.From, tt.q.To = june, july
		for _, f := range []cycle.Facts{facts, untold} {
			var got []string
			for _, e := range ics.Events(compile([]cycle.Facts{f}, day(t, "2026-08-05")), tt.q) {
				got = append(got, strings.Replace(strings.TrimSuffix(e.UID, "@cyclecal"), ".windows-11-24h2", "", 1))
			}
			if got := strings.Join(got, " "); got != tt.want {
				t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
			}
		}
	}
}

// The restart of a ring is tentative while its month is only planned, and confirmed once that is announced or
// released.
func TestRingConfirmed(t *testing.T) {
	facts := two(t)[:1]
	facts[0].Notices = []cycle.Notice{{Track: facts[0].Track.ID, Month: cycle.MonthOf(2026, time.December), Kind: cycle.Baseline, KnownOn: day(t, "2026-06-20")}}
	for month, want := range map[time.Month]bool{time.June: true, time.October: false, time.December: true} {
		events := ringEvents(t, facts, monthQuery(t, month, pilot(cycle.Window{})))
		if len(events) != 1 || events[0].Confirmed != want {
			t.Errorf("%v: %+v, want one event, confirmed %v", month, events, want)
		}
	}
}

// The restart of a ring for a release that is not the month's own update tells of that release: its article, its
// day, and nothing that a later fact about the month would change. A component restarts rings where it is asked for.
func TestRingOfARelease(t *testing.T) {
	facts := assorted(t)
	second := &facts.Releases[slices.IndexFunc(facts.Releases, func(r cycle.Release) bool { return r.Type == cycle.TypeBaseline && r.OutOfBand })]
	second.KB, second.URL = "KB5000007", "https://support.microsoft.com/help/5000007"
	component := &facts.Releases[slices.IndexFunc(facts.Releases, func(r cycle.Release) bool { return r.KB == "KB5000003" })]
	component.Month, component.Restart = cycle.MonthOf(2026, time.June), cycle.RestartNeeded
	q := monthQuery(t, time.June, pilot(cycle.Window{}))
	q.Component = true
	of := func(asOf string) map[string]ics.Event {
		events := map[string]ics.Event{}
		for _, e := range ics.Events(compile([]cycle.Facts{facts}, day(t, asOf)), q) {
			events[strings.TrimSuffix(e.UID, ".windows-11-24h2.pilot@cyclecal")] = e
		}
		return events
	}
	got := of("2026-06-21")
	own, ring := got["kb5000007.windows-11-24h2@cyclecal"], got["kb5000007"]
	if ring.URL != second.URL || !strings.HasSuffix(ring.Description, "\n"+own.Description) || ring.Stamp != own.Stamp || ring.Sequence != own.Sequence {
		t.Errorf("the ring's event is %+v, want the article and the text of %+v", ring, own)
	}
	if want := "Restart by 25 June: ring pilot, Windows 11 24H2 out-of-band baseline, June 2026"; ring.Summary != want {
		t.Errorf("its summary is %q, want %q", ring.Summary, want)
	}
	if later := of("2026-06-26")["kb5000007"]; later.Description != ring.Description { // KB5000004 came on the 25th
		t.Errorf("a later fact changed %q to %q", ring.Description, later.Description)
	}
	if e := got["kb5000003"]; e.First.String() != "2026-06-18" || !strings.HasPrefix(e.Summary, "Restart by 22 June: ring pilot, Windows 11 24H2 ") {
		t.Errorf("the ring's event for a component is %+v, want it offered on 18 June", e)
	}
}
