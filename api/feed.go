package api

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/cyclecal/cyclecal/api/ics"
	"github.com/cyclecal/cyclecal/cycle"
)

// mostFeed bounds a feed in bytes: several clients give up on larger ones.
const mostFeed = 1_000_000

const (
	leastEvent = 300 // bytes of the shortest event
	mostEvents = mostFeed / leastEvent
)

// tooLong is the error for a feed that is too long. It is a bad request, except from the reader of a
// private feed, who can't ask for less.
func (c *call) tooLong(bytes int, least string) error {
	if c.feed.ID != "" {
		return fmt.Errorf("%w: private feed %q would have %s%d bytes", errIncomplete, c.feed.ID, least, bytes)
	}
	return badRequest(fault{Parameter: "ahead", Detail: fmt.Sprintf(
		"the feed would have %s%d bytes: want less than %d, so ask for fewer months, tracks or rings", least, bytes, mostFeed)})
}

// calendar renders a feed.
func (c *call) calendar() (result, error) {
	tracks, pathErr := c.feedTracks()
	q, alarm := c.feedQuery()
	view := c.asOf()
	if err := c.q.err(); err != nil {
		return result{}, err
	}
	if pathErr != nil {
		return result{}, pathErr
	}
	schedules := view.of(tracks)
	events := ics.Events(schedules, q)
	if len(events) > mostEvents {
		return result{}, c.tooLong(len(events)*leastEvent, "at least ")
	}
	body, err := ics.Render(c.feedCalendar(schedules, alarm), events)
	if err != nil {
		return result{}, fmt.Errorf("%w: %w", errIncomplete, err)
	}
	if len(body) > mostFeed {
		return result{}, c.tooLong(len(body), "")
	}
	return result{body: body, view: view, filename: feedFile(cmp.Or(c.feed.ID, c.feedName()))}, nil
}

// feedName names the tracks of the feed: one id, several joined by commas, or all.
func (c *call) feedName() string {
	if c.feed.ID == "" {
		return c.r.PathValue("tracks")
	}
	return cmp.Or(strings.Join(c.feed.Tracks, ","), "all")
}

// feedTracks returns the tracks that the feed's name names.
func (c *call) feedTracks() ([]int, error) {
	name := c.feedName()
	if name == "all" {
		return c.snapshot.all(), nil
	}
	var tracks []int
	for id := range strings.SplitSeq(name, ",") {
		i, ok := c.snapshot.index[id]
		if !ok {
			return nil, fmt.Errorf("calendar %q: track %w: want all, or some of %s joined by commas",
				shownPath(id), cycle.ErrNotFound, strings.Join(c.snapshot.ids, ", "))
		}
		if !slices.Contains(tracks, i) {
			tracks = append(tracks, i)
		}
	}
	slices.Sort(tracks)
	return tracks, nil
}

// feedQuery reads what is asked of the feed, and when it reminds.
func (c *call) feedQuery() (q ics.Query, alarm string) {
	past := c.q.number("past", -1, 0, mostMonths)
	ahead := c.q.number("ahead", -1, 0, mostMonths)
	if past < 0 {
		past = min(12, mostMonths-max(ahead, 0))
	}
	if ahead < 0 {
		ahead = min(18, mostMonths-past)
	}
	if past+ahead > mostMonths {
		c.q.fail("ahead", "%d months with past: want past and ahead together at most %d", past+ahead, mostMonths)
	}
	now := cycle.DateIn(c.at(), c.zone).Month()
	q = ics.Query{
		From: now.AddMonths(-past), To: now.AddMonths(ahead),
		Kind: c.q.kind(), Restart: c.q.restart(), Rings: c.askedRings(), Freezes: c.freezes(), Zone: c.q.zone(),
		Timed: read(c.q, "style", "allday", cycle.ParseStyle) == "timed",
	}
	q.Edition = c.edition(len(q.Rings) > 0)
	for _, s := range c.q.all("include") {
		for part := range strings.SplitSeq(s, ",") {
			switch part {
			case "cumulative":
				q.Cumulative = true
			case "component":
				q.Component = true
			default:
				c.q.fail("include", "%q: want cumulative or component", clip(part))
			}
		}
	}
	return q, read(c.q, "alarm", "", cycle.ParseAlarm)
}

func (c *call) feedCalendar(schedules []cycle.Schedule, alarm string) ics.Calendar {
	name := "all tracks"
	if c.feedName() != "all" {
		list := make([]string, len(schedules))
		for i, s := range schedules {
			list[i] = s.Track().Name
		}
		name = strings.Join(list, ", ")
	}
	cal := ics.Calendar{
		Name:        "Hotpatch: " + name,
		Description: "Which Windows updates restart machines, and when: baseline months restart, hotpatch months do not. Months that no release confirms yet are marked as planned or unconfirmed.",
		Alarm:       alarm,
	}
	switch {
	case c.feed.ID != "":
		cal.Name = c.feed.Title // and no address: who gets the file is not given the secret
	case c.site.BaseURL != "":
		cal.Source = c.site.located((&url.URL{Path: c.r.URL.Path, RawQuery: c.q.canonical()}).String())
	}
	return cal
}

// feedFile is what a client would save the feed as.
func feedFile(tracks string) string {
	if len(tracks) > 64 {
		tracks = "hotpatch"
	}
	return strings.ReplaceAll(tracks, ",", "+") + ".ics"
}
