package store

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/cyclecal/cyclecal/cycle"
)

// testNotes writes notes on what they were; they make no revision and are no part of a copy.
func testNotes(t *testing.T, p place) {
	s := p.open(t)
	fill(t, s)
	before, log, copied := mustLoad(t, s), history(t, s), backup(t, s)
	for _, step := range []struct {
		name          string
		before, after []byte
		conflict      bool
	}{
		{"a", nil, []byte("1"), false},
		{"a", nil, []byte("2"), true},
		{"a", []byte("2"), []byte("3"), true},
		{"a", []byte("1"), []byte("\x00ü"), false},
		{"b", []byte("1"), nil, true},
		{"b", nil, nil, false},
		{"b", nil, []byte("b"), false},
		{"b", []byte("b"), nil, false},
		{"b", nil, []byte("again"), false},
	} {
		if err := s.SetNote(t.Context(), step.name, step.before, step.after); errors.Is(err, ErrConflict) != step.conflict || err != nil && !step.conflict {
			t.Errorf("note %s from %q to %q: %v, want a conflict: %v", step.name, step.before, step.after, err, step.conflict)
		}
	}
	got, err := p.open(t).Notes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "notes", got, map[string][]byte{"a": []byte("\x00ü"), "b": []byte("again")})
	same(t, "documents", mustLoad(t, s), before)
	same(t, "log", history(t, s), log)
	same(t, "copy", backup(t, s), copied)
	for _, name := range []string{"", "a\x00", strings.Repeat("a", 256)} {
		if _, ok := errors.AsType[*cycle.InvalidError](s.SetNote(t.Context(), name, nil, []byte("1"))); !ok {
			t.Errorf("note %q was taken", name)
		}
	}
	if _, ok := errors.AsType[*cycle.InvalidError](s.SetNote(t.Context(), "large", nil, make([]byte, mostNote+1))); !ok {
		t.Error("a note of any size was taken")
	}
}

// testNotesRace has eight programs count in one note: exactly one wins each time.
func testNotesRace(t *testing.T, p place) {
	const programs, each = 8, 10
	var group sync.WaitGroup
	for range programs {
		s := p.open(t)
		group.Go(func() {
			for done := 0; done < each; {
				notes, err := s.Notes(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				n, _ := strconv.Atoi(string(notes["n"]))
				switch err := patiently(func() error { return s.SetNote(t.Context(), "n", notes["n"], []byte(strconv.Itoa(n+1))) }); {
				case err == nil:
					done++
				case !errors.Is(err, ErrConflict):
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	notes, err := p.open(t).Notes(t.Context())
	if got := string(notes["n"]); err != nil || got != strconv.Itoa(programs*each) {
		t.Errorf("counted to %s, %v, want %d", got, err, programs*each)
	}
}
