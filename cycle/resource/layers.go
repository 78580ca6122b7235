package resource

import (
	"cmp"
	"maps"
	"slices"

	"github.com/cyclecal/cyclecal/cycle"
)

// Fleet is all that is known together: the ground and what people wrote.
type Fleet struct {
	// Facts are those of each track: the ground's in its order, then others by id.
	Facts []cycle.Facts
	// Rings, Freezes, Feeds and Tokens are each in the order of their ids.
	Rings   []*cycle.Ring // there may be thousands, in a new list after each change
	Freezes []cycle.Freeze
	Feeds   []Feed
	Tokens  []Token
}

// Layers are documents laid over the ground: by id, they win. One more costs what it touches, and the
// order in which they come does not matter.
//
// A document that can't stand is left out, and is a [Fault] with a pointer such as
// /rings/pilot/tracks/0: a release or notice of an unknown track or one that its
// track can't have, a ring, freeze or feed that names an unknown track or
// ring. What the ground tells about a track that a document describes anew stays
// as far as that track can have it. The ground is not changed.
//
// Layers may be used by one goroutine at a time. What they return does not change any more.
type Layers struct {
	order    []string                // of the ground's tracks
	ground   map[string]*cycle.Facts // by track
	editions func(track string) map[cycle.Month]int64

	documents map[Kind]map[string]*laid
	users     map[use]map[string]bool // the ids of documents that name another
	faulty    map[*laid]bool

	facts map[string]*cycle.Facts // by track, with what is laid over them
	rings map[string]bool         // those that stand

	touched marks            // tracks to be made, and others to be judged, anew
	changed marks            // what may be another than in the fleet
	was     map[*laid]Faults // while something is tried: the faults before
	fleet   Fleet
}

// laid is a document with what is wrong with it.
type laid struct {
	Document
	faults Faults
}

// use is that documents of one kind name a track or a ring.
type use struct {
	by, of Kind
	id     string
}

// marks are ids of some kinds.
type marks map[Kind]map[string]bool

func (m marks) add(kind Kind, id string) {
	if m[kind] == nil {
		m[kind] = map[string]bool{}
	}
	m[kind][id] = true
}

// NewLayers returns layers over the ground, with no document yet. Editions tell those of the facts of a
// track; who changes what they tell calls [Layers.Touch]. They may be nil.
func NewLayers(ground []cycle.Facts, editions func(track string) map[cycle.Month]int64) *Layers {
	l := &Layers{
		ground: map[string]*cycle.Facts{}, editions: editions,
		documents: map[Kind]map[string]*laid{}, users: map[use]map[string]bool{}, faulty: map[*laid]bool{},
		facts: map[string]*cycle.Facts{}, rings: map[string]bool{}, touched: marks{}, changed: marks{},
	}
	for i := range ground {
		id := ground[i].Track.ID
		l.order = append(l.order, id)
		l.ground[id] = &ground[i]
		l.Touch(id)
	}
	return l
}

// Put lays a document over the others, in place of the one of its kind and id.
func (l *Layers) Put(d Document) { l.set(d.Kind, d.ID, &laid{Document: d}) }

// Remove takes the document of a kind and id away, if there is one.
func (l *Layers) Remove(kind Kind, id string) { l.set(kind, id, nil) }

// Touch says that the editions of a track are others.
func (l *Layers) Touch(track string) { l.touched.add(Tracks, track) }

// Try returns what would be wrong with a document if it was put, and what would then be wrong
// with others that is not wrong now.
func (l *Layers) Try(d Document) (own, others Faults) {
	try := &laid{Document: d}
	others = l.try(d.Kind, d.ID, try)
	return try.faults, others
}

// TryWithout returns what would be wrong without a document that is not wrong now.
func (l *Layers) TryWithout(kind Kind, id string) Faults { return l.try(kind, id, nil) }

// Fleet returns all that stands. It tells by kind the ids of what may be another than when it was
// last asked, in order; those of tracks are the tracks whose facts may be others.
func (l *Layers) Fleet() (Fleet, map[Kind][]string) {
	l.settle()
	changed := map[Kind][]string{}
	for kind, ids := range l.changed {
		changed[kind] = slices.Sorted(maps.Keys(ids))
	}
	l.changed = marks{}
	if len(changed[Tracks]) > 0 {
		l.fleet.Facts = l.allFacts()
	}
	l.fleet.Rings = Merged(l.fleet.Rings, changed[Rings], func(r *cycle.Ring) string { return r.Name }, func(id string) (*cycle.Ring, bool) {
		ring, ok := standing[cycle.Ring](l, Rings, id)
		return &ring, ok
	})
	l.fleet.Freezes = Merged(l.fleet.Freezes, changed[Freezes], func(f cycle.Freeze) string { return f.ID }, func(id string) (cycle.Freeze, bool) {
		return standing[cycle.Freeze](l, Freezes, id)
	})
	l.fleet.Feeds = Merged(l.fleet.Feeds, changed[Feeds], func(f Feed) string { return f.ID }, func(id string) (Feed, bool) {
		return standing[Feed](l, Feeds, id)
	})
	l.fleet.Tokens = Merged(l.fleet.Tokens, changed[Tokens], func(t Token) string { return t.ID }, func(id string) (Token, bool) {
		return standing[Token](l, Tokens, id)
	})
	return l.fleet, changed
}

// Faults returns all that is wrong, by kind and id.
func (l *Layers) Faults() Faults {
	l.settle()
	var all Faults
	for _, d := range inOrder(maps.Keys(l.faulty)) {
		all = append(all, d.faults...)
	}
	return all
}

// Merged returns a list in the order of its ids, with the values of some ids, in order too, replaced by what
// find returns, or left out where it finds none. The list itself is not changed.
func Merged[T any](list []T, ids []string, idOf func(T) string, find func(id string) (T, bool)) []T {
	if len(ids) == 0 {
		return list
	}
	merged := make([]T, 0, len(list)+len(ids))
	for _, id := range ids {
		i, there := slices.BinarySearchFunc(list, id, func(value T, id string) int { return cmp.Compare(idOf(value), id) })
		merged, list = append(merged, list[:i]...), list[i:]
		if there {
			list = list[1:]
		}
		if value, ok := find(id); ok {
			merged = append(merged, value)
		}
	}
	return append(merged, list...)
}

// standing returns the value of a document that can stand.
func standing[T any](l *Layers, kind Kind, id string) (T, bool) {
	var none T
	d := l.documents[kind][id]
	if d == nil || len(d.faults) > 0 {
		return none, false
	}
	value, ok := d.Value.(T)
	return value, ok
}

// allFacts returns those of each track.
func (l *Layers) allFacts() []cycle.Facts {
	all := make([]cycle.Facts, 0, len(l.facts))
	for _, id := range l.order {
		all = append(all, *l.facts[id])
	}
	for _, id := range slices.Sorted(maps.Keys(l.documents[Tracks])) {
		if l.ground[id] == nil && l.facts[id] != nil {
			all = append(all, *l.facts[id])
		}
	}
	return all
}
