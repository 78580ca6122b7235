package main

import (
	"maps"
	"slices"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/resource"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// editing returns the writes that tell of what is edited, so that a calendar's SEQUENCE never
// goes down: the values before and after.
func (f *fleet) editing(values ...resource.Document) []store.Write {
	ids := map[string]bool{}
	for _, d := range values {
		if covered, ok := f.groundValue(d); ok {
			ids[editionOf(covered)] = true
		}
		ids[editionOf(d)] = true
	}
	delete(ids, "")
	var writes []store.Write
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		writes = append(writes, store.Write{Kind: editionsKind, ID: id, Body: []byte("{}"), Match: store.Any})
	}
	return writes
}

// editionOf names what a document changes: a track, a month of it, or rings and freezes.
func editionOf(d resource.Document) string {
	of := func(track string, m cycle.Month) string {
		if m.IsZero() {
			return track
		}
		return track + "." + m.String()
	}
	switch v := d.Value.(type) {
	case cycle.Track:
		return v.ID
	case cycle.Release:
		return of(v.Track, v.Month)
	case cycle.Notice:
		return of(v.Track, v.Month)
	case cycle.Ring, cycle.Freeze:
		return fleetEdition
	}
	return ""
}

// groundValue returns the fact of the ground that a document lies over.
func (f *fleet) groundValue(d resource.Document) (resource.Document, bool) {
	g, ok := f.groundAs[key{string(d.Kind), d.ID}]
	if !ok {
		return resource.Document{}, false
	}
	covered, err := resource.ParseJSON(d.Kind, d.ID, g.JSON)
	return covered, err == nil
}
