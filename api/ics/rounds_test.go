//go:build !race

package ics_test

// How many random histories, and desks of people, a law is tried on.
const (
	randomTracks = 6
	randomDesks  = 20
)
