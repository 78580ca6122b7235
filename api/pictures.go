package api

import (
	"github.com/cyclecal/cyclecal/api/page"
	"github.com/cyclecal/cyclecal/cycle"
)

// badge draws a track's next restart.
func (c *call) badge() (result, error) {
	view, zone := c.asOf(), c.q.zone()
	i, err := c.pathTrack()
	if err != nil {
		return result{}, err
	}
	c.live = true
	s := view.schedule(i)
	if m, ok := s.NextRestart(c.now); ok {
		c.trueUntil(m.At)
	}
	return result{body: page.Badge(s, c.at(), zoneOf(zone, s)), view: view}, nil
}

// yearPicture draws a year of a track.
func (c *call) yearPicture() (result, error) {
	view := c.asOf()
	year := c.pageYear(cycle.DateIn(c.at(), c.zone).Month().Year())
	i, err := c.pathTrack()
	if err != nil {
		return result{}, err
	}
	return result{body: page.Year(view.schedule(i), year), view: view}, nil
}
