//go:build !long && !race

package store

// Few, so that a plain run is quick: with the tag long there are more.
const (
	childWrites  = 400
	writerWrites = 20
	killRounds   = 4
	raceRounds   = 1000
	flipEvery    = 101 // bytes
)
