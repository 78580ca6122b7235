//go:build long

package store

const (
	childWrites  = 2000
	writerWrites = 50
	killRounds   = 20
	raceRounds   = 1000
	flipEvery    = 47 // bytes
)
