//go:build e2e

package store

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle/store/pgtest"
)

// PostgreSQL does all that is asked of a store.
func TestPostgres(t *testing.T) {
	t.Parallel()
	p := pgtest.Start(t)
	suite(t, func(t *testing.T) place { t.Helper(); return newDatabase(t, p) })
}

func TestPostgresSettings(t *testing.T) {
	t.Parallel()
	p := pgtest.Start(t)
	s := newDatabase(t, p).open(t)
	if got := s.Warnings(); len(got) != 1 || !strings.Contains(got[0], "checksums") {
		t.Errorf("Warnings = %q, want one about checksums", got)
	}
	if _, err := OpenPostgres(t.Context(), p.URL("nowhere")); !errors.Is(err, ErrUnavailable) {
		t.Errorf("no such database: %v, want ErrUnavailable", err)
	}
	if _, err := OpenPostgres(t.Context(), "postgres://u:secret@h:1/x?pool_max_conns=none"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("bad URL: %v, want an error without the password", err)
	}
	for setting, named := range map[string]string{
		"synchronous_commit = off": "synchronous_commit", "synchronous_commit = local": "synchronous_commit",
		"synchronous_commit = remote_write": "synchronous_commit", "full_page_writes = off": "full_page_writes",
	} {
		p.Exec(t, "ALTER SYSTEM SET "+setting)
		p.Exec(t, "SELECT pg_reload_conf()")
		pgtest.Poll(t, setting, func() error {
			s, err := OpenPostgres(t.Context(), p.URL("postgres"))
			if err == nil {
				return errors.Join(errors.New("opened, want it refused"), s.Close())
			}
			if !strings.Contains(err.Error(), named) { // the one before may not be undone yet
				return fmt.Errorf("%w, want %s named", err, named)
			}
			return nil
		})
		p.Exec(t, "ALTER SYSTEM RESET ALL")
	}
	p.Exec(t, "SELECT pg_reload_conf()")
	mustWrite(t, s, batch(put("ring", "a", "1", Any)))

	p.Stop(t)
	p.Run(t, "pg_checksums", "--enable")
	p.Start(t)
	if got := newDatabase(t, p).open(t).Warnings(); len(got) > 0 {
		t.Errorf("Warnings = %q, want none with checksums", got)
	}
}

// TestPostgresWithoutSync: a server that does not wait for its disk is refused at once.
func TestPostgresWithoutSync(t *testing.T) {
	t.Parallel()
	_, err := OpenPostgres(t.Context(), pgtest.Start(t, "fsync=off").URL("postgres"))
	if _, ok := errors.AsType[*unsafeError](err); !ok {
		t.Errorf("fsync = off: %v, want it refused", err)
	}
}

// TestServerRestarts: a store that is open goes on by itself, and so do its listeners.
func TestServerRestarts(t *testing.T) {
	t.Parallel()
	p := pgtest.Start(t)
	s := newDatabase(t, p).open(t)
	hints := s.Listen(t.Context())
	mustWrite(t, s, batch(put("ring", "a", "1", Any)))
	before := mustLoad(t, s)

	p.Stop(t)
	short, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if _, err := s.Write(short, batch(put("ring", "a", "2", Any))); !errors.Is(err, ErrUnavailable) {
		t.Errorf("without a server: %v, want ErrUnavailable", err)
	}
	p.Start(t)
	pgtest.Poll(t, "it loads again", func() error { _, err := s.Load(t.Context()); return err })
	same(t, "after the restart", mustLoad(t, s), before)

	// Hints of before the restart may be waiting: only those after the write count, and
	// a write is repeated until the listener is back.
	pgtest.Poll(t, "it listens again", func() error {
		select {
		case <-hints:
		default:
		}
		mustWrite(t, s, batch(put("ring", "a", "3", Any)))
		soon, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		select {
		case <-hints:
			return nil
		case <-soon.Done():
			return errors.New("no hint")
		}
	})
}

// TestCopyToPostgres moves a store from SQLite to a server.
func TestCopyToPostgres(t *testing.T) {
	t.Parallel()
	lite := sqlitePlace(t).open(t)
	fill(t, lite)
	s := newDatabase(t, pgtest.Start(t)).open(t)
	restore(t, s, backup(t, lite))
	same(t, "documents", mustLoad(t, s), mustLoad(t, lite))
	same(t, "log", history(t, s), history(t, lite))
	same(t, "the next write", mustWrite(t, s, pair("1")), mustWrite(t, lite, pair("1")))
}

