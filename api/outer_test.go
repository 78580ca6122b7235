package api_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/auth"
)

// broken is a source with a fault in it.
type broken struct{}

func (broken) Snapshot() *api.Snapshot { panic("the disk at /var/secret is gone") }

// none has nothing to serve yet.
type none struct{}

func (none) Snapshot() *api.Snapshot { return nil }

// logged returns a log and what is in it.
func logged() (*slog.Logger, *bytes.Buffer) {
	var buf bytes.Buffer
	return slog.New(slog.NewJSONHandler(&buf, nil)), &buf
}

// A panic is a 500 that tells nothing, and a line in the log that tells all.
func TestPanic(t *testing.T) {
	log, lines := logged()
	counted := 0
	h := newHandler(t, api.Config{
		Source: broken{}, Log: log, Count: func(_, _ string, status int, _ time.Duration) { counted = status },
	})
	w := serve(t, h, "/api/v1/tracks")
	if w.Code != http.StatusInternalServerError || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("GET = %d %s, want a 500 problem", w.Code, w.Header().Get("Content-Type"))
	}
	for _, secret := range []string{"secret", "disk", "panic", "goroutine", ".go"} {
		if strings.Contains(w.Body.String(), secret) {
			t.Errorf("the answer tells %q: %s", secret, w.Body)
		}
	}
	for _, want := range []string{"/var/secret", "outer_test.go", `"status":500`} {
		if !strings.Contains(lines.String(), want) {
			t.Errorf("log = %s, want %s in it", lines, want)
		}
	}
	if counted != http.StatusInternalServerError {
		t.Errorf("counted as %d, want 500", counted)
	}
}

// hungUp is a client that is gone when the body comes.
type hungUp struct{ *httptest.ResponseRecorder }

func (hungUp) Write([]byte) (int, error) { panic("write: broken pipe") }

// An answer that breaks off is aborted, never ended as if it were whole; it is
// logged and counted like any other.
func TestPanicInTheMiddle(t *testing.T) {
	log, lines := logged()
	counted := 0
	h := newHandler(t, api.Config{Log: log, Count: func(string, string, int, time.Duration) { counted++ }})
	func() {
		defer func() {
			if err, ok := recover().(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				t.Errorf("recover() = %v, want http.ErrAbortHandler", err)
			}
		}()
		h.ServeHTTP(hungUp{httptest.NewRecorder()}, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/tracks", nil))
	}()
	if n := strings.Count(lines.String(), `"msg":"request"`); n != 1 || counted != 1 {
		t.Errorf("%d lines in the log and %d counted, want one request: %s", n, counted, lines)
	}
}

// Without a snapshot everything that needs one is a 503 that says when to ask again;
// the program itself is alive.
func TestNoSnapshot(t *testing.T) {
	s := newSite(t, api.Config{Source: none{}})
	for _, target := range append([]string{"/readyz"}, targets...) {
		answer := s.get(target)
		if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" || answer.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("GET %s = %d %v, want 503 with Retry-After and no-store", target, answer.StatusCode, answer.Header)
		}
		if got := answer.Header.Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("GET %s: Content-Type = %s, want application/problem+json", target, got)
		}
	}
	if answer := s.get("/healthz"); answer.StatusCode != http.StatusOK {
		t.Errorf("GET /healthz = %d, want 200", answer.StatusCode)
	}
}

// A request keeps the id that a proxy gave it; an id that could do harm is replaced.
func TestRequestID(t *testing.T) {
	log, lines := logged()
	h := newHandler(t, api.Config{Log: log})
	fresh := regexp.MustCompile(`^[A-Z2-7]{26}$`)
	seen := map[string]bool{}
	for given, kept := range map[string]bool{
		"abc-123_DEF.4": true, strings.Repeat("a", 64): true,
		"": false, strings.Repeat("a", 65): false, "a b": false, "a\nb": false, "a\r\nSet-Cookie: x": false, `a"b`: false, "ä": false, "a\x00": false, "a;b": false,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/tracks", nil)
		r.Header["X-Request-Id"] = []string{given}
		w := httptest.NewRecorder()
		lines.Reset()
		h.ServeHTTP(w, r)
		got := w.Header().Get("X-Request-Id")
		if kept && got != given || !kept && (!fresh.MatchString(got) || seen[got]) {
			t.Errorf("X-Request-Id %q = %q, want it kept: %v", given, got, kept)
		}
		seen[got] = true
		if !strings.Contains(lines.String(), `"id":"`+got+`"`) {
			t.Errorf("log = %s, want the id %s", lines, got)
		}
	}
}

