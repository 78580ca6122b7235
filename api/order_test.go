package api_test

import (
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle"
)

// Where November's update comes after December's, nothing is kept beyond December's, which is in force from then on.
func TestNothingIsKeptBeyondANewerMonth(t *testing.T) {
	const change = "2026-12-08T18:00:00Z"
	facts := builtIn(t)[1:2]
	for _, r := range []cycle.Release{
		{Month: cycle.MonthOf(2026, 11), KB: "KB9999991", Type: cycle.TypeHotpatch, Date: cycle.DateOf(2026, 12, 14)},
		{Month: cycle.MonthOf(2026, 12), KB: "KB9999992", Build: "26100.9990", Type: cycle.TypeBaseline, Date: cycle.DateOf(2026, 12, 8)},
	} {
		r.Track, r.KnownOn = facts[0].Track.ID, cycle.DateOf(2026, 10, 1)
		facts[0].Releases = append(facts[0].Releases, r)
	}
	asked := []string{"/api/v1/state", "/tracks/windows-11-24h2", "/api/v1/builds/26100.8655", "/api/v1/next", "/"}
	c := newClock(t, change)
	kept := newHandler(t, api.Config{Source: api.NewSnapshot(api.Contents{Revision: 1, Facts: facts}), Now: c.time})
	clients := make([]holder, len(asked))
	bodies := map[string]bool{}
	for _, step := range []time.Duration{-100 * time.Second, -time.Second, 0, time.Second} {
		c.set(instant(t, change).Add(step))
		anew := newHandler(t, api.Config{Source: api.NewSnapshot(api.Contents{Revision: 1, Facts: facts}), Now: c.time})
		for i, target := range asked {
			truth := serve(t, anew, target).Body.String()
			if got := serve(t, kept, target).Body.String(); got != truth {
				t.Errorf("GET %s at change%+v is not what is rendered anew", target, step)
			}
			clients[i].check(t, kept, target, c.time(), truth)
			bodies[truth] = true
		}
	}
	if want := 2 * len(asked); len(bodies) != want {
		t.Errorf("%d different answers, want %d", len(bodies), want)
	}
}
