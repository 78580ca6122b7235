package page

import (
	"net/url"
	"slices"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// Input is what a page shows.
type Input struct {
	// Schedules are those of the tracks on the page; All are all tracks that the service has.
	Schedules []cycle.Schedule
	All       []cycle.Track
	// Single says that the page is that of one track.
	Single bool
	// KnownUntil is the day of the newest fact.
	KnownUntil cycle.Date
	// Now is the instant at which the page is made, and Today the day in Zone. [Input.TodayOf] is the one from which
	// days are counted.
	Now   time.Time
	Today cycle.Date
	// Year and Month are those that the page shows.
	Year  int
	Month cycle.Month
	// Ring is the reader's ring. Calculated says that there is one.
	Ring       cycle.Ring
	Calculated bool
	// Zone is where instants become days. Chosen says that the reader chose it, with tz.
	Zone   *time.Location
	Chosen bool
	// AsOf is the day to which the reader looks back, or zero.
	AsOf cycle.Date
	// BaseURL is where clients reach the service, "" where that is not known.
	BaseURL string
	// Events are the next events of the feed that matches the page.
	Events []Event
	// Address returns the address of a path with its query; nil puts BaseURL before it.
	Address func(target string) string
	// Rings are offered to the reader beside those of Autopatch.
	Rings []cycle.Ring
	// Sources are Microsoft's pages that the service fetches, if it does.
	Sources []Source
}

// Source is a page that the service fetches.
type Source struct {
	Name   string
	ReadOn cycle.Date // when it was last read; zero if it never was
	Stale  bool       // that is too long ago
}

// Day is ReadOn as pages write it, "" if it never was.
func (s Source) Day() string { return shortDay(s.ReadOn) }

// Event is a line of a feed.
type Event struct {
	Day     cycle.Date
	Summary string
}

// ZoneOf returns where instants become days for a track: the zone that the reader chose, or that of
// the track's rule.
func (in Input) ZoneOf(s cycle.Schedule) *time.Location {
	if in.Chosen {
		return in.Zone
	}
	return s.Track().Rule.Zone
}

// TodayOf returns the day from which days are counted for a track.
func (in Input) TodayOf(s cycle.Schedule) cycle.Date { return cycle.DateIn(in.Now, in.ZoneOf(s)) }

// releasedOn returns the day on which a month's update comes where the reader counts days.
func (in Input) releasedOn(s cycle.Schedule, m cycle.Milestone) cycle.Date {
	return cycle.DateIn(m.At, in.ZoneOf(s))
}

// away says in words how many days away a day is for a track.
func (in Input) away(s cycle.Schedule, day cycle.Date) string {
	return away(in.TodayOf(s).DaysUntil(day))
}

// Usual returns the month that is shown if the reader chose none: this month, or
// the nearest one that the page's track has.
func (in Input) Usual() cycle.Month {
	if !in.Single {
		return in.Today.Month()
	}
	now := in.TodayOf(in.Schedules[0]).Month()
	switch t := in.track(); {
	case now.Before(t.FirstMonth):
		return t.FirstMonth
	case !t.LastMonth.IsZero() && now.After(t.LastMonth):
		return t.LastMonth
	}
	return now
}

// track is the track of a page of one, and the first of several.
func (in Input) track() cycle.Track { return in.Schedules[0].Track() }

// path is the path of the page.
func (in Input) path() string {
	if in.Single {
		return trackPath(in.track())
	}
	return "/"
}

func trackPath(t cycle.Track) string { return "/tracks/" + t.ID }

// link is the address of this page with some parameters changed, given as names and values; "" drops one.
func (in Input) link(fragment string, changes ...string) string {
	return in.linkTo(in.path(), fragment, changes...)
}

func (in Input) linkTo(path, fragment string, changes ...string) string {
	values := in.state()
	for pair := range slices.Chunk(changes, 2) {
		if name, value := pair[0], pair[1]; value == "" {
			values.Del(name)
		} else {
			values.Set(name, value)
		}
	}
	u := url.URL{Path: path, RawQuery: values.Encode(), Fragment: fragment}
	return u.String()
}

// state is what the address of the page carries, without what is the default anyway.
func (in Input) state() url.Values {
	values := url.Values{}
	usual := in.Usual()
	if in.Year != usual.Year() {
		values.Set("year", yearText(in.Year))
	}
	if in.Month.Year() == in.Year && in.Month != cycle.MonthOf(in.Year, usual.Of()) {
		values.Set("month", in.Month.String())
	}
	if in.Calculated {
		for name, days := range ringParams(in.Ring) {
			values.Set(name, days)
		}
	}
	in.setView(values)
	return values
}

// setView sets the parameters for the reader's zone and day.
func (in Input) setView(values url.Values) {
	if in.Chosen {
		values.Set("tz", in.Zone.String())
	}
	if !in.AsOf.IsZero() {
		values.Set("as_of", in.AsOf.String())
	}
}

// feedQuery is the query of the feed, and of the API, that matches the page.
func (in Input) feedQuery() url.Values {
	values := url.Values{}
	if in.Calculated {
		values.Set("ring", in.Ring.String())
	}
	in.setView(values)
	return values
}

// feedPath is the path and query of that feed.
func (in Input) feedPath() string {
	name := "all"
	if in.Single {
		name = in.track().ID
	}
	u := url.URL{Path: "/calendars/" + name + ".ics", RawQuery: in.feedQuery().Encode()}
	return u.String()
}

// address is the absolute address of a path with its query.
func (in Input) address(target string) string {
	if in.Address != nil {
		return in.Address(target)
	}
	return in.BaseURL + target
}
