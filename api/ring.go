package api

import (
	"slices"
	"strings"

	"github.com/cyclecal/cyclecal/api/auth"
	"github.com/cyclecal/cyclecal/cycle"
)

const mostRings = 20

// askedRings returns the rings that the request asks for: described in the URL or, if the bearer may
// know of them, stored here. An empty value is no ring, as dashboards and forms send for a field
// that was left empty.
func (c *call) askedRings() []cycle.Ring {
	var rings []cycle.Ring
	for _, s := range c.q.all("ring") {
		if s == "" {
			continue
		}
		ring, ok := c.ring(s)
		switch {
		case !ok:
		case slices.ContainsFunc(rings, func(r cycle.Ring) bool { return r.Name == ring.Name }):
			c.q.fail("ring", "%q is there twice: want each name once", ring.Name)
		default:
			rings = append(rings, ring)
		}
	}
	if len(rings) > mostRings {
		c.q.fail("ring", "%d rings: want at most %d", len(rings), mostRings)
	}
	return rings
}

// ring reads one ring of the request.
func (c *call) ring(s string) (cycle.Ring, bool) {
	ring, err := cycle.ParseRing(s)
	if err == nil {
		return ring, true
	}
	if !cycle.ValidID(s) {
		c.q.fail("ring", "%v", err)
		return cycle.Ring{}, false
	}
	if !c.trusted() {
		if c.snapshot.Tokens.Len() > 0 {
			c.q.secret = true // a stranger must not learn whether there is such a ring
		}
		c.q.fail("ring", "%q: want its days, such as %s:1/2/2, or a token for the server that stores it: a stored ring is not public", s, s)
		return cycle.Ring{}, false
	}
	stored, ok := c.snapshot.ring(s)
	if !ok {
		c.q.fail("ring", "no ring %q is stored here%s: want one that is, or its days, such as %s:1/2/2", s, c.storedRings(), s)
		return cycle.Ring{}, false
	}
	return *stored, true
}

// storedRings names some of the rings that there are.
func (c *call) storedRings() string {
	const most = 10
	names := []string{}
	for _, r := range c.snapshot.Rings[:min(len(c.snapshot.Rings), most)] {
		names = append(names, r.Name)
	}
	if len(names) == 0 {
		return ""
	}
	return ", only " + strings.Join(names, ", ")
}

// held returns the rings that have devices on the schedule's track.
func held(rings []cycle.Ring, s cycle.Schedule) []cycle.Ring {
	if !slices.ContainsFunc(rings, func(r cycle.Ring) bool { return !r.Holds(s.Track().ID) }) {
		return rings
	}
	return slices.DeleteFunc(slices.Clone(rings), func(r cycle.Ring) bool { return !r.Holds(s.Track().ID) })
}

// byRing returns the rows of an answer: those of rings where some are asked for.
func byRing[R, S any](rings []cycle.Ring, rows []R, ringRows []S) any {
	if len(rings) > 0 {
		return orEmpty(ringRows)
	}
	return orEmpty(rows)
}

// orEmpty returns an empty list in place of nil, which JSON would write as null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// trusted reports whether the answer is for somebody who may know of stored rings and freezes.
func (c *call) trusted() bool { return c.role >= auth.Viewer }

// fleetRings returns the stored rings that the answer may tell of: none to the public.
func (c *call) fleetRings() []cycle.Ring {
	if !c.trusted() {
		return nil
	}
	rings := make([]cycle.Ring, len(c.snapshot.Rings))
	for i, r := range c.snapshot.Rings {
		rings[i] = *r
	}
	return rings
}

// freezes returns the freezes that the answer may tell of: none to the public.
func (c *call) freezes() []cycle.Freeze {
	if !c.trusted() {
		return nil
	}
	return c.snapshot.Freezes
}

// edition returns a number that grows whenever the feed is changed, or the rings and freezes that it shows.
func (c *call) edition(rings bool) int64 {
	if !rings || !c.trusted() {
		return c.feed.Edition
	}
	return max(c.snapshot.FleetEdition, c.feed.Edition)
}