// Each request is one line of the log, without its query, whatever it holds.
func TestLog(t *testing.T) {
	for name, newHandlerOf := range map[string]func(*bytes.Buffer) slog.Handler{
		"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
	} {
		var lines bytes.Buffer
		h := newHandler(t, api.Config{Log: slog.New(newHandlerOf(&lines))})
		for _, path := range []string{"/api/v1/tracks", "/nothing", "/a\nlevel=ERROR msg=fake", "/\r\n\x1b[31m\u2028\x00\xff", "/" + strings.Repeat("a", 9000)} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?token=hidden", nil)
			r.URL.Path, r.RequestURI = path, path+"?token=hidden"
			r.Header.Set("User-Agent", "agent\nlevel=ERROR msg=fake\r\x1b[31m")
			lines.Reset()
			h.ServeHTTP(httptest.NewRecorder(), r)
			got := lines.String()
			if strings.Count(got, "\n") != 1 || strings.ContainsAny(got, "\r\x1b\x00\u2028") || strings.Contains(got, "hidden") || len(got) > 2000 {
				t.Errorf("%s: log of %.40q = %q, want one short line without the query", name, path, got)
			}
		}
	}
}

// Probes that succeed are counted but not logged; those that fail are both.
func TestProbesInTheLog(t *testing.T) {
	log, lines := logged()
	counted := 0
	c := api.Config{
		Log: log, Metrics: http.NotFoundHandler(), Count: func(string, string, int, time.Duration) { counted++ },
	}
	h := newHandler(t, c)
	c.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("up 1\n")) })
	working := newHandler(t, c)
	for _, tt := range []struct {
		h      http.Handler
		target string
		status int
		want   bool
	}{
		{working, "/healthz", 200, false},
		{working, "/readyz", 200, false},
		{working, "/metrics", 200, false},
		{h, "/metrics", 404, true},
		{working, "/healthz?x=1", 400, true},
		{working, "/readyz?x=1", 400, true},
		{working, "/healthz/x", 404, true},
		{working, "/api/v1/tracks", 200, true},
	} {
		lines.Reset()
		before := counted
		w := serve(t, tt.h, tt.target)
		if got := lines.Len() > 0; w.Code != tt.status || got != tt.want || counted != before+1 {
			t.Errorf("GET %s = %d, want %d; logged: %v, want %v; counted %d times, want once", tt.target, w.Code, tt.status, got, tt.want, counted-before)
		}
	}
}

// A line tells what is needed to find a request again.
func TestLogFields(t *testing.T) {
	log, lines := logged()
	w := serve(t, newHandler(t, api.Config{Log: log}), "/api/v1/tracks/windows-server-2025?as_of=2026-01-01", "User-Agent: test/1")
	var got map[string]any
	if err := json.Unmarshal(lines.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]any{
		"msg": "request", "level": "INFO", "method": "GET", "path": "/api/v1/tracks/windows-server-2025", "route": "/api/v1/tracks/{track}",
		"status": 200.0, "bytes": float64(w.Body.Len()), "agent": "test/1", "id": w.Header().Get("X-Request-Id"),
	} {
		if got[field] != want {
			t.Errorf("%s = %v, want %v", field, got[field], want)
		}
	}
}

