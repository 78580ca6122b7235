package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// place is where a store keeps its data: it can be opened again and again.
type place struct {
	open func(t *testing.T) Store
	core func(s Store) *engine
}

// suite is what both engines must pass, each test on a new place.
func suite(t *testing.T, newPlace func(*testing.T) place) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, place)
	}{
		{"WriteAndRead", testWriteAndRead},
		{"RefusedWrites", testRefusedWrites},
		{"Keys", testKeys},
		{"Requests", testRequests},
		{"ContextEnds", testContextEnds},
		{"Listen", testListen},
		{"NewerSchema", testNewerSchema},
		{"OlderSchema", testOlderSchema},
		{"Upgrade", testUpgrade},
		{"Reads", testReads},
		{"RefusedReads", testRefusedReads},
		{"ReadsAddUp", testReadsAddUp},
		{"Notes", testNotes},
		{"NotesRace", testNotesRace},
		{"Backup", testBackup},
		{"RestoreReplaces", testRestoreReplaces},
		{"BadCopies", testBadCopies},
		{"Corrupt", testCorrupt},
		{"LostDocuments", testLostDocuments},
		{"Model", testModel},
		{"Race", testRace},
		{"Followers", testFollowers},
		{"TwoPrograms", testTwoPrograms},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, newPlace(t)) })
	}
}

// SQLite does all that is asked of a store.
func TestSQLite(t *testing.T) {
	t.Parallel()
	suite(t, sqlitePlace)
}

func sqlitePlace(t *testing.T) place {
	path := t.TempDir() + "/deep/er/with space%20?#.db"
	return place{
		open: func(t *testing.T) Store {
			t.Helper()
			var s Store
			err := patiently(func() (err error) { s, err = OpenSQLite(t.Context(), path); return err })
			return opened(t)(s, err)
		},
		core: func(s Store) *engine {
			core, ok := s.(*sqliteStore)
			if !ok {
				t.Fatalf("%T, want SQLite", s)
			}
			return core.engine
		},
	}
}

// patiently does again what found the file locked for some seconds, as a caller would: on a slow disk, others that write
// all the time may leave no gap for longer. Nothing was written then.
func patiently(f func() error) error {
	for {
		err := f()
		if _, lost := errors.AsType[commitError](err); lost || !(sqliteDialect{}).again(err) {
			return err
		}
	}
}

// opened closes a store at the end of the test; to close it before does no harm.
func opened(t *testing.T) func(Store, error) Store {
	return func(s Store, err error) Store {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
		return s
	}
}

func day() time.Time { return time.Date(2026, 6, 9, 17, 0, 0, 123456000, time.UTC) }

func put(kind, id, body string, match int64) Write {
	return Write{Kind: kind, ID: id, Body: []byte(body), Match: match}
}

func remove(kind, id string, match int64) Write { return Write{Kind: kind, ID: id, Match: match} }

func batch(writes ...Write) Batch {
	return Batch{Who: "ci", RequestID: "r1", At: day(), Writes: writes}
}

func mustWrite(t *testing.T, s Store, b Batch) int64 {
	t.Helper()
	var r Result
	if err := patiently(func() (err error) { r, err = s.Write(t.Context(), b); return err }); err != nil {
		t.Fatalf("Write: %v", err)
	}
	return r.Revision
}

