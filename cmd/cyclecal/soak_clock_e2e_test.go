//go:build e2e

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cyclecal/cyclecal/cycle/store/pgtest"
)

// steps is how a clock goes that nobody looks after: over midnights, changes of clocks and a release, and back.
func steps() []string {
	return []string{
		"2026-10-31T12:00:00Z", "2026-11-01T06:59:59.9Z", "2026-11-01T07:00:00Z", "2026-11-01T08:59:59Z", "2026-11-01T09:00:01Z", "2026-11-02T08:00:00Z",
		"2026-11-01T06:59:00Z", "2026-06-09T16:59:59Z", "2026-06-09T17:00:00.1Z", "2026-06-09T16:58:00Z", "2026-06-09T17:00:01Z",
		"2027-03-14T09:59:59Z", "2027-03-14T10:00:00Z", "2027-01-01T08:00:00Z", "2026-12-31T12:00:00Z", "2026-11-22T18:00:00Z",
	}
}

// clockPaths are what is asked for at each of these instants.
var clockPaths = []string{
	"/calendars/all.ics", "/calendars/windows-11-24h2.ics?ring=pilot:1/2/2&style=timed", "/api/v1/next", "/api/v1/state",
	"/api/v1/schedule.csv?track=windows-11-24h2", "/api/v1/schedule?as_of=2026-06-08&track=windows-11-24h2&from=2026-01&to=2026-12",
}

// era is an instant at which the clock stands still, with the answers of a program that was started then.
type era struct {
	now    time.Time
	truth  map[string]answered
	judged atomic.Int64 // how many answers were compared
}

// TestClockSteps has subscribers read while the clock jumps forward and back: whatever they are told is what
// a program tells that was started at that instant.
func TestClockSteps(t *testing.T) {
	var current atomic.Pointer[era]
	eras := newEras(t)
	current.Store(eras[0])
	s, err := serveAt(func() time.Time { return current.Load().now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop() })
	p := &process{url: s.url, client: http.DefaultClient}
	ctx, stop := context.WithCancel(t.Context())
	var group sync.WaitGroup
	defer group.Wait()
	defer stop()
	subscribers := 2 * len(clockPaths) // each by its tag, and by time
	for n := range subscribers {
		f := &observer{process: p, path: clockPaths[n%len(clockPaths)], byTag: n < len(clockPaths)}
		group.Go(func() { f.observe(ctx, t, &current) })
	}
	for _, e := range eras {
		current.Store(e)
		pgtest.Poll(t, "subscribers read", func() error {
			if n := e.judged.Load(); n < int64(4*subscribers) && !t.Failed() {
				return fmt.Errorf("%d answers at %v, want %d", n, e.now, int64(4*subscribers))
			}
			return nil
		})
	}
	stop()
	group.Wait()
	pgtest.Poll(t, "it takes writes", func() error {
		// This clock has nothing that only counts on, so that the store seems not to have been asked for long.
		a, err := p.ask(t.Context(), http.MethodPut, "/api/v1/rings/after", firstTestToken, "{}")
		if err == nil && a.status != http.StatusCreated && a.status != http.StatusOK {
			err = fmt.Errorf("PUT = %d %s", a.status, a.body)
		}
		return err
	})
}

// serveAt serves with a clock, at an address that answers tell.
func serveAt(now func() time.Time) (*testServer, error) {
	env := map[string]string{"CYCLECAL_ADMIN_TOKEN": firstTestToken}
	return startServer(context.Background(), func(name string) string { return env[name] }, now, "--listen=127.0.0.1:0", "--base-url=https://cal.example.com")
}

// newEras starts all programs at once: each takes a second to tell its address.
func newEras(t *testing.T) []*era {
	t.Helper()
	eras := make([]*era, len(steps()))
	var group errgroup.Group
	for i, text := range steps() {
		group.Go(func() (err error) {
			eras[i], err = newEra(t.Context(), text)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	return eras
}

func newEra(ctx context.Context, text string) (*era, error) {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return nil, err
	}
	s, err := serveAt(func() time.Time { return at })
	if err != nil {
		return nil, err
	}
	defer s.stop()
	e, p := &era{now: at, truth: map[string]answered{}}, &process{url: s.url, client: http.DefaultClient}
	for _, path := range clockPaths {
		a, err := p.ask(ctx, http.MethodGet, path, "", "")
		if err != nil || a.status != http.StatusOK {
			return nil, errors.Join(err, fmt.Errorf("GET %s at %v = %d %.200s, want 200", path, at, a.status, a.body))
		}
		e.truth[path] = a
	}
	return e, nil
}

// observer polls one path by one condition, and has the last answer.
type observer struct {
	*process
	path  string
	byTag bool
	has   answered
}

// observe holds what is told against what is true then.
func (o *observer) observe(ctx context.Context, t *testing.T, current *atomic.Pointer[era]) {
	t.Helper()
	for ctx.Err() == nil && !t.Failed() {
		before := current.Load()
		condition := []string{"If-Modified-Since", o.has.header.Get("Last-Modified")}
		if o.byTag {
			condition = []string{"If-None-Match", o.has.header.Get("ETag")}
		}
		a, err := o.ask(ctx, http.MethodGet, o.path, "", "", condition...)
		if ctx.Err() != nil {
			return
		}
		if err != nil || a.status != http.StatusOK && a.status != http.StatusNotModified {
			t.Errorf("GET %s at %v = %d %.200s, %v: want 200 or 304", o.path, before.now, a.status, a.body, err)
			return
		}
		if a.status == http.StatusNotModified {
			a.body = o.has.body
		}
		o.has = a
		if before == current.Load() { // else it may be of either instant
			before.judge(t, o.path, a, condition)
		}
	}
}

func (e *era) judge(t *testing.T, path string, got answered, condition []string) {
	t.Helper()
	want := e.truth[path]
	for _, name := range []string{"ETag", "Cache-Control"} {
		if g, w := got.header.Get(name), want.header.Get(name); g != w {
			t.Errorf("GET %s with %v at %v has %s: %s, want %s", path, condition, e.now, name, g, w)
		}
	}
	if got.body != want.body {
		t.Errorf("GET %s with %v at %v = %d %.100s, want %.100s as a program has it that was just started", path, condition, e.now, got.status, got.body, want.body)
	}
	e.judged.Add(1)
}
