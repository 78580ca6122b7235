package api

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// annotationRow has the names that Grafana gives to the fields of an annotation.
type annotationRow struct {
	Time    int64  `json:"time" doc:"milliseconds since 1970"`
	TimeEnd int64  `json:"timeEnd" doc:"the same; that of time but for the restarts of a ring"`
	Title   string `json:"title" doc:"begins with whether it restarts"`
	Text    string `json:"text"`
	Tags    string `json:"tags" doc:"joined by commas: the track, the kind, the status; unplanned, restart, change, out-of-band and the ring where they fit"`
}

// mark is a row whose texts are made later, since most marks are not on the page.
type mark struct {
	at, end time.Time
	place   string // unique among all marks
	row     func() annotationRow
}

// cursor is the position of the mark among all marks, which are in the order of their instants and,
// within an instant, of their places.
func (m mark) cursor() string { return strconv.FormatInt(m.at.UnixMilli(), 10) + "." + m.place }

func (m mark) compare(o mark) int {
	return cmp.Or(cmp.Compare(m.at.UnixMilli(), o.at.UnixMilli()), cmp.Compare(m.place, o.place))
}

// marks collects the marks of a page, no more than it takes.
type marks struct {
	*call
	kind    cycle.Kind
	restart cycle.Restart
	rings   []cycle.Ring
	zone    *time.Location // that was asked for
	after   *mark          // the last of the page before
	most    int

	reach time.Time // no mark after it is on the page
	list  []mark
}

// trackMarks collects the marks of one track.
type trackMarks struct {
	*marks
	cycle.Schedule
	within stretch // the range that was asked for, in the days of the track
}

// annotations answers with what a dashboard marks on its time axis.
func (c *call) annotations() (result, error) {
	q := c.q
	tracks := q.tracks(c.snapshot)
	kind, restart, rings, zone := q.kind(), q.restart(), c.askedRings(), q.zone()
	limit := q.number("limit", mostRows, 1, mostRows)
	ranges := c.rangesOf(tracks, zone)
	a := marks{call: c, kind: kind, restart: restart, rings: rings, zone: zone, after: c.markCursor(), most: limit + 1}
	view := c.asOf()
	if err := q.err(); err != nil {
		return result{}, err
	}
	a.collect(view.of(tracks), ranges)
	res := result{view: view}
	if len(a.list) > limit {
		a.list = a.list[:limit]
		res.next = a.list[limit-1].cursor()
	}
	rows := make([]annotationRow, len(a.list))
	for i, m := range a.list {
		rows[i] = m.row()
		rows[i].Time, rows[i].TimeEnd = m.at.UnixMilli(), m.end.UnixMilli()
	}
	res.data = rows
	return res, nil
}

// rangesOf reads the range for each of the tracks: months and days are those of the zone that is asked for, or of the
// track's rule.
func (c *call) rangesOf(tracks []int, asked *time.Location) []stretch {
	now, faults := cycle.DateIn(c.at(), c.zone).Month(), len(c.q.faults)
	if len(tracks) == 0 { // none of those that were asked for is there
		c.q.rangeOf(now, cmp.Or(asked, c.zone))
	}
	list := make([]stretch, len(tracks))
	for i, track := range tracks {
		if list[i] = c.q.rangeOf(now, cmp.Or(asked, c.snapshot.Facts[track].Track.Rule.Zone)); len(c.q.faults) > faults {
			break // those of other zones are most often the same
		}
	}
	return list
}

// markCursor returns the mark after which the page begins, or nil.
func (c *call) markCursor() *mark {
	return read(c.q, "cursor", nil, func(s string) (*mark, error) {
		ms, place, ok := strings.Cut(s, ".")
		n, err := strconv.ParseInt(ms, 10, 64)
		if !ok || err != nil || place == "" {
			return nil, noCursor(s)
		}
		return &mark{at: time.UnixMilli(n), place: place}, nil
	})
}

// add takes a mark if it lies in the range and comes after the page before.
func (a *trackMarks) add(m mark) {
	over := m.end.Before(a.within.first) || m.end.After(m.at) && m.end.Equal(a.within.first)
	if m.at.After(a.within.last) || m.at.After(a.reach) || over || a.after != nil && m.compare(*a.after) <= 0 {
		return
	}
	a.list = append(a.list, m)
	if len(a.list) >= 2*a.most {
		a.cut()
	}
}

