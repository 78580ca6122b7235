package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/auth"
	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/resource"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// kept is what is stored, and what was made of it for the last snapshot. The next snapshot shares
// everything that no write has touched since.
type kept struct {
	stored   map[key]entry
	bad      map[key]bool                // the stored documents that this program can't read
	lost     map[key]string              // the documents that are corrupt at rest, and how
	corrupt  int64                       // the revision up to which the log is known to be corrupt, 0 for none
	secrets  map[key]string              // the hash of the secret of each token and feed
	editions map[string]map[string]int64 // by track and month, "" for all months
	layers   *resource.Layers

	touched   map[key]bool // what was written since the last snapshot
	documents map[string][]*api.Document
	unlocked  bool // tokens and feeds are known
	tokens    auth.Keys[auth.Bearer]
	feeds     auth.Keys[api.Feed]
}

// entry is a stored document.
type entry struct {
	store.Document
	value resource.Document // zero for a kind that the program keeps for itself, and if it can't be read
}

// secretDocument is what is kept of a secret.
type secretDocument struct {
	SHA256 string `json:"sha256"`
}

// forget resets everything to what an empty store has.
func (f *fleet) forget() {
	f.kept = kept{
		stored: map[key]entry{}, bad: map[key]bool{}, lost: map[key]string{}, secrets: map[key]string{},
		editions: map[string]map[string]int64{}, touched: map[key]bool{}, documents: map[string][]*api.Document{},
	}
	f.layers = resource.NewLayers(f.ground, f.editionsOf)
	for k := range f.groundAs {
		f.touched[k] = true
	}
}

// apply makes a document what the store says it is; without a body it is gone.
func (f *fleet) apply(d store.Document) {
	k := key{d.Kind, d.ID}
	delete(f.lost, k)
	delete(f.bad, k)
	f.stored[k], f.touched[k] = entry{Document: d}, true
	if d.Body == nil {
		delete(f.stored, k)
	}
	switch d.Kind {
	case secretsKind:
		f.applySecret(d)
	case editionsKind:
		f.applyEdition(d)
	default:
		f.applyDocument(k, d)
	}
}

// applyDocument reads a document that people wrote.
func (f *fleet) applyDocument(k key, d store.Document) {
	kind := resource.Kind(d.Kind)
	if d.Body == nil {
		f.layers.Remove(kind, d.ID)
		return
	}
	value, err := resource.ParseJSON(kind, d.ID, d.Body)
	if err != nil {
		f.bad[k] = true
		f.layers.Remove(kind, d.ID)
		return
	}
	f.stored[k] = entry{Document: d, value: value}
	f.layers.Put(value)
}

func (f *fleet) applySecret(d store.Document) {
	kind, id, _ := strings.Cut(d.ID, "/")
	delete(f.secrets, key{kind, id})
	if d.Body == nil {
		return
	}
	var secret secretDocument
	if err := json.Unmarshal(d.Body, &secret); err != nil {
		f.log.Error("a stored secret can't be read", "of", d.ID)
		return
	}
	f.secrets[key{kind, id}] = secret.SHA256
}

// applyEdition notes when facts were written.
func (f *fleet) applyEdition(d store.Document) {
	switch d.ID {
	case fleetEdition:
		return
	case everyEdition:
		f.touchAll()
		return
	}
	track, month, _ := strings.Cut(d.ID, ".")
	if f.editions[track] == nil {
		f.editions[track] = map[string]int64{}
	}
	f.editions[track][month] = d.Version
	if d.Body == nil {
		delete(f.editions[track], month)
	}
	f.layers.Touch(track)
}

// touchAll says that all documents have another version.
func (f *fleet) touchAll() {
	for k := range f.stored {
		f.touched[k] = true
		if k.kind == string(resource.Tracks) {
			f.layers.Touch(k.id)
		}
	}
	for _, facts := range f.ground {
		f.layers.Touch(facts.Track.ID)
	}
}

// compile makes a snapshot of what is stored.
func (f *fleet) compile() {
	defer f.tookToCompile(f.now())
	all, changed := f.layers.Fleet()
	f.noteTroubles()
	f.shelve()
	if f.secretive(changed) {
		f.unlock(all)
	}
	clear(f.touched)
	c := api.Contents{
		Revision: f.revision, Facts: all.Facts, Rings: all.Rings, Freezes: all.Freezes,
		FleetEdition: max(f.stored[key{editionsKind, fleetEdition}].Version, f.everyEdition()),
		Documents:    f.documents, Tokens: f.tokens, Feeds: f.feeds, Sources: f.sources, Cache: &f.cache,
	}
	next := api.NewSnapshot
	if last := f.snapshot.Load(); last != nil {
		next = func(c api.Contents) *api.Snapshot { return last.Next(c, changed[resource.Tracks]) }
	}
	f.snapshot.Store(next(c))
}

