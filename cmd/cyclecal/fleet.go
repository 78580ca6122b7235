package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/resource"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// What the store keeps beside the documents that people write.
const (
	// secretsKind has the hash of a token's or feed's secret, under "tokens/ci".
	secretsKind = "secrets"
	// editionsKind has an empty document whose version tells when facts of "track" or
	// "track.2026-06" were last written, and one for rings and freezes together.
	editionsKind = "editions"
	fleetEdition = "fleet."
	everyEdition = "." // of all, after a backup was put in place
)

// fleet is everything known: the built-in history under what people have stored.
// It makes a snapshot of each revision and follows the store, so that a reader
// never waits for a database.
type fleet struct {
	ground   []cycle.Facts
	groundAs map[key]*api.Document
	first    firstToken
	now      func() time.Time
	log      *slog.Logger

	snapshot  atomic.Pointer[api.Snapshot]
	confirmed atomic.Pointer[time.Time] // when the snapshot's revision was last seen to be the newest
	troubles  atomic.Pointer[[]string]  // what is stored but can't be served
	readOnly  atomic.Bool               // the last write was not acknowledged
	compiled  atomic.Pointer[compilation]
	cache     api.CacheCounts

	opened atomic.Pointer[store.Store]

	mu       sync.Mutex // of what follows
	revision int64
	kept                     // what is stored
	told     map[string]bool // what the log has named
	sources  []api.SourceAge

	counts fetchCounts
}

// key is what a stored document is found by.
type key struct{ kind, id string }

// firstToken is that of an admin whom no document describes. The history has the name.
type firstToken struct{ name, secret string }

// newFleet returns a fleet over the history in the program. It serves nothing until it
// has a store, or is told to go without by [fleet.groundOnly].
func newFleet(ground []cycle.Facts, first firstToken, now func() time.Time, log *slog.Logger) *fleet {
	f := &fleet{ground: ground, first: first, now: now, log: log, groundAs: map[key]*api.Document{}}
	for _, d := range documentsOf(ground) {
		document := api.NewDocument(string(d.Kind), d.ID, 0, d.JSON())
		f.groundAs[key{string(d.Kind), d.ID}] = &document
	}
	f.forget()
	return f
}

// documentsOf returns facts as documents.
func documentsOf(facts []cycle.Facts) []resource.Document {
	var list []resource.Document
	for _, f := range facts {
		list = append(list, resource.Document{Kind: resource.Tracks, ID: f.Track.ID, Value: f.Track})
		for _, r := range f.Releases {
			list = append(list, resource.Document{Kind: resource.Releases, ID: r.ID(), Value: r})
		}
		for _, n := range f.Notices {
			list = append(list, resource.Document{Kind: resource.Notices, ID: n.ID(), Value: n})
		}
	}
	return list
}

// Snapshot returns the newest snapshot, nil before the store was read.
func (f *fleet) Snapshot() *api.Snapshot { return f.snapshot.Load() }

// Confirmed returns when the snapshot was last known to be of the newest revision.
func (f *fleet) Confirmed() time.Time {
	if at := f.confirmed.Load(); at != nil {
		return *at
	}
	return time.Time{}
}

// groundOnly serves the history in the program, with nothing stored over it.
func (f *fleet) groundOnly() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.compile()
}

// use reads a store and follows it from then on.
func (f *fleet) use(ctx context.Context, s store.Store) error {
	f.opened.Store(&s)
	return f.catchUp(ctx)
}

func (f *fleet) store() (store.Store, error) {
	if s := f.opened.Load(); s != nil {
		return *s, nil
	}
	return nil, fmt.Errorf("%w: not opened yet", api.ErrUnavailable)
}

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
		if errors.Is(err, store.ErrReplaced) || isCorrupt {
			if isCorrupt {
				f.log.Error("the log of changes is corrupt", "error", corrupt)
			}
			err := f.load(ctx, s)
			return err == nil, err
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

// queryOf returns a feed as the query of a public one.
func queryOf(f resource.Feed, edition int64) api.Feed {
	q := url.Values{"style": {f.Style}}
	if f.Kind != 0 {
		q.Set("kind", f.Kind.String())
	}
	if f.Alarm != "" {
		q.Set("alarm", f.Alarm)
	}
	for _, ring := range f.Rings {
		q.Add("ring", ring)
	}
	return api.Feed{ID: f.ID, Title: f.Title, Tracks: f.Tracks, Query: q, Edition: edition}
}

// details are what /readyz tells of the store.
func (f *fleet) details() map[string]any {
	state := map[string]any{"status": "ok", "confirmed_at": nil, "left_out": 0}
	at := f.Confirmed()
	if !at.IsZero() {
		state["confirmed_at"] = at.UTC().Format(time.RFC3339)
	}
	switch {
	case !f.available():
		state["status"] = "unavailable"
	case f.readOnly.Load(): // as with a full disk
		state["status"] = "read-only"
	}
	if troubles := f.troubles.Load(); troubles != nil {
		state["left_out"] = len(*troubles) // the log names them: this is for everybody
	}
	return map[string]any{"store": state}
}
