package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle"
)

// roundabout is a header that tells nothing here, with which a request is routed all the same.
const roundabout = "Authorization: Basic Og=="

// observed is what a client sees of an answer but its id, and what was counted.
type observed struct {
	Status  int
	Header  http.Header
	Body    string
	Counted string
}

// observer asks a handler, and tells all of what happened.
func observer(t *testing.T, c api.Config) func(method, target string, headers ...string) observed {
	t.Helper()
	counted := ""
	c.Count = func(route, method string, status int, _ time.Duration) {
		counted = fmt.Sprint(route, " ", method, " ", status)
	}
	h := newHandler(t, c)
	return func(method, target string, headers ...string) observed {
		r := httptest.NewRequestWithContext(t.Context(), method, target, nil)
		for _, line := range headers {
			name, value, _ := strings.Cut(line, ": ")
			r.Header.Add(name, value)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		answer := w.Result()
		defer answer.Body.Close()
		answer.Header.Del("X-Request-Id")
		return observed{answer.StatusCode, answer.Header, w.Body.String(), counted}
	}
}

// What is answered before it is routed is what the router would have led to, in every header and
// byte, for whatever the client says.
func TestStraightAnswersAreTheSame(t *testing.T) {
	compare := func(ask func(string, string, ...string) observed, method, target string, headers ...string) {
		t.Helper()
		want := ask(method, target, append([]string{roundabout}, headers...)...)
		if diff := cmp.Diff(want, ask(method, target, headers...)); diff != "" {
			t.Errorf("%s %s %q (-routed +straight):\n%s", method, target, headers, diff)
		}
	}
	open, closed := fleetConfig(t), fleetConfig(t)
	closed.Closed = true
	ask, askClosed := observer(t, open), observer(t, closed)
	for _, target := range api.ReadExamples(t) {
		target = pathOf(target)
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodDelete} {
			compare(ask, method, target) // GET is first, so that it is kept if it may be
			compare(askClosed, method, target)
		}
		for _, headers := range [][]string{
			{"Accept-Encoding: gzip"},
			{"Accept-Encoding: gzip;q=0"},
			{"If-None-Match: *"},
			{"If-None-Match: \"other\"", "If-Modified-Since: Sun, 22 Nov 2037 09:00:00 GMT"},
			{"If-Modified-Since: Sun, 22 Nov 2037 09:00:00 GMT"},
			{"Accept: image/png"},
			{"Accept: application/json;q=0, */*"},
		} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				compare(ask, method, target, headers...)
			}
		}
	}
}

// What was told to somebody who may know it is not told to others.
func TestStraightAnswersAreForAll(t *testing.T) {
	asViewer := "Authorization: Bearer " + viewerSecret
	for _, tt := range []struct {
		closed              bool
		target, by          string
		first, second, last int // with what it needs, without it, and with it again
	}{
		{true, "/api/v1/tracks", asViewer, 200, 401, 200},
		{true, "/calendars/all.ics", asViewer, 200, 401, 200},
		{true, "/", asViewer, 200, 401, 200},
		{false, "/api/v1/rings", asViewer, 200, 401, 200},
		{false, "/api/v1/next?ring=pilot", asViewer, 200, 401, 200},
		{false, "/calendars/all.ics?ring=pilot", asAdmin, 200, 401, 200},
		{false, "/feeds/sales.ics?alarm=P1D&kind=baseline&ring=pilot&style=allday", asAdmin, 404, 404, 404},
		{false, "/api/v1/tracks", "Authorization: Bearer wrong", 401, 200, 401},
		{false, "/api/v1/tracks", "Authorization: Bearer " + expiredSecret, 401, 200, 401},
	} {
		c := fleetConfig(t)
		c.Closed = tt.closed
		ask := observer(t, c)
		ask(http.MethodGet, "/feeds/"+feedSecret+".ics")
		for i, want := range []int{tt.first, tt.second, tt.second, tt.last, tt.second} {
			var headers []string
			if want != tt.second || tt.first == tt.second {
				headers = []string{tt.by}
			}
			if got := ask(http.MethodGet, tt.target, headers...); got.Status != want {
				t.Errorf("closed %v: request %d, GET %s %q = %d, want %d", tt.closed, i, tt.target, headers, got.Status, want)
			}
		}
	}
}

