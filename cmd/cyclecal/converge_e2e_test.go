//go:build e2e

package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/cycle/catalog"
	"github.com/cyclecal/cyclecal/cycle/store"
	"github.com/cyclecal/cyclecal/cycle/store/pgtest"
)

// TestReplicasConverge has twelve writers write through three replicas that get no hints, and
// through three whose connections are cut all the time: in the end all of them know
// the same, and what the database knows.
func TestReplicasConverge(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	t.Run("without hints", func(t *testing.T) {
		c := newConvergence(t, server.URL(server.Database(t)), func(s store.Store) store.Store { return deaf{s} })
		c.write(t, 4)
		c.compare(t)
	})
	t.Run("cut", func(t *testing.T) {
		c := newConvergence(t, server.URL(server.Database(t)), func(s store.Store) store.Store { return s })
		server.Cut(t, 100*time.Millisecond, func() { c.write(t, 2) })
		c.compare(t)
		t.Logf("%d times a writer was told to come again", c.refused.Load())
	})
}

// deaf is a store that gives no hints.
type deaf struct{ store.Store }

func (deaf) Listen(context.Context) <-chan struct{} { return nil }

// convergence is three replicas on one database, and what writers were told.
type convergence struct {
	url      string
	replicas []*world
	asked    atomic.Int64
	refused  atomic.Int64

	mu        sync.Mutex
	told      map[string]string // by each ETag, what it is of: no two writes are at one revision
	documents map[string]string // the ETag of each path that one writer alone writes; "" once it is deleted
	secrets   map[string]string // by the path of the feed
}

func newConvergence(t *testing.T, url string, wrap func(store.Store) store.Store) *convergence {
	t.Helper()
	c := &convergence{url: url, told: map[string]string{}, documents: map[string]string{}, secrets: map[string]string{}}
	for range 3 {
		c.replicas = append(c.replicas, newReplica(t, wrap(openedAt(t, url))))
	}
	return c
}

