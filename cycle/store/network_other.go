//go:build !linux && !darwin

package store

import (
	"errors"
	"path/filepath"
	"strings"
)

// refuseNetwork refuses a path of Windows that names a server: \\server\share.
func refuseNetwork(path string) error {
	if strings.HasPrefix(filepath.VolumeName(path), `\\`) {
		return errors.New("network share: want a local disk, or PostgreSQL")
	}
	return nil
}
