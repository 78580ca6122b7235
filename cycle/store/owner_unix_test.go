//go:build unix

package store

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestOwner: what root makes in the folder of a service, whether it is there first or the service is, is the service's.
func TestOwner(t *testing.T) {
	uid, gid := os.Geteuid(), os.Getegid()
	if uid == 0 {
		uid, gid = 1234, 2345
	}
	folder := t.TempDir()
	if err := os.Chown(folder, uid, gid); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "cyclecal.db")
	s := opened(t)(OpenSQLite(t.Context(), path))
	mustWrite(t, s, pair("0"))
	check := func() {
		t.Helper()
		for _, name := range []string{path, path + "-wal", path + "-shm"} {
			info, err := os.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			owner, ok := info.Sys().(*syscall.Stat_t)
			if !ok || int(owner.Uid) != uid || int(owner.Gid) != gid || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %+v, mode %v; want it to be of %d:%d, the owner of the folder alone", name, owner, info.Mode(), uid, gid)
			}
		}
	}
	check()
	// The log is made anew by whoever opens the file first.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		t.Fatal("the log is there after the last one has closed it: want none")
	}
	s = opened(t)(OpenSQLite(t.Context(), path))
	mustWrite(t, s, pair("1"))
	check()
}
