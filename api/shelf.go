package api

import (
	"cmp"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cyclecal/cyclecal/api/auth"
)

// shelf keeps the finished answers of one snapshot within a bound of memory.
type shelf struct {
	mu      sync.RWMutex
	answers map[target]*kept
	size    int
	most    int
	counts  *CacheCounts
}

// CacheCounts count what became of requests for answers that are kept: they were there already, had to be
// made, or were dropped to make room; and of those that wait until something may be made, or waited in vain.
// They outlive a snapshot. The zero value is ready.
type CacheCounts struct{ hits, misses, evictions, waiting, refused atomic.Int64 }

// target is what was asked for, and in which role, so that the public never gets the answer for a viewer.
// The same answer may be kept under several spellings of its query.
type target struct {
	path, query string
	role        auth.Role
}

type kept struct {
	*answer
	size int
	used atomic.Bool // since the last search for room
}

// shelfSize bounds the memory that finished answers take: some ten thousand of the
// usual ones.
const shelfSize = 64 << 20

func newShelf(counts *CacheCounts) *shelf {
	return &shelf{answers: map[target]*kept{}, most: shelfSize, counts: cmp.Or(counts, new(CacheCounts))}
}

// get returns an answer that is still true, and counts it, or returns nil.
func (s *shelf) get(t target, now time.Time) *answer {
	a := s.find(t, now)
	if a != nil {
		s.counts.hits.Add(1)
	}
	return a
}

func (s *shelf) find(t target, now time.Time) *answer {
	s.mu.RLock()
	k := s.answers[t]
	s.mu.RUnlock()
	if k == nil || !k.fresh(now) {
		return nil
	}
	if !k.used.Load() { // writing on every hit would evict the cache line of other cores
		k.used.Store(true)
	}
	return k.answer
}

// answerKept answers from the shelf alone, before the request is routed, if the public was given the answer
// before: answers for the public are all that everybody may read. It returns false for a request that is to
// be routed.
func (s *server) answerKept(w *recorder, r *http.Request) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead || r.Header["Authorization"] != nil {
		return false
	}
	snapshot := s.Source.Snapshot()
	if snapshot == nil {
		return false
	}
	a := snapshot.shelf.find(target{r.URL.Path, r.URL.RawQuery, auth.Public}, w.started)
	if a == nil || !a.route.anyway && !acceptable(r.Header["Accept"], a.media) {
		return false // where it is routed it is counted
	}
	snapshot.shelf.counts.hits.Add(1)
	w.route = a.route.path
	a.write(w, r, w.started, false)
	return true
}

// put keeps an answer, and makes room for it.
func (s *shelf) put(t target, a *answer) {
	k := &kept{answer: a, size: a.size() + len(t.path) + len(t.query)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.answers[t]; old != nil {
		s.size -= old.size
	}
	s.answers[t] = k
	s.size += k.size
	for s.size > s.most {
		s.evict(k)
	}
}

// evict drops answers that have not been used since it last came by. Go's maps are walked
// from a random place, and a stranger who asks for ten thousand ranges evicts his own.
func (s *shelf) evict(newest *kept) {
	for t, k := range s.answers {
		if s.size <= s.most-s.most/8 {
			return
		}
		if k == newest || k.used.Swap(false) {
			continue
		}
		delete(s.answers, t)
		s.size -= k.size
		s.counts.evictions.Add(1)
	}
	if len(s.answers) == 1 && s.size > s.most {
		s.size = 0 // the newest alone is over the bound: forget it too
		clear(s.answers)
	}
}

// used returns how many answers are kept, and the memory that they take.
func (s *shelf) used() (answers, bytes int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.answers), s.size
}
