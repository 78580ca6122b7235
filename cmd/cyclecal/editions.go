package main

import (
	"maps"
	"slices"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/resource"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// editing returns the writes that note which facts, rings or freezes are edited, so that the SEQUENCE of an
// event never goes down. It is given the values before and after the change.
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

// editionOf returns the id of the edition that a document belongs to: that of a track, of a month of it,
// or of rings and freezes; "" for none.
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
	g, ok := f.groundAs[keyOf(d.Kind, d.ID)]
	if !ok {
		return resource.Document{}, false
	}
	covered, err := resource.ParseJSON(d.Kind, d.ID, g.JSON)
	return covered, err == nil
}
