package api

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/cyclecal/cyclecal/api/ics"
	"github.com/cyclecal/cyclecal/api/page"
	"github.com/cyclecal/cyclecal/cycle"
)

// home is the page of all tracks.
func (c *call) home() (result, error) { return c.page(c.snapshot.all(), false) }

// trackPage is the page of one track.
func (c *call) trackPage() (result, error) {
	i, err := c.pathTrack()
	if err != nil {
		return result{}, err
	}
	return c.page([]int{i}, true)
}

func (c *call) page(tracks []int, single bool) (result, error) {
	c.q.dropEmpty() // a form sends the fields that were left empty
	in := page.Input{Single: single, Now: c.at(), BaseURL: c.site.BaseURL}
	if c.site.copy != nil {
		in.Address, in.Rings = c.site.located, c.site.copy.named
	}
	view := c.asOf()
	in.Zone, in.Chosen = cmp.Or(c.q.zone(), c.zone), c.q.values.Has("tz")
	in.Today = cycle.DateIn(in.Now, in.Zone)
	if in.Now.Before(c.now) {
		in.AsOf = view.asOf
	}
	in.Ring, in.Calculated = c.pageRing()
	in.Schedules = view.of(tracks)
	in.KnownUntil = view.knownUntilOf(tracks)
	in.Year, in.Month = c.pageMonth(in.Usual())
	if err := c.q.err(); err != nil {
		return result{}, err
	}
	c.untilPage(in)
	for _, f := range c.snapshot.Facts {
		in.All = append(in.All, f.Track)
	}
	in.Events = feedPreview(in)
	for _, a := range c.snapshot.Sources {
		in.Sources = append(in.Sources, page.Source{Name: a.Name, ReadOn: a.CheckedOn, Stale: a.Stale})
	}
	body, err := page.Render(in)
	return result{body: body, view: view}, err
}

// untilPage says how long a page is true that shows these schedules.
func (c *call) untilPage(in page.Input) {
	c.live = true
	c.untilMidnight(in.Zone)
	for _, s := range in.Schedules {
		c.untilMidnight(in.ZoneOf(s))
		c.untilNext(s)
		c.untilRing(s, c.now, in.Ring, in.ZoneOf(s))
	}
}

// always answers with a page that is the same for everybody.
func always(render func() ([]byte, error)) func(*call) (result, error) {
	return func(*call) (result, error) {
		body, err := render()
		return result{body: body}, err
	}
}

// feedPreview returns the next five events of the feed that matches the page.
func feedPreview(in page.Input) []page.Event {
	const most, ahead = 5, 18
	var q ics.Query
	if in.Chosen {
		q.Zone = in.Zone
	}
	if in.Calculated {
		q.Rings = []cycle.Ring{in.Ring}
	}
	var list []page.Event
	for _, s := range in.Schedules {
		today := in.TodayOf(s)
		q.From, q.To = today.Month().AddMonths(-3), today.Month().AddMonths(ahead)
		for _, e := range ics.Events([]cycle.Schedule{s}, q) {
			if !e.Last.Before(today) {
				list = append(list, page.Event{Day: e.First, Summary: e.Summary})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b page.Event) int { return a.Day.Compare(b.Day) })
	return list[:min(len(list), most)]
}

// pageRing reads the days of the calculator's ring.
func (c *call) pageRing() (ring cycle.Ring, given bool) {
	ring = cycle.Ring{
		Name:     "mine",
		Deferral: c.q.number("deferral", 0, 0, 30),
		Deadline: c.q.number("deadline", 0, 0, 30),
		Grace:    c.q.number("grace", 0, 0, 7),
	}
	return ring, c.q.values.Has("deferral") || c.q.values.Has("deadline") || c.q.values.Has("grace")
}

// pageMonth reads the year and the month that are shown; each follows from the other.
func (c *call) pageMonth(now cycle.Month) (int, cycle.Month) {
	month := c.q.month("month", cycle.Month{})
	year := c.pageYear(cmp.Or(month.Year(), now.Year()))
	switch {
	case month.IsZero():
		month = cycle.MonthOf(year, now.Of())
	case month.Year() != year:
		c.q.fail("month", "%s is not in the year %04d: want a month of that year, or no year", month, year)
	}
	return year, month
}

func (c *call) pageYear(missing int) int {
	return read(c.q, "year", missing, func(s string) (int, error) {
		if m, err := cycle.ParseMonth(s + "-01"); err == nil {
			return m.Year(), nil
		}
		return 0, &cycle.InvalidError{What: "year", Value: s, Want: "YYYY, from 0001 to 9999"}
	})
}

// dropEmpty forgets parameters without a value.
func (q *query) dropEmpty() {
	for name, values := range q.values {
		if values = slices.DeleteFunc(values, func(s string) bool { return s == "" }); len(values) == 0 {
			delete(q.values, name)
		}
	}
}

// asset answers with a file that pages load.
func (c *call) asset() (result, error) {
	name := c.r.PathValue("file")
	body, media, ok := page.Asset(name)
	if !ok {
		return result{}, fmt.Errorf("file %q: %w: want one that a page names", clip(name), cycle.ErrNotFound)
	}
	return result{body: body, media: media}, nil
}

// wantsPage reports whether a problem should be shown as a page, since a browser asks for
// something that is not for programs.
func wantsPage(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html") &&
		!strings.HasPrefix(r.URL.Path, "/api/") && !strings.HasPrefix(r.URL.Path, "/calendars/") && !strings.HasPrefix(r.URL.Path, feedsPath)
}

// writeProblemPage tells a person what went wrong.
func (s *server) writeProblemPage(w http.ResponseWriter, p *problem) error {
	body, err := page.Problem(page.Fault{Status: p.Status, Title: p.Title, Detail: p.Detail, Links: s.waysOn()})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", page.Policy)
	w.Header().Set("Vary", "Accept")
	p.write(w, mediaHTML, body)
	return nil
}

// waysOn is where somebody may go from a problem: what is open, and is there already.
func (s *server) waysOn() []page.Link {
	docs := page.Link{Href: "/docs", Text: "Help, and everything that can be queried"}
	if s.Closed {
		return []page.Link{{Href: "/fleet", Text: "Your fleet, for who has a token"}, docs}
	}
	snapshot := s.Source.Snapshot()
	if snapshot == nil {
		return nil
	}
	links := []page.Link{{Href: "/", Text: "All tracks"}}
	for _, facts := range snapshot.Facts {
		links = append(links, page.Link{Href: "/tracks/" + facts.Track.ID, Text: facts.Track.Name})
	}
	return append(links, docs)
}
