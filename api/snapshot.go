package api

import (
	"sync"
	"time"

	"github.com/cyclecal/cyclecal/api/auth"
	"github.com/cyclecal/cyclecal/cycle"
)

// Source gives the newest snapshot. It must be quick and must not fail: every
// request asks.
type Source interface {
	Snapshot() *Snapshot
}

// Contents are everything known at one revision. Nothing of it may be changed afterwards.
type Contents struct {
	Revision int64
	// Facts are those of each track, in the order in which tracks are shown.
	Facts []cycle.Facts
	// Documents are what people keep here, and the facts of the ground as documents.
	Documents []Document
	Rings     []cycle.Ring
	Freezes   []cycle.Freeze
	// FleetEdition grows whenever a ring or a freeze is changed or withdrawn.
	FleetEdition int64
	// Tokens and Feeds are who bears a secret, by its [auth.Hash].
	Tokens map[string]auth.Bearer
	Feeds  map[string]Feed
	// Sources tell how old is what is fetched; none where nothing is.
	Sources []SourceAge
	// Cache counts on from snapshot to snapshot. It may be nil.
	Cache *CacheCounts
}

// SourceAge is how old what a source says is, in days: answers change with it, and they
// are kept.
type SourceAge struct {
	ID string
	// Name is what people call the source.
	Name string
	// CheckedOn is the day on which it was last read, where updates come from; zero if it never was.
	CheckedOn cycle.Date
	// Stale says that this is too long ago.
	Stale bool
}

// Snapshot is everything known at one revision. It is immutable, and so is a
// [Source] by itself: one that never changes.
type Snapshot struct {
	Contents
	ids       []string
	index     map[string]int
	documents map[name]Document
	tokens    auth.Keys[auth.Bearer]
	feeds     auth.Keys[Feed]
	shelf     *shelf

	mu     sync.Mutex
	views  []*view   // the newest first
	served time.Time // when the first answer was made of it
}

// NewSnapshot returns what is known at one revision.
func NewSnapshot(c Contents) *Snapshot {
	s := &Snapshot{
		Contents: c, index: make(map[string]int, len(c.Facts)), documents: make(map[name]Document, len(c.Documents)),
		tokens: auth.NewKeys(c.Tokens), feeds: auth.NewKeys(c.Feeds), shelf: newShelf(c.Cache),
	}
	for i, f := range c.Facts {
		s.ids = append(s.ids, f.Track.ID)
		s.index[f.Track.ID] = i
	}
	for _, d := range c.Documents {
		s.documents[d.name] = d
	}
	return s
}

// Snapshot returns s.
func (s *Snapshot) Snapshot() *Snapshot { return s }

// servedSince returns when the first answer was made of the snapshot: what was
// answered before may have been something else.
func (s *Snapshot) servedSince(now time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.served.IsZero() || now.Before(s.served) {
		s.served = now
	}
	return s.served
}

func (s *Snapshot) all() []int {
	list := make([]int, len(s.Facts))
	for i := range list {
		list[i] = i
	}
	return list
}

// view is a snapshot as of a day. Its schedules are compiled when they are first
// asked for.
type view struct {
	asOf       cycle.Date
	knownUntil func() cycle.Date
	schedules  []func() cycle.Schedule
}

// mostViews bounds how many days are kept compiled: dashboards ask for today, a
// stranger may ask for any day since the year 1.
const mostViews = 8

// asOf returns the snapshot as it was known at the end of that day.
func (s *Snapshot) asOf(day cycle.Date) *view {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.views {
		if v.asOf == day {
			return v
		}
	}
	v := &view{asOf: day, schedules: make([]func() cycle.Schedule, len(s.Facts))}
	for i, f := range s.Facts {
		v.schedules[i] = sync.OnceValue(func() cycle.Schedule { return cycle.Compile(f, day) })
	}
	v.knownUntil = sync.OnceValue(func() cycle.Date {
		var newest cycle.Date
		for _, f := range s.Facts {
			if until := f.KnownUntil(day); until.After(newest) {
				newest = until
			}
		}
		return newest
	})
	s.views = append([]*view{v}, s.views[:min(len(s.views), mostViews-1)]...)
	return v
}

func (v *view) schedule(track int) cycle.Schedule { return v.schedules[track]() }

func (v *view) of(tracks []int) []cycle.Schedule {
	list := make([]cycle.Schedule, len(tracks))
	for i, track := range tracks {
		list[i] = v.schedule(track)
	}
	return list
}
