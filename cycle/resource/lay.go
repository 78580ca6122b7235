package resource

import (
	"maps"
	"slices"

	"github.com/cyclecal/cyclecal/cycle"
)

// lay returns the facts of a track: those of the ground, with the documents over them, or nil where there is
// no such track. It notes what is wrong with the documents.
func (l *Layers) lay(id string) *cycle.Facts {
	facts := l.describe(id)
	places := map[string]int{}
	if facts != nil {
		for i, r := range facts.Releases {
			places[string(Releases)+r.ID()] = i
		}
		for i, n := range facts.Notices {
			places[string(Notices)+n.ID()] = i
		}
	}
	for _, kind := range []Kind{Releases, Notices} {
		for _, of := range slices.Sorted(maps.Keys(l.users[use{kind, Tracks, id}])) {
			d := l.documents[kind][of]
			if l.found(d, d.faultsOn(facts)) {
				d.addTo(facts, places)
			}
		}
	}
	return facts
}

// describe returns the ground's facts of a track. If a document describes the track anew, only the facts
// that this track can have are among them.
func (l *Layers) describe(id string) *cycle.Facts {
	facts := &cycle.Facts{}
	ground := l.ground[id]
	if ground != nil {
		*facts = cycle.Facts{Track: ground.Track, Releases: slices.Clone(ground.Releases), Notices: slices.Clone(ground.Notices)}
	}
	if l.editions != nil {
		facts.Editions = l.editions(id)
	}
	d := l.documents[Tracks][id]
	if d == nil || !l.found(d, d.trackFaults()) {
		if ground == nil {
			return nil
		}
		return facts
	}
	t, _ := d.Value.(cycle.Track) // trackFaults has looked
	facts.Track = t
	facts.Releases = slices.DeleteFunc(facts.Releases, func(r cycle.Release) bool { return t.CheckRelease(r) != nil })
	facts.Notices = slices.DeleteFunc(facts.Notices, func(n cycle.Notice) bool { return t.CheckNotice(n) != nil })
	return facts
}

// trackFaults returns what is wrong with the document of a track.
func (d *laid) trackFaults() Faults {
	t, ok := d.Value.(cycle.Track)
	if !ok {
		return Faults{{Pointer: d.at(), Detail: wantDocument}}
	}
	if name, want := faultOf(t.Check()); name != "" {
		return Faults{{Pointer: d.at(), Detail: invalid("track", quote(t.ID), want)}}
	}
	return nil
}

// faultsOn returns what is wrong with a release or notice of a track with these facts; they are nil where
// there is no such track.
func (d *laid) faultsOn(facts *cycle.Facts) Faults {
	if facts == nil {
		tracks, _ := d.Names()
		return Faults{{Pointer: d.at() + "/track", Detail: invalid("track", quote(tracks[0]), wantTrack)}}
	}
	var found []error
	switch value := d.Value.(type) {
	case cycle.Release:
		found = facts.Track.ReleaseFaults(value)
	case cycle.Notice:
		found = facts.Track.NoticeFaults(value)
	}
	var faults Faults
	for _, err := range found {
		name, _ := faultOf(err)
		faults = append(faults, Fault{Pointer: pointer(d.at(), name), Detail: err.Error()})
	}
	return faults
}

// addTo puts a release or notice among the facts of its track, in place of the one of its id.
func (d *laid) addTo(facts *cycle.Facts, places map[string]int) {
	switch value := d.Value.(type) {
	case cycle.Release:
		facts.Releases = put(facts.Releases, places, string(Releases)+value.ID(), value)
	case cycle.Notice:
		facts.Notices = put(facts.Notices, places, string(Notices)+value.ID(), value)
	}
}

// put replaces the fact of that id, or adds one. Places has the index of each fact.
func put[T any](list []T, places map[string]int, id string, value T) []T {
	if at, ok := places[id]; ok {
		list[at] = value
		return list
	}
	places[id] = len(list)
	return append(list, value)
}
