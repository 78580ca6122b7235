//go:build e2e

package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle/store/pgtest"
)

// actor is a client that does one thing, again and again. Each has its number.
type actor func(ctx context.Context, t *testing.T, n int)

// actors are the clients beside the writers.
func (s *soak) actors() []actor {
	var list []actor
	for range 50 {
		list = append(list, s.subscriber())
	}
	for range 4 {
		list = append(list, s.dashboard())
	}
	for range 3 {
		list = append(list, s.slowReader, s.halfOpen, s.vanishing)
	}
	return list
}

// mostTracks is how many tracks the writers make; each adds so many events to the feed of all.
const (
	mostTracks     = 20
	eventsOfATrack = 12 + 1 + 18
)

// order is what a writer wants next: tracks at first, and then the same few documents with other contents.
func (s *soak) order(writer, n int) order {
	name := fmt.Sprintf("soak-w%d-n%d", writer, n)
	if own := n / 5 * 4; n%5 == 0 && own+writer < mostTracks {
		return order{fmt.Sprint("/api/v1/tracks/own-", own+writer), strings.Replace(ownTrack(name), "2026-01", "2020-01", 1), name}
	}
	w := ordersOf("soak")(writer, n%40)
	switch w.key = name; {
	case strings.Contains(w.path, "/feeds/"):
		w.body = fmt.Sprintf(`{"title":%q}`, name)
	case strings.Contains(w.path, "/freezes/"):
		w.body = fmt.Sprintf(`{"from":"2020-01-01","to":"2020-02-01","reason":%q}`, name)
	default:
		w.body = fmt.Sprintf(`{"deferral":%d}`, n%30) // which is another 40 later
	}
	return w
}

// get asks for what is served all the time: there must be a whole answer, unless the program was dead meanwhile, or
// nobody could say whether a secret still counts.
func (s *soak) get(ctx context.Context, t *testing.T, path string, headers ...string) (answered, bool) {
	t.Helper()
	before, away := s.deaths.Load(), s.away.Load()
	s.asked.Add(1)
	a, err := s.p.ask(ctx, http.MethodGet, path, "", "", headers...)
	dead := before%2 == 1 || s.deaths.Load() != before
	// On a slow machine the database may be away for longer than secrets count without it.
	closed := strings.HasPrefix(path, "/feeds/") && away != nil && time.Since(*away) > outage
	switch {
	case ctx.Err() != nil:
		return a, false
	case (err != nil || a.closed()) && dead, err == nil && a.closed() && closed:
		s.lost.Add(1)
		pgtest.Pause(ctx, 50*time.Millisecond)
		return a, false
	case err == nil && a.closed() && overloaded(a.body):
		s.busy.Add(1)
		pgtest.Pause(ctx, 5*time.Second) // as it says
		return a, false
	case err != nil:
		t.Errorf("GET %s: %v, and the program was not killed", withoutSecret(path), err)
		return a, false
	case a.status != http.StatusOK && a.status != http.StatusNotModified:
		t.Errorf("GET %s = %d %.300s, want 200", withoutSecret(path), a.status, a.body)
		return a, false
	}
	return a, true
}

// overloaded reports whether a 503 says that a slow machine has too much to do for now: whoever gets it asks again.
func overloaded(body string) bool { return strings.Contains(body, "too much is asked for") }

// withoutSecret keeps the secret out of the log.
func withoutSecret(path string) string {
	if strings.HasPrefix(path, "/feeds/") {
		return "/feeds/…"
	}
	return path
}

// subscriber polls a feed, and takes it to be unchanged where it is told so.
func (s *soak) subscriber() actor {
	etags := map[string]string{}
	return func(ctx context.Context, t *testing.T, n int) {
		t.Helper()
		path := []string{"/calendars/all.ics", "/calendars/windows-11-24h2.ics", "/feeds/" + s.secret + ".ics"}[n%3]
		pgtest.Pause(ctx, time.Duration(300+7*n)*time.Millisecond)
		from, ok := s.ownTracks(ctx, t)
		if !ok {
			return
		}
		a, ok := s.get(ctx, t, path, "If-None-Match", etags[path])
		if !ok {
			return
		}
		if a.status == http.StatusNotModified {
			s.same.Add(1)
			if a.body != "" || a.header.Get("ETag") != etags[path] {
				t.Errorf("GET %s = 304 with the ETag %s and %d bytes, want %s and none", withoutSecret(path), a.header.Get("ETag"), len(a.body), etags[path])
			}
			return
		}
		etags[path] = a.header.Get("ETag")
		to, ok := s.ownTracks(ctx, t)
		if ok && path == "/calendars/all.ics" {
			s.count(t, a.body, from, to)
		}
		if !wholeFeed(a.body) {
			t.Errorf("GET %s is not a whole calendar: %d bytes, %.100s", withoutSecret(path), len(a.body), a.body)
		}
	}
}

// count compares the events of the feed of all tracks with the tracks that the JSON told before and after.
func (s *soak) count(t *testing.T, feed string, from, to int) {
	t.Helper()
	n := strings.Count(feed, "BEGIN:VEVENT\r\n") - s.base
	if n < from*eventsOfATrack || n > to*eventsOfATrack || n%eventsOfATrack != 0 {
		t.Errorf("the feed of all tracks has %d events more than at first, want %d for each of %d to %d tracks", n, eventsOfATrack, from, to)
	}
}