// openedAt closes a store when the test ends.
func openedAt(t *testing.T, url string) store.Store {
	t.Helper()
	s, err := store.OpenPostgres(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// newReplica is a program on that store, with the true clock, that follows it until the test ends.
func newReplica(t *testing.T, s store.Store) *world {
	t.Helper()
	ground, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, ground: ground, store: s}
	w.fleet = newFleet(ground, firstToken{"first", firstTestToken}, time.Now, slog.New(slog.DiscardHandler))
	if err := w.fleet.use(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	w.handler = w.serve(w.fleet)
	ctx, cancel := context.WithCancel(t.Context())
	var following sync.WaitGroup
	following.Go(func() { w.fleet.follow(ctx) })
	t.Cleanup(func() {
		cancel()
		following.Wait()
	})
	return w
}

// write has each of twelve writers write documents of its own and those that all share, through
// one replica after the other.
func (c *convergence) write(t *testing.T, rounds int) {
	t.Helper()
	var group sync.WaitGroup
	for i := range 12 {
		group.Go(func() {
			for n := range rounds {
				w, own := c.replicas[(i+n)%len(c.replicas)], fmt.Sprintf("w%d-n%d", i, n)
				c.insist(t, w, http.MethodPut, "/api/v1/rings/"+own, fmt.Sprintf(`{"deferral":%d}`, i), own)
				c.insist(t, w, http.MethodPut, "/api/v1/tracks/"+own, fmt.Sprintf(
					`{"name":%q,"first_month":"2026-01","rule":{"baseline_months":[1],"release_day":"third tuesday","release_time":"13:00","time_zone":"UTC"}}`, own), own)
				c.insist(t, w, http.MethodPut, "/api/v1/feeds/"+own, fmt.Sprintf(`{"title":%q,"tracks":[%q],"rings":[%q]}`, own, own, own), own)
				c.insist(t, w, http.MethodPut, "/api/v1/rings/shared", fmt.Sprintf(`{"deferral":%d}`, n), "")
				if n%2 == 1 { // the first lets go of the other
					c.insist(t, w, http.MethodDelete, "/api/v1/feeds/"+own, "", own)
					c.insist(t, w, http.MethodDelete, "/api/v1/rings/"+own, "", own)
				}
			}
		})
	}
	group.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

// insist asks until it is done, and remembers what was told of a document that is the writer's own.
func (c *convergence) insist(t *testing.T, w *world, method, path, body, own string) {
	t.Helper()
	once := fmt.Sprint(c.asked.Add(1), " ", method, " ", path)
	pgtest.Poll(t, once, func() error {
		answer := w.ask(method, path, firstTestToken, body, "Idempotency-Key", once)
		switch answer.Code {
		case http.StatusOK, http.StatusCreated, http.StatusNoContent:
		case http.StatusServiceUnavailable:
			c.refused.Add(1)
			return fmt.Errorf("%d %s", answer.Code, answer.Body)
		default:
			t.Errorf("%s %s = %d %s", method, path, answer.Code, answer.Body)
			return nil
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		etag := answer.Header().Get("ETag")
		if other, ok := c.told[etag]; ok && etag != "" {
			t.Errorf("%s and %s are both told to be at %s", once, other, etag)
		}
		c.told[etag] = once
		if own == "" {
			return nil
		}
		c.documents[path] = etag
		if strings.HasPrefix(path, "/api/v1/feeds/") && method == http.MethodPut {
			var told struct{ Secret string }
			w.decode(answer, &told)
			c.secrets[path] = told.Secret
		}
		return nil
	})
}

// compare holds that every replica knows what a program knows that has only just begun.
func (c *convergence) compare(t *testing.T) {
	t.Helper()
	fresh := openedAt(t, c.url)
	all, err := fresh.Load(t.Context())
	if err != nil || len(all.Corrupt) > 0 {
		t.Fatalf("Load: %v, corrupt %v", err, all.Corrupt)
	}
	newest := newReplica(t, fresh)
	for i, w := range c.replicas {
		newest.handler = newest.serve(newest.fleet) // which has counted no wrong secrets yet
		pgtest.Poll(t, "the replica is at the last revision", func() error {
			if got := w.fleet.Snapshot().Revision; got != all.Revision {
				return fmt.Errorf("replica %d is at %d, want %d", i, got, all.Revision)
			}
			return nil
		})
		if diff := cmp.Diff(all.Documents, knownOf(w.fleet)); diff != "" {
			t.Errorf("replica %d, and what the database has (-want +got):\n%s", i, diff)
		}
		for _, path := range []string{"/api/v1/documents", "/api/v1/tracks", "/api/v1/rings", "/api/v1/schedule?from=2026-01&to=2026-12&ring=shared"} {
			c.alike(t, path, newest, w)
		}
		for path, etag := range c.documents {
			got := w.ask(http.MethodGet, path, firstTestToken, "")
			if etag == "" && got.Code != http.StatusNotFound || etag != "" && !strings.HasPrefix(path, "/api/v1/tracks/") && got.Header().Get("ETag") != etag {
				t.Errorf("GET %s on replica %d = %d %s, want ETag %s", path, i, got.Code, got.Header(), etag)
			}
		}
		for path, secret := range c.secrets {
			want := http.StatusOK
			if c.documents[path] == "" {
				want = http.StatusNotFound
			}
			if got := c.alike(t, "/feeds/"+secret+".ics", newest, w); got != want {
				t.Errorf("the feed of %s on replica %d = %d, want %d", path, i, got, want)
			}
		}
	}
	if n := c.asked.Load(); all.Revision < n {
		t.Errorf("%d writes were acknowledged at revision %d", n, all.Revision)
	}
	t.Logf("%d documents at revision %d", len(all.Documents), all.Revision)
}

// knownOf returns what a fleet has of the store.
func knownOf(f *fleet) []store.Document {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := make([]store.Document, 0, len(f.stored))
	for _, e := range f.stored {
		list = append(list, e.Document)
	}
	slices.SortFunc(list, func(a, b store.Document) int { return strings.Compare(a.Kind+"/"+a.ID, b.Kind+"/"+b.ID) })
	return list
}

// alike compares what two replicas answer, to the byte, and returns the status.
func (c *convergence) alike(t *testing.T, path string, a, b *world) int {
	t.Helper()
	want, got := a.ask(http.MethodGet, path, firstTestToken, ""), b.ask(http.MethodGet, path, firstTestToken, "")
	if got.Code != want.Code || got.Body.String() != want.Body.String() || got.Header().Get("ETag") != want.Header().Get("ETag") {
		t.Errorf("GET %s = %d %s %.300s, and on another replica %d %s %.300s", path,
			got.Code, got.Header().Get("ETag"), got.Body, want.Code, want.Header().Get("ETag"), want.Body)
	}
	return got.Code
}
