//go:build e2e

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle/store/pgtest"
)

// order is one write that somebody wants: it keeps its key however often it is sent.
type order struct{ path, body, key string }

// acknowledgement is what a client was told.
type acknowledgement struct {
	order
	version string
	secret  string // of a feed
}

// clients write as careful programs do, and remember what they were told.
type clients struct {
	processes []*process
	told      atomic.Int64          // how many were acknowledged
	retried   atomic.Int64          // how often there was no answer, or a 503
	onTold    func(asked time.Time) // called after each, with when its last attempt began; may be nil

	held int // of the list, how many were read one by one already

	mu   sync.Mutex
	list []acknowledgement
}

// insist sends an order, to one process after the other, until it is acknowledged or ctx ends.
func (c *clients) insist(ctx context.Context, t *testing.T, first int, w order) bool {
	t.Helper()
	for try := first; ctx.Err() == nil; try++ {
		asked := time.Now()
		// What is under way when ctx ends is waited for.
		a, err := c.processes[try%len(c.processes)].ask(context.WithoutCancel(ctx), http.MethodPut, w.path, firstTestToken, w.body,
			"Idempotency-Key", w.key, "X-Request-Id", w.key)
		switch {
		case err == nil && (a.status == http.StatusCreated || a.status == http.StatusOK):
			return c.keep(t, w, a, asked)
		case err == nil && !a.closed():
			t.Errorf("PUT %s = %d %.300s, want 200, 201, or 503 with Retry-After", w.path, a.status, a.body)
			return false
		}
		c.retried.Add(1)
		pgtest.Pause(ctx, 50*time.Millisecond)
	}
	return false
}

func (c *clients) keep(t *testing.T, w order, a answered, asked time.Time) bool {
	t.Helper()
	var told struct {
		Meta   struct{ Revision int64 }
		Secret string
	}
	if err := json.Unmarshal([]byte(a.body), &told); err != nil || told.Meta.Revision == 0 {
		t.Errorf("PUT %s is acknowledged by %s, %v, want a document", w.path, a.body, err)
		return false
	}
	c.mu.Lock()
	c.list = append(c.list, acknowledgement{w, fmt.Sprint(told.Meta.Revision), told.Secret})
	c.mu.Unlock()
	c.told.Add(1)
	if c.onTold != nil {
		c.onTold(asked)
	}
	return true
}

// write has writers make their orders until ctx ends, and returns those of which nobody knows.
func (c *clients) write(ctx context.Context, t *testing.T, writers int, next func(writer, n int) order) []order {
	t.Helper()
	unknown := make([]order, writers)
	var group sync.WaitGroup
	for i := range writers {
		group.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				w := next(i, n)
				if !c.insist(ctx, t, i+n, w) {
					unknown[i] = w
					return
				}
			}
		})
	}
	group.Wait()
	var list []order
	for _, w := range unknown {
		if w != (order{}) {
			list = append(list, w)
		}
	}
	return list
}

// ordersOf is a document of a writer's own, once in each five a ring that all share, or a feed.
func ordersOf(round string) func(writer, n int) order {
	return func(writer, n int) order {
		name := fmt.Sprintf("%s-w%d-n%d", round, writer, n)
		switch n % 5 {
		case 3:
			// What it says is the writer's own, so that it is told from the others'.
			return order{fmt.Sprint("/api/v1/freezes/shared-", n%2), fmt.Sprintf(`{"from":"2020-01-01","to":"2020-02-01","reason":%q}`, name), name}
		case 4:
			return order{"/api/v1/feeds/" + name, fmt.Sprintf(`{"title":%q}`, name), name}
		}
		return order{"/api/v1/rings/" + name, fmt.Sprintf(`{"deferral":%d}`, n%30), name}
	}
}

