//go:build e2e

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle/store/pgtest"
)

// testFailover kills the database under three replicas, to each of which clients write and from
// which readers read all the time, and promotes its standby. How long things take is for the log
// of the test: it depends on the machine.
func testFailover(t *testing.T, program built) {
	primary := pgtest.Start(t)
	database := primary.Database(t)
	standby := primary.Synchronous(t)
	replicas := program.replicas(t, pgtest.URL(database, primary, standby))
	arrive(t, "before", replicas)
	r := newReaders(t, replicas)
	c := &clients{processes: replicas}
	var killed, back atomic.Pointer[time.Time]
	var meanwhile atomic.Int64
	c.onTold = func(asked time.Time) {
		if at := killed.Load(); at == nil || asked.Before(*at) {
			return // acknowledged by the server that is gone
		}
		if now := time.Now(); back.CompareAndSwap(nil, &now) {
			meanwhile.Store(r.answered.Load())
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	var group sync.WaitGroup
	defer group.Wait()
	defer stop()
	group.Go(func() { r.read(ctx, t, &killed) })
	var unknown []order
	group.Go(func() { unknown = c.write(ctx, t, 6, ordersOf("failover")) })

	enough := func(what string, n int64) {
		t.Helper()
		from := c.told.Load()
		pgtest.Poll(t, what, func() error {
			if got := c.told.Load() - from; got < n && !t.Failed() {
				return fmt.Errorf("%d are acknowledged, want %d", got, n)
			}
			return nil
		})
	}
	enough("writes before", 80)
	primary.Kill(t)
	now, before := time.Now(), r.answered.Load()
	killed.Store(&now)
	standby.Promote(t)
	enough("writes after", 80)
	stop()
	group.Wait()
	if t.Failed() {
		return
	}
	sameRevision(t, replicas)
	c.hold(t, unknown)
	t.Logf("a write was acknowledged %v after the kill, and %d reads were answered meanwhile; of %d reads in all %d were told to wait",
		back.Load().Sub(now), meanwhile.Load()-before, r.answered.Load(), r.closed.Load())
	t.Logf("%d writes were acknowledged; %d times there was no answer, or a 503", c.told.Load(), c.retried.Load())
	arrive(t, "after", replicas)
	rotateEverywhere(t, replicas)
}

// testOutage takes the database away for longer than secrets count without it: what is public is
// served all the time, what is private is closed meanwhile, and then open again by itself.
func testOutage(t *testing.T, program built) {
	server := pgtest.Start(t)
	replicas := program.replicas(t, server.URL(server.Database(t)))
	r := newReaders(t, replicas)
	r.pause = 10 * time.Millisecond // it lasts
	var killed atomic.Pointer[time.Time]
	ctx, stop := context.WithCancel(t.Context())
	var group sync.WaitGroup
	defer group.Wait()
	defer stop()
	group.Go(func() { r.read(ctx, t, &killed) })
	private := func(what string, as func(answered) bool) {
		t.Helper()
		for _, p := range replicas {
			for _, one := range r.reads {
				pgtest.Poll(t, what, func() error {
					a, err := p.ask(ctx, http.MethodGet, one.path, one.token, "")
					if err == nil && one.private && !as(a) {
						err = fmt.Errorf("GET %s at %s is %d", one.path, p.url, a.status)
					}
					return err
				})
			}
		}
	}
	now := time.Now()
	killed.Store(&now)
	server.Kill(t)
	private("secrets count no more", answered.closed)
	for _, p := range replicas {
		expectReady(t, p, "unavailable")
		if a, err := p.ask(t.Context(), http.MethodPut, "/api/v1/rings/late", firstTestToken, "{}"); err != nil || !a.closed() {
			t.Errorf("PUT = %d, %v, want 503 with Retry-After", a.status, err)
		}
	}
	server.Start(t)
	private("secrets count again", func(a answered) bool { return a.status == http.StatusOK })
	c := &clients{processes: replicas}
	c.insist(t.Context(), t, 0, order{"/api/v1/rings/late", "{}", "late"})
	stop()
	group.Wait()
	sameRevision(t, replicas)
	c.hold(t, nil)
	t.Logf("of %d reads in all %d were told to wait", r.answered.Load(), r.closed.Load())
}

// replicas are three processes on one database.
func (b built) replicas(t *testing.T, url string) []*process {
	t.Helper()
	list := make([]*process, 3)
	for i := range list {
		list[i] = b.serve(t, "--data-dir", t.TempDir(), "--database", url)
	}
	return list
}

// readers ask every process for everything again and again.
type readers struct {
	processes []*process
	reads     []read
	pause     time.Duration
	answered  atomic.Int64
	closed    atomic.Int64 // how many were a 503
}

// read is what somebody asks for all the time, and how the answer begins to be right.
type read struct {
	path, token string
	private     bool // it is closed while nobody can say whether its secret still counts
	part        func(body string) (string, error)
	want        string
}

// newReaders makes what is private at first, and notes what every answer must be.
func newReaders(t *testing.T, processes []*process) *readers {
	t.Helper()
	c := &clients{processes: processes[:1]}
	for _, w := range []order{
		{"/api/v1/rings/stable", `{"deferral":3,"deadline":2}`, "ring"},
		{"/api/v1/feeds/stable", `{"title":"Stable","rings":["stable"]}`, "feed"},
		{"/api/v1/tokens/reader", `{"role":"viewer"}`, "token"},
	} {
		c.insist(t.Context(), t, 0, w)
	}
	secrets := map[string]string{}
	for _, a := range c.list {
		secrets[a.path] = a.secret
	}
	sameRevision(t, processes)
	r := &readers{processes: processes, reads: []read{
		{path: "/api/v1/schedule?from=2026-01&to=2026-12&as_of=2026-11-01", part: dataOf},
		{path: "/calendars/all.ics?past=12&ahead=12&as_of=2026-11-01", part: eventsOf},
		{path: "/feeds/" + secrets["/api/v1/feeds/stable"] + ".ics", private: true, part: eventsOf},
		{path: "/api/v1/rings/stable", token: secrets["/api/v1/tokens/reader"], private: true, part: dataOf},
	}}
	for i, one := range r.reads {
		a, err := processes[0].ask(t.Context(), http.MethodGet, one.path, one.token, "")
		if err != nil || a.status != http.StatusOK {
			t.Fatalf("GET %s = %d %.300s, %v, want 200", one.path, a.status, a.body, err)
		}
		if r.reads[i].want, err = one.part(a.body); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// dataOf returns what does not change from one revision to the next.
func dataOf(body string) (string, error) {
	var answer struct{ Data json.RawMessage }
	err := json.Unmarshal([]byte(body), &answer)
	return string(answer.Data), err
}

var eventFacts = regexp.MustCompile(`(?m)^(UID|DTSTART|DTEND|SUMMARY)[^\r]*`)

// eventsOf returns what the events of a whole calendar are, without when they were last touched: a
// freeze touches those of all rings.
func eventsOf(body string) (string, error) {
	if !wholeFeed(body) {
		return "", fmt.Errorf("the calendar is not whole: %.300s", body)
	}
	return strings.Join(eventFacts.FindAllString(body, -1), "\n"), nil
}

// read reads until ctx ends.
func (r *readers) read(ctx context.Context, t *testing.T, killed *atomic.Pointer[time.Time]) {
	t.Helper()
	var group sync.WaitGroup
	for _, p := range r.processes {
		for _, one := range r.reads {
			group.Go(func() {
				for ctx.Err() == nil && !t.Failed() {
					a, err := p.ask(ctx, http.MethodGet, one.path, one.token, "")
					if ctx.Err() != nil {
						return
					}
					if err := r.judge(one, a, err, killed.Load()); err != nil {
						t.Errorf("GET %s at %s: %v", one.path, p.url, err)
					}
					pgtest.Pause(ctx, r.pause)
				}
			})
		}
	}
	group.Wait()
}

// outage is how long the database must be away before anything private may be closed: ten seconds after a look at it
// began that succeeded. It looks once a second, and one look may take three.
const outage = 10*time.Second - time.Second - lookTime

// judge says what is wrong with an answer.
func (r *readers) judge(one read, a answered, err error, killed *time.Time) error {
	if err != nil {
		return err
	}
	r.answered.Add(1)
	if one.private && a.closed() && killed != nil && time.Since(*killed) > outage {
		r.closed.Add(1)
		return nil
	}
	if a.status != http.StatusOK {
		return fmt.Errorf("%d %.300s, want 200", a.status, a.body)
	}
	got, err := one.part(a.body)
	if err == nil && got != one.want {
		err = fmt.Errorf("%.300s, want %.300s", got, one.want)
	}
	return err
}

// sameRevision waits until all processes serve the newest revision.
func sameRevision(t *testing.T, processes []*process) {
	t.Helper()
	pgtest.Poll(t, "all replicas are at one revision", func() error {
		var revisions []int64
		for _, p := range processes {
			var ready struct{ Revision int64 }
			decode(t, p.get(t, "/readyz").body, &ready)
			revisions = append(revisions, ready.Revision)
		}
		if slices.Min(revisions) != slices.Max(revisions) {
			return fmt.Errorf("they are at %d", revisions)
		}
		return nil
	})
}

// arrive writes on each process, and waits until the others have it.
func arrive(t *testing.T, when string, processes []*process) {
	t.Helper()
	var took []time.Duration
	for n := range 30 {
		c := &clients{processes: processes}
		w := order{"/api/v1/rings/arrives", fmt.Sprintf(`{"deferral":%d}`, n), fmt.Sprint("arrives ", when, n)}
		if !c.insist(t.Context(), t, n, w) {
			return
		}
		began, want := time.Now(), c.list[0].version
		for _, p := range processes {
			p.until(t, w.path, want)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	t.Logf("%s the failover, a change is seen by all replicas %v after its answer (p50; the longest %v)", when, took[len(took)/2], took[len(took)-1])
}

// until reads a document without a pause until it is of that version.
func (p *process) until(t *testing.T, path, version string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	for {
		a, err := p.ask(ctx, http.MethodGet, path, firstTestToken, "")
		if err != nil {
			t.Fatalf("revision %s of %s does not arrive at %s: %v", version, path, p.url, err)
		}
		if strings.HasPrefix(a.header.Get("ETag"), `"`+version) {
			return
		}
	}
}

// rotateEverywhere gives a feed a new address on one process: soon the old one opens nothing anywhere.
func rotateEverywhere(t *testing.T, processes []*process) {
	t.Helper()
	c := &clients{processes: processes[:1]}
	if !c.insist(t.Context(), t, 0, order{"/api/v1/feeds/rotated", `{"title":"Rotated"}`, "rotated"}) {
		return
	}
	sameRevision(t, processes)
	old := "/feeds/" + c.list[0].secret + ".ics"
	for _, p := range processes {
		p.get(t, old)
	}
	a, err := processes[0].ask(t.Context(), http.MethodPost, "/api/v1/feeds/rotated/rotate", firstTestToken, "")
	if err != nil || a.status != http.StatusOK {
		t.Fatalf("rotate = %d %s, %v, want 200", a.status, a.body, err)
	}
	began := time.Now()
	var rotated struct{ Secret string }
	decode(t, a.body, &rotated)
	for i, p := range processes {
		pgtest.Poll(t, "the old address ends", func() error {
			a, err := p.ask(t.Context(), http.MethodGet, old, "", "")
			if err == nil && a.status != http.StatusNotFound {
				err = fmt.Errorf("%d, want 404", a.status)
			}
			if err != nil && i == 0 {
				t.Errorf("where it was rotated: %v at once", err)
			}
			return err
		})
		if feed := p.get(t, "/feeds/"+rotated.Secret+".ics"); !wholeFeed(feed.body) {
			t.Errorf("the new address has no whole calendar: %.300s", feed.body)
		}
	}
	t.Logf("an address that was rotated is gone everywhere after %v", time.Since(began))
}
