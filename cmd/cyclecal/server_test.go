package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"regexp"
	"sync"
	"testing"
	"time"
)

// testServer is "cyclecal serve", started by a test.
type testServer struct {
	url            string // where it listens, http://127.0.0.1:1234
	stdout, stderr *screen
	stop           func() int // ends it and returns the exit code; may be called again
}

// startServer runs "cyclecal serve" until it listens.
func startServer(ctx context.Context, getenv func(string) string, now func() time.Time, flags ...string) (*testServer, error) {
	data, err := os.MkdirTemp("", "cyclecal")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &testServer{stdout: newScreen(), stderr: newScreen()}
	elsewhere := func(name string) string {
		if value := getenv(name); value != "" || name != "XDG_DATA_HOME" {
			return value
		}
		return data // not that of whoever runs the tests
	}
	// With a base URL only the log tells the port, within a second.
	both := newScreen()
	p := &program{getenv: elsewhere, stdout: io.MultiWriter(s.stdout, both), stderr: io.MultiWriter(s.stderr, both), now: now}
	var code int
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() { _ = os.RemoveAll(data) }()
		code = p.run(ctx, append([]string{"serve"}, flags...))
	}()
	s.stop = func() int {
		cancel()
		<-ended
		return code
	}
	match := both.waitFor(ended, regexp.MustCompile(`http://127\.0\.0\.1:\d+`))
	if match == "" {
		return nil, fmt.Errorf("serve ended with exit code %d: %s", s.stop(), s.stderr)
	}
	s.url = match
	return s, nil
}

// serveForTest starts a server that ends with the test, at that environment.
func serveForTest(t *testing.T, env map[string]string, flags ...string) *testServer {
	t.Helper()
	s, err := startServer(context.Background(), func(name string) string { return env[name] }, testClock, flags...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop() })
	return s
}

// testClock stands still on the day of the scripts.
func testClock() time.Time { return time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC) }

// screen keeps what a program writes, for who waits for it.
type screen struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

func newScreen() *screen { return &screen{changed: make(chan struct{})} }

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// waitFor returns the first match once it is there, or "" if the program ended without it.
func (s *screen) waitFor(ended <-chan struct{}, want *regexp.Regexp) string {
	for {
		s.mu.Lock()
		match, changed := want.FindString(s.text.String()), s.changed
		s.mu.Unlock()
		if match != "" {
			return match
		}
		select {
		case <-changed:
		case <-ended:
			return want.FindString(s.String())
		}
	}
}

// waitUntil waits until what is written is enough, at most two minutes.
func (s *screen) waitUntil(enough func(text string) bool) bool {
	for patience := time.After(2 * time.Minute); ; {
		s.mu.Lock()
		text, changed := s.text.String(), s.changed
		s.mu.Unlock()
		if enough(text) {
			return true
		}
		select {
		case <-changed:
		case <-patience:
			return false
		}
	}
}
