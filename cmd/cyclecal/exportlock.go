//go:build !windows

package main

import (
	"errors"
	"os"
	"syscall"
)

// lock keeps another export out of a folder until what it returns is closed, which the system does
// for a program that was killed. It leaves nothing in the folder. Where a file system has no locks there is none.
func lock(root *os.Root) (*os.File, error) {
	dir, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(dir.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(errLocked, dir.Close())
	}
	return dir, nil
}
