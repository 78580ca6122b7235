package api

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/api/auth"
	"github.com/cyclecal/cyclecal/cycle"
)

// call is one request that no finished answer serves: what it asks, and what a
// route needs to answer it.
type call struct {
	r        *http.Request
	q        *query
	snapshot *Snapshot
	now      time.Time
	latest   time.Time      // the latest instant at which anything was answered: now, or later where the clock was set back
	zone     *time.Location // where days begin unless tz says otherwise
	site     *server
	reader

	from  cycle.Date // the day as of which the request asks, once it is read
	until time.Time  // when the answer stops being true; zero is never
	live  bool       // the answer depends on the instant, not only on the day
}

func (s *server) newCall(rt *route, r *http.Request, by reader, snapshot *Snapshot, now time.Time) *call {
	return &call{r: r, q: newQuery(r.URL.RawQuery, rt.params), snapshot: snapshot, now: now, zone: s.zone, site: s, reader: by}
}

// reader is who reads, and with that what an answer may tell.
type reader struct {
	role auth.Role
	feed Feed // the private feed that is read; the zero Feed for any other request
}

// result is what a route answers: data, which becomes JSON or CSV, or a finished body.
type result struct {
	data     any
	body     []byte
	view     *view
	next     string // cursor of the next page
	filename string
	media    string // in place of the route's, or ""
	tag      string // as in a draft
}

// trueUntil says that the answer stops being true at t at the latest. An instant that has
// passed, as in an answer about the past, has no effect.
func (c *call) trueUntil(t time.Time) {
	if !t.After(c.now) {
		return
	}
	if c.until.IsZero() || t.Before(c.until) {
		c.until = t
	}
}

// untilMidnight says that the answer is true until the day ends in a zone.
func (c *call) untilMidnight(zone *time.Location) {
	c.trueUntil(cycle.DateIn(c.now, zone).AddDays(1).Start(zone))
}

// untilRing says that the answer is true until a ring is offered the next update after an instant, and until its
// next restart begins or is over.
func (c *call) untilRing(s cycle.Schedule, at time.Time, ring cycle.Ring, zone *time.Location) {
	if m, ok := s.NextOffer(at, ring, zone); ok {
		c.trueUntil(s.OfferedAt(m, ring, zone))
	}
	if restart, ok := s.NextRingRestart(at, ring, zone); ok {
		c.trueUntil(restart.Since)
		c.trueUntil(restart.Until)
	}
}

// present returns what is known today, in Pacific time. The answer is then true until that day ends, or
// another begins in the zone of a rule.
func (c *call) present() *view {
	_, until := c.snapshot.present(c.now, c.zone)
	c.trueUntil(until)
	return c.snapshot.atPresent(c.now, c.zone)
}

// asOf returns what was known at the end of the day that the request names, or what is known
// today if it names none.
func (c *call) asOf() *view {
	if day := c.asOfDay(); day.Before(cycle.DateIn(c.now, c.zone)) {
		return c.snapshot.asOf(day)
	}
	return c.present()
}

// asOfDay returns the day that the request names as as_of, or today if it names none. Tomorrow counts as
// today, since somewhere on Earth it is tomorrow already.
func (c *call) asOfDay() cycle.Date {
	if !c.from.IsZero() {
		return c.from
	}
	today := cycle.DateIn(c.now, c.zone)
	c.from = c.q.date("as_of", today)
	if c.from.After(today.AddDays(1)) {
		c.q.fail("as_of", "%s is to come: want today, %s, or a day before", c.from, today)
	}
	if c.from.After(today) {
		c.from = today
	}
	return c.from
}

// at returns the instant for which the request asks: now, or the end of the past day that it
// names.
func (c *call) at() time.Time {
	if day := c.asOfDay(); day.Before(cycle.DateIn(c.now, c.zone)) {
		return day.AddDays(1).Start(c.zone).Add(-time.Nanosecond)
	}
	return c.now
}

func (c *call) pathTrack() (int, error) {
	id := c.r.PathValue("track")
	i, ok := c.snapshot.index[id]
	if !ok {
		return 0, fmt.Errorf("track %q: %w: want one of %s", clip(id), cycle.ErrNotFound, strings.Join(c.snapshot.ids, ", "))
	}
	return i, nil
}

// since returns when the answer began to be true, as far as that depends on the clock.
func (c *call) since() time.Time {
	if c.live {
		return c.now.Round(0) // it may have changed just before; without the monotonic reading, as the clock may be set back
	}
	since, _ := c.snapshot.present(c.now, c.zone)
	return since
}

// modified returns the answer's Last-Modified: since then no client was given a different answer. It is a time of this
// process. A time of the facts would be the same on all servers, but it may be older than an answer that a server gave
// before it heard of them, and it goes back with an older program or a restored backup. A 304 could then hide a change.
func (c *call) modified(v *view) time.Time {
	since := c.since()
	switch {
	case c.live:
		return c.latest
	case c.until.IsZero() && v.asOf.Before(cycle.DateIn(c.now, c.zone)):
		since = v.asOf.AddDays(1).Start(c.zone)
	}
	if served := c.snapshot.servedSince(c.latest); served.After(since) {
		return served
	}
	return since
}

// draft turns a result into the body that its route promises, or into the rows alone.
func (c *call) draft(rt *route, res result, alone bool) (draft, error) {
	d := draft{
		route: rt, body: res.body, media: cmp.Or(res.media, rt.media), filename: res.filename, tag: res.tag,
		since: c.since(), until: c.until, modified: c.modified(res.view), next: nextPage(c.r.URL.Path, c.q.values, res.next),
	}
	var err error
	switch {
	case res.body != nil:
	case rt.media == mediaCSV:
		d.body, err = writeCSV(res.data)
	case alone:
		d.body, err = writeJSON(res.data)
	default:
		told := c.told(res.view)
		told.NextCursor = orNull(res.next)
		d.body, err = writeJSON(document{res.data, told})
	}
	return d, err
}

// alone reports whether the request wants the rows without an envelope, for tools that take a table
// only.
func (c *call) alone() bool {
	return has(c.q.params, "shape") && read(c.q, "shape", "envelope", oneOf("shape", "envelope", "rows")) == "rows"
}

// around returns what stands before and after rows that are written one by one: an envelope with its meta, or nothing
// around rows alone.
func around(alone bool, told meta) (begin, end string, err error) {
	if alone {
		return "", "\n", nil
	}
	body, err := writeJSON(told)
	return `{"data":`, `,"meta":` + strings.TrimSuffix(string(body), "\n") + "}\n", err
}

// oneOf returns what reads one of some words.
func oneOf(what string, words ...string) func(string) (string, error) {
	return func(s string) (string, error) {
		if !slices.Contains(words, s) {
			return "", &cycle.InvalidError{What: what, Value: s, Want: strings.Join(words, " or ")}
		}
		return s, nil
	}
}

// told returns the envelope's meta: what the answer is made of.
func (c *call) told(v *view) meta {
	return meta{Revision: c.snapshot.Revision, AsOf: v.asOf.String(), KnownUntil: text(v.knownUntil()), Sources: sourceRows(c.snapshot.Sources)}
}

func writeJSON(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false) // nosniff keeps it from being read as HTML; links stay readable
	err := enc.Encode(v)
	return buf.Bytes(), err
}
