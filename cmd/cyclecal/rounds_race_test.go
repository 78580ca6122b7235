//go:build race && !long

package main

// One, since it takes ten times as long: what may race is tried by tests of its own.
const modelRounds = 1
