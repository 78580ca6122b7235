package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

// get returns the status, the media type and the body of an answer.
func get(t *testing.T, url string) (status int, media, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header.Get("Content-Type"), string(b)
}

func TestServe(t *testing.T) {
	s := serveForTest(t, nil, "--listen=127.0.0.1:0")
	want := fmt.Sprintf("Page  %s/\nFeed  %s/calendars/all.ics\n", s.url, s.url)
	if diff := cmp.Diff(want, s.stdout.String()); diff != "" {
		t.Errorf("stdout (-want +got):\n%s", diff)
	}
	for path, media := range map[string]string{
		"/healthz":           "application/json",
		"/readyz":            "application/json",
		"/api/v1/next":       "application/json",
		"/calendars/all.ics": "text/calendar; charset=utf-8",
		"/docs":              "text/html; charset=utf-8",
	} {
		status, got, body := get(t, s.url+path)
		if status != http.StatusOK || got != media || body == "" {
			t.Errorf("GET %s = %d, %s, %d bytes; want 200, %s and a body", path, status, got, len(body), media)
		}
	}
	if status, _, body := get(t, s.url+"/metrics"); status != http.StatusOK || !strings.Contains(body, "go_goroutines") {
		t.Errorf("GET /metrics = %d, %.200q; want 200 and the numbers of the process", status, body)
	}
	if code := s.stop(); code != exitDone {
		t.Errorf("exit code %d, want %d; stderr:\n%s", code, exitDone, s.stderr)
	}
}

// An address that only says "everywhere" is told as one that this machine can open.
func TestReachable(t *testing.T) {
	for address, want := range map[string]string{
		"0.0.0.0:8080": "localhost:8080", "[::]:8080": "localhost:8080",
		"127.0.0.1:8080": "127.0.0.1:8080", "[::1]:8080": "[::1]:8080", "192.0.2.1:80": "192.0.2.1:80",
	} {
		tcp := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(address))
		if got := reachable(tcp); got != want {
			t.Errorf("reachable(%s) = %q, want %q", address, got, want)
		}
	}
}

// flaky fails until the disk has room again.
type flaky struct {
	strings.Builder
	full bool
}

func (w *flaky) Write(p []byte) (int, error) {
	if w.full {
		return 0, errors.New("no space left")
	}
	return w.Builder.Write(p)
}

// A log goes on when the disk has room again.
func TestLogRecovers(t *testing.T) {
	to := &flaky{full: true}
	b := newLineBuffer(to)
	if _, err := b.Write([]byte("lost\n")); err != nil {
		t.Fatal(err)
	}
	b.flush()
	to.full = false
	if _, err := b.Write([]byte("kept\n")); err != nil {
		t.Errorf("Write after the disk has room = %v, want nil", err)
	}
	b.flush()
	if got, want := to.String(), "kept\n"; got != want {
		t.Errorf("the log has %q, want %q", got, want)
	}
}

// TestServeEnvironment sets each flag through the environment.
func TestServeEnvironment(t *testing.T) {
	env := map[string]string{}
	p := &program{getenv: func(name string) string { return env[name] }, stdout: io.Discard, stderr: io.Discard, now: testClock}
	want := map[string]string{}
	p.serve().Flags().VisitAll(func(f *pflag.Flag) {
		value, ok := map[string]string{"string": "set", "bool": "true", "int": "7", "duration": "7s"}[f.Value.Type()]
		if !ok {
			t.Fatalf("--%s is a %s: give this test a value for that type", f.Name, f.Value.Type())
		}
		want[f.Name] = value
		env["CYCLECAL_"+strings.ReplaceAll(strings.ToUpper(f.Name), "-", "_")] = value
	})
	for _, name := range []string{"listen", "base-url", "data-dir", "log-format"} {
		if want[name] == "" {
			t.Errorf("serve has no --%s", name)
		}
	}
	cmd := p.serve()
	if err := p.fromEnvironment(cmd.Flags(), append(settingNames(cmd.Flags()), "config")...); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	cmd.Flags().VisitAll(func(f *pflag.Flag) { got[f.Name] = f.Value.String() })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("flags (-want +got):\n%s", diff)
	}
}

