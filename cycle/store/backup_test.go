package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/cyclecal/cyclecal/cycle"
)

func backup(t *testing.T, s Store) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.Backup(t.Context(), &b); err != nil {
		t.Fatalf("Backup: %v", err)
	}
	return b.Bytes()
}

func restore(t *testing.T, s Store, b []byte) {
	t.Helper()
	if err := s.Restore(t.Context(), bytes.NewReader(b)); err != nil {
		t.Fatalf("Restore: %v", err)
	}
}

func history(t *testing.T, s Store) []Change {
	t.Helper()
	got, err := s.History(t.Context(), 0, 1_000_000)
	if err != nil {
		t.Fatalf("History: %v", err)
	}
	return got
}

// fill writes a few documents, changes and deletes.
func fill(t *testing.T, s Store) {
	t.Helper()
	mustWrite(t, s, batch(put("ring", "pilot", "1", Any), put("ring", "broad", "1", Any), put("feed", "\u00fc \u2028<&>", "\x00\xff", Any)))
	mustWrite(t, s, batch(put("ring", "pilot", "2", Any), remove("ring", "broad", Any)))
	mustWrite(t, s, batch(put("ring", "broad", "3", Any)))
}

// testBackup takes a copy from here to SQLite and back.
func testBackup(t *testing.T, p place) {
	s := p.open(t)
	restore(t, s, backup(t, s)) // of nothing
	same(t, "still empty", mustLoad(t, s), Snapshot{})
	fill(t, s)
	mustWrite(t, s, batch(put("ring", "long", strings.Repeat("x", 8<<10), Any)))
	before, log := mustLoad(t, s), history(t, s)

	lite := sqlitePlace(t).open(t)
	restore(t, lite, backup(t, s))
	same(t, "copied to SQLite", mustLoad(t, lite), before)
	same(t, "log copied to SQLite", history(t, lite), log)
	same(t, "copy of the copy", backup(t, lite), backup(t, s))

	mustWrite(t, lite, batch(put("ring", "pilot", "4", Any)))
	restore(t, s, backup(t, lite))
	same(t, "copied back", mustLoad(t, s).Documents, mustLoad(t, lite).Documents)
	same(t, "above the revisions of both", mustLoad(t, s).Revision, mustLoad(t, lite).Revision+1)
	same(t, "log copied back", history(t, s), history(t, lite))

	failing := errors.New("no room")
	if err := s.Backup(t.Context(), writerFunc(func([]byte) (int, error) { return 0, failing })); !errors.Is(err, failing) || errors.Is(err, ErrUnavailable) {
		t.Errorf("Backup to a full disk: %v, want its error", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// testRestoreReplaces: whoever follows the log of a store learns that it is another.
func testRestoreReplaces(t *testing.T, p place) {
	s := p.open(t)
	fill(t, s)
	b, documents := backup(t, s), mustLoad(t, s).Documents
	keyed := batch(put("ring", "late", "1", Any))
	keyed.Key = "late"
	last := mustWrite(t, s, keyed)

	hints := s.Listen(t.Context())
	restore(t, s, b)
	<-hints
	same(t, "restored", mustLoad(t, s), Snapshot{Revision: last + 1, Documents: documents})
	for _, after := range []int64{0, 1, last, last + 2} {
		if _, err := s.Changes(t.Context(), after, 10); !errors.Is(err, ErrReplaced) {
			t.Errorf("Changes(%d): %v, want ErrReplaced", after, err)
		}
	}
	changes, err := s.Changes(t.Context(), last+1, 10)
	if err != nil || len(changes) != 0 {
		t.Errorf("Changes after the restored revision = %v, %v, want none", changes, err)
	}
	same(t, "the key is gone", mustWrite(t, s, keyed), last+2)
	changes, err = s.Changes(t.Context(), last+1, 10)
	if err != nil || len(changes) != 1 {
		t.Errorf("Changes = %v, %v, want one", changes, err)
	}
}

func testBadCopies(t *testing.T, p place) {
	s := p.open(t)
	fill(t, s)
	good := backup(t, s)
	mustWrite(t, s, batch(put("ring", "kept", "1", Any)))
	before := mustLoad(t, s)
	refused := func(what string, b []byte, want func(error) bool) {
		t.Helper()
		if err := s.Restore(t.Context(), bytes.NewReader(b)); !want(err) {
			t.Errorf("%s: %v", what, err)
		}
	}
	invalid := func(err error) bool { _, ok := errors.AsType[*cycle.InvalidError](err); return ok }
	newer := func(err error) bool { return errors.Is(err, ErrNewer) }

	for i := range good {
		if _, err := CheckCopy(bytes.NewReader(flipped(good, i))); !invalid(err) && !newer(err) {
			t.Fatalf("bit flipped in byte %d: %v, want an InvalidError", i, err)
		}
		if _, err := CheckCopy(bytes.NewReader(good[:i])); !invalid(err) {
			t.Fatalf("cut at %d: %v, want an InvalidError", i, err)
		}
	}
	lines := strings.SplitAfter(string(good), "\n")
	refused("a line less", []byte(strings.Join(slices.Delete(slices.Clone(lines), 2, 3), "")), invalid)
	refused("a line more", append(slices.Clone(good), '\n'), invalid)
	refused("a page of HTML", []byte("<html>\n"), invalid)
	refused("nothing", nil, invalid)
	same(t, "forged without a change", forged(good, "ci", "ci"), good)
	refused("another author", forged(good, `"who":"ci"`, `"who":"me"`), invalid)
	refused("a change after the newest", forged(good, `"revision":3,"floor"`, `"revision":2,"floor"`), invalid)
	refused("the copy of another program", forged(good, `"cyclecal-backup"`, `"cyclecal-export"`), invalid)
	refused("no newest change", forged(good, `"head":`, `"lead":`), invalid)
	refused("no sum of the documents", forged(good, `"state":`, `"stage":`), invalid)
	refused("no version", forged(good, `"version":1`, `"version":0`), invalid)
	refused("a line without end", bytes.Repeat([]byte("x"), mostLine+1), func(err error) bool { return err != nil && strings.Contains(err.Error(), "16 MiB") })
	refused("a newer format", bytes.Replace(good, []byte(`"version":1`), []byte(`"version":2`), 1), newer)
	same(t, "after refused copies", mustLoad(t, s), before)

	broken := io.MultiReader(bytes.NewReader(good[:len(good)/2]), iotest.ErrReader(errors.New("unplugged")))
	if err := s.Restore(t.Context(), broken); err == nil || !strings.Contains(err.Error(), "unplugged") {
		t.Errorf("a reader that fails: %v, want its error", err)
	}
	same(t, "after a broken copy", mustLoad(t, s), before)
}

// forged returns a copy with other words in it, and the checksum of those.
func forged(b []byte, from, to string) []byte {
	b = bytes.Replace(b, []byte(from), []byte(to), 1)
	end := bytes.LastIndex(b, []byte(`{"changes"`))
	old := bytes.LastIndex(b, []byte(`"sha256":"`)) + len(`"sha256":"`)
	sum := sha256.Sum256(b[:end])
	return append(b[:old:old], base64.StdEncoding.EncodeToString(sum[:])+"\"}\n"...)
}

// flipped returns a copy with one bit changed.
func flipped(b []byte, i int) []byte {
	out := slices.Clone(b)
	out[i] ^= 1 << (i % 7)
	return out
}

// FuzzCopy reads anything as a copy. What is taken is whole: each of its lines counts.
func FuzzCopy(f *testing.F) {
	s, err := OpenSQLite(f.Context(), filepath.Join(f.TempDir(), "copied.db"))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	for _, b := range []Batch{batch(put("ring", "pilot", "1", Any), put("feed", "ü", "\x00", Any)), batch(put("ring", "pilot", "2", Any)), batch(remove("feed", "ü", Any))} {
		if _, err := s.Write(f.Context(), b); err != nil {
			f.Fatal(err)
		}
	}
	var whole bytes.Buffer
	if err := s.Backup(f.Context(), &whole); err != nil {
		f.Fatal(err)
	}
	if _, err := CheckCopy(bytes.NewReader(whole.Bytes())); err != nil {
		f.Errorf("a copy as it was written is refused: %v", err)
	}
	f.Add(whole.Bytes())
	f.Add(whole.Bytes()[:whole.Len()/2])
	f.Add([]byte("{\"format\":\"cyclecal-backup\",\"version\":2}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := CheckCopy(bytes.NewReader(data)); err != nil {
			if _, ok := errors.AsType[*cycle.InvalidError](err); !ok && !errors.Is(err, ErrNewer) {
				t.Errorf("%v, want an *InvalidError or ErrNewer", err)
			}
			return
		}
		for end := range bytes.Lines(data) {
			shorter := bytes.Replace(data, end, nil, 1)
			if _, err := CheckCopy(bytes.NewReader(shorter)); err == nil {
				t.Errorf("the copy is taken without its line %.100q too", end)
			}
		}
	})
}
