package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// refused has the system refuse a file to this test, and to root as well.
func refused(t *testing.T, path string) {
	t.Helper()
	if os.Geteuid() != 0 {
		if err := os.Chmod(path, 0); err != nil {
			t.Fatal(err)
		}
		return
	}
	// Whoever may look for files as somebody else is somebody else for files: setfsuid(2), of one thread.
	const somebody = 12345
	for _, folder := range []string{filepath.Dir(path), filepath.Dir(filepath.Dir(path))} {
		if err := os.Chmod(folder, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	runtime.LockOSThread()
	t.Cleanup(func() {
		if err := syscall.Setfsuid(0); err != nil {
			t.Error(err)
			return // the thread ends with the test
		}
		runtime.UnlockOSThread()
	})
	if err := syscall.Setfsuid(somebody); err != nil {
		t.Fatal(err)
	}
}

// TestRefusedFile: of SQLite one learns only that it is unable to open a file.
func TestRefusedFile(t *testing.T) {
	for _, refusedFile := range []string{"cyclecal.db", "cyclecal.db-shm"} {
		t.Run(refusedFile, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, "cyclecal.db")
			s, err := OpenSQLite(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			name := filepath.Join(folder, refusedFile)
			if name != path {
				if err := errors.Join(os.Chmod(path, 0o666), os.WriteFile(name, nil, 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			refused(t, name)
			s, err = OpenSQLite(t.Context(), path)
			if err == nil {
				_ = s.Close()
			}
			want := name + " belongs to " + userName(os.Geteuid())
			if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), want) {
				t.Errorf("OpenSQLite = %v, want fs.ErrPermission with %q", err, want)
			}
		})
	}
}
