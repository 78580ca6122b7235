//go:build race && !long

package importer_test

// Fewer, since each takes ten times as long, and a reader has no goroutines.
const (
	cutEvery   = 601 // bytes
	tagsEvery  = 503
	partsEvery = 11 // cells or rows
	orders     = 2  // of documents
)
