//go:build !long && !race

package importer_test

// Few, so that a plain run is quick: with the tag long there are all.
const (
	cutEvery   = 61 // bytes
	tagsEvery  = 53
	partsEvery = 1  // cells or rows
	orders     = 20 // of documents
)
