//go:build e2e

package store

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle/store/pgtest"
)

// TestFailover kills the server in the middle of the writes of three programs, and promotes its synchronous
// standby. All three go on by themselves, and every acknowledged write is there once. How long it takes is for
// the log of the test: it depends on the machine.
func TestFailover(t *testing.T) {
	t.Parallel()
	primary := pgtest.Start(t)
	primary.Exec(t, "CREATE DATABASE replicas")
	standby := primary.Synchronous(t)
	at := placeAt(t, pgtest.URL("replicas", primary, standby))
	w := &writers{each: writerWrites}
	var replicas []*replica
	for range 3 {
		s := at.open(t)
		w.stores = append(w.stores, s)
		replicas = append(replicas, &replica{store: s, hints: s.Listen(t.Context()), every: time.Second})
	}
	var answered atomic.Int64
	var promoted atomic.Bool
	var first sync.Once
	var killed, back time.Time
	middle, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	w.answered = func() {
		if answered.Add(1) == int64(writerCount*w.each/3) {
			cancel()
		}
		if promoted.Load() {
			first.Do(func() { back = time.Now() })
		}
	}
	writeAndFollow(t, w, replicas, at.open(t), func() {
		<-middle.Done()
		// Else it would always be just after a commit, and never within one.
		wait(t.Context(), rand.N(10*time.Millisecond))
		killed = time.Now()
		primary.Kill(t)
		promoted.Store(true)
		standby.Promote(t)
	})
	if back.IsZero() {
		t.Fatal("no write was acknowledged after the failover")
	}
	t.Logf("writes are back %v after the kill; %d times there was no answer, and %d times it was written all the same",
		back.Sub(killed), w.unanswered.Load(), w.replayed.Load())
}
