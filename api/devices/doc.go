// Package devices reads a list of devices, as management tools export it, and says of each
// where its build stands on the cycle.
//
// It reads a row at a time and keeps none: what it holds does not grow with the list. It has no
// clock, opens no file, and remembers of a list nothing but counts.
package devices
