//go:build e2e

package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle/store/pgtest"
)

// soak is a program under load, and what its clients were told.
type soak struct {
	program built
	flags   []string
	p       *process // whom clients ask: the address stays the same
	running *process
	writers clients
	unknown []order
	secret  string // of a private feed
	base    int    // how many events the feed of all tracks has at first

	deaths    atomic.Int64              // odd while the program is dead, or not ready yet
	away      atomic.Pointer[time.Time] // since when the database is; nil while it is there
	asked     atomic.Int64              // requests
	same      atomic.Int64              // 304
	lost      atomic.Int64              // requests that had no answer then, or a 503
	busy      atomic.Int64              // those that a slow machine had too much to do for
	cut       atomic.Int64              // connections that the clients broke, or the server
	longest   time.Duration
	resources []resources
}

// resources are what a program takes.
type resources struct{ memory, goroutines, files float64 }

// soakTime is how long each soak takes, about: CYCLECAL_SOAK=10m go test -tags e2e -v -run 'TestProgram/soak' ./cmd/cyclecal
// takes longer than CI does, with the same faults again and again.
func soakTime(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("CYCLECAL_SOAK")
	if text == "" {
		return 10 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 10*time.Second {
		t.Fatalf("CYCLECAL_SOAK=%s: want at least 10s, such as 10m", text)
	}
	return d
}

func newSoak(t *testing.T, program built, flags ...string) *soak {
	t.Helper()
	flags = append(flags, "--listen", fmt.Sprint("127.0.0.1:", pgtest.Port(t)))
	s := &soak{program: program, flags: flags, running: program.serve(t, flags...)}
	s.p = s.running
	s.writers.processes = []*process{s.p}
	for _, w := range []order{
		{"/api/v1/rings/stable", `{"deferral":3,"deadline":2}`, "ring"},
		{"/api/v1/feeds/stable", `{"title":"Stable","rings":["stable"],"tracks":["windows-11-24h2"]}`, "feed"},
	} {
		s.writers.insist(t.Context(), t, 0, w)
	}
	s.secret = s.writers.list[1].secret
	s.base = strings.Count(s.p.get(t, "/calendars/all.ics").body, "BEGIN:VEVENT\r\n")
	return s
}

// run has all clients at work for the time of a soak, with one fault after the other meanwhile. Then nothing
// must be lost, and everything must be as at the start.
func (s *soak) run(t *testing.T, faults ...func(context.Context)) {
	t.Helper()
	atRest := s.measure(t)
	ctx, stop := context.WithCancel(t.Context())
	var group sync.WaitGroup
	defer group.Wait()
	defer stop()
	for n, actor := range s.actors() {
		group.Go(func() {
			for ctx.Err() == nil && !t.Failed() {
				actor(ctx, t, n)
			}
		})
	}
	group.Go(func() { s.unknown = s.write(ctx, t) })
	group.Go(func() { s.pulse(ctx, t) })

	end := time.Now().Add(soakTime(t))
	faults = append([]func(context.Context){func(context.Context) { s.die(t, func() {}) }}, faults...)
	for n := 0; (n < len(faults) || time.Now().Before(end)) && !t.Failed(); n++ {
		faults[n%len(faults)](ctx)
		s.recover(ctx, t)
		s.away.Store(nil)
		for range 10 {
			pgtest.Pause(ctx, soakTime(t)/120)
			s.resources = append(s.resources, s.measure(t))
		}
	}
	stop()
	group.Wait()
	if t.Failed() {
		return
	}
	if busy, asked := s.busy.Load(), s.asked.Load(); busy > asked/4 {
		t.Errorf("%d of %d requests were told that too much is asked for, want few", busy, asked)
	}
	s.writers.hold(t, s.unknown)
	s.flat(t)
	s.rest(t, atRest)
	t.Logf("%d requests, %d of them 304; %d without an answer while the program was dead; %d connections broken; %v the longest without service",
		s.asked.Load(), s.same.Load(), s.lost.Load(), s.cut.Load(), s.longest)
	t.Logf("%d writes acknowledged, %d times asked to wait or without an answer", s.writers.told.Load(), s.writers.retried.Load())
}

// write has four writers write, at some pace, and returns what nobody knows of.
func (s *soak) write(ctx context.Context, t *testing.T) []order {
	t.Helper()
	return s.writers.write(ctx, t, 4, func(writer, n int) order {
		pgtest.Pause(ctx, 150*time.Millisecond)
		return s.order(writer, n)
	})
}

// flat compares what the program takes in the second half of the soak with the first, where it has been warm
// for some time.
func (s *soak) flat(t *testing.T) {
	t.Helper()
	half := len(s.resources) / 2
	var first, second float64
	for i, r := range s.resources {
		if i < half {
			first = max(first, r.memory)
		} else {
			second = max(second, r.memory)
		}
	}
	t.Logf("%.0f MB of memory at most in the first half, %.0f MB in the second", first/1e6, second/1e6)
	if second > 1.5*first {
		t.Errorf("the program takes %.0f MB at most, and later %.0f MB: want not half as much again", first/1e6, second/1e6)
	}
}

// rest waits until the program has let go of all connections and goroutines of the load.
func (s *soak) rest(t *testing.T, before resources) {
	t.Helper()
	const slack = 10 // connections to the database, and the one that asks
	var now resources
	pgtest.Poll(t, "it comes to rest", func() error {
		s.p.client.CloseIdleConnections()
		now = s.measure(t)
		if now.goroutines > before.goroutines+slack || now.files > before.files+slack {
			return fmt.Errorf("%+v, want about %+v as at the start", now, before)
		}
		return nil
	})
	t.Logf("at rest %.0f goroutines and %.0f files; %.0f and %.0f at the start", now.goroutines, now.files, before.goroutines, before.files)
}

var metricForm = regexp.MustCompile(`(?m)^(process_resident_memory_bytes|go_goroutines|process_open_fds) (\S+)$`)

func (s *soak) measure(t *testing.T) resources {
	t.Helper()
	found := map[string]float64{}
	for _, m := range metricForm.FindAllStringSubmatch(s.p.get(t, "/metrics").body, -1) {
		value, err := strconv.ParseFloat(m[2], 64)
		if err != nil {
			t.Fatal(err)
		}
		found[m[1]] = value
	}
	r := resources{found["process_resident_memory_bytes"], found["go_goroutines"], found["process_open_fds"]}
	if r.memory == 0 || r.goroutines == 0 || r.files == 0 {
		t.Fatalf("/metrics tells %v, want memory, goroutines and files", found)
	}
	return r
}
