//go:build e2e

package importer_test

const (
	cutEvery  = 5
	tagsEvery = 1
	orders    = 200
)
