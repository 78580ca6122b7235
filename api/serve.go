package api

import (
	"net/http"
	"time"

	"github.com/cyclecal/cyclecal/api/auth"
)

// serve answers whoever may read a route.
func (s *server) serve(rt *route) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		snapshot, bearer, err := s.admit(r, s.needs(rt))
		if err != nil {
			return err
		}
		return s.answer(w, r, rt, reader{role: bearer.Role}, snapshot, s.Now())
	}
}

// admit returns the newest snapshot and who asks, or an error if they may not do what needs that role.
func (s *server) admit(r *http.Request, needs auth.Role) (*Snapshot, auth.Bearer, error) {
	snapshot := s.Source.Snapshot()
	if snapshot == nil {
		return nil, auth.Bearer{}, notReady()
	}
	bearer, err := s.bearer(r, snapshot, s.Now())
	if err != nil {
		return nil, auth.Bearer{}, err
	}
	return snapshot, bearer, s.allow(bearer, needs, snapshot)
}

// answer answers from the shelf, and fills it.
func (s *server) answer(w http.ResponseWriter, r *http.Request, rt *route, by reader, snapshot *Snapshot, now time.Time) error {
	key := target{r.URL.Path, r.URL.RawQuery, by.role}
	a := snapshot.shelf.get(key, now)
	if a == nil {
		var err error
		if a, err = s.fill(rt, r, by, snapshot, now); err != nil {
			return err
		}
		if later := s.Now(); later.After(now) { // it may have waited for its turn; a clock that was set back meanwhile dates nothing
			now = later
		}
	}
	if !rt.anyway && !acceptable(r.Header["Accept"], a.media) {
		return newProblem(http.StatusNotAcceptable, "this is "+a.media+": want an Accept header that allows it")
	}
	a.write(w, r, now, by.role != auth.Public)
	return nil
}

// fill returns the answer to a request however it is spelled, and renders it
// once for all who ask at the same time. A spelling that names an instant is not kept: nobody
// asks with it again, and each refresh of a dashboard would take room.
func (s *server) fill(rt *route, r *http.Request, by reader, snapshot *Snapshot, now time.Time) (*answer, error) {
	c := s.newCall(rt, r, by, snapshot, now)
	if rt.unkept && rt.needs == auth.Admin {
		return s.render(rt, c) // no stranger asks, and waiting for the store takes no core
	}
	if c.q.err() != nil || rt.unkept || rt.round != nil && !rt.round(c) {
		return s.renderInTurn(rt, c) // which says what else is wrong with it
	}
	key, spelled := target{r.URL.Path, c.q.canonical(), by.role}, target{r.URL.Path, r.URL.RawQuery, by.role}
	a := snapshot.shelf.get(key, now)
	if a == nil {
		var err error
		if a, err = s.renderOnce(rt, c, key); err != nil {
			return nil, err
		}
	}
	if !c.q.moving {
		snapshot.shelf.put(spelled, a)
	}
	return a, nil
}

// notBefore returns the latest instant that it was ever given: a clock may be set back, and no client should
// be told that nothing has changed since an instant that comes again.
func (s *server) notBefore(now time.Time) time.Time {
	now = now.Round(0) // without the monotonic reading, which ignores that the clock was set
	for {
		last := s.latest.Load()
		if last != nil && !now.After(*last) {
			return *last
		}
		if s.latest.CompareAndSwap(last, &now) {
			return now
		}
	}
}

// render makes the answer of a route to a call.
func (s *server) render(rt *route, c *call) (*answer, error) {
	c.latest = s.notBefore(c.now)
	alone := c.alone() // before the answer: a wrong shape is told with all else that is wrong
	res, err := rt.answer(c)
	if bad := c.q.err(); bad != nil { // everything that is wrong with the query, in one answer
		return nil, bad
	}
	if err != nil {
		return nil, err
	}
	if res.view == nil {
		res.view = c.present()
	}
	if rt.unkept {
		c.until = c.now
	}
	d, err := c.draft(rt, res, alone)
	if err != nil {
		return nil, err
	}
	return s.finish(d)
}

// compute serves a route whose answer is computed from the body of the request.
func (s *server) compute(rt *route) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		snapshot, bearer, err := s.admit(r, s.needs(rt))
		if err != nil {
			return err
		}
		w.Header().Set("Cache-Control", "no-store")
		return rt.compute(s.newCall(rt, r, reader{role: bearer.Role}, snapshot, s.Now()), w)
	}
}
