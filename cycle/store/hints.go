package store

import (
	"context"
	"slices"
	"sync"
)

// hints tells the listeners within the process that there is something new. The zero value is ready.
type hints struct {
	mu        sync.Mutex
	listeners []chan struct{}
	closed    bool
}

// listen returns a channel that gets a hint from each send, and is closed when ctx ends.
func (h *hints) listen(ctx context.Context) <-chan struct{} {
	c := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		close(c)
		return c
	}
	h.listeners = append(h.listeners, c)
	context.AfterFunc(ctx, func() { h.leave(c) })
	return c
}

func (h *hints) leave(c chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if i := slices.Index(h.listeners, c); i >= 0 {
		h.listeners = slices.Delete(h.listeners, i, i+1)
		close(c)
	}
}

func (h *hints) send() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, c := range h.listeners {
		hint(c)
	}
}

func (h *hints) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, c := range h.listeners {
		close(c)
	}
	h.listeners = nil
}

// hint leaves a hint unless one is waiting already: two say no more than one.
func hint(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
