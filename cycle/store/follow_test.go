package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// replica is what a program keeps in memory: it loads once, and reads the log from there.
type replica struct {
	store     Store
	hints     <-chan struct{} // nil for one that looks every now and then only
	every     time.Duration
	loaded    bool
	revision  int64
	documents map[[2]string]Document
}

// follow keeps up until there is that revision. While the store is away, it waits.
func (r *replica) follow(t *testing.T, until int64) {
	for !t.Failed() {
		err := r.look(t.Context())
		if err != nil && !errors.Is(err, ErrUnavailable) {
			t.Errorf("replica: %v", err)
			return
		}
		if r.revision >= until {
			return
		}
		pause, cancel := context.WithTimeout(t.Context(), r.every)
		select {
		case <-r.hints:
		case <-pause.Done():
		}
		cancel()
	}
}

// look reads pages of the log until there is nothing new.
func (r *replica) look(ctx context.Context) error {
	if !r.loaded {
		return r.load(ctx)
	}
	for {
		changes, err := r.store.Changes(ctx, r.revision, 7)
		if err != nil || len(changes) == 0 {
			return err
		}
		for _, c := range changes {
			if err := r.apply(c); err != nil {
				return err
			}
		}
	}
}

func (r *replica) load(ctx context.Context) error {
	s, err := r.store.Load(ctx)
	if err != nil {
		return err
	}
	r.loaded, r.revision, r.documents = true, s.Revision, named(s.Documents)
	return nil
}

func named(documents []Document) map[[2]string]Document {
	out := map[[2]string]Document{}
	for _, d := range documents {
		out[[2]string{d.Kind, d.ID}] = d
	}
	return out
}

// apply refuses a change that does not follow on what is there.
func (r *replica) apply(c Change) error {
	name := [2]string{c.Kind, c.ID}
	if c.Revision != r.revision && c.Revision != r.revision+1 {
		return fmt.Errorf("revision %d came after %d", c.Revision, r.revision)
	}
	if was := r.documents[name].Body; !bytes.Equal(c.Before, was) {
		return fmt.Errorf("revision %d: %v was %q, want %q", c.Revision, name, c.Before, was)
	}
	r.revision = c.Revision
	r.documents[name] = Document{c.Kind, c.ID, c.Revision, c.After}
	return nil
}

// writers are twelve who write through some stores, each in turn, as a careful caller does: with a key, and
// again where there was no answer.
type writers struct {
	stores     []Store
	each       int
	answered   func()       // called after each acknowledged write, by many at once; may be nil
	unanswered atomic.Int64 // how often there was no answer
	replayed   atomic.Int64 // how often the write was there all the same
}

const writerCount = 12

// write returns what was acknowledged, by revision.
func (w *writers) write(t *testing.T) map[int64]string {
	var group sync.WaitGroup
	acknowledged := make([]map[int64]string, writerCount)
	for i := range acknowledged {
		acknowledged[i] = map[int64]string{}
		group.Go(func() {
			for n := range w.each {
				body := fmt.Sprint(i, " ", n)
				r, err := w.insist(t.Context(), w.stores[i%len(w.stores)], body, n)
				if err != nil {
					t.Errorf("writer %d: %v", i, err)
					return
				}
				acknowledged[i][r.Revision] = body
			}
		})
	}
	group.Wait()
	all := map[int64]string{}
	for _, of := range acknowledged {
		maps.Copy(all, of)
	}
	return all
}

// insist writes a document that all writers share, and one that may be written once only.
func (w *writers) insist(ctx context.Context, s Store, body string, n int) (Result, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	const shared = 8 // even, since holds counts documents in pairs
	b := batch(put("shared", fmt.Sprint(n%shared), body, Any), put("once", body, body, Absent))
	b.Key = body
	for {
		r, err := s.Write(ctx, b)
		if err == nil && w.answered != nil {
			w.answered()
		}
		if r.Replayed {
			w.replayed.Add(1)
		}
		if !errors.Is(err, ErrUnavailable) || ctx.Err() != nil {
			return r, err
		}
		w.unanswered.Add(1)
		wait(ctx, 10*time.Millisecond)
	}
}

// writeAndFollow has writers write and replicas follow at once, and compares what is there in the end:
// each write once, and all replicas equal to the database. It closes the last store.
func writeAndFollow(t *testing.T, w *writers, replicas []*replica, last Store, meanwhile func()) {
	t.Helper()
	all := int64(writerCount * w.each)
	var acknowledged map[int64]string
	var group sync.WaitGroup
	defer group.Wait()
	for _, r := range replicas {
		group.Go(func() { r.follow(t, all) })
	}
	group.Go(func() { acknowledged = w.write(t) })
	meanwhile()
	group.Wait()
	if t.Failed() {
		t.FailNow()
	}
	want := mustLoad(t, last)
	if int64(len(acknowledged)) != all || want.Revision != all {
		t.Errorf("%d writes are acknowledged, the last revision is %d, want %d of both", len(acknowledged), want.Revision, all)
	}
	for i, r := range replicas {
		same(t, fmt.Sprint("revision of replica ", i), r.revision, want.Revision)
		same(t, fmt.Sprint("documents of replica ", i), r.documents, named(want.Documents))
	}
	holds(t, last, acknowledged)
}

// testFollowers: no writer is turned away, and no replica needs a hint.
func testFollowers(t *testing.T, p place) {
	w := &writers{stores: []Store{p.open(t)}, each: writerWrites}
	writeAndFollow(t, w, followers(t, p, time.Millisecond), p.open(t), func() {})
	if n := w.unanswered.Load(); n > 0 {
		t.Errorf("%d writes were not answered at first", n)
	}
}

// followers are three that get no hints, and look every so often.
func followers(t *testing.T, p place, every time.Duration) []*replica {
	t.Helper()
	replicas := make([]*replica, 3)
	for i := range replicas {
		replicas[i] = &replica{store: p.open(t), every: every}
	}
	return replicas
}
