//go:build e2e

package store

const killRounds = 20
