package metrics_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/cyclecal/cyclecal/api/metrics"
)

// at is an instant of which a scrape tells the seconds.
func at(seconds int64) time.Time { return time.Unix(seconds, 0) }

// served returns a registry that tells of a snapshot.
func served(s metrics.Snapshot) (*prometheus.Registry, *metrics.Metrics) {
	registry := prometheus.NewRegistry()
	return registry, metrics.New(registry, "v1.2.3", func() metrics.Snapshot { return s })
}

func scrape(t *testing.T, registry *prometheus.Registry) string {
	t.Helper()
	w := httptest.NewRecorder()
	metrics.Handler(registry, func() time.Time { return at(0) }).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Fatalf("scrape = %d %s, want 200 text/plain", w.Code, w.Header().Get("Content-Type"))
	}
	return w.Body.String()
}

// lines returns the samples of the metrics with that prefix.
func lines(scraped, prefix string) []string {
	var list []string
	for line := range strings.Lines(scraped) {
		if strings.HasPrefix(line, prefix) {
			list = append(list, strings.TrimSpace(line))
		}
	}
	return list
}

// What the schedule says is told as instants; what nobody knows is left out.
func TestSnapshot(t *testing.T) {
	registry, _ := served(metrics.Snapshot{
		Revision: 7, Cache: metrics.Cache{Answers: 3, Bytes: 4096, Hits: 11, Misses: 12, Evictions: 13, Waiting: 14, Refused: 15}, Confirmed: at(30), LeftOut: 2,
		Tracks: []metrics.Track{
			{ID: "a", NextRestart: at(100), NextHotpatch: at(50), KnownUntil: at(10), Months: []metrics.Month{
				{Month: "2026-06", Kind: "baseline", PlannedKind: "hotpatch", Status: "released", At: at(5)},
			}},
			{ID: "ended", KnownUntil: at(20)},
			{ID: "unknown"},
		},
		Documents: []metrics.Documents{{Kind: "rings", Count: 4}}, Compiled: at(60), Compiling: 5 * time.Millisecond, ReadOnly: true,
		Sources:       []metrics.Source{{ID: "page", Checked: at(40)}, {ID: "never", Failures: 3, Incomplete: true}},
		Notifications: []metrics.Notification{{Receiver: "webhook (0123)", Result: "sent", Count: 9}},
	})
	want := []string{
		`cyclecal_build_info{version="v1.2.3"} 1`,
		`cyclecal_cache_answers 3`,
		`cyclecal_cache_bytes 4096`,
		`cyclecal_cache_evictions_total 13`,
		`cyclecal_cache_hits_total 11`,
		`cyclecal_cache_misses_total 12`,
		`cyclecal_history_known_until_timestamp_seconds{track="a"} 10`,
		`cyclecal_history_known_until_timestamp_seconds{track="ended"} 20`,
		`cyclecal_month_info{kind="baseline",month="2026-06",planned_kind="hotpatch",status="released",track="a"} 1`,
		`cyclecal_month_release_timestamp_seconds{month="2026-06",track="a"} 5`,
		`cyclecal_next_release_timestamp_seconds{kind="baseline",track="a"} 100`,
		`cyclecal_next_release_timestamp_seconds{kind="hotpatch",track="a"} 50`,
		`cyclecal_next_restart_timestamp_seconds{track="a"} 100`,
		`cyclecal_notifications_total{receiver="webhook (0123)",result="sent"} 9`,
		`cyclecal_renderings_refused_total 15`,
		`cyclecal_renderings_waiting 14`,
		`cyclecal_snapshot_compile_duration_seconds 0.005`,
		`cyclecal_snapshot_compiled_timestamp_seconds 60`,
		`cyclecal_snapshot_documents{kind="rings"} 4`,
		`cyclecal_snapshot_revision 7`,
		`cyclecal_source_failures{source="never"} 3`,
		`cyclecal_source_failures{source="page"} 0`,
		`cyclecal_source_incomplete{source="never"} 1`,
		`cyclecal_source_incomplete{source="page"} 0`,
		`cyclecal_source_last_success_timestamp_seconds{source="page"} 40`,
		`cyclecal_store_available 1`,
		`cyclecal_store_confirmed_timestamp_seconds 30`,
		`cyclecal_store_left_out_documents 2`,
		`cyclecal_store_writable 0`,
	}
	if diff := cmp.Diff(want, lines(scrape(t, registry), "cyclecal_")); diff != "" {
		t.Errorf("scrape (-want +got):\n%s", diff)
	}
}

