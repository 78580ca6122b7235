//go:build long

package importer_test

const (
	cutEvery   = 5
	tagsEvery  = 1
	partsEvery = 1
	orders     = 200
)
