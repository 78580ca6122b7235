package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"github.com/cyclecal/cyclecal/cycle/store"
)

// storeFlags say where things are stored.
type storeFlags struct {
	dataDir, database string
	named             bool // by a flag or the environment, and not the folder of whoever runs the command
}

func (f *storeFlags) add(flags *pflag.FlagSet, getenv func(string) string) {
	flags.StringVar(&f.dataDir, "data-dir", dataDir(getenv), "`FOLDER` for what is stored, in the file cyclecal.db")
	flags.StringVar(&f.database, "database", "", "`URL` of a PostgreSQL database that several servers share, postgres://…; default the file in --data-dir")
}

// dataDir is where programs of this user keep their data.
func dataDir(getenv func(string) string) string {
	if dir := getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "cyclecal")
	}
	if dir := getenv("LOCALAPPDATA"); dir != "" { // Windows
		return filepath.Join(dir, "Cyclecal")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "cyclecal-data"
	}
	return filepath.Join(home, ".local", "share", "cyclecal")
}

// choose settles which store it is: a flag wins over the environment, and that over the default.
func (f *storeFlags) choose(p *program, flags *pflag.FlagSet) error {
	err := p.fromEnvironment(flags, "data-dir", "database")
	f.named = storeFlag(flags) != ""
	return err
}

// storeFlag is the flag that names a store, "" where none does.
func storeFlag(flags *pflag.FlagSet) string {
	for _, name := range []string{"database", "data-dir"} {
		if flags.Changed(name) {
			return "--" + name
		}
	}
	return ""
}

// name is what people are told of which store it is. It tells no password.
func (f storeFlags) name() string {
	if f.shared() {
		return "the database"
	}
	folder, err := filepath.Abs(f.dataDir)
	if err != nil {
		folder = f.dataDir
	}
	return plain(folder)
}

// sayWhich says which store a command changes, where nobody named it: a server that is a service has another.
func (f storeFlags) sayWhich(w io.Writer) {
	if !f.named {
		fmt.Fprintf(w, "cyclecal: store: %s; --data-dir names another\n", f.name())
	}
}

// present refuses a folder without a store: what only reads would find nothing where the folder is misspelled.
func (f storeFlags) present() error {
	if f.shared() {
		return nil
	}
	_, err := os.Stat(filepath.Join(f.dataDir, "cyclecal.db"))
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %s", err, wayOut(err))
	case err != nil:
		return fmt.Errorf("%w: want the folder of a store as --data-dir, or --database", err)
	}
	return nil
}

// openTo opens a store to write into it, which makes one where there is none, or to read. What only reads makes none: it
// gets an empty one that is not kept. A folder that somebody named may be misspelled, so that w is told.
func (f storeFlags) openTo(ctx context.Context, write bool, w io.Writer) (store.Store, error) {
	err := f.present()
	if write || err == nil {
		return f.open(ctx)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if f.named {
		fmt.Fprintf(w, "cyclecal: store: %s has none yet, and so nothing is in it\n", f.name())
	}
	if f.dataDir, err = os.MkdirTemp("", "cyclecal-empty-*"); err != nil {
		return nil, err
	}
	s, err := f.open(ctx)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(f.dataDir))
	}
	return passing{s, f.dataDir}, nil
}

// passing is a store that ends with its use.
type passing struct {
	store.Store
	folder string
}

// Close removes it.
func (p passing) Close() error { return errors.Join(p.Store.Close(), os.RemoveAll(p.folder)) }

// shared reports whether the store is a server.
func (f storeFlags) shared() bool { return f.database != "" }

const wantDatabase = "postgres://USER:PASSWORD@HOST/DATABASE"

// check returns an error for flags that can't be right. The error has no password in it.
func (f storeFlags) check() error {
	switch {
	case !f.shared() && f.dataDir == "":
		return usageError{errors.New("--data-dir is empty: want a folder")}
	case f.shared() && !strings.HasPrefix(f.database, "postgres://") && !strings.HasPrefix(f.database, "postgresql://"):
		return usageError{errors.New("--database: want " + wantDatabase)}
	case f.shared():
		if err := store.CheckPostgres(f.database); err != nil {
			return usageError{fmt.Errorf("--database: %w: want %s", err, wantDatabase)}
		}
	}
	return nil
}

// openTime bounds how long a store may take to open.
const openTime = 15 * time.Second

// open opens the store. Its error has no password in it.
func (f storeFlags) open(ctx context.Context) (store.Store, error) {
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	if err := f.check(); err != nil {
		return nil, err
	}
	if !f.shared() {
		s, err := store.OpenSQLite(ctx, filepath.Join(f.dataDir, "cyclecal.db"))
		if err != nil {
			return nil, fmt.Errorf("%w: %s", err, wayOut(err))
		}
		return s, nil
	}
	return store.OpenPostgres(ctx, f.database)
}

// wayOut says what to do about a file that can't be opened.
func wayOut(err error) string {
	const another = "choose another folder with --data-dir"
	switch {
	case errors.Is(err, store.ErrNotOurs):
		return "move it away and restore a backup, or " + another
	case errors.Is(err, store.ErrNewer):
		return "run the newer program, or " + another
	case errors.Is(err, fs.ErrPermission):
		return "run it as its owner, give the files to this user, or " + another
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		return "make room on the disk, or " + another
	}
	return another
}
