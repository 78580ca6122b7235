package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle"
)

// sink is a response that goes nowhere; it counts the bytes.
type sink struct {
	header http.Header
	status int
	bytes  int
}

func (w *sink) Header() http.Header    { return w.header }
func (w *sink) WriteHeader(status int) { w.status = status }
func (w *sink) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	w.bytes += len(p)
	return len(p), nil
}

// benchmark asks the same again and again.
func benchmark(b *testing.B, h http.Handler, want int, target string, header http.Header) {
	b.Helper()
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, target, nil)
	r.Header = header
	w := &sink{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		w.bytes = 0
		h.ServeHTTP(w, r)
	}
	if w.status != want {
		b.Errorf("GET %s = %d, want %d", target, w.status, want)
	}
	b.ReportMetric(float64(w.bytes), "bytes")
}

// BenchmarkCached is what nearly every request costs: the answer is there already.
func BenchmarkCached(b *testing.B) {
	h := newHandler(b, api.Config{})
	for _, bb := range []struct {
		name, target string
		status       int
		header       http.Header
	}{
		{"feed", "/calendars/all.ics", 200, http.Header{}},
		{"feed-gzip", "/calendars/all.ics", 200, http.Header{"Accept-Encoding": {"gzip"}}},
		{"feed-304", "/calendars/all.ics", 304, http.Header{"If-None-Match": {"*"}}},
		{"json", "/api/v1/next", 200, http.Header{}},
		{"json-gzip", "/api/v1/next", 200, http.Header{"Accept-Encoding": {"gzip"}}},
		{"problem", "/api/v1/next?x=1", 400, http.Header{}},
	} {
		b.Run(bb.name, func(b *testing.B) { benchmark(b, h, bb.status, bb.target, bb.header) })
	}
}

// BenchmarkMiss renders, compresses and hashes each time.
func BenchmarkMiss(b *testing.B) {
	snapshot := snapshotOf(builtIn(b))
	snapshot.KeepAtMost(0)
	h := newHandler(b, api.Config{Source: snapshot})
	for _, target := range []string{
		"/calendars/windows-11-24h2.ics", "/calendars/all.ics", "/api/v1/next", "/api/v1/state", "/api/v1/schedule",
		"/api/v1/schedule.csv", "/api/v1/releases", "/openapi.json", "/docs",
	} {
		b.Run(target[1:], func(b *testing.B) { benchmark(b, h, 200, target, http.Header{}) })
	}
}

// BenchmarkSchedule tells what a row costs, however many months and tracks there are.
// A page holds 5000 rows at most.
func BenchmarkSchedule(b *testing.B) {
	for _, tracks := range []int{6, 60, 1000} {
		snapshot := snapshotOf(synthetic(tracks))
		snapshot.KeepAtMost(0)
		h := newHandler(b, api.Config{Source: snapshot})
		for _, months := range []int{12, 60, 600} {
			b.Run(fmt.Sprintf("tracks=%d/months=%d", tracks, months), func(b *testing.B) {
				from := cycle.MonthOf(2022, time.January)
				benchmark(b, h, 200, fmt.Sprintf("/api/v1/schedule?from=%s&to=%s", from, from.AddMonths(months-1)), http.Header{})
				rows := min(tracks*months, 5000)
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows), "ns/row")
			})
		}
	}
}

// synthetic returns tracks of five years, with two releases in each month.
func synthetic(n int) []cycle.Facts {
	zone, err := cycle.ParseZone("America/Los_Angeles")
	if err != nil {
		panic(err)
	}
	facts := make([]cycle.Facts, n)
	for i := range facts {
		track := cycle.Track{
			ID: fmt.Sprintf("track-%d", i), Name: fmt.Sprintf("Track %d", i), FirstMonth: cycle.MonthOf(2022, time.January),
			Rule: cycle.Rule{
				BaselineMonths: []time.Month{1, 4, 7, 10}, Day: cycle.NthWeekday(2, time.Tuesday), Hour: 10, Zone: zone,
			},
		}
		facts[i].Track = track
		for n := range 60 {
			month := track.FirstMonth.AddMonths(n)
			r := cycle.Release{
				Track: track.ID, Month: month, KB: fmt.Sprintf("KB5%06d", 2*n), Build: fmt.Sprintf("26100.%d", n), Type: cycle.TypeHotpatch,
				Date: track.Rule.Date(month), KnownOn: track.Rule.Date(month), URL: "https://support.microsoft.com/help/5000000",
			}
			if track.Rule.Kind(month) == cycle.Baseline {
				r.Type, r.Restart = cycle.TypeBaseline, cycle.RestartNeeded
			}
			other := r
			other.KB, other.Type, other.Restart = fmt.Sprintf("KB5%06d", 2*n+1), cycle.TypeCumulative, cycle.RestartNeeded
			facts[i].Releases = append(facts[i].Releases, r, other)
		}
	}
	return facts
}

// BenchmarkSnapshot compiles all tracks of the built-in history.
func BenchmarkSnapshot(b *testing.B) {
	facts, now := builtIn(b), instant(b, today)
	b.ReportAllocs()
	for b.Loop() {
		api.Measure(snapshotOf(facts), now)
	}
}
