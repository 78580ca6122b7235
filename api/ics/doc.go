// Package ics renders schedules as iCalendar feeds (RFC 5545, with RFC 7986 for
// what belongs to the whole calendar).
//
// Everything here is a pure function: the same schedules and the same [Query]
// give the same bytes on every machine and at every hour. Time stamps and
// sequence numbers come from the facts, and from what people changed, never from a clock.
//
// It is the only package that touches golang-ical. It hands the library typed
// values and cleaned text alone, because the library copies control characters
// and line ends of most values through.
package ics
