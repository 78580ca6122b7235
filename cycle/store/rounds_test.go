//go:build !e2e

package store

// killRounds is few: with the tag e2e there are twenty.
const killRounds = 2