func TestServeSettingsAreUsed(t *testing.T) {
	s := serveForTest(t, map[string]string{
		"CYCLECAL_LISTEN":     "127.0.0.1:0",
		"CYCLECAL_BASE_URL":   "https://cal.example.com/",
		"CYCLECAL_LOG_FORMAT": "json",
		"CYCLECAL_DATA_DIR":   t.TempDir(),
	})
	if got, want := s.stdout.String(), "Page  https://cal.example.com/\nFeed  https://cal.example.com/calendars/all.ics\n"; got != want {
		t.Errorf("stdout = %q, want %q", got, want)
	}
	if _, _, feed := get(t, s.url+"/calendars/all.ics"); !strings.Contains(feed, "SOURCE;VALUE=URI:https://cal.example.com/calendars/all.ics\r\n") {
		t.Errorf("the feed does not have the base URL as its source:\n%.500s", feed)
	}
	s.stop()
	for line := range strings.Lines(s.stderr.String()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("log line %q: %v", line, err)
		}
	}
}

func TestServeFlagBeatsEnvironment(t *testing.T) {
	s := serveForTest(t, map[string]string{
		"CYCLECAL_LISTEN":     "nowhere",
		"CYCLECAL_BASE_URL":   "https://environment.example.com",
		"CYCLECAL_LOG_FORMAT": "xml",
	}, "--listen=127.0.0.1:0", "--base-url=https://flag.example.com", "--log-format=text")
	if got, want := s.stdout.String(), "Page  https://flag.example.com/\nFeed  https://flag.example.com/calendars/all.ics\n"; got != want {
		t.Errorf("stdout = %q, want %q", got, want)
	}
}

func TestServeWritesItsLogAtTheEnd(t *testing.T) {
	s := serveForTest(t, nil, "--listen=127.0.0.1:0")
	const requests = 50
	for range requests {
		get(t, s.url+"/api/v1/next?track=windows-server-2025")
	}
	s.stop()
	log := s.stderr.String()
	if got := strings.Count(log, "msg=request"); got != requests {
		t.Errorf("%d lines of requests in the log, want %d", got, requests)
	}
	if !strings.Contains(log, "path=/api/v1/next") || strings.Contains(log, "track=") {
		t.Errorf("want paths in the log, and no query; got\n%.500s", log)
	}
	if !strings.HasSuffix(log, "msg=ended\n") {
		t.Errorf("the log does not end with its last line:\n%s", log[max(0, len(log)-300):])
	}
}

func TestServeRefusesAPortInUse(t *testing.T) {
	s := serveForTest(t, nil, "--listen=127.0.0.1:0")
	stdout, stderr := newScreen(), newScreen()
	second := &program{getenv: func(string) string { return "" }, stdout: stdout, stderr: stderr, now: testClock}
	code := second.run(t.Context(), []string{"serve", "--data-dir", t.TempDir(), "--listen", strings.TrimPrefix(s.url, "http://")})
	if code != exitFailed || stdout.String() != "" {
		t.Errorf("exit code %d and stdout %q, want %d and none", code, stdout, exitFailed)
	}
	if got := stderr.String(); !strings.Contains(got, "cyclecal: listen tcp ") || !strings.Contains(got, "choose another address with --listen HOST:PORT") {
		t.Errorf("stderr = %q, want what to do instead", got)
	}
	if status, _, _ := get(t, s.url+"/healthz"); status != http.StatusOK {
		t.Errorf("the first server answers %d, want 200", status)
	}
}

func TestServeRefusesALongQuery(t *testing.T) {
	s := serveForTest(t, nil, "--listen=127.0.0.1:0")
	status, media, body := get(t, s.url+"/api/v1/next?track="+strings.Repeat("x", 1<<20))
	if status != http.StatusRequestURITooLong || media != "application/problem+json" {
		t.Errorf("a query of 1 MB gets %d, %s; want 414, application/problem+json", status, media)
	}
	var problem struct {
		Status int
		Detail string
	}
	if err := json.Unmarshal([]byte(body), &problem); err != nil || problem.Status != status || !strings.Contains(problem.Detail, "want at most") {
		t.Errorf("body %.200q (%v), want a problem document that says how long is right", body, err)
	}
}

// TestServeFinishesWhatIsUnderWay ends a server in the middle of an answer.
func TestServeFinishesWhatIsUnderWay(t *testing.T) {
	inMemory(t, func(t *testing.T, network *memoryNetwork) {
		entered, leave := make(chan struct{}), make(chan struct{})
		handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "the first half, ")
			_ = http.NewResponseController(w).Flush()
			close(entered)
			<-leave
			_, _ = io.WriteString(w, "the second")
		})
		ctx, cancel := context.WithCancel(t.Context())
		ended := serveInMemory(ctx, network, handler)
		bodies := make(chan string, 1)
		go func() { bodies <- network.get(t) }()
		<-entered
		cancel()
		<-network.closed
		if conn, err := network.dial(); err == nil {
			conn.Close()
			t.Error("an ending server takes a new connection")
		}
		time.Sleep(patience / 2) // of the bubble's clock
		close(leave)
		if got, want := <-bodies, "the first half, the second"; got != want {
			t.Errorf("body = %q, want %q", got, want)
		}
		if err := <-ended; err != nil {
			t.Errorf("serveUntil = %v, want nil", err)
		}
	})
}

