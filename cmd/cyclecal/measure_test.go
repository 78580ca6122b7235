package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// What is written shows in the metrics: the operation with its result, and the document.
func TestWritesAreMeasured(t *testing.T) {
	s := serveForTest(t, map[string]string{"CYCLECAL_ADMIN_TOKEN": firstTestToken})
	for range 2 {
		get(t, s.url+"/api/v1/tracks")
	}
	for _, want := range []int{http.StatusCreated, http.StatusPreconditionFailed} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.url+"/api/v1/rings/pilot", strings.NewReader(`{"deferral": 1}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+firstTestToken)
		r.Header.Set("If-None-Match", "*")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Fatalf("PUT = %d, want %d", answer.StatusCode, want)
		}
	}
	get(t, s.url+"/api/v1/tracks")
	_, _, text := get(t, s.url+"/metrics")
	for _, line := range []string{
		`cyclecal_store_operations_total{operation="write",result="ok"} 1`,
		`cyclecal_store_operations_total{operation="write",result="refused"} 1`,
		`cyclecal_store_operation_duration_seconds_count{operation="write"} 2`,
		`cyclecal_store_operations_total{operation="load",result="ok"} 1`,
		`cyclecal_store_available 1`,
		`cyclecal_store_writable 1`,
		`cyclecal_snapshot_documents{kind="rings"} 1`,
		`cyclecal_cache_misses_total 2`, // before the write and after it
		`cyclecal_cache_hits_total 1`,
		fmt.Sprintf("cyclecal_snapshot_compiled_timestamp_seconds %v", float64(testClock().Unix())),
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("/metrics has no line %s", line)
		}
	}
}

// A store that is away shows, and so does one that only reads.
func TestTroublesAreMeasured(t *testing.T) {
	f := newFleet(nil, firstToken{}, testClock, nil)
	s := &service{fleet: f}
	if m := s.measure(); !m.Unavailable || m.ReadOnly || !m.Compiled.IsZero() {
		t.Errorf("before the store is there: %+v, want it unavailable", m)
	}
	now := testClock()
	f.confirmed.Store(&now)
	f.wrote(store.ErrUnavailable)
	f.groundOnly()
	if m := s.measure(); m.Unavailable || !m.ReadOnly || !m.Compiled.Equal(now) {
		t.Errorf("after a write that failed: %+v, want it available and read-only", m)
	}
}

// An answer of the store that says no is no failure of it.
func TestResultOf(t *testing.T) {
	for want, list := range map[string][]error{
		"ok": {nil},
		"refused": {
			store.ErrConflict, store.ErrKeyReused, store.ErrReplaced, fmt.Errorf("ring: %w", cycle.ErrNotFound), &cycle.InvalidError{},
		},
		"failed": {store.ErrUnavailable, store.ErrNewer, &store.CorruptError{}, context.DeadlineExceeded, errors.New("disk")},
	} {
		for _, err := range list {
			if got := resultOf(err); got != want {
				t.Errorf("resultOf(%v) = %s, want %s", err, got, want)
			}
		}
	}
}