// ownTracks is how many tracks the writers have made.
func (s *soak) ownTracks(ctx context.Context, t *testing.T) (int, bool) {
	t.Helper()
	a, ok := s.get(ctx, t, "/api/v1/tracks")
	return strings.Count(a.body, `"id":"own-`), ok
}

// dashboard reads everything as JSON and as CSV. The revision never goes back, not even when the program was killed:
// whatever was told was stored before.
func (s *soak) dashboard() actor {
	var last int64
	return func(ctx context.Context, t *testing.T, _ int) {
		t.Helper()
		pgtest.Pause(ctx, 100*time.Millisecond)
		for _, path := range []string{"/api/v1/schedule?from=2026-01&to=2026-12", "/api/v1/next", "/api/v1/releases"} {
			a, ok := s.get(ctx, t, path)
			if !ok {
				return
			}
			var told struct {
				Data []json.RawMessage
				Meta struct{ Revision int64 }
			}
			if err := json.Unmarshal([]byte(a.body), &told); err != nil || len(told.Data) == 0 || told.Meta.Revision < last {
				t.Errorf("GET %s: %d rows at revision %d, %v: want some, at revision %d or later", path, len(told.Data), told.Meta.Revision, err, last)
			}
			last = told.Meta.Revision
		}
		for _, path := range []string{"/api/v1/schedule.csv?from=2026-01&to=2026-12", "/api/v1/releases.csv"} {
			a, ok := s.get(ctx, t, path)
			if !ok {
				return
			}
			if rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll(); err != nil || len(rows) < 2 || !strings.HasSuffix(a.body, "\r\n") {
				t.Errorf("GET %s: %d rows, %v: want some, and a whole last line", path, len(rows), err)
			}
		}
	}
}

// pulse asks for a feed all the time, and finds how long it was not served at most.
func (s *soak) pulse(ctx context.Context, t *testing.T) {
	served := time.Now()
	for ctx.Err() == nil && !t.Failed() {
		if _, ok := s.get(ctx, t, "/calendars/windows-server-2025.ics"); ok {
			s.longest = max(s.longest, time.Since(served))
			served = time.Now()
		}
		pgtest.Pause(ctx, 10*time.Millisecond)
	}
}

// large is a feed that fits into no buffer.
const large = "/calendars/windows-11-24h2,windows-11-25h2,windows-server-2025,windows-server-2022-azure-edition.ics?past=300&ahead=120&include=cumulative"

// dial sends the beginning of a request.
func (s *soak) dial(ctx context.Context, request string) (*net.TCPConn, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", strings.TrimPrefix(s.p.url, "http://"))
	if err != nil {
		return nil, err
	}
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("a %T, want TCP", c), c.Close())
	}
	_, err1 := io.WriteString(c, request)
	if err := errors.Join(tcp.SetReadBuffer(4096), err1); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	s.cut.Add(1)
	return tcp, nil
}

// slowReader reads a byte a second, for as long as it is let.
func (s *soak) slowReader(ctx context.Context, t *testing.T, _ int) {
	t.Helper()
	pgtest.Pause(ctx, 100*time.Millisecond)
	c, err := s.dial(ctx, "GET "+large+" HTTP/1.1\r\nHost: x\r\n\r\n")
	if err != nil {
		return // it is dead, which others judge
	}
	defer func() { _ = c.Close() }()
	for one := make([]byte, 1); ctx.Err() == nil; pgtest.Pause(ctx, time.Second) {
		if _, err := c.Read(one); err != nil {
			return
		}
	}
}

// halfOpen sends half a request and waits: the server ends that.
func (s *soak) halfOpen(ctx context.Context, t *testing.T, _ int) {
	t.Helper()
	pgtest.Pause(ctx, 100*time.Millisecond)
	c, err := s.dial(ctx, "GET /calendars/all.ics HTTP/1.1\r\nHost: x\r\nIf-None-Ma")
	if err != nil {
		return
	}
	defer func() { _ = c.Close() }()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, c)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		_ = c.Close()
		<-ended
	}
}

// vanishing breaks the connection in the middle of an answer that was to be whole.
func (s *soak) vanishing(ctx context.Context, t *testing.T, _ int) {
	t.Helper()
	pgtest.Pause(ctx, 50*time.Millisecond)
	before := s.deaths.Load()
	c, err := s.dial(ctx, "GET "+large+" HTTP/1.1\r\nHost: x\r\n\r\n")
	if err != nil {
		return
	}
	defer func() { _ = c.Close() }()
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return
	}
	defer answer.Body.Close()
	dead := before%2 == 1 || s.deaths.Load() != before
	if answer.StatusCode == http.StatusServiceUnavailable {
		if body, err := io.ReadAll(answer.Body); dead || err == nil && overloaded(string(body)) {
			return
		}
	}
	if answer.StatusCode != http.StatusOK || answer.ContentLength < 100_000 {
		t.Errorf("GET %s = %s with %d bytes announced, want 200 with many", large, answer.Status, answer.ContentLength)
	}
	_, _ = io.CopyN(io.Discard, answer.Body, 1000)
	_ = errors.Join(c.SetLinger(0), c.Close()) // the end is a RST
}
