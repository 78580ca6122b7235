package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/auth"
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
	groundAs map[key]api.Document
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
	stored   map[key]entry
	lost     map[key]string  // corrupt at rest, and how
	faults   map[string]bool // what can't stand beside the others
	told     map[string]bool // what the log has named
	sources  []api.SourceAge

	counts fetchCounts
}

// key is what a stored document is found by.
type key struct{ kind, id string }

// entry is a stored document, read once.
type entry struct {
	store.Document
	value resource.Document // the zero one of a kind that is ours alone, and where bad
	bad   bool              // it can't be read by this program
}

// firstToken is that of an admin whom no document describes. The history has the name.
type firstToken struct{ name, secret string }

// newFleet returns a fleet over the history in the program. It serves nothing until it
// has a store, or is told to go without by [fleet.groundOnly].
func newFleet(ground []cycle.Facts, first firstToken, now func() time.Time, log *slog.Logger) *fleet {
	f := &fleet{ground: ground, first: first, now: now, log: log, stored: map[key]entry{}, lost: map[key]string{}, groundAs: map[key]api.Document{}}
	for _, d := range documentsOf(ground) {
		f.groundAs[key{string(d.Kind), d.ID}] = api.NewDocument(string(d.Kind), d.ID, 0, d.JSON())
	}
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
	f.revision, f.stored, f.lost = all.Revision, map[key]entry{}, map[key]string{}
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

// apply makes a document what the store says it is; without a body it is gone.
func (f *fleet) apply(d store.Document) {
	k := key{d.Kind, d.ID}
	delete(f.lost, k)
	if d.Body == nil {
		delete(f.stored, k)
		return
	}
	e := entry{Document: d}
	if !ours(d.Kind) {
		var err error
		if e.value, err = resource.ParseJSON(resource.Kind(d.Kind), d.ID, d.Body); err != nil {
			e.value, e.bad = resource.Document{}, true
		}
	}
	f.stored[k] = e
}

// ours reports whether a kind is kept by the program, not written by people.
func ours(kind string) bool { return kind == secretsKind || kind == editionsKind }

// compile makes a snapshot of what is stored.
func (f *fleet) compile() {
	defer f.tookToCompile(f.now())
	known, faults := resource.Overlay(f.ground, f.values(key{}))
	f.faults = map[string]bool{}
	troubles := []string{}
	for _, fault := range faults {
		f.faults[fault.String()] = true
		troubles = append(troubles, fault.String())
	}
	for _, how := range f.lost {
		troubles = append(troubles, how)
	}
	for k, e := range f.stored {
		if e.bad {
			troubles = append(troubles, fmt.Sprintf("/%s/%s: this program can't read it: write it anew", k.kind, k.id))
		}
	}
	slices.Sort(troubles)
	f.troubles.Store(&troubles)
	editions := f.editions()
	for i, facts := range known.Facts {
		known.Facts[i].Editions = editions[facts.Track.ID]
		if every := f.everyEdition(); known.Facts[i].Editions == nil && every > 0 {
			known.Facts[i].Editions = map[cycle.Month]int64{{}: every}
		}
	}
	c := api.Contents{
		Revision: f.revision, Facts: known.Facts, Rings: known.Rings, Freezes: known.Freezes,
		FleetEdition: max(f.stored[key{editionsKind, fleetEdition}].Version, f.everyEdition()),
		Documents:    f.documents(), Tokens: map[string]auth.Bearer{}, Feeds: map[string]api.Feed{}, Sources: f.sources, Cache: &f.cache,
	}
	if f.first.secret != "" {
		c.Tokens[auth.Hash(f.first.secret)] = auth.Bearer{ID: f.first.name, Role: auth.Admin}
	}
	f.unlock(&c, known)
	f.snapshot.Store(api.NewSnapshot(c))
}

// values returns all documents that people wrote and that can be read, but one; the zero key is of none.
func (f *fleet) values(but key) []resource.Document {
	list := make([]resource.Document, 0, len(f.stored)+1)
	for k, e := range f.stored {
		if !ours(k.kind) && !e.bad && k != but {
			list = append(list, e.value)
		}
	}
	return list
}

// documents returns what is stored and, where that does not hide it, the ground.
func (f *fleet) documents() []api.Document {
	all := maps.Clone(f.groundAs)
	for k, e := range f.stored {
		if !ours(k.kind) && !e.bad {
			all[k] = api.NewDocument(k.kind, k.id, f.versionOf(e), json.RawMessage(e.Body))
		}
	}
	keys := slices.SortedFunc(maps.Keys(all), func(a, b key) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.id, b.id)) })
	list := make([]api.Document, len(keys))
	for i, k := range keys {
		list[i] = all[k]
	}
	return list
}

// editions returns when facts of each track were last written.
func (f *fleet) editions() map[string]map[cycle.Month]int64 {
	all := map[string]map[cycle.Month]int64{}
	for k, e := range f.stored {
		if k.kind != editionsKind || k.id == fleetEdition || k.id == everyEdition {
			continue
		}
		track, month, _ := strings.Cut(k.id, ".")
		if all[track] == nil {
			all[track] = map[cycle.Month]int64{{}: f.everyEdition()}
		}
		m, _ := cycle.ParseMonth(month) // the zero Month is for the whole track
		all[track][m] = max(all[track][m], e.Version)
	}
	return all
}

// versionOf returns the version that clients are told. A backup that was put in place brings
// versions back that had other contents: from then on all have a later one.
func (f *fleet) versionOf(e entry) int64 {
	if e.Version == 0 {
		return 0
	}
	return max(e.Version, f.everyEdition())
}

func (f *fleet) everyEdition() int64 { return f.stored[key{editionsKind, everyEdition}].Version }

// unlock adds what secrets open: a feed that can't be made is known to be broken, so that nobody
// takes it for revoked.
func (f *fleet) unlock(c *api.Contents, known resource.Fleet) {
	feeds := map[string]api.Feed{}
	for _, feed := range known.Feeds {
		feeds[feed.ID] = queryOf(feed, f.versionOf(f.stored[key{string(resource.Feeds), feed.ID}]))
	}
	tokens := map[string]auth.Bearer{}
	for _, t := range known.Tokens {
		role, err := auth.ParseRole(t.Role)
		if err == nil { // resource has checked it
			tokens[t.ID] = auth.Bearer{ID: t.ID, Role: role, ExpiresAt: t.ExpiresAt}
		}
	}
	for k, e := range f.stored {
		if k.kind != secretsKind {
			continue
		}
		var secret secretDocument
		kind, id, _ := strings.Cut(k.id, "/")
		if err := json.Unmarshal(e.Body, &secret); err != nil {
			f.log.Error("a stored secret can't be read", "of", k.id)
			continue
		}
		switch token, ok := tokens[id]; {
		case kind == string(resource.Tokens) && ok:
			c.Tokens[secret.SHA256] = token
		case kind == string(resource.Feeds):
			feed, ok := feeds[id]
			if !ok {
				feed = api.Feed{ID: id, Broken: true}
			}
			c.Feeds[secret.SHA256] = feed
		}
	}
}

// secretDocument is what is kept of a secret.
type secretDocument struct {
	SHA256 string `json:"sha256"`
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
