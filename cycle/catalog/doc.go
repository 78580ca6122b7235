// Package catalog holds the real history that ships with the program: every
// release that Microsoft published for the hotpatch tracks since 2021 and every
// change of plan, each with its source and the day on which it became known.
//
// Beside them it holds what a device needs to have hotpatches at all, in eligibility.csv: [Requirements].
//
// The facts are in four tables beside this file, made to be edited by hand and read
// in a review: tracks.csv, releases.csv, notices.csv and sources.csv. A fact that
// breaks a law of the cycle stops the whole file: [Load] names the file and the line.
package catalog
