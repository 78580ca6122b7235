//go:build !race

package devices_test

// flatRows are many enough to show whether memory grows with them.
const flatRows = 200_000
