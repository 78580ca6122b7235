//go:build race

package ics_test

// Few, since each takes ten times as long, and a feed is made without goroutines.
const (
	randomTracks = 2
	randomDesks  = 4
)
