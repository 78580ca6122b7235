package resource

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"github.com/cyclecal/cyclecal/cycle"
)

// set puts a document in place of the one of that kind and id, or removes that if d is nil, and marks what
// this touches.
func (l *Layers) set(kind Kind, id string, d *laid) {
	if old := l.documents[kind][id]; old != nil {
		delete(l.documents[kind], id)
		delete(l.faulty, old)
		l.index(old, false)
	}
	if d != nil {
		if l.documents[kind] == nil {
			l.documents[kind] = map[string]*laid{}
		}
		l.documents[kind][id] = d
		if len(d.faults) > 0 {
			l.faulty[d] = true
		}
		l.index(d, true)
	}
	if kind != Releases && kind != Notices { // these are judged with their track, which index has touched
		l.touched.add(kind, id)
	}
}

// index notes which tracks and rings a document names or, when it goes, forgets them.
func (l *Layers) index(d *laid, there bool) {
	note := func(of Kind, id string) {
		u := use{d.Kind, of, id}
		switch users := l.users[u]; {
		case !there:
			delete(users, d.ID)
			if len(users) == 0 {
				delete(l.users, u)
			}
		case users == nil:
			l.users[u] = map[string]bool{d.ID: true}
		default:
			users[d.ID] = true
		}
	}
	tracks, rings := d.Names()
	for _, id := range tracks {
		note(Tracks, id)
		if d.Kind == Releases || d.Kind == Notices {
			l.Touch(id)
		}
	}
	for _, id := range rings {
		note(Rings, id)
	}
}

// Names returns the ids of the tracks and rings that the document refers to.
func (d Document) Names() (tracks, rings []string) {
	switch value := d.Value.(type) {
	case cycle.Release:
		return []string{value.Track}, nil
	case cycle.Notice:
		return []string{value.Track}, nil
	case cycle.Ring:
		return value.Tracks, nil
	case cycle.Freeze:
		return value.Tracks, value.Rings
	case Feed:
		return value.Tracks, value.Rings
	}
	return nil, nil
}

// try sets a document for a moment, and returns what is newly wrong with others.
func (l *Layers) try(kind Kind, id string, d *laid) Faults {
	l.settle()
	before := l.documents[kind][id]
	l.was = map[*laid]Faults{}
	l.set(kind, id, d)
	l.settle()
	was := l.was
	l.was = nil
	delete(was, d)
	var others Faults
	for _, other := range inOrder(maps.Keys(was)) {
		for _, f := range other.faults {
			if !slices.Contains(was[other], f) {
				others = append(others, f)
			}
		}
	}
	l.set(kind, id, before)
	l.settle()
	return others
}

// inOrder returns documents by kind and id.
func inOrder(documents iter.Seq[*laid]) []*laid {
	return slices.SortedFunc(documents, func(a, b *laid) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), cmp.Compare(a.ID, b.ID))
	})
}

// settle makes anew what was touched. What it makes touches only documents of later kinds.
func (l *Layers) settle() {
	for _, kind := range kinds {
		for id := range l.touched[kind] {
			l.changed.add(kind, id)
			switch kind {
			case Tracks:
				l.settleTrack(id)
			case Rings:
				l.settleRing(id)
			default:
				l.judge(kind, id)
			}
		}
		delete(l.touched, kind)
	}
}

// settleTrack makes the facts of a track anew. If the track comes or goes, the documents that name it are
// touched.
func (l *Layers) settleTrack(id string) {
	before, facts := l.facts[id], l.lay(id)
	if facts == nil {
		delete(l.facts, id)
	} else {
		l.facts[id] = facts
	}
	if (before == nil) != (facts == nil) {
		l.touchUsers(Tracks, id)
	}
}

// settleRing judges a ring. If the ring comes or goes, the documents that name it are touched.
func (l *Layers) settleRing(id string) {
	stands := l.judge(Rings, id)
	if stands != l.rings[id] {
		l.touchUsers(Rings, id)
	}
	l.rings[id] = stands
	if !stands {
		delete(l.rings, id)
	}
}

func (l *Layers) touchUsers(of Kind, id string) {
	for _, by := range []Kind{Rings, Freezes, Feeds} {
		for user := range l.users[use{by, of, id}] {
			l.touched.add(by, user)
		}
	}
}

// judge finds what is wrong with a ring, freeze, feed or token, and reports whether it stands.
func (l *Layers) judge(kind Kind, id string) bool {
	d := l.documents[kind][id]
	if d == nil {
		return false
	}
	at := d.at()
	switch d.Value.(type) {
	case cycle.Ring, cycle.Freeze, Feed, Token:
	default:
		return l.found(d, Faults{{Pointer: at, Detail: wantDocument}})
	}
	tracks, rings := d.Names()
	var faults Faults
	for i, track := range tracks {
		if track != "" && l.facts[track] == nil { // "" could not be read
			faults = append(faults, Fault{Pointer: pointerAt(at+"/tracks", i), Detail: invalid("track", quote(track), wantTrack)})
		}
	}
	for i, ring := range rings {
		if ring != "" && !l.rings[ring] {
			faults = append(faults, Fault{Pointer: pointerAt(at+"/rings", i), Detail: invalid("ring", quote(ring), wantRing)})
		}
	}
	return l.found(d, faults)
}

const (
	wantDocument = "unknown document: want a track, release, notice, ring, freeze, feed or token"
	wantTrack    = "the id of a track that there is"
	wantRing     = "the id of a ring that there is"
)

func (d Document) at() string { return pointer(pointer("", string(d.Kind)), d.ID) }

// found notes what is wrong with a document, and reports whether it stands.
func (l *Layers) found(d *laid, faults Faults) bool {
	if _, noted := l.was[d]; l.was != nil && !noted {
		l.was[d] = d.faults
	}
	d.faults = faults
	if len(faults) > 0 {
		l.faulty[d] = true
		return false
	}
	delete(l.faulty, d)
	return true
}
