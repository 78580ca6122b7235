//go:build e2e

package store

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// smallDisk mounts a file system of so many MiB, and returns a folder on it.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	at := serverFolder(t)
	out, err := exec.Command("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm", size), "tmpfs", at).CombinedOutput()
	if err != nil {
		t.Fatalf("mount: %v: %s: this test needs a disk that it may fill, and to be root to make one", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "--lazy", at).CombinedOutput(); err != nil {
			t.Errorf("umount: %v: %s", err, out)
		}
	})
	folder := filepath.Join(at, "disk")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	give(t, folder)
	return folder
}

// ballast takes up room, and returns what gives it back.
func ballast(t *testing.T, disk string, size int) func() {
	t.Helper()
	name := filepath.Join(disk, "ballast")
	if err := os.WriteFile(name, make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}

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
	disk := smallDisk(t, 8)
	open := func() Store { return opened(t)(OpenSQLite(t.Context(), filepath.Join(disk, "store.db"))) }
	fullDisk(t, open(), open(), ballast(t, disk, 2<<20))
}

// TestFullDiskPostgres has the database on the full disk, and the server's own files on another.
func TestFullDiskPostgres(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, 32)
	tables := filepath.Join(disk, "tables")
	if err := os.Mkdir(tables, 0o700); err != nil {
		t.Fatal(err)
	}
	give(t, tables)
	p := startPostgres(t)
	p.exec(t, fmt.Sprintf("CREATE TABLESPACE small LOCATION '%s'", tables))
	p.exec(t, "CREATE DATABASE small TABLESPACE small")
	at := placeAt(t, p.url("small"))
	fullDisk(t, at.open(t), at.open(t), ballast(t, disk, 4<<20))
}

// TestFullLogPostgres has all of the server on the full disk: it stops where its log has no room.
func TestFullLogPostgres(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, 160)
	p := newPostgres(t)
	p.data = disk
	p.initialize(t)
	p.serve(t)
	s := placeAt(t, p.url("postgres")).open(t)
	makeRoom := ballast(t, filepath.Dir(disk), 64<<20)
	acknowledged, err := fillDisk(t, s)
	t.Logf("after %d writes: %v", len(acknowledged), err)
	if len(acknowledged) == 0 || !errors.Is(err, ErrUnavailable) {
		t.Fatalf("%d writes, then %v, want some, and ErrUnavailable", len(acknowledged), err)
	}
	makeRoom()
	p.start(t) // where it gave up
	poll(t, "it is read again", func() error { _, err := s.Load(t.Context()); return err })
	body := randomBody(200_000)
	acknowledged[mustWrite(t, s, bulk(body))] = body
	holds(t, s, acknowledged)
}
