//go:build !windows

package main

import "os"

// makePrivate makes a folder that its owner alone can read.
func makePrivate(folder string) error { return os.MkdirAll(folder, 0o700) }
