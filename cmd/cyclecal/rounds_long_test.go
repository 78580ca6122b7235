//go:build long

package main

const modelRounds = 60
