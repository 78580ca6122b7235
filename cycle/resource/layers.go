package resource

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// Fleet is everything that is known: the ground, with the documents that people wrote laid over it.
type Fleet struct {
	// Facts are those of each track: first the tracks of the ground in its order, then the others by id.
	Facts []cycle.Facts
	// Rings, Freezes, Feeds and Tokens are each in the order of their ids.
	Rings   []*cycle.Ring // there may be thousands, in a new list after each change
	Freezes []cycle.Freeze
	Feeds   []Feed
	Tokens  []Token
}

// Layers are documents laid over the ground, which is the built-in history. A document wins over the
// ground's fact of the same id. The order in which documents come does not matter, and a change costs
// only the work for what it touches.
//
// A document that can't stand is left out, and reported as a [Fault] with a pointer such as
// /rings/pilot/tracks/0: a release or notice of an unknown track, or one that its track can't have;
// a ring, freeze or feed that names an unknown track or ring. Where a document describes a track of
// the ground anew, those of the ground's facts stay that the new track can have.
//
// Layers may be used by one goroutine at a time. They change neither the ground nor what they have
// returned.
type Layers struct {
	order    []string                // of the ground's tracks
	ground   map[string]*cycle.Facts // by track
	editions func(track string) map[cycle.Month]int64

	documents map[Kind]map[string]*laid
	users     map[use]map[string]bool // the ids of the documents that name a track or a ring
	faulty    map[*laid]bool

	facts map[string]*cycle.Facts // by track, with the documents laid over them
	rings map[string]bool         // those that stand

	touched marks            // the tracks to make anew, and the other documents to judge anew
	changed marks            // what may differ from the fleet that was returned last
	was     map[*laid]Faults // during a try: the faults before it
	fleet   Fleet
}

// laid is a document with what is wrong with it.
type laid struct {
	Document
	faults Faults
}

// use is the key of the documents of one kind that name a track or a ring.
type use struct {
	by, of Kind
	id     string
}

// marks are sets of ids, by kind.
type marks map[Kind]map[string]bool

func (m marks) add(kind Kind, id string) {
	if m[kind] == nil {
		m[kind] = map[string]bool{}
	}
	m[kind][id] = true
}

// NewLayers returns layers over the ground, with no document yet. Editions returns the [cycle.Facts.Editions]
// of a track, and may be nil. Call [Layers.Touch] whenever its result for a track changes.
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

// Touch says that the editions of a track have changed.
func (l *Layers) Touch(track string) { l.touched.add(Tracks, track) }

// Try returns what would be wrong with a document if it was put, and what would newly be wrong with
// other documents.
func (l *Layers) Try(d Document) (own, others Faults) {
	try := &laid{Document: d}
	others = l.try(d.Kind, d.ID, try)
	return try.faults, others
}

// FaultsOf returns all that is wrong with a document that [ParseJSON] could not read as a whole: the faults that
// it found, and what would be wrong with the rest. Pointers are those in the document.
func (l *Layers) FaultsOf(d Document, read Faults) Faults {
	all := slices.Clone(read)
	own, _ := l.Try(d)
	for _, f := range own {
		f.Pointer = strings.TrimPrefix(f.Pointer, d.at())
		if read.allow("", f) {
			all = append(all, f)
		}
	}
	return all
}

// TryWithout returns what would newly be wrong with other documents if one was removed.
func (l *Layers) TryWithout(kind Kind, id string) Faults { return l.try(kind, id, nil) }

// Fleet returns everything that stands. It also returns the ids, in order and by kind, of what may have
// changed since the last call; for tracks these are the tracks whose facts may have changed.
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
		ring, ok := standing[cycle.Ring](l, Rings)(id)
		return &ring, ok
	})
	l.fleet.Freezes = Merged(l.fleet.Freezes, changed[Freezes], func(f cycle.Freeze) string { return f.ID }, standing[cycle.Freeze](l, Freezes))
	l.fleet.Feeds = Merged(l.fleet.Feeds, changed[Feeds], func(f Feed) string { return f.ID }, standing[Feed](l, Feeds))
	l.fleet.Tokens = Merged(l.fleet.Tokens, changed[Tokens], func(t Token) string { return t.ID }, standing[Token](l, Tokens))
	return l.fleet, changed
}

// Faults returns all that is wrong with the documents, in the order of their kinds and ids.
func (l *Layers) Faults() Faults {
	l.settle()
	var all Faults
	for _, d := range inOrder(maps.Keys(l.faulty)) {
		all = append(all, d.faults...)
	}
	return all
}

// Merged returns a copy of a list that is in the order of its ids, in which the values of some ids, in the
// same order, are those that find returns, or left out where find returns false.
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

// standing finds the value of a document that can stand, by its id.
func standing[T any](l *Layers, kind Kind) func(id string) (T, bool) {
	return func(id string) (T, bool) {
		var none T
		d := l.documents[kind][id]
		if d == nil || len(d.faults) > 0 {
			return none, false
		}
		value, ok := d.Value.(T)
		return value, ok
	}
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