// noteTroubles names what is stored but can't be served.
func (f *fleet) noteTroubles() {
	troubles := []string{}
	for _, fault := range f.layers.Faults() {
		troubles = append(troubles, fault.String())
	}
	troubles = slices.AppendSeq(troubles, maps.Values(f.lost))
	for k := range f.bad {
		troubles = append(troubles, fmt.Sprintf("/%s/%s: this program can't read it: write it anew", k.kind, k.id))
	}
	slices.Sort(troubles)
	f.troubles.Store(&troubles)
}

// shelve updates the documents that clients are shown: the stored ones, and the facts of the ground that
// these don't replace.
func (f *fleet) shelve() {
	written := map[string][]string{}
	for k := range f.touched {
		if !ours(k.kind) {
			written[k.kind] = append(written[k.kind], k.id)
		}
	}
	f.documents = maps.Clone(f.documents)
	for kind, ids := range written {
		slices.Sort(ids)
		f.documents[kind] = resource.Merged(f.documents[kind], ids, (*api.Document).ID, func(id string) (*api.Document, bool) {
			return f.document(key{kind, id})
		})
	}
}

// document returns what clients are told of a document.
func (f *fleet) document(k key) (*api.Document, bool) {
	if e, ok := f.stored[k]; ok && !f.bad[k] {
		d := api.NewDocument(k.kind, k.id, f.versionOf(e), json.RawMessage(e.Body))
		return &d, true
	}
	d, ok := f.groundAs[k]
	return d, ok
}

// ours reports whether the program keeps documents of a kind for itself, and people don't write them.
func ours(kind string) bool { return kind == secretsKind || kind == editionsKind }

// editionsOf returns when facts of a track were last written.
func (f *fleet) editionsOf(track string) map[cycle.Month]int64 {
	every, written := f.everyEdition(), f.editions[track]
	if every == 0 && len(written) == 0 {
		return nil
	}
	all := map[cycle.Month]int64{{}: every}
	for month, version := range written {
		m, _ := cycle.ParseMonth(month) // the zero Month is for the whole track
		all[m] = max(all[m], version)
	}
	return all
}

// versionOf returns the version that clients are told. After a backup was restored, versions may come
// again with other contents, so all documents get at least the version of that restore.
func (f *fleet) versionOf(e entry) int64 {
	if e.Version == 0 {
		return 0
	}
	return max(e.Version, f.everyEdition())
}

func (f *fleet) everyEdition() int64 { return f.stored[key{editionsKind, everyEdition}].Version }

// secretive reports whether what some secret stands for may have changed.
func (f *fleet) secretive(changed map[resource.Kind][]string) bool {
	for k := range f.touched {
		if k.kind == secretsKind || hasSecret(k.kind) {
			return true
		}
	}
	return !f.unlocked || len(changed[resource.Feeds])+len(changed[resource.Tokens]) > 0
}

// unlock finds what each secret stands for. A feed that can't be rendered is kept as broken, so that its
// readers don't take it for revoked.
func (f *fleet) unlock(all resource.Fleet) {
	tokens, feeds := map[string]auth.Bearer{}, map[string]api.Feed{}
	if f.first.secret != "" {
		tokens[auth.Hash(f.first.secret)] = auth.Bearer{ID: f.first.name, Role: auth.Admin}
	}
	for _, t := range all.Tokens {
		role, err := auth.ParseRole(t.Role)
		if hash, ok := f.secrets[keyOf(resource.Tokens, t.ID)]; ok && err == nil { // resource has checked it
			tokens[hash] = auth.Bearer{ID: t.ID, Role: role, ExpiresAt: t.ExpiresAt}
		}
	}
	for k, hash := range f.secrets {
		if k.kind == string(resource.Feeds) {
			feeds[hash] = api.Feed{ID: k.id, Broken: true}
		}
	}
	for _, feed := range all.Feeds {
		k := keyOf(resource.Feeds, feed.ID)
		if hash, ok := f.secrets[k]; ok {
			feeds[hash] = queryOf(feed, f.versionOf(f.stored[k]))
		}
	}
	f.tokens, f.feeds, f.unlocked = auth.NewKeys(tokens), auth.NewKeys(feeds), true
}
