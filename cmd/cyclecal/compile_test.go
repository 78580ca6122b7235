package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/auth"
	"github.com/cyclecal/cyclecal/cycle/catalog"
	"github.com/cyclecal/cyclecal/cycle/resource"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// shifting is a store whose contents the test changes as it likes, and a fleet that was told of each change.
type shifting struct {
	store.Store
	*world
	all store.Snapshot // what a load gives
}

func (s *shifting) Load(context.Context) (store.Snapshot, error) { return s.all, nil }

// TestCompileOneByOne holds that a fleet which was told of random writes, batches, corrupt documents, restores and
// ages of sources one after the other answers to the byte as one that reads everything at once.
func TestCompileOneByOne(t *testing.T) {
	ground, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(15) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			s := &shifting{world: &world{t: t, random: rand.New(rand.NewPCG(seed, 7)), now: testClock(), ground: ground[1:2]}}
			s.world.fleet = s.anew()
			s.world.handler = s.serve(s.world.fleet)
			for step := range 30 {
				what := s.shift(step)
				s.world.fleet.compile()
				if other := s.anew(); !s.same(other) {
					t.Fatalf("seed %d, step %d: after %s a fleet differs from one made anew", seed, step, what)
				}
			}
		})
	}
}

// anew returns a fleet that knows what there is from the start.
func (s *shifting) anew() *fleet {
	s.t.Helper()
	f := newFleet(s.ground, firstToken{"first", firstTestToken}, testClock, slog.New(slog.DiscardHandler))
	if s.world.fleet != nil {
		f.sources = s.world.fleet.sources
	}
	if err := f.load(s.t.Context(), s); err != nil {
		s.t.Fatal(err)
	}
	f.compile()
	return f
}

// shift changes what there is, and says how.
func (s *shifting) shift(step int) string {
	s.t.Helper()
	f := s.world.fleet
	switch n := s.random.IntN(20); {
	case n == 0:
		f.age([]api.SourceAge{{ID: "x", Name: "X", Stale: step%2 == 0}})
		return "an age"
	case n == 1 && len(s.all.Documents) > 0: // a page of the database is lost, or was mended
		i := s.random.IntN(len(s.all.Documents))
		d := s.all.Documents[i]
		s.all.Documents = slices.Delete(slices.Clone(s.all.Documents), i, i+1)
		s.all.Corrupt = []store.CorruptError{{Kind: d.Kind, ID: d.ID, Revision: d.Version}}
		if err := f.load(s.t.Context(), s); err != nil {
			s.t.Fatal(err)
		}
		return "a loss of " + d.Kind + " " + d.ID
	case n == 2 && step > 20:
		s.all.Revision++
		s.write(store.Document{Kind: editionsKind, ID: everyEdition, Body: []byte("{}")})
		return "a restore"
	}
	s.all.Revision++
	var what []string
	for range 1 + s.random.IntN(4) {
		what = append(what, s.writeRandom())
	}
	return strings.Join(what, ", ")
}

// writeRandom writes a document, with what the program keeps beside it.
func (s *shifting) writeRandom() string {
	k, d := s.candidate()
	if s.random.IntN(3) == 0 { // of the ground's track
		k.id, d.body = strings.ReplaceAll(k.id, "own-a", s.ground[0].Track.ID), strings.ReplaceAll(d.body, "own-a", s.ground[0].Track.ID)
	}
	body := []byte(d.body)
	switch s.random.IntN(8) {
	case 0, 1:
		body = nil
	case 2:
		body = []byte(`{"nonsense":1}`)
	}
	s.write(store.Document{Kind: k.kind, ID: k.id, Body: body})
	if value, err := resource.ParseJSON(resource.Kind(k.kind), k.id, []byte(d.body)); err == nil && s.random.IntN(3) > 0 {
		for _, w := range s.world.fleet.editing(value) {
			s.write(store.Document{Kind: w.Kind, ID: w.ID, Body: w.Body})
		}
	}
	if hasSecret(k.kind) && s.random.IntN(3) > 0 {
		secret := []byte(`{"sha256":"` + auth.Hash(s.secretOf(k)) + `"}`)
		s.write(store.Document{Kind: secretsKind, ID: k.kind + "/" + k.id, Body: [][]byte{secret, secret, nil, []byte("[]")}[s.random.IntN(4)]})
	}
	return fmt.Sprintf("%s %s = %s", k.kind, k.id, body)
}

