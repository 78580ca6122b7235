package api

import (
	"strconv"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// stretch is what the parameters from and to can name: a month, a day, or an instant. First and last are its
// first and its last instant.
type stretch struct{ first, last time.Time }

// parseStretch reads the value of from or to. Months and days are those of a zone.
func parseStretch(s string, zone *time.Location) (stretch, error) {
	if m, err := cycle.ParseMonth(s); err == nil {
		return wholeMonth(m, zone), nil
	}
	if d, err := cycle.ParseDate(s); err == nil {
		return stretchOf(d, d, zone), nil
	}
	if t, err := parseInstant(s); err == nil {
		return stretch{t, t}, nil
	}
	if t, ok := parseMilliseconds(s); ok {
		return stretch{t, t}, nil
	}
	return stretch{}, &cycle.InvalidError{
		What: "time", Value: s,
		Want: "a month YYYY-MM, a day YYYY-MM-DD, an instant such as 2026-06-09T17:00:00Z (a + in a URL is written %2B), or milliseconds since 1970, such as 1781024400000",
	}
}

func wholeMonth(m cycle.Month, zone *time.Location) stretch {
	return stretchOf(m.Day(1), m.Last(), zone)
}

func stretchOf(first, last cycle.Date, zone *time.Location) stretch {
	return stretch{first.Start(zone), last.AddDays(1).Start(zone).Add(-time.Nanosecond)}
}

func (s stretch) isInstant() bool { return s.first.Equal(s.last) }

// month returns the month that it lies in.
func (s stretch) month(zone *time.Location) cycle.Month { return cycle.DateIn(s.first, zone).Month() }

// parseInstant reads an RFC 3339 instant.
func parseInstant(s string) (time.Time, error) {
	var t time.Time
	if err := t.UnmarshalText([]byte(s)); err != nil || t.UTC().Year() < 1 || t.UTC().Year() > 9999 { // strict, unlike time.Parse
		return time.Time{}, &cycle.InvalidError{What: "instant", Value: s, Want: "RFC 3339, such as 2026-06-09T17:00:00Z (a + in a URL is written %2B)"}
	}
	return t.UTC(), nil
}

// parseMilliseconds reads milliseconds since 1970, as dashboards send them. It takes none before
// March 1973: shorter numbers are seconds, years or days that lost their hyphens.
func parseMilliseconds(s string) (time.Time, bool) {
	const fewest, most = 100_000_000_000, 253_402_300_799_999 // the end of 9999
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < fewest || n > most || strconv.FormatInt(n, 10) != s {
		return time.Time{}, false
	}
	return time.UnixMilli(n).UTC(), true
}

func (q *query) stretch(name string, missing stretch, zone *time.Location) stretch {
	return read(q, name, missing, func(s string) (stretch, error) { return parseStretch(s, zone) })
}

// monthOf reads the month that a parameter names, or that what it names lies in.
func (q *query) monthOf(name string, missing cycle.Month, zone *time.Location) cycle.Month {
	return read(q, name, missing, func(s string) (cycle.Month, error) {
		of, err := parseStretch(s, zone)
		return of.month(zone), err
	})
}

// rangeOf reads from and to, and returns the span from the beginning of the one to the end of the other: this
// month and the next 11 where nothing else is asked for.
func (q *query) rangeOf(now cycle.Month, zone *time.Location) stretch {
	from := q.stretch("from", wholeMonth(now, zone), zone)
	to := q.stretch("to", wholeMonth(from.month(zone).AddMonths(11), zone), zone)
	first, last := from.month(zone), to.month(zone)
	if first == last && to.last.Before(from.first) {
		q.fail("to", "it ends at %s, before from, which begins at %s: want from at or before to", instant(to.last), instant(from.first))
	}
	q.checkRange(first, last)
	return stretch{from.first, to.last}
}

// roundToMonths makes one query of all whose from and to lie in the same months: a dashboard
// names another millisecond at each refresh, and only the month counts.
func (c *call) roundToMonths() bool {
	zone := c.zone
	if asked, err := cycle.ParseZone(c.q.values.Get("tz")); err == nil {
		zone = asked
	}
	for name, of := range c.ends(zone) {
		c.q.moving = c.q.moving || of.isInstant()
		c.q.values.Set(name, of.month(zone).String())
	}
	return true
}

// unlessInstant says that an answer from or to an instant is not worth keeping: it changes with each
// millisecond, nobody asks for it again, and it is made quickly.
func (c *call) unlessInstant() bool {
	for _, of := range c.ends(c.zone) {
		if of.isInstant() {
			return false
		}
	}
	return true
}

// ends returns those of from and to that are given and valid. A fault is reported when the request is
// answered.
func (c *call) ends(zone *time.Location) map[string]stretch {
	ends := map[string]stretch{}
	for _, name := range []string{"from", "to"} {
		if of, err := parseStretch(c.q.values.Get(name), zone); err == nil {
			ends[name] = of
		}
	}
	return ends
}
