package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// openFailure says why a file can't be opened, where more can be told than SQLite does. It tries for itself what SQLite
// could not do; it is called when the store is closed again, as to close a file drops the locks of this process on it.
func openFailure(path string, err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	switch {
	case !ok && errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%w%s", err, belongs(filepath.Dir(path)))
	case !ok:
		return err
	}
	const primary = 0xff // the rest of a code says more about it
	switch e.Code() & primary {
	case lib.SQLITE_NOTADB, lib.SQLITE_CORRUPT:
		return fmt.Errorf("%w (SQLite: %w)", ErrNotOurs, e)
	case lib.SQLITE_CANTOPEN, lib.SQLITE_IOERR, lib.SQLITE_READONLY, lib.SQLITE_PERM, lib.SQLITE_AUTH, lib.SQLITE_FULL:
		if cause := tryFiles(path); cause != nil {
			return fmt.Errorf("%w (SQLite: %w)", cause, e)
		}
	}
	return err
}

// tryFiles returns the first error of what SQLite does with files: it writes the database, its log and
// the index of that, and makes the latter two.
func tryFiles(path string) error {
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		switch {
		case err == nil:
			_ = f.Close() // nothing was written
		case errors.Is(err, os.ErrPermission):
			return fmt.Errorf("%w%s", err, belongs(name))
		case !errors.Is(err, os.ErrNotExist):
			return err
		}
	}
	folder := filepath.Dir(path)
	f, err := os.CreateTemp(folder, ".cyclecal-probe-*")
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("%w%s", err, belongs(folder))
	}
	if err != nil {
		return err
	}
	const index = 64 << 10 // as much as the index begins with, and more
	_, err = f.Write(make([]byte, index))
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}
