package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/resource"
	"github.com/cyclecal/cyclecal/cycle/store"
)

func (f *fleet) nothingStored(c api.Change) error {
	if _, ok := f.groundAs[key{c.Kind, c.ID}]; ok {
		return fmt.Errorf("%s %q is built in, and a stored one %w: want the id of a stored document", c.Kind, c.ID, cycle.ErrNotFound)
	}
	return fmt.Errorf("%s %q: %w: want the id of a stored document", c.Kind, c.ID, cycle.ErrNotFound)
}

// refuse tells all that is wrong with a document in which there are faults.
func (f *fleet) refuse(d resource.Document, faults resource.Faults) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return wrongDocument(f.layers.FaultsOf(d, faults), "")
}

// check refuses a document that can't stand beside the others, or that others can't stand beside.
func (f *fleet) check(d resource.Document) error {
	f.mu.Lock()
	own, others := f.layers.Try(d)
	f.mu.Unlock()
	if len(own) > 0 {
		return wrongDocument(own, "/"+string(d.Kind)+"/"+d.ID)
	}
	return usedBy(string(d.Kind), d.ID, others)
}

// checkWithout refuses to take away what others need.
func (f *fleet) checkWithout(c api.Change) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return usedBy(c.Kind, c.ID, f.layers.TryWithout(resource.Kind(c.Kind), c.ID))
}

// usedBy returns an error for a change after which something would be wrong with other documents.
func usedBy(kind, id string, others resource.Faults) error {
	if len(others) == 0 {
		return nil
	}
	used := &api.DocumentError{Used: true}
	for _, fault := range others {
		used.Faults = append(used.Faults, api.DocumentFault{
			Pointer: fault.Pointer, Detail: "needs /" + kind + "/" + id + " as it is: want this changed or deleted first",
		})
	}
	return used
}

// wrongDocument translates the faults of a document, which is at that pointer, into an error of api.
func wrongDocument(faults resource.Faults, at string) error {
	wrong := &api.DocumentError{}
	for _, fault := range faults {
		wrong.Faults = append(wrong.Faults, api.DocumentFault{Pointer: strings.TrimPrefix(fault.Pointer, at), Detail: fault.Detail})
	}
	return wrong
}

// storeError translates an error of the store into one of api.
func storeError(err error) error {
	if corrupt, ok := errors.AsType[*store.CorruptError](err); ok {
		return &api.DocumentError{Used: true, Faults: []api.DocumentFault{{Detail: corrupt.Error()}}}
	}
	for _, e := range []struct{ is, tell error }{
		{store.ErrConflict, api.ErrChanged},
		{store.ErrKeyReused, api.ErrKeyReused},
		{store.ErrUnavailable, api.ErrUnavailable},
		{store.ErrNewer, api.ErrUnavailable},
	} {
		if errors.Is(err, e.is) {
			return fmt.Errorf("%w: %w", e.tell, err)
		}
	}
	return err
}