// TestKilledPostgres kills writers, and then the server itself, in the middle of 2,000 acknowledged writes.
func TestKilledPostgres(t *testing.T) {
	t.Parallel()
	p := pgtest.Start(t)
	p.Exec(t, "CREATE DATABASE killed")
	open := func(t *testing.T) Store {
		t.Helper()
		return opened(t)(OpenPostgres(t.Context(), p.URL("killed")))
	}
	killWriters(t, p.URL("killed"), open, 2)
	s := open(t)
	for range killRounds {
		cmd, lines := startChild(t, p.URL("killed"))
		acknowledged := map[int64]string{}
		stop := 1 + rand.IntN(childWrites-2)
		eachWrite(t, lines, func(n int64, body string) {
			acknowledged[n] = body
			if len(acknowledged) == stop {
				p.Kill(t)
				// It would try again for a while. What it said is in the pipe.
				_ = cmd.Process.Kill()
			}
		})
		_ = cmd.Wait() // killed
		if len(acknowledged) < stop {
			t.Fatalf("%d writes, want at least %d", len(acknowledged), stop)
		}
		p.Start(t)
		pgtest.Poll(t, "the store that was open loads again", func() error { _, err := s.Load(t.Context()); return err })
		holds(t, open(t), acknowledged)
	}
}

// TestLostConnections cuts all connections again and again: writes before a commit are repeated, and one
// whose commit was not answered can be, with its key.
func TestLostConnections(t *testing.T) {
	t.Parallel()
	p := pgtest.Start(t)
	s := newDatabase(t, p).open(t)
	lost := 0
	p.Cut(t, 20*time.Millisecond, func() {
		for i := range 200 {
			b := pair(strconv.Itoa(i))
			b.Key = fmt.Sprint("key ", i)
			pgtest.Poll(t, "it is written", func() error {
				r, err := s.Write(t.Context(), b)
				if err == nil && r.Revision != int64(i+1) {
					t.Fatalf("write %d has revision %d", i, r.Revision)
				}
				if err != nil {
					lost++
				}
				return err
			})
		}
	})
	t.Logf("%d of 200 writes were not answered at first", lost)
	got := mustLoad(t, s)
	if got.Revision != 200 || len(got.Documents) != 400 {
		t.Errorf("revision %d with %d documents, want 200 and 400", got.Revision, len(got.Documents))
	}
}

// TestFollowersWithoutHints: replicas that no notification reaches, and whose connections are cut all the time
// like those of the writers, miss nothing.
func TestFollowersWithoutHints(t *testing.T) {
	t.Parallel()
	p := pgtest.Start(t)
	at := newDatabase(t, p)
	w := &writers{stores: []Store{at.open(t), at.open(t), at.open(t)}, each: writerWrites / 2}
	replicas, last := followers(t, at, 20*time.Millisecond), at.open(t)
	p.Cut(t, 50*time.Millisecond, func() { writeAndFollow(t, w, replicas, last, func() {}) })
	t.Logf("%d times a write was not answered", w.unanswered.Load())
}

// TestHintReachesOthers: a write through one store is a hint for who listens at another.
func TestHintReachesOthers(t *testing.T) {
	t.Parallel()
	at := newDatabase(t, pgtest.Start(t))
	writer := at.open(t)
	hints := at.open(t).Listen(t.Context())
	deadline, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	hinted := func(why string) {
		select {
		case <-hints:
		case <-deadline.Done():
			t.Fatalf("no hint %s", why)
		}
	}
	hinted("that it listens")
	for n := range 10 {
		began := time.Now()
		mustWrite(t, writer, pair(strconv.Itoa(n)))
		hinted("of a write")
		t.Logf("a hint %v after the write began", time.Since(began))
	}
}

// newDatabase is one of its own.
func newDatabase(t *testing.T, p *pgtest.Server) place {
	t.Helper()
	return placeAt(t, p.URL(p.Database(t)))
}

func placeAt(t *testing.T, url string) place {
	t.Helper()
	return place{
		open: func(t *testing.T) Store {
			t.Helper()
			return opened(t)(OpenPostgres(t.Context(), url))
		},
		core: func(s Store) *engine {
			core, ok := s.(*postgresStore)
			if !ok {
				t.Fatalf("%T, want PostgreSQL", s)
			}
			return core.engine
		},
	}
}