func TestServeLosesPatience(t *testing.T) {
	inMemory(t, func(t *testing.T, network *memoryNetwork) {
		entered, leave := make(chan struct{}), make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		ended := serveInMemory(ctx, network, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			close(entered)
			<-leave
		}))
		bodies := make(chan string, 1)
		go func() { bodies <- network.get(t) }()
		<-entered
		started := time.Now()
		cancel()
		err := <-ended
		if took := time.Since(started); err == nil || took != patience {
			t.Errorf("serveUntil = %v after %v, want an error after %v", err, took, patience)
		}
		close(leave)
		<-bodies
	})
}

func TestLineBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := newScreen()
		b := newLineBuffer(out)
		write := func(line string) {
			if n, err := b.Write([]byte(line)); n != len(line) || err != nil {
				t.Errorf("Write(%q) = %d, %v", line, n, err)
			}
		}
		write("at once\n")
		stop := b.flushEvery(time.Second)
		if got, want := out.String(), "at once\n"; got != want {
			t.Errorf("at the start %q is out, want %q", got, want)
		}
		write("soon\n")
		synctest.Wait()
		if got, want := out.String(), "at once\n"; got != want {
			t.Errorf("before the interval %q is out, want %q", got, want)
		}
		time.Sleep(time.Second + time.Millisecond)
		synctest.Wait()
		if got, want := out.String(), "at once\nsoon\n"; got != want {
			t.Errorf("after the interval %q is out, want %q", got, want)
		}
		write("last\n")
		stop()
		if got, want := out.String(), "at once\nsoon\nlast\n"; got != want {
			t.Errorf("at the end %q is out, want %q", got, want)
		}
	})
}

// TestCommandsTellOfAFullDisk writes where nothing can be written.
func TestCommandsTellOfAFullDisk(t *testing.T) {
	for _, line := range []string{
		"next", "next -o json", "state", "year 2026", "year 2026 -o csv", "month 2026-06", "releases", "ics",
		"version", "completion bash", "completion zsh", "completion fish", "completion powershell",
		"schema",
	} {
		stderr := newScreen()
		p := &program{getenv: func(string) string { return "" }, stdout: fullDisk{}, stderr: stderr, now: testClock}
		if code := p.run(t.Context(), strings.Fields(line)); code != exitFailed {
			t.Errorf("cyclecal %s on a full disk: exit code %d, want %d", line, code, exitFailed)
		}
		if got, want := stderr.String(), "cyclecal: no space left\n"; got != want {
			t.Errorf("cyclecal %s on a full disk: stderr %q, want %q", line, got, want)
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// inMemory runs a test in a bubble where time passes at once when all wait. Real
// connections would keep it from passing, so the network is in memory too.
func inMemory(t *testing.T, test func(*testing.T, *memoryNetwork)) {
	synctest.Test(t, func(t *testing.T) {
		test(t, &memoryNetwork{conns: make(chan net.Conn), closed: make(chan struct{})})
	})
}

// serveInMemory returns what serveUntil will return.
func serveInMemory(ctx context.Context, network *memoryNetwork, handler http.Handler) <-chan error {
	log := slog.New(slog.DiscardHandler)
	ended := make(chan error, 1)
	go func() { ended <- serveUntil(ctx, newServer(handler, log), network, log) }()
	return ended
}

// memoryNetwork is a listener, and the way to it.
type memoryNetwork struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (n *memoryNetwork) Accept() (net.Conn, error) {
	select {
	case conn := <-n.conns:
		return conn, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *memoryNetwork) Close() error {
	close(n.closed)
	return nil
}

func (n *memoryNetwork) Addr() net.Addr { return &net.UnixAddr{Name: "memory", Net: "unix"} }

func (n *memoryNetwork) dial() (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case n.conns <- server:
		return client, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

// get returns the body of an answer to the one request of a connection.
func (n *memoryNetwork) get(t *testing.T) string {
	conn, err := n.dial()
	if err != nil {
		t.Error(err)
		return ""
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); err != nil {
		t.Error(err)
		return ""
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Error(err)
	}
	return string(body)
}
