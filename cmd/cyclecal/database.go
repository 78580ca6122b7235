package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/cyclecal/cyclecal/cycle/store"
)

// storeFlags say where documents are stored.
type storeFlags struct{ dataDir, database string }

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
			return nil, fmt.Errorf("%w: choose another folder with --data-dir", err)
		}
		return s, nil
	}
	return store.OpenPostgres(ctx, f.database)
}
