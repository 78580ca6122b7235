package main

import (
	"context"
	"sync"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/auth"
	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// fetchesKept is for how many days it is known who fetched a private feed.
const fetchesKept = 90

// fetchCounts are the fetches that are not in the store yet.
type fetchCounts struct {
	mu     sync.Mutex
	counts map[store.Read]int64 // by reads without a count
}

// mostCounts bounds the memory that counts take while the store is away.
const mostCounts = 10_000

func (c *fetchCounts) add(r store.Read, n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts = map[store.Read]int64{}
	}
	if _, ok := c.counts[r]; ok || len(c.counts) < mostCounts {
		c.counts[r] += n
	}
}

// take returns what was counted, and begins anew.
func (c *fetchCounts) take() []store.Read {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]store.Read, 0, len(c.counts))
	for r, n := range c.counts {
		r.Count = n
		list = append(list, r)
	}
	c.counts = nil
	return list
}

func (c *fetchCounts) putBack(reads []store.Read) {
	for _, r := range reads {
		n := r.Count
		r.Count = 0
		c.add(r, n)
	}
}

// addressOf names the address of a feed without revealing it. A feed that is rotated has a new
// address, and so is counted anew.
func addressOf(hash string) string { return hash[:16] }

// fetched counts one fetch of the feed behind a secret.
func (f *fleet) fetched(secret, client string) {
	day := cycle.DateIn(f.now(), time.UTC)
	f.fetches.add(store.Read{Feed: addressOf(auth.Hash(secret)), Day: day, Family: client}, 1)
}

// flush adds the counts to the store. If that fails they are kept.
func (f *fleet) flush(ctx context.Context) error {
	reads := f.fetches.take()
	if len(reads) == 0 {
		return nil
	}
	s, err := f.store()
	if err != nil {
		f.fetches.putBack(reads)
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	err = s.AddReads(ctx, reads, cycle.DateIn(f.now(), time.UTC).AddDays(-fetchesKept))
	f.wrote(err)
	if err == nil {
		return nil
	}
	f.fetches.putBack(reads)
	return storeError(err)
}

// flushEvery flushes at that interval, and once more when the context ends.
func (f *fleet) flushEvery(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			if err := f.flush(context.WithoutCancel(ctx)); err != nil {
				f.log.Warn("who fetched private feeds was not kept", "error", err)
			}
			return
		case <-ticker.C:
			_ = f.flush(ctx) // it is kept, and tried again
		}
	}
}

// Fetches tells who has fetched private feeds at their present addresses.
func (f *fleet) Fetches(ctx context.Context) (map[string][]api.Fetch, error) {
	ctx, cancel := forAnswer(ctx)
	defer cancel()
	if err := f.flush(ctx); err != nil {
		return nil, err
	}
	s, err := f.store()
	if err != nil {
		return nil, err
	}
	reads, err := s.Reads(ctx)
	if err != nil {
		return nil, storeError(err)
	}
	feeds := map[string]string{}
	for hash, feed := range f.Snapshot().Feeds.All() {
		feeds[addressOf(hash)] = feed.ID
	}
	list, from := map[string][]api.Fetch{}, cycle.DateIn(f.now(), time.UTC).AddDays(-fetchesKept)
	for _, r := range reads {
		if id, ok := feeds[r.Feed]; ok && !r.Day.Before(from) {
			list[id] = append(list[id], api.Fetch{Day: r.Day.String(), Client: r.Family, Count: r.Count})
		}
	}
	return list, nil
}
