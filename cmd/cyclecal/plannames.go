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
	type name struct {
		kind resource.Kind
		id   string
	}
	there, written, deleted := map[name]bool{}, map[name]bool{}, map[name]bool{}
	for _, id := range tracks {
		there[name{resource.Tracks, id}] = true
	}
	for _, row := range stored {
		there[name{row.Kind, row.ID}] = true
	}
	for _, c := range p.Changes {
		n := name{c.Kind, c.ID}
		switch {
		case c.Action != actionDelete:
			written[n] = true
		case c.Kind != resource.Tracks || !slices.Contains(ground, c.ID):
			deleted[n] = true
			delete(there, n)
		}
	}
	for _, d := range file {
		there[name{d.Kind, d.ID}] = true
	}
	var faults []error
	look := func(d resource.Document, wrong func(name) bool, why string) {
		tracks, rings := d.Names()
		var names []name
		for _, id := range tracks {
			names = append(names, name{resource.Tracks, id})
		}
		for _, id := range rings {
			names = append(names, name{resource.Rings, id})
		}
		for _, n := range names {
			if wrong(n) {
				faults = append(faults, fmt.Errorf("%s/%s: needs %s/%s, which %s", d.Kind, d.ID, n.kind, n.id, why))
			}
		}
	}
	for _, d := range file {
		if written[name{d.Kind, d.ID}] {
			look(d, func(n name) bool { return !there[n] }, "is neither stored nor in the file")
		}
	}
	for _, row := range stored {
		d, err := resource.ParseJSON(row.Kind, row.ID, row.Document)
		if n := (name{row.Kind, row.ID}); err == nil && !written[n] && !deleted[n] {
			look(d, func(n name) bool { return deleted[n] }, "--prune would delete")
		}
	}
	return errors.Join(faults...)
}
