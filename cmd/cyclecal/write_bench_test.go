package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle/catalog"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// TestWriteCost holds that a write makes as much beside many documents as beside few, but for lists that are copied.
func TestWriteCost(t *testing.T) {
	for _, tt := range []struct {
		name          string
		rings, tracks int
		write         func(f *fleet, i int) error
	}{
		{"a ring", 1000, 6, putRing},
		{"a ring that goes", 1000, 6, deleteRing},
		{"a release", 10, 100, putRelease},
		{"a release", 1000, 6, putRelease},
	} {
		cost := func(rings, tracks int) float64 {
			f, i := manyRings(t, "memory", rings, tracks), 0
			return testing.AllocsPerRun(20, func() {
				if err := tt.write(f, i%rings); err != nil {
					t.Fatal(err)
				}
				i++
			})
		}
		if few, many := cost(10, 6), cost(tt.rings, tt.tracks); many > 1.2*few {
			t.Errorf("%s: %v allocations beside %d rings and %d tracks, %v beside 10 and 6: want hardly more", tt.name, many, tt.rings, tt.tracks, few)
		}
	}
}

// BenchmarkWrite tells what a write costs beside many rings or tracks: on SQLite, and on a
// store that costs nothing, so that what remains is ours.
func BenchmarkWrite(b *testing.B) {
	for _, tt := range []struct {
		rings, tracks int
		write         func(f *fleet, i int) error
		name          string
	}{
		{10, 6, putRing, "ring"},
		{1000, 6, putRing, "ring"},
		{10_000, 6, putRing, "ring"},
		{10, 6, deleteRing, "ring-deleted"},
		{10_000, 6, deleteRing, "ring-deleted"},
		{10, 6, putRelease, "release"},
		{10_000, 6, putRelease, "release"},
		{10, 1000, putRelease, "release"},
	} {
		for _, where := range []string{"sqlite", "memory"} {
			b.Run(fmt.Sprintf("%s/rings=%d/tracks=%d/%s", tt.name, tt.rings, tt.tracks, where), func(b *testing.B) {
				f := manyRings(b, where, tt.rings, tt.tracks)
				var took []time.Duration
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					started := time.Now()
					if err := tt.write(f, i); err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(started))
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			})
		}
	}
}

