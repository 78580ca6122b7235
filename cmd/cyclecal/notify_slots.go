package main

import (
	"slices"
	"sync"
	"time"
)

// slots bound the tries of one receiver that have not ended. A try can't be ended from outside: it
// goes on for as long as its socket stays open, which may be for ever. So one that is old enough
// loses its slot to the next, and counts as hung.
type slots struct {
	hung *hung
	now  func() time.Time

	mu    sync.Mutex
	taken []*slot // the oldest first
}

// slot is what a try has from its begin to its end.
type slot struct{ since time.Time }

const (
	mostSlots = 4
	hungTime  = 10 * time.Minute // more than [sendTime], after which nobody waits for the try
)

// take returns a slot, or false where no try has ended and none is old enough.
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

// free gives a slot back when its try has ended, also one that was lost.
func (s *slots) free(ended *slot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.taken, ended); i >= 0 {
		s.taken = slices.Delete(s.taken, i, i+1)
		return
	}
	s.hung.end()
}

// hung counts the tries of all receivers that lost their slot. A receiver has its own slots beside
// them, so one that hangs takes nothing from the others.
type hung struct {
	mu    sync.Mutex
	count int
	told  bool
}

const mostHung = 32

// add counts one more try of that age, and reports whether it may: the more there are, the older
// it has to be, so that a receiver that hangs for a week has not used them up, and is told when
// it works again.
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
