package store

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestSQLiteSettings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a", "store.db")
	s := opened(t)(OpenSQLite(t.Context(), path))
	mustWrite(t, s, pair("1"))
	if runtime.GOOS != "windows" {
		for name, want := range map[string]os.FileMode{filepath.Dir(path): 0o700, path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600} {
			info, err := os.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Mode().Perm(); got != want {
				t.Errorf("%s has mode %o, want %o", name, got, want)
			}
		}
	}
	for _, setting := range []string{"synchronous = normal", "synchronous = off", "busy_timeout = 0", "locking_mode = exclusive"} {
		db, err := sql.Open("sqlite", sqliteName(path, ""))
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		if err := checkSQLite(t.Context(), db); err != nil {
			t.Errorf("our own settings: %v", err)
		}
		if _, err := db.Exec("PRAGMA " + setting); err != nil {
			t.Fatal(err)
		}
		name, _, _ := strings.Cut(setting, " ")
		if err := checkSQLite(t.Context(), db); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, want it refused", setting, err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	if got := s.Warnings(); len(got) > 0 {
		t.Errorf("Warnings = %q, want none", got)
	}
}

// A path that holds no database is refused, and named.
func TestBadFiles(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "text")
	if err := os.WriteFile(text, []byte(strings.Repeat("not a database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{folder, text, filepath.Join(text, "below")} {
		s, err := OpenSQLite(t.Context(), path)
		if err == nil {
			t.Errorf("OpenSQLite(%s) = %v, want an error", path, s)
			continue
		}
		if !strings.Contains(err.Error(), path) {
			t.Errorf("OpenSQLite(%s): %v, want the path named", path, err)
		}
		if errors.Is(err, ErrNotOurs) != (path == text) {
			t.Errorf("OpenSQLite(%s): %v, want ErrNotOurs: %v", path, err, path == text)
		}
	}
}

// TestFullDisk: nothing more fits, what is there is served, and once there is room it goes on.
func TestFullDisk(t *testing.T) {
	p := sqlitePlace(t)
	s := p.open(t)
	mustWrite(t, s, pair("0"))
	if _, err := p.core(s).writes.Exec(`PRAGMA max_page_count = 60`); err != nil {
		t.Fatal(err)
	}
	var failed error
	written := int64(1)
	for failed == nil && written < 1000 {
		var r Result
		if r, failed = s.Write(t.Context(), pair(strings.Repeat("x", 200))); failed == nil {
			written = r.Revision
		}
	}
	if !errors.Is(failed, ErrUnavailable) || !strings.Contains(failed.Error(), "full") {
		t.Fatalf("on a full disk: %v, want ErrUnavailable that says full", failed)
	}
	for range 3 {
		if _, err := s.Write(t.Context(), batch(put("ring", "y", strings.Repeat("y", 9000), Any))); !errors.Is(err, ErrUnavailable) {
			t.Errorf("still full: %v, want ErrUnavailable", err)
		}
		same(t, "revision", mustLoad(t, s).Revision, written)
	}
	if _, err := p.core(s).writes.Exec(`PRAGMA max_page_count = 100000`); err != nil {
		t.Fatal(err)
	}
	same(t, "with room again", mustWrite(t, s, pair("z")), written+1)
	holds(t, s, nil)
}
