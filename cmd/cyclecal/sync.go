package main

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/importer"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// syncer fetches sources on a schedule and lets the fleet learn what they say. Of several
// programs on one store, the first that claims a source fetches it; all of them show when
// the sources were last read. Whatever goes wrong, the service goes on serving what is known.
type syncer struct {
	timetable
	fleet   *fleet
	fetch   func(ctx context.Context, address string, known importer.Validators) (importer.Page, error)
	sources []source

	mu     sync.Mutex
	states map[string]sourceState // as last seen, by the source's id
}

// newSyncer returns nil where nothing is to be fetched.
func newSyncer(flags syncFlags, f *fleet) (*syncer, error) {
	sources, proxy, err := flags.parse()
	if err != nil || len(sources) == 0 {
		return nil, err
	}
	agent := userAgent() + " (+https://github.com/cyclecal/cyclecal)"
	s := &syncer{
		timetable: timetable{patchZone(), rand.Float64}, fleet: f, sources: sources, states: map[string]sourceState{},
		fetch: importer.NewFetcher(importer.Transport(proxy), agent).Fetch,
	}
	f.age(s.ages())
	return s, nil
}

const (
	// lookEvery is how often a program looks at what others have fetched.
	lookEvery = time.Minute
	// fetchLease is how long a source belongs to who claimed it: longer than a fetch and a write take.
	fetchLease = 2 * time.Minute
)

// run fetches what is due until the context ends.
func (s *syncer) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		timer.Reset(s.round(ctx))
	}
}

// round fetches what is due, and returns how long to wait for the next one.
func (s *syncer) round(ctx context.Context) time.Duration {
	defer func() { s.fleet.age(s.ages()) }()
	notes, err := s.notes(ctx)
	if err != nil {
		return lookEvery // the fleet tells that the store is away
	}
	for _, one := range s.sources {
		note := notes[noteOf(one)]
		state := readState(note, one)
		s.remember(one, state)
		if state.due(s.fleet.now()) {
			s.visit(ctx, one, note)
		}
	}
	wait := lookEvery
	for _, one := range s.sources {
		wait = min(wait, s.known(one).NextAt.Sub(s.fleet.now()))
	}
	return max(wait, time.Second)
}

func noteOf(s source) string { return "source/" + s.id }

func (s *syncer) notes(ctx context.Context) (map[string][]byte, error) {
	opened, err := s.fleet.store()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return opened.Notes(ctx)
}

// write changes a source's note from what it was, and returns what it is then.
func (s *syncer) write(ctx context.Context, one source, before []byte, state sourceState) ([]byte, error) {
	opened, err := s.fleet.store()
	if err != nil {
		return nil, err
	}
	after, err := state.note()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	if err := opened.SetNote(ctx, noteOf(one), before, after); err != nil {
		return nil, err
	}
	s.remember(one, state)
	return after, nil
}

// visit claims a source, fetches it and writes its new state. A claim ends by itself if the
// program or the store goes away before that.
func (s *syncer) visit(ctx context.Context, one source, note []byte) {
	now := s.fleet.now()
	state := readState(note, one)
	if state.Since.IsZero() {
		state.Since = now.UTC()
	}
	state.NextAt = now.Add(fetchLease).UTC()
	claim, err := s.write(ctx, one, note, state)
	if err != nil {
		s.lost(one, err)
		return
	}
	after, err := s.read(ctx, one, state)
	if err == nil {
		_, err = s.write(ctx, one, claim, after)
	}
	if err != nil && ctx.Err() == nil {
		s.lost(one, err)
	}
}

// lost logs why a source's state could not be written, unless another program has claimed the source.
func (s *syncer) lost(one source, err error) {
	if !errors.Is(err, store.ErrConflict) {
		s.fleet.log.Warn("a source's state can't be kept: it is fetched again later", "source", one.id, "error", err)
	}
}

// read fetches a source, learns what it says, and returns the source's new state. It returns an error only
// if the context ended or the store went away, which is no fault of the source.
func (s *syncer) read(ctx context.Context, one source, was sourceState) (after sourceState, err error) {
	defer func() { // what a page says must not end the service
		if fault := recover(); fault != nil {
			s.fleet.log.Error("a source brought a fault to light", "source", one.id, "fault", fault, "stack", string(debug.Stack()))
			after, err = s.failed(one, was, "", errors.New("a fault of this program")), nil
		}
	}()
	known := was.validators(s.fleet.now(), s.zone)
	if s.replaced(ctx, was.Revision) {
		known = importer.Validators{}
	}
	page, err := s.fetch(ctx, one.address, known)
	switch {
	case ctx.Err() != nil:
		return was, ctx.Err()
	case err != nil:
		return s.failed(one, was, "", err), nil
	case page.Unchanged:
		return s.checked(one, was), nil
	}
	return s.take(ctx, one, was, page)
}

// take learns what a page says. Its errors are those of read.
func (s *syncer) take(ctx context.Context, one source, was sourceState, page importer.Page) (sourceState, error) {
	digest := digestOf(page.Body)
	doc, err := importer.Parse(bytes.NewReader(page.Body), one.address)
	var differences []importer.Difference
	if err == nil {
		differences, err = s.fleet.learn(ctx, doc, cycle.DateIn(s.fleet.now(), s.zone))
	}
	switch {
	case ctx.Err() != nil:
		return was, ctx.Err()
	case errors.Is(err, api.ErrUnavailable):
		return was, err
	case err != nil:
		return s.failed(one, was, digest, err), nil
	}
	s.tell(one, differences, digest != was.Digest)
	state := was
	state.ETag, state.LastModified = page.Validators.ETag, page.Validators.LastModified
	state.Program, state.Revision = version(), s.fleet.Snapshot().Revision
	return s.checked(one, s.learned(one, state, digest, doc.Problems)), nil
}

// replaced reports whether a backup was put in place since that revision, without what was learned then.
func (s *syncer) replaced(ctx context.Context, since int64) bool {
	opened, err := s.fleet.store()
	if err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	_, err = opened.Changes(ctx, since, 1)
	return errors.Is(err, store.ErrReplaced)
}
