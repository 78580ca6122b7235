package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

func june(day int) cycle.Date { return cycle.DateOf(2026, time.June, day) }

func mustAdd(t *testing.T, s Store, keepFrom cycle.Date, reads ...Read) {
	t.Helper()
	if err := s.AddReads(t.Context(), reads, keepFrom); err != nil {
		t.Fatalf("AddReads: %v", err)
	}
}

func mustReads(t *testing.T, s Store) []Read {
	t.Helper()
	got, err := s.Reads(t.Context())
	if err != nil {
		t.Fatalf("Reads: %v", err)
	}
	return got
}

func testReads(t *testing.T, p place) {
	s := p.open(t)
	same(t, "new store", mustReads(t, s), []Read(nil))
	fill(t, s)
	before, log, copied := mustLoad(t, s), history(t, s), backup(t, s)

	mustAdd(t, s, cycle.Date{}, Read{"b", "Outlook", june(9), 2}, Read{"a", "Google", june(9), 1}, Read{"b", "Outlook", june(9), 3})
	mustAdd(t, s, june(8), Read{"a", "Google", june(10), 1}, Read{"a", "Apple ü", june(9), 4}, Read{"a", "Google", june(7), 9})
	mustAdd(t, p.open(t), june(8), Read{"B", "Google", june(8), 1 << 40})
	want := []Read{
		{"B", "Google", june(8), 1 << 40},
		{"a", "Apple ü", june(9), 4},
		{"a", "Google", june(9), 1},
		{"a", "Google", june(10), 1},
		{"b", "Outlook", june(9), 5},
	}
	same(t, "reads", mustReads(t, s), want)

	same(t, "documents", mustLoad(t, s), before)
	same(t, "log", history(t, s), log)
	same(t, "copy", backup(t, s), copied)
	restore(t, s, copied)
	same(t, "reads after a restored copy", mustReads(t, s), want)

	mustAdd(t, s, june(10))
	same(t, "reads since the tenth", mustReads(t, s), want[3:4])
	mustAdd(t, s, june(11))
	same(t, "reads since the eleventh", mustReads(t, s), []Read(nil))
}

func testRefusedReads(t *testing.T, p place) {
	s := p.open(t)
	for name, r := range map[string]Read{
		"no feed":      {"", "Google", june(9), 1},
		"no family":    {"a", "", june(9), 1},
		"NUL":          {"a\x00", "Google", june(9), 1},
		"not UTF-8":    {"a", "\xff", june(9), 1},
		"long feed":    {strings.Repeat("x", 256), "Google", june(9), 1},
		"no day":       {"a", "Google", cycle.Date{}, 1},
		"none":         {"a", "Google", june(9), 0},
		"less of them": {"a", "Google", june(9), -1},
	} {
		err := s.AddReads(t.Context(), []Read{{"a", "Google", june(9), 1}, r}, june(1))
		if _, ok := errors.AsType[*cycle.InvalidError](err); !ok {
			t.Errorf("%s: %v, want an InvalidError", name, err)
		}
	}
	same(t, "reads", mustReads(t, s), []Read(nil))
	p.change(t, s, `INSERT INTO migrations (number) VALUES (1000)`)
	if err := s.AddReads(t.Context(), nil, june(1)); !errors.Is(err, ErrNewer) {
		t.Errorf("AddReads to a newer schema: %v, want ErrNewer", err)
	}
	if _, err := s.Reads(t.Context()); !errors.Is(err, ErrNewer) {
		t.Errorf("Reads of a newer schema: %v, want ErrNewer", err)
	}
}

// testReadsAddUp lets many count the same at once, each in an order of its own, and forget old days meanwhile.
func testReadsAddUp(t *testing.T, p place) {
	const each = 10
	var group sync.WaitGroup
	for range 2 {
		s := p.open(t)
		for i := range 4 {
			group.Go(func() {
				for n := range each {
					reads := []Read{{"a", "Google", june(9), 1}, {"b", "Google", june(9), 2}, {"b", "Apple", june(10), 3}, {fmt.Sprint(i), "old", june(n), 1}}
					if n%2 == 0 {
						slices.Reverse(reads)
					}
					if err := patiently(func() error { return s.AddReads(t.Context(), reads, june(8)) }); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	group.Wait()
	got := slices.DeleteFunc(mustReads(t, p.open(t)), func(r Read) bool { return r.Family == "old" })
	same(t, "reads", got, []Read{
		{"a", "Google", june(9), 8 * each}, {"b", "Google", june(9), 8 * 2 * each}, {"b", "Apple", june(10), 8 * 3 * each},
	})
}

// testOlderSchema opens what the program wrote before it counted readers.
func testOlderSchema(t *testing.T, p place) {
	s := p.open(t)
	fill(t, s)
	before, log := mustLoad(t, s), history(t, s)
	for _, query := range []string{`DROP TABLE reads`, `DROP TABLE notes`, `DELETE FROM migrations WHERE number > 1`} {
		if _, err := p.core(s).writes.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
	s = p.open(t)
	same(t, "documents", mustLoad(t, s), before)
	same(t, "log", history(t, s), log)
	mustAdd(t, s, june(1), Read{"a", "Google", june(9), 1})
	same(t, "reads", mustReads(t, s), []Read{{"a", "Google", june(9), 1}})
}
