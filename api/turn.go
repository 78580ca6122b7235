package api

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"time"
)

// longestTurn is how long a request waits for its turn, well within what a server and a client wait for an answer.
const longestTurn = 10 * time.Second

// newTurns leaves a core to the answers that are there already, whatever else strangers ask for.
func newTurns() chan struct{} { return make(chan struct{}, max(1, runtime.GOMAXPROCS(0)-1)) }

// turn waits until a rendering may begin. It returns what is to be called when it is done. A copy, beside
// which nothing is served, has all cores.
func (s *server) turn(c *call) (end func(), err error) {
	if s.copy != nil {
		return func() {}, nil
	}
	end = func() { <-s.turns }
	select {
	case s.turns <- struct{}{}: // also for a client that has closed its half of the connection, which ends its context
		return end, nil
	default:
	}
	counts := c.snapshot.shelf.counts
	counts.waiting.Add(1)
	defer counts.waiting.Add(-1)
	ctx, cancel := context.WithTimeout(c.r.Context(), longestTurn)
	defer cancel()
	select {
	case s.turns <- struct{}{}:
		return end, nil
	case <-ctx.Done():
		counts.refused.Add(1)
		return nil, newProblem(http.StatusServiceUnavailable, "the server has too much to do: ask again in "+retryAfter+" seconds")
	}
}

func (s *server) renderInTurn(rt *route, c *call) (*answer, error) {
	end, err := s.turn(c)
	if err != nil {
		return nil, err
	}
	defer end()
	return s.render(rt, c)
}

// renderOnce renders an answer, and puts it on the shelf under key. Each request waits for its own turn, so
// that none fails because another hung up; the next to ask for the same finds it made.
func (s *server) renderOnce(rt *route, c *call, key target) (*answer, error) {
	end, err := s.turn(c)
	if err != nil {
		return nil, err
	}
	defer end()
	shelf := c.snapshot.shelf
	if a := shelf.get(key, c.now); a != nil {
		return a, nil
	}
	shared, err, _ := s.under.Do(key.of(c.snapshot), func() (any, error) {
		shelf.counts.misses.Add(1)
		a, err := s.render(rt, c)
		if err == nil {
			shelf.put(key, a)
		}
		return a, err
	})
	a, _ := shared.(*answer)
	if err == nil && !a.fresh(c.now) { // who began to make it asked before it changed, or the clock was set back since
		return s.render(rt, c)
	}
	return a, err
}

// of names what is asked for of a snapshot.
func (t target) of(s *Snapshot) string {
	return fmt.Sprintf("%p %d %s?%s", s, t.role, t.path, t.query)
}