// BenchmarkApply tells what one of many new rings costs, sent one after the other and in one batch.
func BenchmarkApply(b *testing.B) {
	const rings = 10_000
	b.Run("one-by-one", func(b *testing.B) {
		for b.Loop() {
			f := manyRings(b, "memory", 0, 6)
			for i := range rings {
				if err := putRing(f, i); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	b.Run("batch", func(b *testing.B) {
		for b.Loop() {
			f := manyRings(b, "memory", 0, 6)
			s, _ := f.store()
			if _, err := s.Write(b.Context(), batchOf(rings, 0)); err != nil {
				b.Fatal(err)
			}
			if err := f.catchUp(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkLists tells what the first answer after a write costs.
func BenchmarkLists(b *testing.B) {
	f := manyRings(b, "memory", 10_000, 1000)
	w := &world{t: b, fleet: f, handler: nil}
	w.handler = w.serve(f)
	for _, path := range []string{"/api/v1/rings", "/api/v1/documents", "/fleet", "/", "/api/v1/schedule", "/api/v1/schedule?ring=ring-00007", "/api/v1/rings/ring-00007"} {
		b.Run(path, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				b.StopTimer()
				if err := putRing(f, i); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				if a := w.ask("GET", path, firstTestToken, ""); a.Code != 200 {
					b.Fatal(a.Code, a.Body)
				}
			}
		})
	}
}

func ringBody(i int) []byte {
	return fmt.Appendf(nil, `{"tracks":["windows-11-24h2"],"deferral":%d,"deadline":2,"grace":1,"window":{"weekday":"saturday","start":"22:00","duration":"PT4H","time_zone":"Europe/Berlin"}}`, i%30)
}

func putRing(f *fleet, i int) error {
	_, err := f.Put(context.Background(), api.Change{Kind: "rings", ID: fmt.Sprintf("ring-%05d", i%10_000), Body: ringBody(i + i/10_000), Who: "b"})
	return err
}

// deleteRing makes a ring and deletes it.
func deleteRing(f *fleet, i int) error {
	c := api.Change{Kind: "rings", ID: "ring-04321-more", Body: ringBody(i), Who: "b"}
	if _, err := f.Put(context.Background(), c); err != nil {
		return err
	}
	c.Body = nil
	return f.Delete(context.Background(), c)
}

func putRelease(f *fleet, i int) error {
	_, err := f.Put(context.Background(), api.Change{Kind: "releases", ID: "windows-11-24h2.kb5999999", Who: "b", Body: fmt.Appendf(nil,
		`{"track":"windows-11-24h2","month":"2026-10","kb":"KB5999999","type":"cumulative","release_date":"2026-10-13","title":"Update %d"}`, i)})
	return err
}

func batchOf(rings, tracks int) store.Batch {
	batch := store.Batch{Who: "b", At: testClock()}
	put := func(kind, id string, body []byte) {
		batch.Writes = append(batch.Writes, store.Write{Kind: kind, ID: id, Body: body, Match: store.Any})
	}
	for i := range tracks {
		put("tracks", fmt.Sprintf("own-%04d", i), fmt.Appendf(nil, `{"name":"Own %d","first_month":"2024-01","rule":{"baseline_months":[1,4,7,10],"release_day":"third tuesday","release_time":"13:00","time_zone":"UTC"}}`, i))
	}
	for i := range rings {
		put("rings", fmt.Sprintf("ring-%05d", i), ringBody(i))
	}
	if rings+tracks > 0 {
		put(editionsKind, fleetEdition, []byte("{}"))
	}
	return batch
}

// manyRings returns a fleet that has so many.
func manyRings(b testing.TB, where string, rings, tracks int) *fleet {
	b.Helper()
	ground, err := catalog.Load()
	if err != nil {
		b.Fatal(err)
	}
	var s store.Store = &memoryStore{}
	if where == "sqlite" {
		if s, err = store.OpenSQLite(b.Context(), filepath.Join(b.TempDir(), "cyclecal.db")); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = s.Close() })
	}
	if _, err := s.Write(b.Context(), batchOf(rings, tracks-len(ground))); err != nil {
		b.Fatal(err)
	}
	f := newFleet(ground, firstToken{"first", firstTestToken}, testClock, slog.New(slog.DiscardHandler))
	if err := f.use(b.Context(), s); err != nil {
		b.Fatal(err)
	}
	return f
}

// memoryStore keeps what is written, and costs nearly nothing. It takes every write.
type memoryStore struct {
	store.Store
	log []store.Change
}

func (s *memoryStore) Write(_ context.Context, b store.Batch) (store.Result, error) {
	revision := int64(1)
	if len(s.log) > 0 {
		revision += s.log[len(s.log)-1].Revision
	}
	for _, w := range b.Writes {
		s.log = append(s.log, store.Change{Revision: revision, Kind: w.Kind, ID: w.ID, After: w.Body, Who: b.Who, At: b.At})
	}
	return store.Result{Revision: revision}, nil
}

func (s *memoryStore) Changes(_ context.Context, after int64, _ int) ([]store.Change, error) {
	i, _ := slices.BinarySearchFunc(s.log, after+1, func(c store.Change, revision int64) int { return cmp.Compare(c.Revision, revision) })
	return s.log[i:], nil
}

func (s *memoryStore) Load(context.Context) (store.Snapshot, error) {
	all := store.Snapshot{}
	for _, c := range s.log { // of one batch, with each document once
		all.Revision = c.Revision
		all.Documents = append(all.Documents, store.Document{Kind: c.Kind, ID: c.ID, Version: c.Revision, Body: c.After})
	}
	return all, nil
}