func (s *shifting) secretOf(k key) string { return k.kind + k.id }

// write makes a document another in the store, and tells the fleet.
func (s *shifting) write(d store.Document) {
	is := func(o store.Document) bool { return o.Kind == d.Kind && o.ID == d.ID }
	d.Version = s.all.Revision
	s.all.Documents = slices.DeleteFunc(slices.Clone(s.all.Documents), is)
	s.all.Corrupt = slices.DeleteFunc(s.all.Corrupt, func(c store.CorruptError) bool { return c.Kind == d.Kind && c.ID == d.ID })
	if d.Body != nil {
		s.all.Documents = append(s.all.Documents, d)
	}
	s.world.fleet.apply(d)
	s.world.fleet.revision = s.all.Revision
}

// same compares what two fleets know and what they answer.
func (s *shifting) same(other *fleet) bool {
	s.t.Helper()
	want, got := contentsOf(other), contentsOf(s.world.fleet)
	if !reflect.DeepEqual(want, got) {
		s.t.Errorf("contents differ (-anew +kept):\n%s", cmp.Diff(want, got, cmp.Exporter(func(reflect.Type) bool { return true })))
		return false
	}
	anew := &world{t: s.t, handler: s.serve(other)}
	for _, path := range s.paths() {
		want, got := anew.ask(http.MethodGet, path, firstTestToken, ""), s.ask(http.MethodGet, path, firstTestToken, "")
		if want.Code != got.Code || want.Body.String() != got.Body.String() || want.Header().Get("ETag") != got.Header().Get("ETag") {
			s.t.Errorf("GET %s = %d %.500s\nand anew %d %.500s", path, got.Code, got.Body, want.Code, want.Body)
			return false
		}
	}
	return true
}

// paths are some of all that can be asked, others at each step, so that some is compiled and some is not.
func (s *shifting) paths() []string {
	all := []string{
		"/api/v1/schedule?from=2026-01&to=2026-12", "/api/v1/schedule?ring=a&ring=b", "/api/v1/releases", "/api/v1/notices", "/api/v1/tracks",
		"/api/v1/rings", "/api/v1/freezes", "/api/v1/feeds", "/api/v1/tokens", "/api/v1/documents", "/api/v1/changes", "/api/v1/stats?year=2026",
		"/api/v1/state", "/api/v1/next", "/calendars/all.ics", "/calendars/own-a.ics?ring=a", "/tracks/own-b", "/", "/api/v1/rings/a", "/api/v1/tracks/own-a",
		"/api/v1/schedule?as_of=2026-06-01&from=2026-01&to=2026-12", "/api/v1/schedule?as_of=2026-02-01&track=own-a", "/readyz",
	}
	for _, id := range []string{"a", "b", "c", "d"} {
		all = append(all, "/feeds/"+s.secretOf(key{"feeds", id})+".ics")
	}
	s.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:6]
}

// contents are what a snapshot is made of, and what is left out of it, as values that can be compared.
type contents struct {
	api.Contents
	Tokens   map[string]auth.Bearer
	Feeds    map[string]api.Feed
	Troubles []string
}

func contentsOf(f *fleet) contents {
	c := contents{Contents: f.Snapshot().Contents, Troubles: *f.troubles.Load()}
	c.Tokens, c.Feeds = maps.Collect(c.Contents.Tokens.All()), maps.Collect(c.Contents.Feeds.All())
	c.Contents.Tokens, c.Contents.Feeds = auth.Keys[auth.Bearer]{}, auth.Keys[api.Feed]{}
	c.Documents = maps.Clone(c.Documents)
	if len(c.Freezes) == 0 {
		c.Freezes = nil
	}
	if len(c.Rings) == 0 {
		c.Rings = nil
	}
	maps.DeleteFunc(c.Documents, func(_ string, list []*api.Document) bool { return len(list) == 0 })
	return c
}
