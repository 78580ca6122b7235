// Package devices reads a list of devices, as management tools export it, and says for each
// device where its build stands on the cycle.
//
// It reads row by row and keeps no row: its memory does not grow with the list. It has no
// clock and opens no file, and all that it remembers of a list are counts.
package devices