func mustLoad(t *testing.T, s Store) Snapshot {
	t.Helper()
	got, err := s.Load(t.Context())
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return got
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.EquateComparable(cycle.Date{})); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func testWriteAndRead(t *testing.T, p place) {
	s := p.open(t)
	same(t, "empty store", mustLoad(t, s), Snapshot{})
	same(t, "first revision", mustWrite(t, s, batch(put("ring", "pilot", `{"a":1}`, Absent), put("feed", "sales", "ü\x00\xff", Any))), int64(1))
	same(t, "second revision", mustWrite(t, s, batch(put("ring", "pilot", `{"a":2}`, 1), remove("feed", "sales", 1))), int64(2))

	same(t, "snapshot", mustLoad(t, s), Snapshot{Revision: 2, Documents: []Document{{"ring", "pilot", 2, []byte(`{"a":2}`)}}})
	changes := []Change{
		{1, "ring", "pilot", nil, []byte(`{"a":1}`), "ci", "r1", day()},
		{1, "feed", "sales", nil, []byte("ü\x00\xff"), "ci", "r1", day()},
		{2, "ring", "pilot", []byte(`{"a":1}`), []byte(`{"a":2}`), "ci", "r1", day()},
		{2, "feed", "sales", []byte("ü\x00\xff"), nil, "ci", "r1", day()},
	}
	for _, tt := range []struct {
		after int64
		most  int
		want  []Change
	}{
		{0, 100, changes}, {0, 1, changes[:2]}, {0, 3, changes}, {1, 1, changes[2:]}, {2, 9, nil},
	} {
		got, err := s.Changes(t.Context(), tt.after, tt.most)
		if err != nil {
			t.Errorf("Changes(%d, %d): %v", tt.after, tt.most, err)
		}
		same(t, fmt.Sprintf("Changes(%d, %d)", tt.after, tt.most), got, tt.want)
	}
	back := []Change{changes[3], changes[2], changes[1], changes[0]}
	for _, tt := range []struct {
		before int64
		most   int
		want   []Change
	}{
		{0, 100, back}, {0, 1, back[:2]}, {2, 1, back[2:]}, {1, 1, nil},
	} {
		got, err := s.History(t.Context(), tt.before, tt.most)
		if err != nil {
			t.Errorf("History(%d, %d): %v", tt.before, tt.most, err)
		}
		same(t, fmt.Sprintf("History(%d, %d)", tt.before, tt.most), got, tt.want)
	}
}

func testRefusedWrites(t *testing.T, p place) {
	long := strings.Repeat("x", 256)
	var invalid error = &cycle.InvalidError{}
	s := p.open(t)
	mustWrite(t, s, batch(put("ring", "here", "1", Any)))
	mustWrite(t, s, batch(put("ring", "here", "2", 1)))
	keyed := batch(put("ring", "keyed", "1", Any))
	keyed.Key = "k"
	mustWrite(t, s, keyed)
	before := mustLoad(t, s)

	other := batch(put("ring", "keyed", "2", Any))
	other.Key = "k"
	for name, tt := range map[string]struct {
		batch Batch
		want  error
	}{
		"old version":      {batch(put("ring", "here", "3", 1)), ErrConflict},
		"version to come":  {batch(put("ring", "here", "3", 9)), ErrConflict},
		"not absent":       {batch(put("ring", "here", "3", Absent)), ErrConflict},
		"not there":        {batch(put("ring", "gone", "3", 2)), ErrConflict},
		"delete old":       {batch(remove("ring", "here", 1)), ErrConflict},
		"delete nothing":   {batch(remove("ring", "gone", Any)), cycle.ErrNotFound},
		"delete a version": {batch(remove("ring", "gone", 2)), cycle.ErrNotFound},
		"all or nothing":   {batch(put("ring", "new", "1", Any), put("ring", "here", "3", 1)), ErrConflict},
		"key reused":       {other, ErrKeyReused},
		"checked before":   {Batch{Base: before.Revision - 1, At: day(), Writes: keyed.Writes}, ErrConflict},
		"no kind":          {batch(put("", "a", "1", Any)), invalid},
		"no id":            {batch(put("ring", "", "1", Any)), invalid},
		"long id":          {batch(put("ring", long, "1", Any)), invalid},
		"NUL":              {batch(put("ring", "a\x00b", "1", Any)), invalid},
		"not UTF-8":        {batch(put("ring", "a\xff", "1", Any)), invalid},
		"empty body":       {batch(put("ring", "a", "", Any)), invalid},
		"twice":            {batch(put("ring", "a", "1", Any), put("ring", "a", "2", Any)), invalid},
		"long key":         {Batch{Key: long, At: day(), Writes: keyed.Writes}, invalid},
		"author with NUL":  {Batch{Who: "\x00", At: day(), Writes: keyed.Writes}, invalid},
	} {
		_, err := s.Write(t.Context(), tt.batch)
		if errors.Is(tt.want, invalid) {
			if _, ok := errors.AsType[*cycle.InvalidError](err); !ok {
				t.Errorf("%s: error %v, want an InvalidError", name, err)
			}
			continue
		}
		if !errors.Is(err, tt.want) || errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: error %v, want %v", name, err, tt.want)
		}
	}
	same(t, "after refused writes", mustLoad(t, s), before)
	checked := batch(put("ring", "here", "3", Any))
	checked.Base = before.Revision
	same(t, "next revision has no gap", mustWrite(t, s, checked), before.Revision+1)
}

