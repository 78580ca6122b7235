// Package catalog holds the real history that ships with the program: every
// release that Microsoft published for the hotpatch tracks since 2021 and every
// change of plan, each with its source and the day on which it became known.
//
// The facts are in four tables beside this file, made to be edited by hand and read in a review:
// tracks.csv, releases.csv, notices.csv and sources.csv. If one of them breaks a law of the cycle
// [Load] returns none, and names the file and the line.
//
// A fifth table, eligibility.csv, says what a device needs to have hotpatches at all: [Requirements].
package catalog