// A scrape asks anew, but for those within one second, which strangers may make many of. A clock that
// is set back keeps nothing.
func TestScrapeAsksAnew(t *testing.T) {
	revision, now := 0, at(1000)
	registry := prometheus.NewRegistry()
	metrics.New(registry, "v1", func() metrics.Snapshot {
		revision++
		return metrics.Snapshot{Revision: int64(revision)}
	})
	h := metrics.Handler(registry, func() time.Time { return now })
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {0, 1}, {999 * time.Millisecond, 1}, {time.Millisecond, 2}, {time.Hour, 3}, {-time.Minute, 4}} {
		now = now.Add(step.after)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
		want := fmt.Sprintf("cyclecal_snapshot_revision %d", step.want)
		if got := lines(w.Body.String(), "cyclecal_snapshot_revision"); w.Code != http.StatusOK || len(got) != 1 || got[0] != want {
			t.Errorf("%v later a scrape is %d and tells %q, want %q", step.after, w.Code, got, want)
		}
	}
}

// Requests are counted by pattern, method and status, also from many goroutines.
func TestRequests(t *testing.T) {
	registry, m := served(metrics.Snapshot{})
	var clients sync.WaitGroup
	for range 10 {
		clients.Go(func() {
			m.Request("/api/v1/tracks/{track}", http.MethodGet, http.StatusOK, 2*time.Millisecond)
			m.Request("none", "other", http.StatusNotFound, time.Microsecond)
			m.Store("write", "refused", 20*time.Millisecond)
		})
	}
	clients.Wait()
	scraped := scrape(t, registry)
	want := []string{
		`cyclecal_http_requests_total{method="GET",route="/api/v1/tracks/{track}",status="200"} 10`,
		`cyclecal_http_requests_total{method="other",route="none",status="404"} 10`,
	}
	if diff := cmp.Diff(want, lines(scraped, "cyclecal_http_requests_total")); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	for _, line := range []string{
		`cyclecal_http_request_duration_seconds_bucket{route="/api/v1/tracks/{track}",le="0.001"} 0`,
		`cyclecal_http_request_duration_seconds_bucket{route="/api/v1/tracks/{track}",le="0.005"} 10`,
		`cyclecal_http_request_duration_seconds_count{route="none"} 10`,
		`cyclecal_store_operations_total{operation="write",result="refused"} 10`,
		`cyclecal_store_operation_duration_seconds_bucket{operation="write",le="0.01"} 0`,
		`cyclecal_store_operation_duration_seconds_bucket{operation="write",le="0.05"} 10`,
	} {
		if !strings.Contains(scraped, line+"\n") {
			t.Errorf("scrape has no line %s:\n%s", line, strings.Join(lines(scraped, "cyclecal_http_request_duration"), "\n"))
		}
	}
}

// Every metric has a help text, a unit in its name and a type, as Prometheus's own
// linter wants it.
func TestLint(t *testing.T) {
	problems, err := promlint.New(strings.NewReader(scrape(t, everything()))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// Counting the same twice is a mistake that is found at once.
func TestNewTwice(t *testing.T) {
	registry, _ := served(metrics.Snapshot{})
	defer func() {
		if recover() == nil {
			t.Error("New on a registry that has everything already did not panic")
		}
	}()
	metrics.New(registry, "v2", func() metrics.Snapshot { return metrics.Snapshot{} })
}

// Counting a request again costs no memory: it is done for every one.
func TestRequestAllocates(t *testing.T) {
	_, m := served(metrics.Snapshot{})
	if got := testing.AllocsPerRun(100, func() { m.Request("/", http.MethodGet, http.StatusOK, time.Millisecond) }); got != 0 {
		t.Errorf("Request allocates %v times, want never", got)
	}
}
