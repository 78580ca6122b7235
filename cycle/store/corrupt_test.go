package store

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

// change runs SQL beneath the store, as a failing disk would.
func (p place) change(t *testing.T, s Store, query string) {
	t.Helper()
	r, err := p.core(s).writes.Exec(query)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		t.Fatalf("%s changed %d rows, %v", query, n, err)
	}
}

func testCorrupt(t *testing.T, p place) {
	s := p.open(t)
	fill(t, s)
	good := backup(t, s)
	whole := mustLoad(t, s)
	for _, tt := range []struct {
		query string
		want  CorruptError
	}{
		{`UPDATE documents SET body = hash WHERE id = 'pilot'`, CorruptError{"ring", "pilot", 2}},
		{`UPDATE documents SET version = 1 WHERE id = 'pilot'`, CorruptError{"ring", "pilot", 1}},
		{`UPDATE documents SET hash = body WHERE id = 'pilot'`, CorruptError{"ring", "pilot", 2}},
	} {
		p.change(t, s, tt.query)
		got := mustLoad(t, s)
		same(t, tt.query, got.Corrupt, []CorruptError{tt.want})
		if len(got.Documents) != len(whole.Documents)-1 {
			t.Errorf("%s: %d documents, want the other %d", tt.query, len(got.Documents), len(whole.Documents)-1)
		}
		_, err := s.Write(t.Context(), batch(put("ring", "pilot", "5", Any)))
		if found, ok := errors.AsType[*CorruptError](err); !ok || *found != tt.want {
			t.Errorf("%s: Write: %v, want %v", tt.query, err, &tt.want)
		}
		restore(t, s, backup(t, s)) // the log is whole
		same(t, "repaired from the log", mustLoad(t, s).Documents, whole.Documents)
	}
	for _, query := range []string{
		`UPDATE changes SET before = hash WHERE revision = 2 AND position = 0`,
		`UPDATE changes SET after = NULL WHERE revision = 2 AND position = 0`,
		`UPDATE changes SET who = 'me' WHERE revision = 2 AND position = 0`,
		`UPDATE changes SET at = 0 WHERE revision = 2 AND position = 0`,
		`UPDATE changes SET hash = prev WHERE revision = 2 AND position = 0`,
	} {
		p.change(t, s, query)
		want := CorruptError{"ring", "pilot", 2}
		got, err := s.History(t.Context(), 0, 100)
		if found, ok := errors.AsType[*CorruptError](err); !ok || *found != want || len(got) != 5 {
			t.Errorf("%s: History: %d changes, %v, want five and %v", query, len(got), err, &want)
		}
		if err := s.Backup(t.Context(), &bytes.Buffer{}); !strings.Contains(err.Error(), want.Error()) {
			t.Errorf("%s: Backup: %v, want %v", query, err, &want)
		}
		restore(t, s, good)
	}
	for _, query := range []string{`UPDATE meta SET revision = revision + 1`, `UPDATE meta SET head = state`, `UPDATE meta SET hash = head`} {
		p.change(t, s, query)
		_, err := s.Load(t.Context())
		if _, ok := errors.AsType[*CorruptError](err); !ok {
			t.Errorf("%s: Load: %v, want a CorruptError", query, err)
		}
		_, err = s.Write(t.Context(), batch(put("ring", "a", "5", Any)))
		if _, ok := errors.AsType[*CorruptError](err); !ok {
			t.Errorf("%s: Write: %v, want a CorruptError", query, err)
		}
		restore(t, s, good)
		same(t, "restored", mustLoad(t, s).Documents, whole.Documents)
	}
}

// testLostDocuments: rows can be gone, or be those of an hour ago, with hashes that are right.
func testLostDocuments(t *testing.T, p place) {
	s := p.open(t)
	fill(t, s)
	old := Document{"ring", "pilot", 1, []byte("1")}
	if _, err := p.core(s).writes.Exec(`UPDATE documents SET version = $1, body = $2, hash = $3 WHERE id = 'pilot'`, old.Version, old.Body, old.hash()); err != nil {
		t.Fatal(err)
	}
	same(t, "an old row", mustLoad(t, s).Corrupt, []CorruptError{{"ring", "pilot", 1}})
	p.change(t, s, `DELETE FROM documents WHERE id = 'pilot'`)
	same(t, "a lost row", mustLoad(t, s).Corrupt, []CorruptError{{"ring", "pilot", 2}})
	restore(t, s, backup(t, s))

	after := mustLoad(t, s).Revision
	mustWrite(t, s, batch(put("ring", "x", "1", Any)))
	mustWrite(t, s, batch(put("ring", "y", "1", Any)))
	mustWrite(t, s, batch(put("ring", "z", "1", Any)))
	p.change(t, s, `DELETE FROM changes WHERE id = 'y'`)
	got, err := s.Changes(t.Context(), after, 10)
	if found, ok := errors.AsType[*CorruptError](err); !ok || found.ID != "z" || len(got) != 1 {
		t.Errorf("a gap in the log: %v, %v, want x, and an error at z", got, err)
	}
	p.change(t, s, `DELETE FROM changes WHERE id = 'z'`)
	if _, err := s.Changes(t.Context(), after+1, 10); err == nil {
		t.Error("a log without its end: no error")
	}
}

// TestFlippedBits flips one bit after the other in the file. Each read then gives what was written, an
// error, or names what is missing: never a wrong value, and never less than all in silence.
func TestFlippedBits(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/store.db"
	s, err := OpenSQLite(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		mustWrite(t, s, batch(put("ring", id, strings.Repeat(id, 400), Any)))
	}
	want, log := mustLoad(t, s), history(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	noticed, named := 0, 0
	for i := 100; i < len(whole); i += flipEvery {
		if err := os.WriteFile(path, flipped(whole, i), 0o600); err != nil {
			t.Fatal(err)
		}
		got, gotLog, err := readOnce(t, path)
		rightOrNamed(t, got, want, err)
		switch {
		case err != nil:
			noticed++
		case len(got.Corrupt) > 0:
			named++
		default:
			same(t, "log", gotLog, log)
		}
		if t.Failed() {
			t.Fatalf("bit flipped in byte %d", i)
		}
	}
	t.Logf("%d bytes: %d times an error, %d times documents named", len(whole), noticed, named)
	if noticed == 0 || named == 0 {
		t.Error("want both")
	}
}

// readOnce reads the documents, and the whole log.
func readOnce(t *testing.T, path string) (s Snapshot, log []Change, err error) {
	t.Helper()
	store, err := OpenSQLite(t.Context(), path)
	if err != nil {
		return s, nil, err
	}
	defer func() {
		if err := store.Close(); err != nil {
			t.Logf("close: %v", err)
		}
	}()
	s, err = store.Load(t.Context())
	if err != nil {
		return s, nil, err
	}
	log, err = store.Changes(t.Context(), 0, 1_000_000)
	slices.Reverse(log)
	return s, log, err
}

// rightOrNamed holds that what was loaded is right, and what is missing is named.
func rightOrNamed(t *testing.T, got, want Snapshot, err error) {
	t.Helper()
	right := map[string]string{}
	for _, d := range want.Documents {
		right[d.ID] = string(d.Body)
	}
	for _, d := range got.Documents {
		if right[d.ID] != string(d.Body) {
			t.Errorf("document %q is wrong in silence", d.ID)
		}
		delete(right, d.ID)
	}
	if err == nil && len(right) > len(got.Corrupt) {
		t.Errorf("%d documents are missing, and only %v named", len(right), got.Corrupt)
	}
}
