//go:build race

package devices_test

// flatRows are fewer, since each takes ten times as long: still more than fit into what a list may take.
const flatRows = 20_000
