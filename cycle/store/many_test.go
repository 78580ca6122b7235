package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// model is what a store should be, in a map.
type model struct {
	revision  int64
	documents map[[2]string]Document
	log       []Change
	keys      map[string]Result
}

// write says what the store must answer, and does it.
func (m *model) write(b Batch) (Result, error) {
	if r, ok := m.keys[b.Key]; ok && b.Key != "" {
		return Result{r.Revision, true}, nil
	}
	for _, w := range b.Writes {
		d, ok := m.documents[[2]string{w.Kind, w.ID}]
		switch {
		case !ok && w.Body == nil:
			return Result{}, cycle.ErrNotFound
		case w.Match != Any && w.Match != d.Version:
			return Result{}, ErrConflict
		}
	}
	m.revision++
	for _, w := range b.Writes {
		name := [2]string{w.Kind, w.ID}
		m.log = append(m.log, Change{m.revision, w.Kind, w.ID, m.documents[name].Body, w.Body, b.Who, b.RequestID, b.At})
		m.documents[name] = Document{w.Kind, w.ID, m.revision, w.Body}
		if w.Body == nil {
			delete(m.documents, name)
		}
	}
	m.keys[b.Key] = Result{Revision: m.revision}
	return m.keys[b.Key], nil
}

// testModel drives random writes, deletes, replays and restarts against a map, with a clock that steps.
func testModel(t *testing.T, p place) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	m := &model{documents: map[[2]string]Document{}, keys: map[string]Result{}}
	s := p.open(t)
	clock := day()
	var last Batch
	for i := range 400 {
		clock = clock.Add(time.Duration(random.IntN(60)-20) * time.Second)
		b := randomBatch(random, m, clock, i)
		if random.IntN(5) == 0 && last.Key != "" {
			b = last
		}
		want, wantErr := m.write(b)
		got, err := s.Write(t.Context(), b)
		if got != want || !errors.Is(err, wantErr) {
			t.Fatalf("write %d %v: %v, %v, want %v, %v", i, b, got, err, want, wantErr)
		}
		if err == nil {
			last = b
		}
		if random.IntN(40) == 0 {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = p.open(t)
		}
		if i%20 == 0 || i == 399 {
			m.compare(t, s)
		}
	}
}

func randomBatch(random *rand.Rand, m *model, at time.Time, i int) Batch {
	b := Batch{Who: "ci", RequestID: fmt.Sprint(i), At: at}
	if random.IntN(2) == 0 {
		b.Key = fmt.Sprint("key ", i)
	}
	for _, id := range random.Perm(6)[:1+random.IntN(3)] {
		w := Write{Kind: "ring", ID: fmt.Sprint(id), Match: Any}
		if random.IntN(4) > 0 {
			w.Body = fmt.Append(nil, random.Uint64())
		}
		switch random.IntN(8) {
		case 0:
			w.Match = Absent
		case 1:
			w.Match = 1 + random.Int64N(m.revision+1)
		case 2, 3:
			w.Match = m.documents[[2]string{w.Kind, w.ID}].Version
		}
		b.Writes = append(b.Writes, w)
	}
	return b
}

func (m *model) compare(t *testing.T, s Store) {
	t.Helper()
	got := mustLoad(t, s)
	same(t, "corrupt", got.Corrupt, []CorruptError(nil))
	same(t, "revision", got.Revision, m.revision)
	same(t, "documents", named(got.Documents), m.documents)
	log, err := s.Changes(t.Context(), 0, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "log", log, m.log)
	if t.Failed() {
		t.FailNow()
	}
}

// testRace lets two writers race on one document, through two stores, 1,000 times.
func testRace(t *testing.T, p place) {
	stores := []Store{p.open(t), p.open(t)}
	version := mustWrite(t, stores[0], batch(put("ring", "one", "0", Absent)))
	for round := range raceRounds {
		results := make([]Result, 2)
		errs := make([]error, 2)
		var both sync.WaitGroup
		for i, s := range stores {
			both.Go(func() {
				results[i], errs[i] = s.Write(t.Context(), batch(put("ring", "one", fmt.Sprint(round, i), version)))
			})
		}
		both.Wait()
		won := 0
		if errs[0] != nil {
			won = 1
		}
		if errs[won] != nil || !errors.Is(errs[1-won], ErrConflict) || results[won].Revision != version+1 {
			t.Fatalf("round %d: %v, %v, want one winner and one conflict", round, errs[0], errs[1])
		}
		version++
	}
	same(t, "revision", mustLoad(t, stores[1]).Revision, version)
}
