//go:build !race

package cycle_test

// How many a law is tried on.
const (
	randomTracks    = 150
	randomHistories = 60
)
