//go:build race

package cycle_test

// Few, since each takes ten times as long, and the model has no goroutines.
const (
	randomTracks    = 15
	randomHistories = 6
)
