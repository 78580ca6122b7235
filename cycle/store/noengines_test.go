//go:build !e2e

package store

import "testing"

// otherEngines are those that need a server: see postgres_e2e_test.go.
func otherEngines() map[string]func(*testing.T) place { return nil }
