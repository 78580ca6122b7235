package main

import (
	"errors"
	"fmt"
	"slices"

	"github.com/cyclecal/cyclecal/cycle/resource"
)

// loose returns an error for each name that the plan would leave without what has it: a document of the file names
// a track or ring that will not be there, or one that stays names what is deleted. The server refuses
// each of these too, but after the changes that come before it. tracks are those that there are;
// of these, the ground has some whatever is deleted.
func (p *plan) loose(file []resource.Document, stored []storedRow, tracks, ground []string) error {
	there, written, deleted := map[key]bool{}, map[key]bool{}, map[key]bool{}
	for _, id := range tracks {
		there[keyOf(resource.Tracks, id)] = true
	}
	for _, row := range stored {
		there[keyOf(row.Kind, row.ID)] = true
	}
	for _, c := range p.Changes {
		k := keyOf(c.Kind, c.ID)
		switch {
		case c.Action != actionDelete:
			written[k] = true
		case c.Kind != resource.Tracks || !slices.Contains(ground, c.ID):
			deleted[k] = true
			delete(there, k)
		}
	}
	for _, d := range file {
		there[keyOf(d.Kind, d.ID)] = true
	}
	var faults []error
	for _, d := range file {
		if written[keyOf(d.Kind, d.ID)] {
			faults = append(faults, needs(d, func(k key) bool { return !there[k] }, "is neither stored nor in the file")...)
		}
	}
	for _, row := range stored {
		d, err := resource.ParseJSON(row.Kind, row.ID, row.Document)
		if k := keyOf(row.Kind, row.ID); err == nil && !written[k] && !deleted[k] {
			faults = append(faults, needs(d, func(k key) bool { return deleted[k] }, "--prune would delete")...)
		}
	}
	return errors.Join(faults...)
}

// needs returns an error for each of the tracks and rings that a document names which is wrong, and why.
func needs(d resource.Document, wrong func(key) bool, why string) []error {
	var named []key
	tracks, rings := d.Names()
	for _, id := range tracks {
		named = append(named, keyOf(resource.Tracks, id))
	}
	for _, id := range rings {
		named = append(named, keyOf(resource.Rings, id))
	}
	var faults []error
	for _, k := range named {
		if wrong(k) {
			faults = append(faults, fmt.Errorf("%s/%s: needs %s/%s, which %s", d.Kind, d.ID, k.kind, k.id, why))
		}
	}
	return faults
}