// An answer is gone at the instant at which it stops being true: that of a release, and of a new snapshot.
func TestStraightAnswersAreTrue(t *testing.T) {
	const target = "/api/v1/next?track=windows-11-24h2"
	src := &source{snapshotOf(builtIn(t))}
	clock := newClock(t, "2026-06-09T16:59:00Z")
	ask := observer(t, api.Config{Source: src, Now: clock.time})
	for _, tt := range []struct{ at, next, maxAge string }{
		{"2026-06-09T16:59:00Z", "2026-06-09", "max-age=60"},
		{"2026-06-09T16:59:59.9Z", "2026-06-09", "max-age=0"},
		{"2026-06-09T17:00:00Z", "2026-07-14", "max-age=300"}, // the second Tuesdays of June and July
		{"2026-06-09T16:59:59Z", "2026-06-09", "max-age=1"},   // a clock that goes back
	} {
		clock.set(instant(t, tt.at))
		for range 2 {
			got := ask(http.MethodGet, target)
			if !strings.Contains(got.Body, `"next_release_date":"`+tt.next+`"`) || !strings.HasSuffix(got.Header.Get("Cache-Control"), tt.maxAge) {
				t.Errorf("at %s: %s %s, want the release of %s and %s", tt.at, got.Header.Get("Cache-Control"), got.Body, tt.next, tt.maxAge)
			}
		}
	}
	src.now = api.NewSnapshot(api.Contents{Revision: 2})
	if got := ask(http.MethodGet, target); got.Status != http.StatusBadRequest {
		t.Errorf("after the track is gone: %d %s, want 400", got.Status, got.Body)
	}
	src.now = nil
	if got := ask(http.MethodGet, target); got.Status != http.StatusServiceUnavailable {
		t.Errorf("without a snapshot: %d %s, want 503", got.Status, got.Body)
	}
}

// A kept answer costs what is remembered of its request until it is logged, and nothing for what it
// holds: however long it is, and in each form.
func TestStraightAnswersAllocate(t *testing.T) {
	const most = 1
	facts := builtIn(t)
	h := newHandler(t, api.Config{
		Source: snapshotOf(facts),
		Count:  func(string, string, int, time.Duration) {},
	})
	for _, tt := range []struct {
		target string
		header http.Header
	}{
		{"/calendars/all.ics", http.Header{}},
		{"/calendars/all.ics", http.Header{"Accept-Encoding": {"gzip, deflate, br"}, "Accept": {"text/calendar, */*;q=0.1"}}},
		{"/calendars/all.ics", http.Header{"If-None-Match": {"*"}}},
		{"/api/v1/releases", http.Header{"Accept": {"application/json"}}},
		{"/api/v1/schedule?from=2026-01&track=windows-11-24h2&to=2026-12", http.Header{"User-Agent": {"PowerBI"}}},
		{"/", http.Header{"Accept": {"text/html,application/xhtml+xml,*/*;q=0.8"}, "Accept-Encoding": {"gzip"}}},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, tt.target, nil)
		r.Header = tt.header
		r.Header.Set("X-Request-Id", "given") // making one is one more
		w := &sink{header: http.Header{}}
		if got := testing.AllocsPerRun(100, func() { h.ServeHTTP(w, r) }); got > most || w.status >= http.StatusBadRequest {
			t.Errorf("GET %s %v = %d with %v allocations, want at most %d", tt.target, tt.header, w.status, got, most)
		}
	}
}

// What is asked for all the time stays quick while a stranger asks for another range each time: it is never rendered again.
func TestStraightAnswersUnderFlood(t *testing.T) {
	snapshot := snapshotOf(builtIn(t))
	snapshot.KeepAtMost(512 << 10)
	clock := newClock(t, today)
	ask := observer(t, api.Config{Source: snapshot, Now: clock.time})
	const often = "/api/v1/next" // which tells when it was rendered, by the second
	first := ask(http.MethodGet, often).Header.Get("Last-Modified")
	day := cycle.DateOf(2000, time.January, 1)
	for i := range 1000 {
		clock.set(instant(t, today).Add(time.Duration(i) * time.Second))
		ask(http.MethodGet, "/api/v1/tracks?as_of="+day.AddDays(i).String())
		if got := ask(http.MethodGet, often); got.Header.Get("Last-Modified") != first || got.Status != http.StatusOK {
			t.Fatalf("after %d other requests: %d %v, want what was rendered at %s", i, got.Status, got.Header, first)
		}
	}
	if _, bytes := snapshot.Kept(); bytes > 512<<10 {
		t.Errorf("%d bytes are kept, want at most %d", bytes, 512<<10)
	}
}
