package main

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// lock keeps another export out of a folder until what it returns is closed, which the system does
// for a program that was killed: a file that nobody else may open, and that goes when it is closed.
func lock(root *os.Root) (*os.File, error) {
	name := filepath.Join(root.Name(), lockName)
	path, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	const flags = windows.FILE_ATTRIBUTE_HIDDEN | windows.FILE_FLAG_DELETE_ON_CLOSE | windows.FILE_FLAG_OPEN_REPARSE_POINT
	handle, err := windows.CreateFile(path, windows.GENERIC_WRITE|windows.DELETE, 0, nil, windows.OPEN_ALWAYS, flags, 0)
	switch {
	case errors.Is(err, windows.ERROR_SHARING_VIOLATION), errors.Is(err, windows.ERROR_ACCESS_DENIED) && exists(root):
		return nil, errLocked
	case err != nil:
		return nil, &os.PathError{Op: "open", Path: name, Err: err}
	}
	return os.NewFile(uintptr(handle), name), nil
}

// exists reports whether the lock is there: one that is about to go answers as what may not be opened does.
func exists(root *os.Root) bool {
	_, err := root.Lstat(lockName)
	return err == nil
}
