package main

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/metrics"
	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// counts are what /metrics serves.
type counts struct {
	*metrics.Metrics
	registry *prometheus.Registry
}

func (s *service) newCounts() counts {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return counts{metrics.New(registry, version(), s.measure), registry}
}

// measure is what a scrape tells.
func (s *service) measure() metrics.Snapshot {
	m := metrics.Snapshot{}
	if snapshot := s.Snapshot(); snapshot != nil {
		m = api.Measure(snapshot, s.now())
	}
	if last := s.compiled.Load(); last != nil {
		m.Compiled, m.Compiling = last.at, last.took
	}
	m.Confirmed, m.Notifications, m.Sources = s.Confirmed(), counted(s.notifiers), s.sync.measured()
	m.Unavailable, m.ReadOnly = !s.available(), s.readOnly.Load()
	if troubles := s.troubles.Load(); troubles != nil {
		m.LeftOut = len(*troubles)
	}
	return m
}

// compilation is when the snapshot was made, and how long that took.
type compilation struct {
	at   time.Time
	took time.Duration
}

func (f *fleet) tookToCompile(started time.Time) {
	now := f.now()
	f.compiled.Store(&compilation{now, now.Sub(started)})
}

// available reports whether the store answered at the last look.
func (f *fleet) available() bool { return f.now().Sub(f.Confirmed()) <= lookTime+2*time.Second }

// open opens the store, and counts from then on what it does.
func (s *service) open(ctx context.Context) (store.Store, error) {
	opened, err := s.flags.open(ctx)
	if err != nil {
		return nil, err
	}
	return countedStore{opened, s.now, s.counts.Store}, nil
}

// countedStore counts the operations of a store by their results, except backups.
type countedStore struct {
	store.Store
	now   func() time.Time
	count func(operation, result string, took time.Duration)
}

// Load counts one.
func (s countedStore) Load(ctx context.Context) (store.Snapshot, error) {
	return timed(s, "load", func() (store.Snapshot, error) { return s.Store.Load(ctx) })
}

// Changes counts one.
func (s countedStore) Changes(ctx context.Context, after int64, most int) ([]store.Change, error) {
	return timed(s, "changes", func() ([]store.Change, error) { return s.Store.Changes(ctx, after, most) })
}

// History counts one.
func (s countedStore) History(ctx context.Context, before int64, most int) ([]store.Change, error) {
	return timed(s, "history", func() ([]store.Change, error) { return s.Store.History(ctx, before, most) })
}

// Write counts one.
func (s countedStore) Write(ctx context.Context, b store.Batch) (store.Result, error) {
	return timed(s, "write", func() (store.Result, error) { return s.Store.Write(ctx, b) })
}

// AddReads counts one.
func (s countedStore) AddReads(ctx context.Context, reads []store.Read, keepFrom cycle.Date) error {
	_, err := timed(s, "add_reads", func() (any, error) { return nil, s.Store.AddReads(ctx, reads, keepFrom) })
	return err
}

// Reads counts one.
func (s countedStore) Reads(ctx context.Context) ([]store.Read, error) {
	return timed(s, "reads", func() ([]store.Read, error) { return s.Store.Reads(ctx) })
}

// Notes counts one.
func (s countedStore) Notes(ctx context.Context) (map[string][]byte, error) {
	return timed(s, "notes", func() (map[string][]byte, error) { return s.Store.Notes(ctx) })
}

// SetNote counts one.
func (s countedStore) SetNote(ctx context.Context, name string, before, after []byte) error {
	_, err := timed(s, "set_note", func() (any, error) { return nil, s.Store.SetNote(ctx, name, before, after) })
	return err
}

func timed[T any](s countedStore, operation string, do func() (T, error)) (T, error) {
	started := s.now()
	v, err := do()
	s.count(operation, resultOf(err), s.now().Sub(started))
	return v, err
}

// resultOf distinguishes a refusal by the store from a failure of it.
func resultOf(err error) string {
	_, corrupt := errors.AsType[*store.CorruptError](err)
	_, invalid := errors.AsType[*cycle.InvalidError](err)
	switch {
	case err == nil:
		return "ok"
	case corrupt:
		return "failed"
	case invalid:
		return "refused"
	}
	for _, answer := range []error{store.ErrConflict, store.ErrKeyReused, store.ErrReplaced, cycle.ErrNotFound} {
		if errors.Is(err, answer) {
			return "refused"
		}
	}
	return "failed"
}
