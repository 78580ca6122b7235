package api

import (
	"cmp"
	"slices"
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
	// Documents are those that people wrote, and the facts of the ground that these don't replace: by
	// kind, in the order of their ids.
	Documents map[string][]*Document
	// Rings are in the order of their names.
	Rings   []*cycle.Ring
	Freezes []cycle.Freeze
	// FleetEdition grows whenever a ring or a freeze is changed or withdrawn.
	FleetEdition int64
	// Tokens and Feeds are the secrets, with what each stands for.
	Tokens auth.Keys[auth.Bearer]
	Feeds  auth.Keys[Feed]
	// Sources are the ages of the pages that are fetched, if any are.
	Sources []SourceAge
	// Cache is shared by successive snapshots. It may be nil.
	Cache *CacheCounts
}

// SourceAge says when a source was last read. It has days and no instants, as answers are kept and
// change with it.
type SourceAge struct {
	ID string
	// Name is the name of the source for people.
	Name string
	// CheckedOn is the day, in Pacific time, on which the source was last read; zero if it never was.
	CheckedOn cycle.Date
	// Stale says that CheckedOn is too long ago.
	Stale bool
}

// Snapshot is everything known at one revision. It is immutable, and may be used as a [Source] that
// never changes.
type Snapshot struct {
	Contents
	ids       []string
	index     map[string]int
	histories []*history
	shelf     *shelf

	mu     sync.Mutex
	views  []*view   // the newest first
	served time.Time // when the first answer was made of it
}

// NewSnapshot returns what is known at one revision.
func NewSnapshot(c Contents) *Snapshot {
	s := &Snapshot{Contents: c, index: make(map[string]int, len(c.Facts)), shelf: newShelf(c.Cache)}
	for i, f := range c.Facts {
		s.ids = append(s.ids, f.Track.ID)
		s.index[f.Track.ID] = i
		s.histories = append(s.histories, &history{facts: f})
	}
	return s
}

// Next returns what is known at a later revision, for which the facts of the changed tracks may differ from
// those in s. Changed are ids, in order. What was compiled of all other tracks is kept.
func (s *Snapshot) Next(c Contents, changed []string) *Snapshot {
	next := &Snapshot{Contents: c, ids: s.ids, index: s.index, histories: slices.Clone(s.histories), shelf: newShelf(c.Cache)}
	if slices.EqualFunc(s.ids, c.Facts, func(id string, f cycle.Facts) bool { return id == f.Track.ID }) {
		for _, id := range changed {
			if i, ok := s.index[id]; ok {
				next.histories[i] = &history{facts: c.Facts[i]}
			}
		}
		return next
	}
	next = NewSnapshot(c)
	for i, id := range next.ids {
		_, other := slices.BinarySearch(changed, id)
		if old, ok := s.index[id]; ok && !other {
			next.histories[i] = s.histories[old]
		}
	}
	return next
}

// document returns the document of a kind and id.
func (s *Snapshot) document(kind, id string) (*Document, bool) {
	return find(s.Documents[kind], id, func(d *Document) string { return d.id })
}

// ring returns the stored ring of a name.
func (s *Snapshot) ring(name string) (*cycle.Ring, bool) {
	return find(s.Rings, name, func(r *cycle.Ring) string { return r.Name })
}

// find returns the value with an id, from a list in the order of ids.
func find[T any](list []T, id string, idOf func(T) string) (found T, ok bool) {
	i, ok := slices.BinarySearchFunc(list, id, func(value T, id string) int { return cmp.Compare(idOf(value), id) })
	if ok {
		found = list[i]
	}
	return found, ok
}

// Snapshot returns s.
func (s *Snapshot) Snapshot() *Snapshot { return s }

// servedSince returns when the first answer was made of the snapshot: before that, clients may have got
// a different answer.
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

// mostViews bounds how many days are kept compiled: dashboards ask for today, a
// stranger may ask for any day since the year 1.
const mostViews = 8

// history is what is known of a track. Snapshots share the histories of tracks that did not change.
type history struct {
	facts cycle.Facts
	mu    sync.Mutex
	days  []*known // the newest first
}

// known is what was known of a track on a day, compiled when it is first asked for.
type known struct {
	asOf     cycle.Date
	until    func() cycle.Date
	schedule func() cycle.Schedule
}

// asOf returns what was known at the end of that day.
func (h *history) asOf(day cycle.Date) *known {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, k := range h.days {
		if k.asOf == day {
			return k
		}
	}
	k := &known{
		asOf:     day,
		until:    sync.OnceValue(func() cycle.Date { return h.facts.KnownUntil(day) }),
		schedule: sync.OnceValue(func() cycle.Schedule { return cycle.Compile(h.facts, day) }),
	}
	h.days = append([]*known{k}, h.days[:min(len(h.days), mostViews-1)]...)
	return k
}

// view is a snapshot as of a day.
type view struct {
	asOf       cycle.Date
	knownUntil func() cycle.Date
	histories  []*history
}

// asOf returns the snapshot as it was known at the end of that day.
func (s *Snapshot) asOf(day cycle.Date) *view {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range s.views {
		if v.asOf == day {
			return v
		}
	}
	v := &view{asOf: day, histories: s.histories}
	v.knownUntil = sync.OnceValue(func() cycle.Date {
		var newest cycle.Date
		for _, h := range s.histories {
			if until := h.asOf(day).until(); until.After(newest) {
				newest = until
			}
		}
		return newest
	})
	s.views = append([]*view{v}, s.views[:min(len(s.views), mostViews-1)]...)
	return v
}

func (v *view) schedule(track int) cycle.Schedule { return v.histories[track].asOf(v.asOf).schedule() }

func (v *view) of(tracks []int) []cycle.Schedule {
	list := make([]cycle.Schedule, len(tracks))
	for i, track := range tracks {
		list[i] = v.schedule(track)
	}
	return list
}
