package api

import (
	"slices"
	"testing"
)

// Routes returns the paths of the table of routes, with those about the program.
func Routes(t testing.TB) []string {
	t.Helper()
	paths := []string{"/healthz", "/metrics", "/readyz"}
	for _, rt := range new(server).routes() {
		paths = append(paths, rt.path)
	}
	slices.Sort(paths)
	return paths
}

// KeepAtMost bounds the memory of a snapshot's finished answers.
func (s *Snapshot) KeepAtMost(bytes int) { s.shelf.most = bytes }

// Kept returns how many finished answers a snapshot keeps, and their memory.
func (s *Snapshot) Kept() (answers, bytes int) { return s.shelf.used() }
