package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/metrics"
	"github.com/cyclecal/cyclecal/cycle"
)

// Measure tells of each track when it restarts next, as the schedule knows it at that
// instant: June 2026 restarts from its release day on.
func TestMeasure(t *testing.T) {
	snapshot := api.NewSnapshot(api.Contents{Revision: 3, Facts: builtIn(t)[1:2]})
	baseline := func(s string) time.Time { return instant(t, s) }
	for _, tt := range []struct {
		now  string
		want metrics.Track
	}{
		{"2026-06-01T00:00:00Z", metrics.Track{
			NextRestart:  baseline("2026-07-14T17:00:00Z"),
			NextHotpatch: baseline("2026-06-09T17:00:00Z"), KnownUntil: baseline("2026-05-27T07:00:00Z"),
		}},
		{"2026-06-09T16:59:59Z", metrics.Track{
			NextRestart:  baseline("2026-06-09T17:00:00Z"),
			NextHotpatch: baseline("2026-08-11T17:00:00Z"), KnownUntil: baseline("2026-06-09T07:00:00Z"),
		}},
		{"2027-10-13T00:00:00Z", metrics.Track{KnownUntil: baseline("2026-09-14T07:00:00Z")}},
	} {
		tt.want.ID = "windows-11-24h2"
		got := api.Measure(snapshot, instant(t, tt.now))
		got.Documents, got.Tracks[0].Months = nil, nil // the tests below look at them
		if diff := cmp.Diff(metrics.Snapshot{Revision: 3, Tracks: []metrics.Track{tt.want}}, got); diff != "" {
			t.Errorf("Measure at %s (-want +got):\n%s", tt.now, diff)
		}
	}
}

// Of each month it tells what was planned and what came: June and September 2026 turned into
// baselines, and of October nothing is known here.
func TestMeasureMonths(t *testing.T) {
	snapshot := api.NewSnapshot(api.Contents{Facts: builtIn(t)[1:2]})
	got := api.Measure(snapshot, instant(t, "2026-11-22T18:00:00Z")).Tracks[0].Months
	if len(got) != 24 { // the track ends in October 2027
		t.Fatalf("Measure tells of %d months, want 12 before this one, it, and the 11 to come: %v", len(got), got)
	}
	told := map[string]string{}
	for _, m := range got {
		told[m.Month] = strings.Join([]string{m.Kind, m.PlannedKind, m.Status, m.At.Format(time.RFC3339)}, " ")
	}
	for month, want := range map[string]string{
		"2025-11": "hotpatch hotpatch released 2025-11-11T18:00:00Z",
		"2026-06": "baseline hotpatch released 2026-06-09T17:00:00Z",
		"2026-07": "baseline baseline released 2026-07-14T17:00:00Z",
		"2026-09": "baseline hotpatch released 2026-09-08T17:00:00Z",
		"2026-10": "baseline baseline unconfirmed 2026-10-13T17:00:00Z",
		"2026-12": "hotpatch hotpatch planned 2026-12-08T18:00:00Z",
		"2027-10": "baseline baseline planned 2027-10-12T17:00:00Z",
	} {
		if told[month] != want {
			t.Errorf("Measure of %s = %s, want %s", month, told[month], want)
		}
	}
}

// With many tracks a scrape tells of fewer months, and always of this one and of the next.
func TestMeasureManyTracks(t *testing.T) {
	for tracks, want := range map[int]int{1: 25, 208: 25, 1000: 5, 10000: 3} {
		snapshot := api.NewSnapshot(api.Contents{Facts: slices.Repeat([]cycle.Facts{{Track: synthetic(1)[0].Track}}, tracks)})
		got := api.Measure(snapshot, instant(t, "2026-11-22T18:00:00Z"))
		last := got.Tracks[tracks-1].Months
		if len(last) != want || last[want/2].Month != "2026-11" {
			t.Errorf("Measure of %d tracks tells of %v, want %d months around November", tracks, last, want)
		}
	}
}

// Documents are counted by kind, also those of which there are none.
func TestMeasureDocuments(t *testing.T) {
	document := func(kind, id string) *api.Document { return new(api.NewDocument(kind, id, 1, nil)) }
	snapshot := api.NewSnapshot(api.Contents{Documents: map[string][]*api.Document{
		"rings":  {document("rings", "broad"), document("rings", "pilot")},
		"tokens": {document("tokens", "ci")},
	}})
	got := map[string]int{}
	for _, d := range api.Measure(snapshot, instant(t, "2026-11-22T18:00:00Z")).Documents {
		got[d.Kind] = d.Count
	}
	want := map[string]int{"tracks": 0, "releases": 0, "notices": 0, "rings": 2, "freezes": 0, "feeds": 0, "tokens": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
}

// What was made and what was found is counted, also from snapshot to snapshot, and what was dropped for it.
func TestMeasureCache(t *testing.T) {
	var counts api.CacheCounts
	snapshot := api.NewSnapshot(api.Contents{Facts: builtIn(t), Cache: &counts})
	h := newHandler(t, api.Config{Source: snapshot})
	ask := func(target string, accept ...string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
		r.Header["Accept"] = accept
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	ask("/api/v1/releases?track=windows-11-24h2&type=hotpatch")
	ask("/api/v1/releases?track=windows-11-24h2&type=hotpatch")
	ask("/api/v1/releases?type=hotpatch&track=windows-11-24h2")              // spelled otherwise
	ask("/api/v1/releases?type=hotpatch&track=windows-11-24h2", "text/html") // is there, but can't be sent
	ask("/api/v1/tracks?nonsense=1")
	ask("/healthz")
	next := api.NewSnapshot(api.Contents{Cache: &counts})
	if got, want := api.Measure(next, instant(t, today)).Cache, (metrics.Cache{Hits: 3, Misses: 1}); got != want {
		t.Errorf("the next snapshot counts %+v, want %+v", got, want)
	}
	snapshot.KeepAtMost(40 << 10)
	for year := 2000; year < 2050; year++ {
		ask(fmt.Sprintf("/api/v1/schedule?from=%d-01&to=%[1]d-02", year))
	}
	got := api.Measure(snapshot, instant(t, today)).Cache
	// One answer stands under two spellings.
	if want := got.Misses + 1 - int64(got.Answers); got.Evictions != want || got.Misses != 51 {
		t.Errorf("the cache counts %+v, want 51 misses and %d evictions", got, want)
	}
}

// BenchmarkScrape is what /metrics costs.
func BenchmarkScrape(b *testing.B) {
	now := instant(b, "2026-11-22T18:00:00Z")
	for _, bb := range []struct {
		name  string
		facts []cycle.Facts
	}{{"6", builtIn(b)}, {"1000", synthetic(1000)}} {
		snapshot := api.NewSnapshot(api.Contents{Facts: bb.facts})
		registry := prometheus.NewRegistry()
		metrics.New(registry, "v1", func() metrics.Snapshot { return api.Measure(snapshot, now) })
		clock := now
		h := metrics.Handler(registry, func() time.Time { // a second passes between any two
			clock = clock.Add(time.Second)
			return clock
		})
		b.Run(bb.name, func(b *testing.B) { benchmark(b, h, http.StatusOK, "/metrics", http.Header{}) })
	}
}
