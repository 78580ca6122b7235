package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/auth"
	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/resource"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// writeTime bounds how long a writer waits for the store.
const writeTime = 10 * time.Second

// forAnswer returns the context in which the store works for a request. It does not end with that of the request,
// which ends as soon as the client closes its half of the connection, though it waits for the answer.
func forAnswer(request context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(request), writeTime)
}

// Put creates or updates a document.
func (f *fleet) Put(ctx context.Context, c api.Change) (api.Written, error) {
	d, err := resource.ParseJSON(resource.Kind(c.Kind), c.ID, c.Body)
	if faults, ok := errors.AsType[resource.Faults](err); ok {
		return api.Written{}, f.refuse(d, faults)
	}
	if err != nil {
		return api.Written{}, err
	}
	var secret string
	change, err := f.write(ctx, "put", c, func(before entry) ([]store.Write, error) {
		if err := f.check(d); err != nil {
			return nil, err
		}
		writes := append([]store.Write{{Body: d.JSON()}}, f.editing(before.value, d)...)
		if secret = ""; before.Body == nil && hasSecret(c.Kind) {
			var w store.Write
			secret, w = newSecret(c)
			writes = append(writes, w)
		}
		return writes, nil
	})
	if err != nil {
		return api.Written{}, err
	}
	return f.written(ctx, c, change, secret)
}

// Delete deletes a document, and with it the secret that it has.
func (f *fleet) Delete(ctx context.Context, c api.Change) error {
	_, err := f.write(ctx, "delete", c, func(before entry) ([]store.Write, error) {
		if before.Body == nil {
			return []store.Write{{}}, nil // the store says that it is not there, or that the key was used
		}
		if err := f.checkWithout(c); err != nil {
			return nil, err
		}
		writes := append([]store.Write{{}}, f.editing(before.value)...)
		k := key{secretsKind, c.Kind + "/" + c.ID}
		if _, ok := f.entry(k); ok {
			writes = append(writes, store.Write{Kind: k.kind, ID: k.id, Match: store.Any})
		}
		return writes, nil
	})
	if errors.Is(err, cycle.ErrNotFound) {
		return f.nothingStored(c)
	}
	return err
}

// Rotate gives a token or feed a new secret and ends the old one.
func (f *fleet) Rotate(ctx context.Context, c api.Change) (api.Written, error) {
	var secret string
	change, err := f.write(ctx, "rotate", c, func(before entry) ([]store.Write, error) {
		if before.Body == nil {
			return nil, f.nothingStored(c)
		}
		var w store.Write
		secret, w = newSecret(c)
		return []store.Write{{Body: before.Body}, w}, nil
	})
	if err != nil {
		return api.Written{}, err
	}
	return f.written(ctx, c, change, secret)
}

// newSecret returns a secret, and the write that keeps its hash.
func newSecret(c api.Change) (string, store.Write) {
	secret := auth.NewSecret()
	body := `{"sha256":"` + auth.Hash(secret) + `"}` // as secretDocument reads it
	return secret, store.Write{Kind: secretsKind, ID: c.Kind + "/" + c.ID, Body: []byte(body), Match: store.Any}
}

func hasSecret(kind string) bool {
	return kind == string(resource.Tokens) || kind == string(resource.Feeds)
}

// outcome is what became of a write.
type outcome struct {
	store.Change
	replayed bool
}

// write writes what prepare returns for the present document; the first write is that of the document
// itself. If another write came first it prepares again for what is there now, unless the client set a
// condition that no longer holds. When it returns, the snapshot has the result.
func (f *fleet) write(ctx context.Context, verb string, c api.Change, prepare func(before entry) ([]store.Write, error)) (outcome, error) {
	s, err := f.store()
	if err != nil {
		return outcome{}, err
	}
	ctx, cancel := forAnswer(ctx)
	defer cancel()
	for {
		base := f.Snapshot().Revision
		before, _ := f.entry(key{c.Kind, c.ID})
		match := f.conditionOf(c, before)
		writes, err := prepare(before)
		if err != nil {
			return outcome{}, err
		}
		writes[0].Kind, writes[0].ID, writes[0].Match = c.Kind, c.ID, match
		b := store.Batch{
			Who: c.Who, RequestID: c.RequestID, Key: c.Key, Request: requestOf(verb, c), At: f.now(), Writes: writes,
		}
		if writes[0].Body == nil || c.Kind == string(resource.Tracks) || f.refers(writes[0]) {
			b.Base = base // it was checked against the other documents, which must not change before it is written
		}
		result, err := s.Write(ctx, b)
		f.wrote(err)
		if err == nil {
			return f.seen(ctx, s, c, b, before, result)
		}
		if !errors.Is(err, store.ErrConflict) {
			return outcome{}, storeError(err)
		}
		if err := f.catchUp(ctx); err != nil {
			return outcome{}, storeError(err)
		}
		now, _ := f.entry(key{c.Kind, c.ID})
		if f.conditionOf(c, now) == match && f.Snapshot().Revision == base {
			return outcome{}, api.ErrChanged
		}
	}
}