// hold compares what was acknowledged with what each process has: every document, and
// each order once in the history. Of the unknown orders each is whole, or not there at all.
func (c *clients) hold(t *testing.T, unknown []order) {
	t.Helper()
	history := historyOf(t, c.processes[0])
	for _, a := range c.list {
		if n := len(history[a.key]); n != 1 {
			t.Errorf("%s is %d times in the history, want once", a.key, n)
		}
	}
	for _, w := range unknown {
		if n := len(history[w.key]); n > 1 {
			t.Errorf("%s, which was not acknowledged, is %d times in the history", w.key, n)
		}
	}
	newest := map[string]auditEntry{}
	for _, rows := range history {
		for _, row := range rows {
			path := "/api/v1/" + row.Kind + "/" + row.ID
			if row.Revision > newest[path].Revision {
				newest[path] = row
			}
		}
	}
	for _, p := range c.processes {
		c.holdAt(t, p, newest)
	}
	c.held = len(c.list)
}

// holdAt reads all documents from one process, and those that were acknowledged since hold was
// last called one by one, each feed also at its address.
func (c *clients) holdAt(t *testing.T, p *process, newest map[string]auditEntry) {
	t.Helper()
	var list struct {
		Data []struct {
			Kind, ID string
			Document json.RawMessage
		}
	}
	decode(t, p.get(t, "/api/v1/documents").body, &list)
	for _, row := range list.Data {
		path := "/api/v1/" + row.Kind + "/" + row.ID
		if got, want := compact(t, row.Document), compact(t, newest[path].After); got != want {
			t.Errorf("%s at %s is %s, want %s as the history has it", path, p.url, got, want)
		}
	}
	if len(list.Data) != len(newest) {
		t.Errorf("%d documents at %s, want %d as the history has them", len(list.Data), p.url, len(newest))
	}
	for _, a := range c.list[c.held:] {
		var got struct{ Data json.RawMessage }
		decode(t, p.get(t, a.path).body, &got)
		if got, want := compact(t, got.Data), compact(t, newest[a.path].After); got != want {
			t.Errorf("GET %s at %s = %s, want %s", a.path, p.url, got, want)
		}
		if a.secret == "" {
			continue
		}
		if feed := p.get(t, "/feeds/"+a.secret+".ics"); !wholeFeed(feed.body) {
			t.Errorf("the feed %s at %s is not whole: %.300s", a.path, p.url, feed.body)
		}
	}
}

// auditEntry is a row of /api/v1/audit.
type auditEntry struct {
	Revision  int64
	Kind, ID  string
	Action    string
	RequestID string `json:"request_id"`
	After     json.RawMessage
}

// historyOf returns all that was written, by the order's key. A feed whose acknowledgement
// was lost gets another secret when it is asked for again: that is no second write of it.
func historyOf(t *testing.T, p *process) map[string][]auditEntry {
	t.Helper()
	all := map[string][]auditEntry{}
	for cursor := ""; ; {
		var page struct {
			Data []auditEntry
			Meta struct {
				Next string `json:"next_cursor"`
			}
		}
		decode(t, p.get(t, "/api/v1/audit"+cursor).body, &page)
		for _, row := range page.Data {
			if row.Action != "rotated" {
				all[row.RequestID] = append(all[row.RequestID], row)
			}
		}
		if page.Meta.Next == "" {
			return all
		}
		cursor = "?cursor=" + page.Meta.Next
	}
}

func decode(t *testing.T, body string, to any) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), to); err != nil {
		t.Fatalf("%.300s: %v", body, err)
	}
}

func compact(t *testing.T, raw json.RawMessage) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Compact(&b, raw); err != nil {
		t.Fatalf("%.300s: %v", raw, err)
	}
	return b.String()
}

// wholeFeed reports whether a calendar was not cut short, and has events.
func wholeFeed(body string) bool {
	return strings.HasPrefix(body, "BEGIN:VCALENDAR\r\n") && strings.HasSuffix(body, "END:VCALENDAR\r\n") &&
		strings.Count(body, "BEGIN:VEVENT\r\n") == strings.Count(body, "END:VEVENT\r\n") && strings.Contains(body, "BEGIN:VEVENT\r\n")
}
