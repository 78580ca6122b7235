package store

import (
	"errors"
	"fmt"
	"syscall"
)

// refuseNetwork refuses a path on a network file system, which lacks the flag of a local one.
func refuseNetwork(path string) error {
	const local = 0x1000 // MNT_LOCAL of sys/mount.h
	var fs syscall.Statfs_t
	if err := syscall.Statfs(path, &fs); err != nil {
		return fmt.Errorf("statfs: %w", err)
	}
	if fs.Flags&local == 0 {
		return errors.New("network file system: want a local disk, or PostgreSQL")
	}
	return nil
}
