package main

import (
	"context"
	"errors"
	"time"

	"github.com/cyclecal/cyclecal/cycle/store"
)

// follow keeps up with the store until the context ends: a hint says at once that something
// was written, and every second it looks for what no hint came for.
func (f *fleet) follow(ctx context.Context) {
	s, err := f.store()
	if err != nil {
		return
	}
	hints := s.Listen(ctx)
	second := time.NewTicker(time.Second)
	defer second.Stop()
	behind := false
	for {
		select {
		case <-ctx.Done():
			return
		case _, ok := <-hints:
			if !ok {
				hints = nil
			}
		case <-second.C:
		}
		err := f.catchUp(ctx)
		if ctx.Err() == nil && (err != nil) != behind {
			behind = err != nil
			f.tell(err)
		}
	}
}

func (f *fleet) tell(err error) {
	if err == nil {
		f.log.Info("the database is back")
		return
	}
	f.log.Error("the database can't be read: serving what is known", "error", err)
}

// lookTime bounds one look at the store. The bound on secrets is longer.
const lookTime = 3 * time.Second

// mostChanges is how many changes are read at once, about.
const mostChanges = 1000

// catchUp applies what was written since the last look.
func (f *fleet) catchUp(ctx context.Context) error {
	s, err := f.store()
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	patience := lookTime
	if f.snapshot.Load() == nil {
		patience = openTime // all of it is read
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	started := f.now()
	changed, err := f.advance(ctx, s)
	if changed {
		f.compile()
		f.tellTroubles()
	}
	if err == nil {
		f.confirmed.Store(&started)
	}
	return err
}

// advance reads what is new, and reports whether there was anything.
func (f *fleet) advance(ctx context.Context, s store.Store) (changed bool, err error) {
	if f.snapshot.Load() == nil {
		err := f.load(ctx, s)
		return err == nil, err
	}
	for {
		changes, err := s.Changes(ctx, f.revision, mostChanges)
		corrupt, isCorrupt := errors.AsType[*store.CorruptError](err)
		switch {
		case isCorrupt && corrupt.Revision == f.corrupt: // nothing was written since all was read anew for it
			_, err := s.Revision(ctx)
			return changed, err
		case errors.Is(err, store.ErrReplaced) || isCorrupt:
			if err := f.load(ctx, s); err != nil {
				return changed, err
			}
			if isCorrupt {
				f.corrupt = f.revision
				f.log.Error("the log of changes is corrupt", "error", corrupt)
			}
			return true, nil
		}
		for _, c := range changes {
			f.apply(store.Document{Kind: c.Kind, ID: c.ID, Version: c.Revision, Body: c.After})
			f.revision, changed = c.Revision, true
		}
		if err != nil || len(changes) == 0 {
			return changed, err
		}
	}
}

// load reads everything anew.
func (f *fleet) load(ctx context.Context, s store.Store) error {
	all, err := s.Load(ctx)
	if err != nil {
		return err
	}
	f.forget()
	f.revision = all.Revision
	for _, d := range all.Documents {
		f.apply(d)
	}
	for _, c := range all.Corrupt {
		f.lost[key{c.Kind, c.ID}] = c.Error()
	}
	return nil
}

// tellTroubles logs what is stored but can't be served, once each.
func (f *fleet) tellTroubles() {
	now := map[string]bool{}
	for _, trouble := range *f.troubles.Load() {
		if now[trouble] = true; !f.told[trouble] {
			f.log.Error("something stored is left out", "what", trouble)
		}
	}
	f.told = now
}
