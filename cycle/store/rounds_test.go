//go:build !e2e

package store

// Few, so that a plain run is quick: with the tag e2e there are more.
const (
	childWrites  = 400
	writerWrites = 20
	killRounds   = 2
	flipEvery    = 101 // bytes
)