// cut keeps the first marks, as many as fit on the page, which then reaches to the last of them.
func (a *marks) cut() {
	slices.SortFunc(a.list, mark.compare)
	if len(a.list) >= a.most {
		a.list = a.list[:a.most]
		a.reach = a.list[a.most-1].at
	}
}

// How many months before and after an instant may have a mark at it: a rule moves the day of a month by up to
// 28 days, and a ring restarts up to 67 days after the release.
const monthsBefore, monthsAfter = 5, 2

// collect finds the marks of the page, month by month, as far as it reaches. The ranges are those of the schedules.
func (a *marks) collect(schedules []cycle.Schedule, ranges []stretch) {
	if len(schedules) == 0 {
		return
	}
	first := slices.MinFunc(ranges, func(x, y stretch) int { return x.first.Compare(y.first) }).first
	for _, r := range ranges {
		a.reach = latest(a.reach, r.last)
	}
	if a.after != nil {
		first = latest(first, a.after.at)
	}
	since := cycle.DateIn(first, time.UTC).Month().AddMonths(-monthsBefore)
	tracks := make([]*trackMarks, len(schedules))
	for i, s := range schedules {
		tracks[i] = &trackMarks{a, s, ranges[i]}
		tracks[i].facts(since.Day(1))
	}
	for m := since; !m.AddMonths(-monthsAfter).Day(1).Midnight().After(a.reach); m = m.AddMonths(1) {
		for _, t := range tracks {
			if milestone, ok := t.Milestone(m); ok {
				t.month(milestone)
			}
		}
		if m == m.AddMonths(1) { // the last there is
			break
		}
	}
	a.cut()
}

// facts adds, from a day on, the releases and changes that are not the update of a month.
func (a *trackMarks) facts(since cycle.Date) {
	for _, r := range a.Releases() {
		if !r.Date.Before(since) {
			a.release(r)
		}
	}
	for _, change := range a.Changes() {
		a.change(change)
	}
}

func (a *trackMarks) month(m cycle.Milestone) {
	if !keeps(m.Kind, a.kind, a.restart) {
		return
	}
	a.add(mark{m.At, m.At, a.place(m.Month.String()), func() annotationRow { return monthMark(a.Schedule, m) }})
	if m.Kind == cycle.Baseline {
		a.spans(m, nameOf(a.Schedule, m), m.Month.String())
	}
}

// release adds a hotpatch or baseline that is not the update of its month, such as an out-of-band one.
func (a *trackMarks) release(r cycle.Release) {
	kind := map[cycle.ReleaseType]cycle.Kind{cycle.TypeBaseline: cycle.Baseline, cycle.TypeHotpatch: cycle.Hotpatch}[r.Type]
	m, _ := a.Milestone(r.Month)
	if kind == 0 || r.Date.IsZero() || r == m.Update || a.kind != 0 && kind != a.kind || a.restart != 0 && r.Restarts() != a.restart {
		return
	}
	at, name := a.Track().Rule.At(r.Date), strings.ToLower(r.KB)+"."+r.Date.String()+"."+r.Build
	a.add(mark{at, at, a.place(name), func() annotationRow { return releaseMark(a.Schedule, r) }})
	if kind == cycle.Baseline {
		a.spans(a.AsUpdate(m, r), whatOf(a.Schedule, r), name)
	}
}

// change adds a change of plan on the day on which it became known.
func (a *trackMarks) change(change cycle.Change) {
	if change.OutOfBand() || !keeps(change.Is, a.kind, a.restart) {
		return
	}
	at := a.Track().Rule.At(change.KnownOn)
	name := change.Month.String() + ".change." + strconv.Itoa(change.Ordinal)
	a.add(mark{at, at, a.place(name), func() annotationRow { return changeMark(a.Schedule, change) }})
}

// spans adds when each ring restarts for an update: in its window, or else from the offer to its last day. What is the
// update in words.
func (a *trackMarks) spans(update cycle.Milestone, what, name string) {
	zone := zoneOf(a.zone, a.Schedule)
	for _, ring := range held(a.rings, a.Schedule) {
		p := a.Plan(update, ring, a.freezes(), zone)
		span := p.Window
		if ring.Window.IsZero() {
			span = cycle.Span{Start: a.OfferedAt(update, ring, zone), End: p.RestartBy.AddDays(1).Start(zone)}
		}
		a.add(mark{span.Start, span.End, a.place(name + ".ring." + ring.Name), func() annotationRow { return ringMark(a.Schedule, update, what, ring, p) }})
	}
}

func (a *trackMarks) place(name string) string { return a.Track().ID + "." + name }
