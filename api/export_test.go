package api

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/cyclecal/cyclecal/api/auth"
)

// newTestServer returns a server with every route.
func newTestServer(t testing.TB, c Config) *server {
	t.Helper()
	c.Metrics = http.NotFoundHandler()
	s, err := newServer(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Routes returns the paths that the router knows.
func Routes(t testing.TB) []string {
	t.Helper()
	s := newTestServer(t, Config{})
	var paths []string
	err := chi.Walk(s.mux, func(_, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		paths = append(paths, strings.Replace(route, csvSuffix+"}", "}.csv", 1)) // as it is described
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// NewBusy returns a handler that has renderings under way that never end, as many as may be at once, and what
// ends one of them.
func NewBusy(t testing.TB, c Config) (h http.Handler, end func()) {
	t.Helper()
	s := newTestServer(t, c)
	for range cap(s.turns) {
		s.turns <- struct{}{}
	}
	return s.outer(s.mux), func() { <-s.turns }
}

// NewSharing returns a handler for which the answer at a path, of this instant, is being made until end is called.
func NewSharing(t testing.TB, c Config, path string) (h http.Handler, end func()) {
	t.Helper()
	s := newTestServer(t, c)
	h, key := s.outer(s.mux), target{path: path, role: auth.Public}
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	snapshot, made := c.Source.Snapshot(), make(chan struct{})
	a := snapshot.shelf.get(key, c.Now())
	if a == nil {
		t.Fatalf("GET %s is not kept", path)
	}
	clear(snapshot.shelf.answers)
	go func() {
		_, _, _ = s.under.Do(key.of(snapshot), func() (any, error) { <-made; return a, nil })
	}()
	return h, func() { close(made) }
}

// KeepAtMost bounds the memory of a snapshot's finished answers.
func (s *Snapshot) KeepAtMost(bytes int) { s.shelf.most = bytes }

// Kept returns how many finished answers a snapshot keeps, and their memory.
func (s *Snapshot) Kept() (answers, bytes int) { return s.shelf.used() }

// CopiedRoutes tells of each route that can be read how many files of a copy have it, or why none does.
func CopiedRoutes(t testing.TB, x *Copy) []string {
	t.Helper()
	files := map[*route]int{}
	for _, f := range x.byName {
		files[f.route]++
	}
	var list []string
	for _, rt := range x.server.list {
		if rt.method == http.MethodGet {
			list = append(list, rt.path+" "+cmp.Or(rt.notCopied(), strconv.Itoa(files[rt])))
		}
	}
	slices.Sort(list)
	return list
}

// CopiedFrom returns the target that a file of a copy answers.
func CopiedFrom(t testing.TB, x *Copy, name string) (target, media string) {
	t.Helper()
	f := x.byName[name]
	return targetOf(f.path, f.query), f.route.media
}

// ReadExamples returns an example of each route that is read.
func ReadExamples(t testing.TB) []string {
	t.Helper()
	s := newTestServer(t, Config{})
	var list []string
	for _, rt := range s.list {
		if rt.method == http.MethodGet {
			list = append(list, rt.example)
		}
	}
	return list
}
