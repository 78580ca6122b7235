package api_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/page"
	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/catalog"
)

// today is when the tests ask, unless they say otherwise.
const today = "2026-11-22T09:00:00Z"

// clock is what the service takes for the time.
type clock struct{ now atomic.Pointer[time.Time] }

func newClock(t testing.TB, at string) *clock {
	c := new(clock)
	c.set(instant(t, at))
	return c
}

func (c *clock) set(now time.Time) { c.now.Store(&now) }
func (c *clock) time() time.Time   { return *c.now.Load() }

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// builtIn returns the history that ships with the program.
func builtIn(t testing.TB) []cycle.Facts {
	t.Helper()
	facts, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

func snapshotOf(facts []cycle.Facts) *api.Snapshot {
	return api.NewSnapshot(api.Contents{Revision: 1, Facts: facts})
}

// topics are two, of which the one links to the other.
var topics = []page.Topic{
	{Name: "subscribe", Title: "Subscribe", Text: "# Subscribe\n\nSee [rings](rings.md).\n"}, {Name: "rings", Title: "Rings", Text: "# Rings\n"},
}

// newHandler fills in what a test does not care about: the built-in history, the
// time, a log that nobody reads.
func newHandler(t testing.TB, c api.Config) http.Handler {
	t.Helper()
	if c.Source == nil {
		c.Source = snapshotOf(builtIn(t))
	}
	if c.Now == nil {
		c.Now = newClock(t, today).time
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Requirements == nil {
		requirements, err := catalog.Requirements()
		if err != nil {
			t.Fatal(err)
		}
		c.Requirements = requirements
	}
	if c.Topics == nil {
		c.Topics = topics
	}
	if c.Metrics == nil {
		c.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "metrics\n")
		})
	}
	h, err := api.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// site is the service behind a real server: what a client sees on the wire.
type site struct {
	*httptest.Server
	t      testing.TB
	routes chan string // of the requests that were counted
}

func newSite(t testing.TB, c api.Config) *site {
	t.Helper()
	routes := make(chan string, 1)
	c.Count = func(route, _ string, _ int, _ time.Duration) { routes <- route }
	server := httptest.NewUnstartedServer(newHandler(t, c))
	server.Config.MaxHeaderBytes = 2 << 20 // so that the service says itself what is too long
	server.Start()
	t.Cleanup(server.Close)
	return &site{server, t, routes}
}

// reply is what came back, read to its end, and the route that was counted for it.
type reply struct {
	*http.Response
	body, route string
}

// ask sends a request as it is written, without help of the client: no gzip by
// itself, no redirects. Headers are "Name: value". It waits until the request is counted.
func (s *site) ask(method, target string, headers ...string) reply {
	s.t.Helper()
	return s.send(request{method: method, target: target, headers: headers})
}

func (s *site) send(q request) reply {
	s.t.Helper()
	var body io.Reader
	if q.body != "" {
		body = strings.NewReader(q.body)
	}
	r, err := http.NewRequestWithContext(s.t.Context(), q.method, s.URL, body)
	if err != nil {
		s.t.Fatal(err)
	}
	r.URL.Opaque = q.target
	for _, line := range q.headers {
		name, value, _ := strings.Cut(line, ":")
		r.Header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	answer, err := s.client().Do(r)
	if err != nil {
		s.t.Fatalf("%s %s: %v", q.method, q.target, err)
	}
	defer answer.Body.Close()
	all, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatalf("%s %s: %v", q.method, q.target, err)
	}
	return reply{answer, string(all), <-s.routes}
}

func (s *site) get(target string, headers ...string) reply {
	s.t.Helper()
	return s.ask(http.MethodGet, target, headers...)
}

func (s *site) client() *http.Client {
	client := *s.Client()
	transport, ok := client.Transport.(*http.Transport)
	if !ok {
		s.t.Fatalf("transport is a %T, want a *http.Transport", client.Transport)
	}
	transport.DisableCompression = true
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client
}

// rows returns what data holds in a JSON answer.
func rows(t testing.TB, answer reply) []any {
	t.Helper()
	var document struct{ Data []any }
	if err := json.Unmarshal([]byte(answer.body), &document); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s = %d %.200s, want rows: %v", answer.Request.URL, answer.StatusCode, answer.body, err)
	}
	return document.Data
}

// serve asks a handler without a wire: quicker, for tests that ask often.
func serve(t testing.TB, h http.Handler, target string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil)
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ":")
		r.Header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
