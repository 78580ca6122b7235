package main

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/catalog"
	"github.com/cyclecal/cyclecal/cycle/resource"
)

// terrain is what a server has of tracks, as far as documents have to stand on them.
type terrain struct {
	shown  map[string]cycle.Track // as the server shows them
	ground map[string]cycle.Track // those under the stored ones
	sure   bool                   // what lies under a stored track is known: each built-in one that can be seen is as here
}

// shownTrack is a track as /api/v1/tracks lists it; a server of another version may tell more of it.
type shownTrack struct {
	ID       string
	OSBranch string `json:"os_branch"`
	First    string `json:"first_month"`
	Last     string `json:"hotpatch_until"`
}

func (s shownTrack) track() (cycle.Track, error) {
	t := cycle.Track{ID: s.ID, Branch: s.OSBranch}
	var err error
	if t.FirstMonth, err = cycle.ParseMonth(s.First); err == nil && s.Last != "" {
		t.LastMonth, err = cycle.ParseMonth(s.Last)
	}
	if err != nil {
		return t, fmt.Errorf("the server's track %q: %w", s.ID, err)
	}
	return t, nil
}

// terrain returns the tracks of a server on which these documents are stored.
func (c *client) terrain(ctx context.Context, stored []storedRow) (terrain, error) {
	t := terrain{shown: map[string]cycle.Track{}, ground: map[string]cycle.Track{}, sure: true}
	var answer struct{ Data []shownTrack }
	if err := c.read(ctx, "/api/v1/tracks", nil, &answer); err != nil {
		return t, err
	}
	for _, s := range answer.Data {
		track, err := s.track()
		if err != nil {
			return t, err
		}
		t.shown[s.ID] = track
	}
	facts, err := catalog.Load()
	if err != nil {
		return t, err
	}
	for _, f := range facts {
		if _, there := t.shown[f.Track.ID]; there {
			t.ground[f.Track.ID] = f.Track
		} else {
			t.sure = false
		}
	}
	covered := map[string]bool{}
	for _, row := range stored {
		if _, err := row.read(); err == nil && row.Kind == resource.Tracks {
			covered[row.ID] = true
		}
	}
	for id, track := range t.shown {
		if !covered[id] {
			t.sure = t.sure && reachOf(track) == reachOf(t.ground[id])
			t.ground[id] = track
		}
	}
	return t, nil
}

// faults returns what would be wrong with documents once the plan is carried out, and is not wrong already. The
// server refuses each of these too, but after the changes that come before it.
func (p *plan) faults(file []resource.Document, stored []storedRow, t terrain) resource.Faults {
	layers, documents := p.before(stored, t)
	before := map[resource.Fault]bool{}
	for _, f := range layers.Faults() {
		before[f] = true
	}
	stays, inFile := map[key]bool{}, map[key]bool{}
	for _, c := range p.Changes {
		if stays[keyOf(c.Kind, c.ID)] = c.Action != actionDelete; c.Action == actionDelete {
			layers.Remove(c.Kind, c.ID)
		}
	}
	for _, d := range file {
		if d.ID != "" {
			documents[keyOf(d.Kind, d.ID)], inFile[keyOf(d.Kind, d.ID)] = d, true
			layers.Put(d)
		}
	}
	var faults resource.Faults
	for _, f := range layers.Faults() {
		kind, id, within := documentAt(f.Pointer)
		of := keyOf(kind, id)
		named := namedAt(documents[of], within)
		if inFile[named] || before[f] && !stays[of] { // what names a document with a fault is right
			continue
		}
		if left, changes := stays[named]; changes && !left {
			f.Detail = "it needs " + named.kind + "/" + named.id + ", which --prune would delete"
		}
		faults = append(faults, f)
	}
	return faults
}

// before returns the documents that are stored, as far as they can be read here, laid over the tracks.
func (p *plan) before(stored []storedRow, t terrain) (*resource.Layers, map[key]resource.Document) {
	layers, documents := resource.NewLayers(p.groundOn(t), nil), map[key]resource.Document{}
	for _, row := range stored {
		d, err := row.read()
		switch {
		case err == nil:
		case row.Kind == resource.Rings: // what names it can stand, as far as is known here
			d = resource.Document{Kind: row.Kind, ID: row.ID, Value: cycle.Ring{Name: row.ID}}
		default:
			continue
		}
		documents[keyOf(d.Kind, d.ID)] = d
		layers.Put(d)
	}
	return layers, documents
}

// namedAt returns the document that a document names at a pointer in it, the zero key where it names none there.
func namedAt(d resource.Document, within string) key {
	tracks, rings := d.Names()
	kind, index, _ := strings.Cut(strings.TrimPrefix(within, "/"), "/")
	i, err := strconv.Atoi(index)
	switch {
	case kind == "track" && len(tracks) == 1:
		return keyOf(resource.Tracks, tracks[0])
	case err == nil && kind == string(resource.Tracks) && i < len(tracks):
		return keyOf(resource.Tracks, tracks[i])
	case err == nil && kind == string(resource.Rings) && i < len(rings):
		return keyOf(resource.Rings, rings[i])
	}
	return key{}
}

// groundOn returns the tracks on which the documents have to stand. Of one that a deletion may uncover, where
// only the server knows what it is, every month is one: the server decides.
func (p *plan) groundOn(t terrain) []cycle.Facts {
	tracks := maps.Clone(t.ground)
	for _, c := range p.Changes {
		if !t.sure && c.Kind == resource.Tracks && c.Action == actionDelete {
			tracks[c.ID] = cycle.Track{ID: c.ID, FirstMonth: cycle.MonthOf(1, 1)}
		}
	}
	var ground []cycle.Facts
	for _, track := range tracks {
		ground = append(ground, cycle.Facts{Track: track})
	}
	return ground
}