// Any origin may read the public data; nothing may frame it or guess its type.
func TestHeadersOfEveryAnswer(t *testing.T) {
	s := newSite(t, api.Config{})
	for _, target := range append([]string{"/healthz", "/nothing", "/api/v1/tracks?x=1", "/" + strings.Repeat("a", 9000)}, targets...) {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPost} {
			answer := s.ask(method, target, "Origin: https://example.com")
			for name, want := range map[string]string{
				"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
				"X-Frame-Options": "DENY", "Cross-Origin-Resource-Policy": "cross-origin",
			} {
				if got := answer.Header.Get(name); got != want {
					t.Errorf("%s %.60s: %s = %q, want %q", method, target, name, got, want)
				}
			}
			if answer.Close {
				t.Errorf("%s %.60s ends the connection", method, target)
			}
			if got := answer.Header.Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'none'") || !strings.Contains(got, "frame-ancestors 'none'") {
				t.Errorf("%s %.60s: Content-Security-Policy = %q", method, target, got)
			}
			if !strings.Contains(answer.Header.Get("Access-Control-Expose-Headers"), "ETag") || answer.Header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s %.60s: headers %v, want ETag exposed and no credentials", method, target, answer.Header)
			}
		}
	}
}

// A client's name is cut after 60 characters, however many bytes they are.
func TestLongNamesOfClients(t *testing.T) {
	for agent, want := range map[string]string{
		"":                               "",
		strings.Repeat("a", 60):          strings.Repeat("a", 60),
		strings.Repeat("a", 61):          strings.Repeat("a", 60) + "…",
		strings.Repeat("é", 60):          strings.Repeat("é", 60),
		strings.Repeat("é", 600):         strings.Repeat("é", 60) + "…",
		"\xff" + strings.Repeat("a", 60): "\uFFFD" + strings.Repeat("a", 59) + "…",
	} {
		var log bytes.Buffer
		serve(t, newHandler(t, api.Config{Log: slog.New(slog.NewJSONHandler(&log, nil))}), "/api/v1/tracks", "User-Agent: "+agent)
		var line struct{ Agent string }
		if err := json.Unmarshal(log.Bytes(), &line); err != nil || line.Agent != want {
			t.Errorf("%.20q of %d bytes is logged as %q, %v, want %q", agent, len(agent), line.Agent, err, want)
		}
	}
}

// A secret that was mistyped into another address stays out of the log and of the answer, and no
// path makes the service panic.
func TestSecretsInPaths(t *testing.T) {
	secret := auth.NewSecret()
	var log bytes.Buffer
	c := fleetConfig(t)
	c.Log = slog.New(slog.NewTextHandler(&log, nil))
	h := newHandler(t, c)
	for _, path := range []string{
		"/feeds/" + secret + ".ics", "/feeds/" + secret, "/Feeds/" + secret + ".ics/", "/feed/" + secret + ".ics", "/calendars/" + secret + ".ics",
		"/" + secret, "/api/v1/feeds/" + secret, "/api/v1/tracks/" + secret, "/\xff\xff\xff\xff\xff\xffȺȺȺfeeds/" + secret, "/feeds/short-one.ics",
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.URL = &url.URL{Path: path}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code < 400 || w.Code >= 500 {
			t.Errorf("GET %q = %d, want a fault of the client's", path, w.Code)
		}
		if !strings.HasPrefix(path, "/api/v1/") && strings.Contains(w.Body.String(), secret) {
			t.Errorf("GET %q = %s, which tells the secret", path, w.Body)
		}
	}
	for _, word := range []string{secret, "short-one"} {
		if strings.Contains(log.String(), word) {
			t.Errorf("the log tells %q:\n%s", word, log.String())
		}
	}
}

// HTTP/2 sends all that a client asks for over one connection, also after a body that nobody wanted.
func TestHTTP2KeepsItsConnection(t *testing.T) {
	server := httptest.NewUnstartedServer(newHandler(t, api.Config{}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	for i, method := range []string{http.MethodGet, http.MethodGet, http.MethodPut, http.MethodGet} {
		reused := false
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) { reused = info.Reused }})
		r, err := http.NewRequestWithContext(ctx, method, server.URL+"/api/v1/tracks", strings.NewReader(strings.Repeat("{}", i)))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			t.Error(err)
		}
		answer.Body.Close()
		if answer.ProtoMajor != 2 || reused != (i > 0) {
			t.Errorf("%s %d by %s, on the connection of before: %v, want HTTP/2 on one connection", method, i, answer.Proto, reused)
		}
	}
}
