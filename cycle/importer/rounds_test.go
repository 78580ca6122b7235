//go:build !e2e

package importer_test

// Few, so that a plain run is quick: with the tag e2e there are all.
const (
	cutEvery  = 61 // bytes
	tagsEvery = 53
	orders    = 20 // of documents
)
