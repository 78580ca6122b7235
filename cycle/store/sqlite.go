package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// sqliteStore is a [Store] in one file.
type sqliteStore struct {
	*engine
	hints hints
}

// OpenSQLite opens the store in a file. It makes the file, readable for its owner only, and the folders
// above it where they are missing. What root makes in a folder of somebody else is given to that owner.
// Several processes may open one file.
// It returns an error for a file on a network file system, where locks can't be trusted, and if
// SQLite does not take the settings by which nothing is lost. The error matches [ErrNotOurs] for a file that is
// no database, and the system's own, such as fs.ErrPermission, if that is why SQLite failed.
func OpenSQLite(ctx context.Context, path string) (Store, error) {
	s, err := openSQLite(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, openFailure(path, err))
	}
	return s, nil
}

func openSQLite(ctx context.Context, path string) (*sqliteStore, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := makeFile(path); err != nil {
		return nil, err
	}
	if err := refuseNetwork(path); err != nil {
		return nil, err
	}
	writes, err := sql.Open("sqlite", sqliteName(path, "_txlock=immediate"))
	if err != nil {
		return nil, err
	}
	reads, err := sql.Open("sqlite", sqliteName(path, "_pragma=query_only(1)"))
	if err != nil {
		return nil, errors.Join(err, writes.Close())
	}
	// With one connection the process never waits for its own lock; readers see the last commit meanwhile.
	writes.SetMaxOpenConns(1)
	reads.SetMaxOpenConns(4)
	s := &sqliteStore{engine: &engine{reads: reads, writes: writes, dialect: sqliteDialect{}}}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *sqliteStore) start(ctx context.Context) error {
	return s.retrying(ctx, func() error {
		if err := checkSQLite(ctx, s.writes); err != nil {
			return err
		}
		return s.migrate(ctx)
	})
}

// sqliteName is the URL of a file, with the settings that each connection to it begins with.
func sqliteName(path, more string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive of Windows
	}
	name := url.URL{Scheme: "file", Path: path}
	// The timeout is short since a wait within SQLite does not end with the context: retrying waits longer.
	name.RawQuery = "mode=rw&_pragma=busy_timeout(200)&_pragma=journal_mode(wal)&_pragma=synchronous(full)" +
		"&_pragma=fullfsync(1)&_pragma=checkpoint_fullfsync(1)&_pragma=cell_size_check(1)&_pragma=trusted_schema(0)&" + more
	return name.String()
}

// checkSQLite reads back what sqliteName set: SQLite says nothing when it does not take a setting.
func checkSQLite(ctx context.Context, db *sql.DB) error {
	for _, setting := range []struct{ name, want string }{
		{"journal_mode", "wal"}, {"synchronous", "2"}, {"busy_timeout", "200"}, {"locking_mode", "normal"},
	} {
		var got string
		if err := db.QueryRowContext(ctx, "PRAGMA "+setting.name).Scan(&got); err != nil {
			return err
		}
		if got != setting.want {
			return fmt.Errorf("SQLite has %s %s, by which writes can be lost: want %s", setting.name, got, setting.want)
		}
	}
	return nil
}

// makeFile makes an empty file where there is none. A file that is there is not opened, as closing it again
// would drop this process's locks on it.
func makeFile(path string) error {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	giveToOwner(f, folder)
	if err := f.Close(); err != nil {
		return err
	}
	return SyncFolder(folder)
}

// SyncFolder writes the names in a folder to the disk, so that a file which was made or renamed there
// survives a power cut. Windows has no such call, and needs none.
func SyncFolder(folder string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// Write writes a batch, and tells the listeners.
func (s *sqliteStore) Write(ctx context.Context, b Batch) (Result, error) {
	defer s.hints.send()
	return s.engine.Write(ctx, b)
}

// Restore replaces everything, and tells the listeners.
func (s *sqliteStore) Restore(ctx context.Context, r io.Reader) error {
	defer s.hints.send()
	return s.engine.Restore(ctx, r)
}

// Listen gives a hint after each write of this process.
func (s *sqliteStore) Listen(ctx context.Context) <-chan struct{} { return s.hints.listen(ctx) }

// Warnings returns none: settings by which SQLite could lose data are refused.
func (*sqliteStore) Warnings() []string { return nil }

// Close ends all that is under way.
func (s *sqliteStore) Close() error {
	s.hints.close()
	return s.close()
}

type sqliteDialect struct{}

func (sqliteDialect) words(ddl string) string { return ddl }

// lockSchema has nothing to do: the transaction has the only lock there is.
func (sqliteDialect) lockSchema(context.Context, *sql.Tx) error { return nil }

func (sqliteDialect) announce(context.Context, *sql.Tx) error { return nil }

func (sqliteDialect) again(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return false
	}
	const primary = 0xff // the rest of a code says more about it
	code := e.Code() & primary
	return code == lib.SQLITE_BUSY || code == lib.SQLITE_LOCKED || code == lib.SQLITE_PROTOCOL
}
