package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/importer"
	"github.com/cyclecal/cyclecal/cycle/resource"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// learn merges what a source says into what is known, and stores what is new in one batch, as documents
// whose author is the source. If another write comes first it merges again.
func (f *fleet) learn(ctx context.Context, d importer.Document, today cycle.Date) ([]importer.Difference, error) {
	s, err := f.store()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	for {
		known, stored := f.present()
		facts, differences, err := importer.Merge(known, d, today)
		if err != nil {
			return nil, err
		}
		writes := f.newFacts(known, facts, stored)
		if len(writes) == 0 {
			return differences, nil
		}
		if err := readable(writes); err != nil {
			return nil, fmt.Errorf("%s: %w", d.Source, err)
		}
		_, err = s.Write(ctx, store.Batch{Who: author(d), At: f.now(), Writes: writes})
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

// readable returns an error where a document could not be read again: it would be left out, and with it what is known.
func readable(writes []store.Write) error {
	for _, w := range writes {
		if w.Body == nil || w.Kind == editionsKind {
			continue
		}
		if _, err := resource.ParseJSON(resource.Kind(w.Kind), w.ID, w.Body); err != nil {
			return fmt.Errorf("%s %s: %w", w.Kind, w.ID, err)
		}
	}
	return nil
}

// present returns the facts that are known, for a merge, and what is stored of them. Both are of one revision: with
// versions newer than the facts, a merge would write over what it has not seen.
func (f *fleet) present() ([]cycle.Facts, map[key]entry) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return spoken(f.Snapshot().Facts), maps.Clone(f.stored)
}

// author names the page that a document is from, and the saved copy if one was read.
func author(d importer.Document) string {
	if d.Page == "" || d.Page == d.Source {
		return d.Source
	}
	return d.Page + ", read from " + d.Source
}

// newFacts returns the writes that make known facts into others. A stored release whose KB became
// known goes from one id to another.
func (f *fleet) newFacts(known, facts []cycle.Facts, stored map[key]entry) []store.Write {
	before, after := byKey(known), byKey(facts)
	var writes []store.Write
	var edited []resource.Document
	for k, d := range before {
		if e, there := stored[k]; there && after[k].Value == nil {
			writes = append(writes, store.Write{Kind: k.kind, ID: k.id, Match: e.Version})
			edited = append(edited, d)
		}
	}
	for k, d := range after {
		old, there := before[k]
		if there && bytes.Equal(old.JSON(), d.JSON()) {
			continue
		}
		version := stored[k].Version // 0 where it is of the ground, or nowhere
		writes = append(writes, store.Write{Kind: k.kind, ID: k.id, Body: d.JSON(), Match: version})
		edited = append(edited, d)
		if there {
			edited = append(edited, old)
		}
	}
	slices.SortFunc(writes, func(a, b store.Write) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID)) })
	return append(writes, f.editing(edited...)...)
}

// byKey returns facts as documents. Notices of one month, which have one id, are one document with
// what was said earlier.
func byKey(facts []cycle.Facts) map[key]resource.Document {
	all := map[key]resource.Document{}
	for _, d := range documentsOf(facts) {
		k := keyOf(d.Kind, d.ID)
		if n, ok := d.Value.(cycle.Notice); ok {
			if other, ok := all[k].Value.(cycle.Notice); ok {
				d.Value = together(n, other)
			}
		}
		all[k] = d
	}
	return all
}

// together makes one notice of two about the same month: the newest one, with the others as Earlier.
func together(a, b cycle.Notice) cycle.Notice {
	all := slices.Concat(cycle.Statements([]cycle.Notice{a}), cycle.Statements([]cycle.Notice{b}))
	slices.SortFunc(all, func(a, b cycle.Notice) int { return cmp.Or(a.KnownOn.Compare(b.KnownOn), cmp.Compare(a.Kind, b.Kind)) })
	newest := all[len(all)-1]
	newest.Earlier = slices.DeleteFunc(all[:len(all)-1], func(n cycle.Notice) bool { return !n.KnownOn.Before(newest.KnownOn) })
	return newest
}

// spoken returns facts whose notices have no Earlier, but stand by themselves, as a merge needs them.
func spoken(facts []cycle.Facts) []cycle.Facts {
	list := slices.Clone(facts)
	for i := range list {
		list[i].Notices = cycle.Statements(list[i].Notices)
	}
	return list
}
