//go:build e2e

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle/store/pgtest"
)

// testKilled kills the program in the middle of acknowledged writes, again and again on one file.
func testKilled(t *testing.T, program built) {
	data := t.TempDir()
	c := &clients{processes: []*process{program.serve(t, "--data-dir", data)}}
	for round := range 5 {
		ctx, cancel := context.WithCancel(t.Context())
		stop := c.told.Load() + 20 + rand.Int64N(80)
		c.onTold = func(time.Time) {
			if c.told.Load() >= stop {
				cancel()
			}
		}
		p := c.processes[0]
		dying := make(chan struct{})
		go func() {
			defer close(dying)
			<-ctx.Done()
			p.kill()
		}()
		unknown := c.write(ctx, t, 4, ordersOf(fmt.Sprint("round-", round)))
		cancel()
		<-dying
		if t.Failed() {
			return
		}
		c.processes[0] = program.serve(t, "--data-dir", data)
		c.hold(t, unknown)
		// What nobody knows of is asked for again.
		for _, w := range unknown {
			c.insist(t.Context(), t, 0, w)
		}
		c.hold(t, nil)
	}
	t.Logf("%d writes were acknowledged, and %d had no answer", c.told.Load(), c.retried.Load())
}

// testFullDisk fills the disk beneath the program: it takes no writes, says so, and is read all
// the time; with room again it takes them.
func testFullDisk(t *testing.T, program built) {
	disk := pgtest.Disk(t, 8)
	p := program.serve(t, "--data-dir", disk)
	c := &clients{processes: []*process{p}}
	if !c.insist(t.Context(), t, 0, order{"/api/v1/feeds/private", `{"title":"Private"}`, "private"}) {
		return
	}
	feed := "/feeds/" + c.list[0].secret + ".ics"
	expectReady(t, p, "ok")
	makeRoom := pgtest.Ballast(t, disk, 5<<20)
	fill := func(n int) (order, answered) {
		name := fmt.Sprint("fill-", n)
		body, err := json.Marshal(map[string]string{"from": "2020-01-01", "to": "2020-01-02", "reason": strings.Repeat("ü", 1000)})
		if err != nil {
			t.Fatal(err)
		}
		w := order{"/api/v1/freezes/" + name, string(body), name}
		a, err := p.ask(t.Context(), http.MethodPut, w.path, firstTestToken, w.body, "Idempotency-Key", w.key, "X-Request-Id", w.key)
		if err != nil {
			t.Fatal(err)
		}
		return w, a
	}
	n := 0
	var refused order
	for ; ; n++ {
		w, a := fill(n)
		if a.status == http.StatusCreated {
			c.keep(t, w, a, time.Time{})
			continue
		}
		if !a.closed() {
			t.Fatalf("PUT on a full disk = %d %v %s, want 503 with Retry-After and a problem document", a.status, a.header, a.body)
		}
		refused = w
		break
	}
	t.Logf("the disk took %d writes", n)
	for i := range 20 {
		if _, a := fill(n + 1 + i); !a.closed() && a.status != http.StatusCreated {
			t.Errorf("PUT on a full disk = %d %s, want 503 with Retry-After", a.status, a.body)
		}
		for _, path := range []string{"/api/v1/schedule", "/calendars/all.ics", feed, "/api/v1/documents", "/api/v1/audit", "/"} {
			p.get(t, path)
		}
	}
	if !wholeFeed(p.get(t, feed).body) {
		t.Error("the private feed is not whole")
	}
	expectReady(t, p, "read-only")
	makeRoom()
	if !c.insist(t.Context(), t, 0, refused) {
		return
	}
	expectReady(t, p, "ok")
	t.Logf("with room again, %d times it was still told to wait", c.retried.Load())
	c.hold(t, nil)
}

// expectReady compares what /readyz says of the store.
func expectReady(t *testing.T, p *process, want string) {
	t.Helper()
	var ready struct {
		Status string
		Store  struct{ Status string }
	}
	decode(t, p.get(t, "/readyz").body, &ready)
	if ready.Status != "ready" || ready.Store.Status != want {
		t.Errorf("/readyz tells %+v, want ready, and a store that is %s", ready, want)
	}
}
