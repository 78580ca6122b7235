//go:build e2e

package store

const (
	killRounds = 20
	flipEvery  = 23 // bytes
)
