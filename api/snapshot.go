package api

import (
	"cmp"
	"maps"
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
	zones     []*time.Location // of the rules
	shelf     *shelf

	mu     sync.Mutex
	views  []*view   // the newest first
	served time.Time // when the first answer was made of it
}

// NewSnapshot returns what is known at one revision.
func NewSnapshot(c Contents) *Snapshot {
	s := &Snapshot{Contents: c, index: make(map[string]int, len(c.Facts)), zones: zonesOf(c.Facts), shelf: newShelf(c.Cache)}
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
	next := &Snapshot{Contents: c, ids: s.ids, index: s.index, histories: slices.Clone(s.histories), zones: zonesOf(c.Facts), shelf: newShelf(c.Cache)}
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

// zonesOf returns each zone of a rule once.
func zonesOf(facts []cycle.Facts) []*time.Location {
	byName := map[string]*time.Location{}
	for _, f := range facts {
		byName[f.Track.Rule.Zone.String()] = f.Track.Rule.Zone
	}
	return slices.Collect(maps.Values(byName))
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