func testKeys(t *testing.T, p place) {
	s := p.open(t)
	b := batch(put("ring", "a", "1", Absent))
	b.Key = "once"
	want := Result{Revision: mustWrite(t, s, b), Replayed: true}
	mustWrite(t, s, batch(put("ring", "b", "1", Any)))

	b.RequestID, b.At = "again", b.At.Add(24*time.Hour-time.Microsecond)
	for range 2 {
		got, err := s.Write(t.Context(), b)
		if err != nil || got != want {
			t.Errorf("repeated: %v, %v, want %v", got, err, want)
		}
		s = p.open(t)
	}
	b.Who = "somebody else"
	if _, err := s.Write(t.Context(), b); !errors.Is(err, ErrConflict) {
		t.Errorf("the key of another: %v, want a conflict", err)
	}
	b.Who, b.At = "ci", day().Add(24*time.Hour)
	if _, err := s.Write(t.Context(), b); !errors.Is(err, ErrConflict) {
		t.Errorf("a day later: %v, want a conflict", err)
	}
	got, err := s.Write(t.Context(), Batch{Key: "none"})
	if err != nil || got != (Result{Revision: 2}) {
		t.Errorf("no writes: %v, %v, want revision 2", got, err)
	}
}

// testRequests repeats a request whose writes differ at each attempt: it is the request that counts.
func testRequests(t *testing.T, p place) {
	s := p.open(t)
	keyed := func(request string, writes ...Write) Batch {
		b := batch(writes...)
		b.Key, b.Request = "k", request
		return b
	}
	first := mustWrite(t, s, keyed("PUT sales", put("feed", "sales", "1", Absent), put("secret", "sales", "first", Absent)))
	before, log := mustLoad(t, s), history(t, s)
	got, err := s.Write(t.Context(), keyed("PUT sales", put("feed", "sales", "1", first), put("secret", "sales", "second", Any)))
	if err != nil || got != (Result{first, true}) {
		t.Errorf("with another secret: %v, %v, want the first result", got, err)
	}
	for name, b := range map[string]Batch{
		"another request": keyed("PUT other", put("feed", "sales", "1", Absent)),
		"no request":      keyed("", put("feed", "sales", "1", Absent), put("secret", "sales", "first", Absent)),
	} {
		if _, err := s.Write(t.Context(), b); !errors.Is(err, ErrKeyReused) {
			t.Errorf("%s: %v, want ErrKeyReused", name, err)
		}
	}
	same(t, "documents", mustLoad(t, s), before)
	same(t, "log", history(t, s), log)
}

func testContextEnds(t *testing.T, p place) {
	s := p.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	hints := s.Listen(ctx)
	cancel()
	for range hints {
		continue // until it is closed
	}
	_, err := s.Write(ctx, batch(put("ring", "a", "1", Any)))
	if !errors.Is(err, ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("Write: %v, want both unavailable and canceled", err)
	}
	same(t, "revision", mustLoad(t, s).Revision, int64(0))
}

func testListen(t *testing.T, p place) {
	s := p.open(t)
	hints := s.Listen(t.Context())
	// A listener of PostgreSQL is told when it is there.
	deadline, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	for range 3 {
		mustWrite(t, s, batch(put("ring", "a", "1", Any)))
		select {
		case <-hints:
		case <-deadline.Done():
			t.Fatal("no hint")
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for range hints {
		continue // until it is closed
	}
	if _, open := <-s.Listen(t.Context()); open {
		t.Error("a closed store gave a hint")
	}
	if _, err := s.Load(t.Context()); !errors.Is(err, ErrUnavailable) {
		t.Errorf("a closed store loads: %v", err)
	}
}

func testNewerSchema(t *testing.T, p place) {
	s := p.open(t)
	if _, err := p.core(s).writes.Exec(`INSERT INTO migrations (number) VALUES (1000)`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write(t.Context(), batch(put("ring", "a", "1", Any))); !errors.Is(err, ErrNewer) {
		t.Errorf("Write: %v, want ErrNewer", err)
	}
	if _, err := s.Load(t.Context()); !errors.Is(err, ErrNewer) {
		t.Errorf("Load: %v, want ErrNewer", err)
	}
	if err := p.core(s).migrate(t.Context()); !errors.Is(err, ErrNewer) {
		t.Errorf("migrate: %v, want ErrNewer", err)
	}
}
