package ics

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// Query selects what a feed has.
type Query struct {
	// From and To are the first and the last month.
	From, To cycle.Month
	// Kind keeps only the months and releases of that kind; the zero Kind keeps both.
	Kind cycle.Kind
	// Restart keeps only events that restart a device, or only those that do not;
	// [cycle.RestartUnknown] keeps all.
	Restart cycle.Restart
	// Cumulative and Component add the releases of these types.
	Cumulative, Component bool
	// Rings add an event for each restart of each ring, on the ring's tracks. For a ring
	// with a maintenance window the event is that window.
	Rings []cycle.Ring
	// Freezes are the spans in which no ring should restart.
	Freezes []cycle.Freeze
	// Edition grows whenever people change what the feed asks for, its rings or its freezes.
	Edition int64
	// Timed makes events begin at the instant of the release instead of taking the whole day.
	// Maintenance windows always have their hours.
	Timed bool
	// Zone is where an instant becomes a day; nil is the zone of each track's rule.
	Zone *time.Location
}

// Event is one entry of a feed. Its texts are as the facts have them; [Render] cleans them.
type Event struct {
	UID         string
	Summary     string
	Description string
	URL         string
	Categories  []string
	// First and Last are the days that an all-day event takes; zero for a timed one.
	First, Last cycle.Date
	// Start and End bound a timed event.
	Start, End time.Time
	// Confirmed is false while the event rests on the plan alone.
	Confirmed bool
	// Restarts says whether the update restarts a device that installs it.
	Restarts cycle.Restart
	// Stamp is the instant since which the event says what it says.
	Stamp time.Time
	// Sequence grows with the facts about the event and with what people change; it never goes down.
	Sequence int
}

// Events returns the events of a feed of these schedules, in the order of their beginnings and,
// among equal ones, in the order of the schedules.
func Events(schedules []cycle.Schedule, q Query) []Event {
	var events []Event
	for _, s := range schedules {
		b := builder{Schedule: s, q: q}
		for n := range q.From.MonthsUntil(q.To) + 1 {
			if m, ok := s.Milestone(q.From.AddMonths(n)); ok {
				b.month(m)
			}
		}
		b.loose()
		events = append(events, b.events...)
	}
	slices.SortStableFunc(events, func(a, b Event) int {
		return a.begin().Compare(b.begin())
	})
	return events
}

func (e Event) begin() time.Time {
	if e.First.IsZero() {
		return e.Start
	}
	return e.First.Midnight()
}

// builder makes the events of one track.
type builder struct {
	cycle.Schedule
	q      Query
	events []Event
}

// zone returns where instants become days.
func (b *builder) zone() *time.Location { return cmp.Or(b.q.Zone, b.Track().Rule.Zone) }

// month adds a month, its rings and its other releases.
func (b *builder) month(m cycle.Milestone) {
	if b.wants(m.Kind, restartOf(m.Kind)) {
		e := b.monthEvent(m)
		b.add(e, m.Date)
		if m.Kind == cycle.Baseline {
			b.rings(e, m, kindOf(m))
		}
	}
	for _, r := range m.Releases {
		if r != m.Update {
			b.release(m, r)
		}
	}
}

// loose adds the releases that belong to no month but have a day.
func (b *builder) loose() {
	for _, r := range b.Releases() {
		if r.Month.IsZero() && !r.Date.Month().Before(b.q.From) && !r.Date.Month().After(b.q.To) {
			b.release(cycle.Milestone{Month: r.Date.Month()}, r)
		}
	}
}

// release adds a release that is not the update of a month, if it is asked for, and its rings if it restarts.
func (b *builder) release(m cycle.Milestone, r cycle.Release) {
	if r.Date.IsZero() || !b.asked(r) {
		return
	}
	e := b.releaseEvent(m, r)
	if r.RestartsCycle() {
		b.rings(e, b.AsUpdate(m, r), r.What())
	}
	b.add(e, r.Date)
}

// asked reports whether the feed is to have a release that is not the update of a month: one of the cycle, or of a
// type that was asked for.
func (b *builder) asked(r cycle.Release) bool {
	switch r.Type {
	case cycle.TypeBaseline:
		return b.wants(cycle.Baseline, r.Restarts())
	case cycle.TypeHotpatch:
		return b.wants(cycle.Hotpatch, r.Restarts())
	case cycle.TypeCumulative:
		return b.q.Cumulative && b.wants(0, r.Restarts())
	default: // a component
		return b.q.Component && b.wants(0, r.Restarts())
	}
}

// wants applies the filters. A release without a kind passes the filter of kinds, as it was asked
// for by its type.
func (b *builder) wants(kind cycle.Kind, restarts cycle.Restart) bool {
	return (b.q.Kind == 0 || kind == 0 || kind == b.q.Kind) &&
		(b.q.Restart == cycle.RestartUnknown || restarts == b.q.Restart)
}

// timedLength is how long a release takes in a calendar that shows it at its instant.
const timedLength = time.Hour

// add adds the event of an update that was released on a day.
func (b *builder) add(e Event, released cycle.Date) {
	at := b.Track().Rule.At(released)
	if b.q.Timed {
		e.Start, e.End = at, at.Add(timedLength)
	} else {
		e.First = cycle.DateIn(at, b.zone())
		e.Last = e.First
	}
	b.events = append(b.events, e)
}

// uid joins the parts of a UID, which never changes. RFC 7986, 5.3: it must be unique worldwide.
func uid(parts ...string) string { return strings.Join(parts, ".") + domain }

const domain = "@cyclecal"

// releaseName is the part of a UID that names a release: its KB, or its day where it has none.
func releaseName(r cycle.Release) string {
	if r.KB == "" {
		return r.Date.String()
	}
	return strings.ToLower(r.KB)
}

func restartOf(kind cycle.Kind) cycle.Restart {
	if kind.Restarts() {
		return cycle.RestartNeeded
	}
	return cycle.RestartNotNeeded
}
