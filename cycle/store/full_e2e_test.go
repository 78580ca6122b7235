//go:build e2e

package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/cyclecal/cyclecal/cycle/store/pgtest"
)

// fillDisk writes until nothing more fits, and returns what was acknowledged.
func fillDisk(t *testing.T, s Store) (map[int64]string, error) {
	t.Helper()
	acknowledged := map[int64]string{}
	for {
		body := randomBody(20_000)
		r, err := s.Write(t.Context(), bulk(body))
		if err != nil {
			return acknowledged, err
		}
		acknowledged[r.Revision] = body
		if len(acknowledged) > 10_000 {
			t.Fatal("the disk takes everything")
		}
	}
}

// randomBody can't be compressed much.
func randomBody(size int) string {
	var b strings.Builder
	for b.Len() < size {
		fmt.Fprintf(&b, "%016x", rand.Uint64())
	}
	return b.String()
}

// bulk is a pair that is told by the beginning of its body.
func bulk(body string) Batch {
	return batch(put("left", body[:16], body, Absent), put("right", body[:16], body, Absent))
}

// fullDisk holds that a full disk takes no writes, loses none, and is read all the time.
func fullDisk(t *testing.T, s, other Store, makeRoom func()) {
	t.Helper()
	acknowledged, err := fillDisk(t, s)
	t.Logf("after %d writes: %v", len(acknowledged), err)
	if len(acknowledged) == 0 || !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "full") && !strings.Contains(err.Error(), "No space") {
		t.Fatalf("%d writes, then %v, want some, and ErrUnavailable that says what is the matter", len(acknowledged), err)
	}
	for range 3 {
		if _, err := s.Write(t.Context(), bulk(randomBody(200_000))); !errors.Is(err, ErrUnavailable) {
			t.Errorf("still full: %v, want ErrUnavailable", err)
		}
		for _, reader := range []Store{s, other} {
			got := mustLoad(t, reader)
			if got.Revision != int64(len(acknowledged)) || len(got.Documents) != 2*len(acknowledged) || len(got.Corrupt) > 0 {
				t.Errorf("revision %d, %d documents, corrupt %v, want %d pairs", got.Revision, len(got.Documents), got.Corrupt, len(acknowledged))
			}
		}
	}
	makeRoom()
	body := randomBody(200_000)
	acknowledged[mustWrite(t, s, bulk(body))] = body
	if got, want := len(acknowledged), mustLoad(t, other).Revision; int64(got) != want {
		t.Errorf("%d acknowledged writes at revision %d", got, want)
	}
	holds(t, other, acknowledged)
}

func TestFullDiskSQLite(t *testing.T) {
	t.Parallel()
	disk := pgtest.Disk(t, 8)
	open := func() Store { return opened(t)(OpenSQLite(t.Context(), filepath.Join(disk, "store.db"))) }
	fullDisk(t, open(), open(), pgtest.Ballast(t, disk, 2<<20))
}

// TestOpenOnFullDisk: SQLite says "disk I/O error" or "unable to open" where it has no room for its log.
func TestOpenOnFullDisk(t *testing.T) {
	t.Parallel()
	disk := pgtest.Disk(t, 1)
	path := filepath.Join(disk, "store.db")
	s, err := OpenSQLite(t.Context(), path)
	if err = errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(disk, "ballast"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 512))
	}
	if _, err := OpenSQLite(t.Context(), path); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("OpenSQLite = %v, want ENOSPC", err)
	}
}

// TestFullDiskPostgres has the database on the full disk, and the server's own files on another.
func TestFullDiskPostgres(t *testing.T) {
	t.Parallel()
	disk := pgtest.Disk(t, 32)
	tables := pgtest.Folder(t, filepath.Join(disk, "tables"))
	p := pgtest.Start(t)
	p.Exec(t, fmt.Sprintf("CREATE TABLESPACE small LOCATION '%s'", tables))
	p.Exec(t, "CREATE DATABASE small TABLESPACE small")
	at := placeAt(t, p.URL("small"))
	fullDisk(t, at.open(t), at.open(t), pgtest.Ballast(t, disk, 4<<20))
}

// TestFullLogPostgres has all of the server on the full disk: it stops where its log has no room.
func TestFullLogPostgres(t *testing.T) {
	t.Parallel()
	disk := pgtest.Disk(t, 160)
	p := pgtest.StartIn(t, disk)
	s := placeAt(t, p.URL("postgres")).open(t)
	makeRoom := pgtest.Ballast(t, disk, 64<<20)
	acknowledged, err := fillDisk(t, s)
	t.Logf("after %d writes: %v", len(acknowledged), err)
	if len(acknowledged) == 0 || !errors.Is(err, ErrUnavailable) {
		t.Fatalf("%d writes, then %v, want some, and ErrUnavailable", len(acknowledged), err)
	}
	makeRoom()
	p.Start(t) // where it gave up
	pgtest.Poll(t, "it is read again", func() error { _, err := s.Load(t.Context()); return err })
	body := randomBody(200_000)
	acknowledged[mustWrite(t, s, bulk(body))] = body
	holds(t, s, acknowledged)
}
