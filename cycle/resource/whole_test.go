package resource

import (
	"cmp"
	"slices"

	"github.com/cyclecal/cyclecal/cycle"
)

// Overlay is what [Layers] are measured by: it lays all documents over the ground at once, in the order of
// their kinds and ids, and remembers nothing.
func Overlay(ground []cycle.Facts, docs []Document) (Fleet, Faults) {
	o := overlay{tracks: map[string]int{}, rings: map[string]bool{}, places: map[string]int{}, placed: map[string]bool{}}
	o.fleet.Facts = make([]cycle.Facts, 0, len(ground))
	for _, facts := range ground {
		o.tracks[facts.Track.ID] = len(o.fleet.Facts)
		o.fleet.Facts = append(o.fleet.Facts, cycle.Facts{
			Track: facts.Track, Releases: slices.Clone(facts.Releases), Notices: slices.Clone(facts.Notices),
		})
	}
	docs = slices.SortedStableFunc(slices.Values(docs), func(a, b Document) int {
		return cmp.Or(cmp.Compare(slices.Index(kinds, a.Kind), slices.Index(kinds, b.Kind)), cmp.Compare(a.ID, b.ID))
	})
	for _, d := range docs {
		o.lay(d)
	}
	return o.fleet, o.faults
}

// overlay is a fleet while documents are laid over it.
type overlay struct {
	fleet  Fleet
	faults Faults
	tracks map[string]int // where a track's facts stand
	rings  map[string]bool
	places map[string]int  // where the releases and notices of a track stand, by id
	placed map[string]bool // the tracks of which that is known
}

// find returns where a fact of that kind and id stands among its track's, or -1. Tracks come before
// facts, so that places don't move any more.
func (o *overlay) find(facts *cycle.Facts, kind Kind, id string) int {
	if track := facts.Track.ID; !o.placed[track] {
		for i, r := range facts.Releases {
			o.places[string(Releases)+r.ID()] = i
		}
		for i, n := range facts.Notices {
			o.places[string(Notices)+n.ID()] = i
		}
		o.placed[track] = true
	}
	if i, ok := o.places[string(kind)+id]; ok {
		return i
	}
	return -1
}

// replace replaces the fact at a place, or adds one.
func replace[T any](list []T, at int, value T) ([]T, int) {
	if at >= 0 {
		list[at] = value
		return list, at
	}
	return append(list, value), len(list)
}

// lay adds a document, or the reason why it can't be there.
func (o *overlay) lay(d Document) {
	at := pointer(pointer("", string(d.Kind)), d.ID)
	switch value := d.Value.(type) {
	case cycle.Track:
		o.track(at, value)
	case cycle.Release:
		if facts := o.facts(at, value.Track); facts != nil && o.fits(at, facts.Track.ReleaseFaults(value)) {
			at := o.find(facts, Releases, value.ID())
			facts.Releases, o.places[string(Releases)+value.ID()] = replace(facts.Releases, at, value)
		}
	case cycle.Notice:
		if facts := o.facts(at, value.Track); facts != nil && o.fits(at, facts.Track.NoticeFaults(value)) {
			at := o.find(facts, Notices, value.ID())
			facts.Notices, o.places[string(Notices)+value.ID()] = replace(facts.Notices, at, value)
		}
	case cycle.Ring:
		if o.knows(at, value.Tracks, nil) {
			o.fleet.Rings = append(o.fleet.Rings, &value)
			o.rings[value.Name] = true
		}
	case cycle.Freeze:
		if o.knows(at, value.Tracks, value.Rings) {
			o.fleet.Freezes = append(o.fleet.Freezes, value)
		}
	case Feed:
		if o.knows(at, value.Tracks, value.Rings) {
			o.fleet.Feeds = append(o.fleet.Feeds, value)
		}
	case Token:
		o.fleet.Tokens = append(o.fleet.Tokens, value)
	default:
		o.fault(at, "unknown document: want a track, release, notice, ring, freeze, feed or token")
	}
}

func (o *overlay) fault(at, detail string) {
	o.faults = append(o.faults, Fault{Pointer: at, Detail: detail})
}

// track describes a track anew, or a new one.
func (o *overlay) track(at string, t cycle.Track) {
	if name, want := faultOf(t.Check()); name != "" {
		o.fault(at, invalid("track", quote(t.ID), want))
		return
	}
	i, ok := o.tracks[t.ID]
	if !ok {
		o.tracks[t.ID] = len(o.fleet.Facts)
		o.fleet.Facts = append(o.fleet.Facts, cycle.Facts{Track: t})
		return
	}
	facts := &o.fleet.Facts[i]
	facts.Track = t
	facts.Releases = slices.DeleteFunc(facts.Releases, func(r cycle.Release) bool { return t.CheckRelease(r) != nil })
	facts.Notices = slices.DeleteFunc(facts.Notices, func(n cycle.Notice) bool { return t.CheckNotice(n) != nil })
}

// facts returns those of a track, or nil where there is no such track.
func (o *overlay) facts(at, track string) *cycle.Facts {
	i, ok := o.tracks[track]
	if !ok {
		o.fault(at+"/track", invalid("track", quote(track), wantTrack))
		return nil
	}
	return &o.fleet.Facts[i]
}

// fits reports whether a track can have a fact, of which the model told these faults.
func (o *overlay) fits(at string, faults []error) bool {
	for _, err := range faults {
		name, _ := faultOf(err)
		o.fault(pointer(at, name), err.Error())
	}
	return len(faults) == 0
}

// knows reports whether all these tracks and rings are there.
func (o *overlay) knows(at string, tracks, rings []string) bool {
	before := len(o.faults)
	for i, id := range tracks {
		if _, ok := o.tracks[id]; !ok {
			o.fault(pointerAt(at+"/tracks", i), invalid("track", quote(id), wantTrack))
		}
	}
	for i, id := range rings {
		if !o.rings[id] {
			o.fault(pointerAt(at+"/rings", i), invalid("ring", quote(id), wantRing))
		}
	}
	return len(o.faults) == before
}
