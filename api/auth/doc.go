// Package auth says who may see and change what: it makes secrets, finds out to whom
// a secret belongs, reads it from a request, and slows down those who guess.
//
// It never keeps, logs or shows a secret. It stores nothing, answers no request and reads
// no clock but that of the [Guard]: whether a bearer has expired is for the caller to ask.
package auth
