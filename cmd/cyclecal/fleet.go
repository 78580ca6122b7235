package main

import (
	"context"
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

// Kinds and ids of what the program keeps in the store for itself.
const (
	// secretsKind has the hash of a token's or feed's secret, under "tokens/ci".
	secretsKind = "secrets"
	// editionsKind has an empty document whose version tells when facts of "track" or
	// "track.2026-06" were last written, and one for rings and freezes together.
	editionsKind = "editions"
	fleetEdition = "fleet."
	everyEdition = "." // of all, after a backup was put in place
)

// fleet is everything known: the built-in history, and the stored documents over it.
// It makes a snapshot of each revision and follows the store, so that a reader
// never waits for a database. It is the api.Source and the api.Documents of the service.
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

	fetches fetchCounts
}

// key identifies a stored document.
type key struct{ kind, id string }

func keyOf(kind resource.Kind, id string) key { return key{string(kind), id} }

// firstToken is the token of an admin that no document describes. Its name is the author in the history.
type firstToken struct{ name, secret string }

// newFleet returns a fleet over the history in the program. It serves nothing until it
// has a store, or is told to go without by [fleet.groundOnly].
func newFleet(ground []cycle.Facts, first firstToken, now func() time.Time, log *slog.Logger) *fleet {
	f := &fleet{ground: ground, first: first, now: now, log: log, groundAs: map[key]*api.Document{}}
	for _, d := range documentsOf(ground) {
		document := api.NewDocument(string(d.Kind), d.ID, 0, d.JSON())
		f.groundAs[keyOf(d.Kind, d.ID)] = &document
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
