package main

import (
	"slices"
	"sync"
	"time"
)

// slots bound the unfinished tries of one receiver. A try can't be stopped: it goes on for as long as its
// socket stays open, which may be for ever. So a try that is old enough loses its slot to the next one,
// and counts as hung.
type slots struct {
	hung *hung
	now  func() time.Time

	mu    sync.Mutex
	taken []*slot // the oldest first
}

// slot is held by a try until that ends.
type slot struct{ since time.Time }

const (
	mostSlots = 4
	hungTime  = 10 * time.Minute // more than [sendTime], after which nobody waits for the try
)

// take returns a slot, or false if all are taken and the oldest try is not old enough.
func (s *slots) take() (*slot, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if len(s.taken) == mostSlots {
		if !s.hung.add(now.Sub(s.taken[0].since)) {
			return nil, false
		}
		s.taken = s.taken[1:]
	}
	taken := &slot{now}
	s.taken = append(s.taken, taken)
	return taken, true
}

// free gives back the slot of a try that has ended, even if the try had lost it.
func (s *slots) free(ended *slot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.taken, ended); i >= 0 {
		s.taken = slices.Delete(s.taken, i, i+1)
		return
	}
	s.hung.end()
}

// hung counts the tries, of all receivers together, that have lost their slot.
type hung struct {
	mu    sync.Mutex
	count int
	told  bool
}

const mostHung = 32

// add counts one more try of that age, and reports whether that is allowed. The more tries hang, the older
// the next one has to be, so that a receiver that hangs for a week does not use up all of them, and gets
// messages when it works again.
func (h *hung) add(age time.Duration) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := h.count + 1
	if n > mostHung || age < hungTime*time.Duration(n*n) {
		return false
	}
	h.count = n
	return true
}

func (h *hung) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.count--
}

// news reports, once, that no more tries may hang.
func (h *hung) news() bool {
	if h == nil { // a receiver whose tries always end
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	first := h.count == mostHung && !h.told
	h.told = h.told || first
	return first
}
