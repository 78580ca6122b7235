// Package auth says who may see and change what: it makes secrets, finds whom
// one belongs to, reads it from a request, and slows down who guesses.
//
// It never keeps, logs or shows a secret, it stores nothing, and it answers no
// request: that is the work of its caller, as is the clock that tells whether a
// bearer is still one.
package auth
