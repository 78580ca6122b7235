//go:build e2e

// Package pgtest gives tests what they may break: PostgreSQL servers to stop, to kill
// and to fail over, and small disks to fill. All of it ends with the test.
//
// It needs Linux and Debian's package postgresql. It never skips a test: where something
// is missing, the test fails and says what.
package pgtest
