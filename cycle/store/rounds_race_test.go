//go:build race && !long

package store

// Fewer, since each takes ten times as long. Writers are as many: they are what may race.
const (
	childWrites  = 400
	writerWrites = 20
	killRounds   = 1
	raceRounds   = 200
	flipEvery    = 1009 // bytes
)
