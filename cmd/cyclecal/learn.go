package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/importer"
	"github.com/cyclecal/cyclecal/cycle/resource"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// learn merges what a source says into what is known, and stores what is new as documents
// whose author is the source, all at once. What was written meanwhile is merged with.
func (f *fleet) learn(ctx context.Context, d importer.Document, today cycle.Date) ([]importer.Difference, error) {
	s, err := f.store()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	for {
		known := f.Snapshot().Facts
		facts, differences, err := importer.Merge(known, d, today)
		if err != nil {
			return nil, err
		}
		writes := f.newFacts(known, facts)
		if len(writes) == 0 {
			return differences, nil
		}
		_, err = s.Write(ctx, store.Batch{Who: cmp.Or(d.Page, d.Source), At: f.now(), Writes: writes})
		if err == nil {
			return differences, storeError(f.catchUp(ctx))
		}
		if !errors.Is(err, store.ErrConflict) {
			return nil, storeError(err)
		}
		if err := f.catchUp(ctx); err != nil {
			return nil, storeError(err)
		}
	}
}

// newFacts returns the writes that make known facts into others. A stored release whose KB became
// known goes from one id to another.
func (f *fleet) newFacts(known, facts []cycle.Facts) []store.Write {
	before, after := byKey(known), byKey(facts)
	var writes []store.Write
	var edited []resource.Document
	for k, d := range before {
		if e, stored := f.entry(k); stored && after[k].Value == nil {
			writes = append(writes, store.Write{Kind: k.kind, ID: k.id, Match: e.Version})
			edited = append(edited, d)
		}
	}
	for k, d := range after {
		old, there := before[k]
		if there && bytes.Equal(old.JSON(), d.JSON()) {
			continue
		}
		e, _ := f.entry(k) // version 0 where it is of the ground, or nowhere
		writes = append(writes, store.Write{Kind: k.kind, ID: k.id, Body: d.JSON(), Match: e.Version})
		edited = append(edited, d)
		if there {
			edited = append(edited, old)
		}
	}
	slices.SortFunc(writes, func(a, b store.Write) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) })
	return append(writes, f.editing(edited...)...)
}

// byKey returns facts as documents. Of two notices of one month, which have one id, the newer counts.
func byKey(facts []cycle.Facts) map[key]resource.Document {
	all := map[key]resource.Document{}
	for _, d := range documentsOf(facts) {
		k := key{string(d.Kind), d.ID}
		if n, ok := d.Value.(cycle.Notice); ok {
			if other, ok := all[k].Value.(cycle.Notice); ok && other.KnownOn.After(n.KnownOn) {
				continue
			}
		}
		all[k] = d
	}
	return all
}
