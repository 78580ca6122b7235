package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// showsColor makes a console understand colours, as old ones do only when told to.
func showsColor(file *os.File) bool {
	var mode uint32
	console := windows.Handle(file.Fd())
	if err := windows.GetConsoleMode(console, &mode); err != nil {
		return false
	}
	return windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
