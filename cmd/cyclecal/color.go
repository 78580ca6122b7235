//go:build !windows

package main

import "os"

// showsColor reports whether a terminal understands colours: all but Windows' do.
func showsColor(*os.File) bool { return true }
