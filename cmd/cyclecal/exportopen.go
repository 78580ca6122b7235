package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
)

// openFolder opens the folder of an export, or with create an empty one, for one program at a time.
func openFolder(dir string, create bool) (f *folder, err error) {
	root, err := openRoot(dir, create)
	if err != nil {
		return nil, err
	}
	opened := &folder{root: root, name: dir, made: map[string]bool{}}
	f = opened
	defer func() {
		if err != nil {
			_ = opened.close() // the error that led here is the one to tell
		}
	}()
	if create {
		if f.lock, err = lock(root); err != nil {
			return nil, fmt.Errorf("%s: %w", plain(dir), err)
		}
	}
	f.had, err = f.read(manifestName)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !create:
		return nil, fmt.Errorf("%s has no %s: want the folder of an export", plain(dir), manifestName)
	case errors.Is(err, fs.ErrNotExist):
		err = f.empty()
		return f, err
	case err != nil:
		return nil, err
	}
	if f.old, err = parseManifest(f.had); err != nil {
		return nil, fmt.Errorf("%s: %w: want an empty folder, or that of an export", plain(path.Join(dir, manifestName)), err)
	}
	return f, nil
}

func openRoot(dir string, create bool) (*os.Root, error) {
	if dir == "" {
		return nil, usageError{errors.New("the name of the folder is empty: want a folder, such as public")}
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder: want one, or the name of a new one", plain(dir))
	}
	if create {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, fmt.Errorf("%w: want a folder, or the name of a new one where one can be made", err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: want the folder of an export", err)
	}
	return root, nil
}

// empty refuses a folder in which somebody else keeps things.
func (f *folder) empty() error {
	list, err := fs.ReadDir(f.root.FS(), ".")
	if err != nil {
		return err
	}
	for _, entry := range list {
		if entry.Name() != part && entry.Name() != lockName {
			return fmt.Errorf("%s is not empty, and %s tells of no earlier export: want an empty folder, or another", plain(f.name), manifestName)
		}
	}
	return nil
}

func (f *folder) close() error {
	if f.lock == nil {
		return f.root.Close()
	}
	return errors.Join(f.lock.Close(), f.root.Close())
}