// refers reports whether a document names stored documents, which could be deleted before it is written.
func (f *fleet) refers(w store.Write) bool {
	d, err := resource.ParseJSON(resource.Kind(w.Kind), w.ID, w.Body)
	if err != nil {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	stored := func(kind resource.Kind) func(string) bool {
		return func(id string) bool { _, ok := f.stored[keyOf(kind, id)]; return ok }
	}
	tracks, rings := d.Names()
	return slices.ContainsFunc(tracks, stored(resource.Tracks)) || slices.ContainsFunc(rings, stored(resource.Rings))
}

// wrote notes by the result of a write whether the store takes writes. A write that its client canceled
// tells nothing.
func (f *fleet) wrote(err error) {
	if !errors.Is(err, context.Canceled) {
		f.readOnly.Store(errors.Is(err, store.ErrUnavailable))
	}
}

// conditionOf returns the version that the store must have: the present one as far as is
// known, unless the client's condition says otherwise. A fact of the ground over which no document
// lies has version 0.
func (f *fleet) conditionOf(c api.Change, e entry) int64 {
	const never = math.MaxInt64
	_, ground := f.groundAs[key{c.Kind, c.ID}]
	f.mu.Lock()
	version := f.versionOf(e)
	f.mu.Unlock()
	switch there := ground || e.Body != nil; {
	case c.Absent:
		return store.Absent
	case (c.IfMatch != nil || c.Exists) && !there, c.IfMatch != nil && !slices.Contains(c.IfMatch, version):
		return never
	}
	return e.Version
}

// requestOf is what an idempotency key stands for.
func requestOf(verb string, c api.Change) string {
	return fmt.Sprintf("%s %s/%s if %v %v %v: %s", verb, c.Kind, c.ID, c.IfMatch, c.Exists, c.Absent, sha256Of(c.Body))
}

// seen waits until the snapshot has what was written, and returns the outcome. For a write that
// was repeated it is the outcome of the first one.
func (f *fleet) seen(ctx context.Context, s store.Store, c api.Change, b store.Batch, before entry, r store.Result) (outcome, error) {
	o := outcome{store.Change{Revision: r.Revision, Kind: c.Kind, ID: c.ID, Before: before.Body, After: b.Writes[0].Body}, r.Replayed}
	if r.Replayed {
		changes, err := s.Changes(ctx, r.Revision-1, 1)
		if err != nil {
			return outcome{}, storeError(err)
		}
		for _, change := range changes {
			if change.Kind == c.Kind && change.ID == c.ID {
				o.Change = change
			}
		}
	}
	if err := f.catchUp(ctx); err != nil {
		f.log.Warn("written, but not read back yet", "revision", r.Revision, "error", err)
		f.applyOwn(b, r)
	}
	return o, nil
}

// applyOwn applies a batch of this program that can't be read back, so that a secret which it ends is refused
// here at once.
func (f *fleet) applyOwn(b store.Batch, r store.Result) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.Replayed || r.Revision != f.revision+1 {
		return // there is another batch before it: the next look at the store finds both
	}
	for _, w := range b.Writes {
		f.apply(store.Document{Kind: w.Kind, ID: w.ID, Version: r.Revision, Body: w.Body})
	}
	f.revision = r.Revision
	f.compile()
}

// written is what the client is told. If a repeated write made a secret, the answer with the secret
// was lost, and only its hash is known. If that secret is still in use, a new one takes its place.
func (f *fleet) written(ctx context.Context, c api.Change, o outcome, secret string) (api.Written, error) {
	w := api.Written{Document: api.NewDocument(c.Kind, c.ID, o.Revision, o.After), Created: o.Before == nil, Secret: secret}
	if !o.replayed {
		return w, nil
	}
	w.Secret = ""
	if e, ok := f.entry(key{secretsKind, c.Kind + "/" + c.ID}); ok && e.Version == o.Revision {
		again, err := f.Rotate(ctx, api.Change{Kind: c.Kind, ID: c.ID, Who: c.Who, RequestID: c.RequestID})
		again.Created = w.Created
		return again, err
	}
	return w, nil
}

// entry returns what is stored, as far as is known.
func (f *fleet) entry(k key) (entry, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e, ok := f.stored[k]
	return e, ok
}
