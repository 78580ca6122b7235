//go:build !long && !race

package main

// Few, so that a plain run is quick: with the tag long there are more.
const modelRounds = 4
