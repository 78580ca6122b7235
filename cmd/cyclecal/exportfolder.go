package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
)

// folder is the folder of an export. Nothing outside of it is accessed, whatever links are in it.
type folder struct {
	root *os.Root
	lock *os.File // nil when the folder is only read
	name string
	old  manifest        // of the export before; zero if there was none
	had  []byte          // the file of that manifest, or nil
	made map[string]bool // folders in it that are known to be there
}

// written says what an export did.
type written struct {
	written, removed int
	kept             []string // no longer made, but changed by somebody
	mended           []string // changed by somebody, and written anew
	rings            []string // no longer made
}

const (
	part     = ".cyclecal-export.part" // a file that is not complete yet
	lockName = ".cyclecal-export.lock" // where a folder itself can't be locked
)

var errLocked = errors.New("another export is at work in it: want this one run again when that is done")

// writeFolder writes these files and their manifest into a folder. While it runs, and if it fails or is
// stopped, the manifest says that the folder is not complete.
func writeFolder(ctx context.Context, dir string, m manifest, files map[string][]byte) (done written, err error) {
	f, err := openFolder(dir, true)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, f.close()) }()
	changed, mended, err := f.changed(files)
	if err != nil {
		return done, err
	}
	gone := f.gone(files)
	m.list(files)
	done.mended, done.rings = mended, ringsOf(gone)
	done.written = len(changed)
	if done.removed, done.kept, err = f.stale(gone, false); err != nil {
		return done, err
	}
	if done.written+done.removed == 0 && bytes.Equal(f.had, m.bytes()) && f.holds(sumsName, m.sums()) {
		return done, nil
	}
	if err := f.begin(m); err != nil {
		return done, err
	}
	if _, _, err := f.stale(gone, true); err != nil {
		return done, err
	}
	for i, name := range changed {
		if ctx.Err() != nil {
			return done, fmt.Errorf("%s is not complete: %w after %d of %d files: want the export run again", plain(dir), context.Cause(ctx), i, len(changed))
		}
		if err := f.put(name, files[name]); err != nil {
			return done, err
		}
	}
	return done, errors.Join(f.put(manifestName, m.bytes()), f.put(sumsName, m.sums()))
}

// read returns the contents of a regular file.
func (f *folder) read(name string) ([]byte, error) {
	info, err := f.root.Lstat(name)
	if err != nil {
		return nil, f.missing(name, err)
	}
	if !info.Mode().IsRegular() { // a pipe would never end
		return nil, fmt.Errorf("%s is no file: want it out of the way", plain(path.Join(f.name, name)))
	}
	return f.root.ReadFile(name)
}

// missing says why there is no file of a name: it is missing, or something is where its folder should be.
func (f *folder) missing(name string, err error) error {
	switch above, isFile := f.above(name); {
	case above == "":
		return err
	case !isFile:
		return fmt.Errorf("%s leads to no folder in %s: want a folder, or nothing there", plain(path.Join(f.name, above)), plain(f.name))
	case f.old.has(above): // a file of ours that is to become a folder
		return fs.ErrNotExist
	default:
		return f.taken(above)
	}
}

// above returns what is in the place of a folder of a file, or "". A link to a folder within the export
// counts as a folder.
func (f *folder) above(name string) (up string, isFile bool) {
	for up := path.Dir(name); up != "."; up = path.Dir(up) {
		info, err := f.root.Lstat(up)
		if err != nil || info.IsDir() {
			continue
		}
		if to, err := f.root.Stat(up); err != nil || !to.IsDir() {
			return up, info.Mode().IsRegular()
		}
	}
	return "", false
}

// taken says that something which is not of an export is in the place of a file.
func (f *folder) taken(name string) error {
	return fmt.Errorf("%s is not of an export: want it out of the way", plain(path.Join(f.name, name)))
}

func (f *folder) holds(name string, want []byte) bool {
	body, err := f.read(name)
	return err == nil && bytes.Equal(body, want)
}

// changed returns the files that have to be written, and those of them that somebody has changed since the
// export before. It refuses to overwrite what no export has made.
func (f *folder) changed(files map[string][]byte) (changed, mended []string, err error) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		body, err := f.read(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, nil, err
		case bytes.Equal(body, files[name]):
			continue
		case !f.old.has(name):
			return nil, nil, f.taken(name)
		case !f.old.lists(name, sha256Of(body)):
			mended = append(mended, name)
		}
		changed = append(changed, name)
	}
	return changed, mended, nil
}

// gone returns the files that the export before made and this one does not.
func (f *folder) gone(files map[string][]byte) []exported {
	var list []exported
	for _, e := range f.old.Files {
		if _, made := files[e.Path]; !made {
			list = append(list, e)
		}
	}
	return list
}

// stale removes those of the files that nobody has changed, and the folders that become
// empty; without remove it only counts them. It returns the others as kept.
func (f *folder) stale(gone []exported, remove bool) (removed int, kept []string, err error) {
	changed := map[string]bool{}
	for _, e := range gone {
		body, err := f.read(e.Path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil || sha256Of(body) != e.SHA256 {
			changed[e.Path] = true
			continue
		}
		delete(changed, e.Path)
		removed++
		if !remove {
			continue
		}
		if err := f.root.Remove(e.Path); err != nil {
			return removed, nil, err
		}
		for up := path.Dir(e.Path); up != "." && f.root.Remove(up) == nil; up = path.Dir(up) {
			continue // until one is not empty
		}
	}
	return removed, slices.Sorted(maps.Keys(changed)), nil
}

// begin writes a manifest that says that the folder is not complete, and lists the files of both exports.
func (f *folder) begin(m manifest) error {
	m.Complete = false
	m.Files = append(slices.Clone(f.old.Files), m.Files...)
	if err := f.root.Remove(sumsName); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return f.put(manifestName, m.bytes())
}

// put writes a file beside its place and moves it there when all of it is written, so that readers
// see the old file or the new one. The manifest is on the disk before put returns.
func (f *folder) put(name string, body []byte) (err error) {
	if dir := path.Dir(name); dir != "." && !f.made[dir] {
		if err := f.root.MkdirAll(dir, 0o755); err != nil {
			return err
		}
		f.made[dir] = true
	}
	if err := f.root.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err // else it would be followed, were it a link
	}
	to, err := f.root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, bytes.NewReader(body))
	if name == manifestName {
		err = errors.Join(err, to.Sync())
	}
	err = errors.Join(err, to.Close())
	if err == nil {
		err = f.root.Rename(part, name)
	}
	if err != nil {
		_ = f.root.Remove(part)
		return fmt.Errorf("%s is not complete: writing %s: %w", plain(f.name), name, err)
	}
	return nil
}
