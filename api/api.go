package api

import (
	"cmp"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"
	"golang.org/x/sync/singleflight"

	"github.com/cyclecal/cyclecal/api/auth"
	"github.com/cyclecal/cyclecal/cycle"
)

// server holds what handlers share. Nothing in it changes after New.
type server struct {
	Config
	zone  *time.Location
	mux   *chi.Mux
	list  []*route
	under singleflight.Group // renderings under way
	zips  sync.Pool          // of *gzip.Writer: a new one costs 800 KB
	guard *auth.Guard
	lists chan struct{} // a slot for each list of devices that is being read
	turns chan struct{} // a slot for each rendering under way
	copy  *Copy         // nil in a service

	latest atomic.Pointer[time.Time] // the latest instant at which anything was made
}

// New returns the handler of the whole surface. It returns an error only if the
// zone data is missing.
func New(c Config) (http.Handler, error) {
	s, err := newServer(c)
	if err != nil {
		return nil, err
	}
	return s.outer(s.mux), nil
}

func newServer(c Config) (*server, error) {
	zone, err := cycle.ParseZone(cycle.PatchZone)
	if err != nil {
		return nil, err
	}
	s := &server{
		Config: c, zone: zone, mux: chi.NewRouter(), guard: auth.NewGuard(mostFailures),
		lists: make(chan struct{}, mostLists), turns: newTurns(),
	}
	s.list = s.routes()
	for _, rt := range s.list {
		s.handle(rt)
	}
	s.mux.NotFound(s.fail(func(_ http.ResponseWriter, r *http.Request) error {
		return newProblem(http.StatusNotFound, "nothing is at "+shownPath(r.URL.Path)+": /docs lists what there is")
	}))
	s.mux.MethodNotAllowed(s.fail(func(w http.ResponseWriter, r *http.Request) error {
		allowed := s.allowed(r.URL.Path)
		w.Header().Set("Allow", allowed)
		return newProblem(http.StatusMethodNotAllowed, clip(r.Method)+" is not for "+shownPath(r.URL.Path)+": want "+allowed)
	}))
	return s, nil
}

// allowed lists the methods that a path takes.
func (s *server) allowed(path string) string {
	var list []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPost, http.MethodDelete} {
		if s.mux.Match(chi.NewRouteContext(), method, path) {
			list = append(list, method)
		}
	}
	return strings.Join(append(list, http.MethodOptions), ", ")
}

// handler is a handler that returns what went wrong instead of writing it.
type handler func(http.ResponseWriter, *http.Request) error

// handle registers a line of the table.
func (s *server) handle(rt *route) {
	h := s.handlerOf(rt)
	f := s.fail(func(w http.ResponseWriter, r *http.Request) error {
		if rw, ok := w.(*recorder); ok {
			rw.route, rw.probe = rt.path, rt.probe != nil
		}
		return h(w, r)
	})
	pattern := cmp.Or(rt.pattern, rt.path)
	s.mux.Method(rt.method, pattern, f)
	if rt.method == http.MethodGet {
		s.mux.Head(pattern, f)
	}
	s.mux.Options(pattern, s.options)
}

// options says which methods a path takes. Pages of other origins may only read, and without a token.
func (s *server) options(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Allow", s.allowed(r.URL.Path))
	w.Header().Set("Access-Control-Allow-Methods", "GET, HEAD")
	w.Header().Set("Access-Control-Allow-Headers", "If-None-Match, If-Modified-Since")
	w.Header().Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
}

func (s *server) handlerOf(rt *route) handler {
	switch {
	case rt.change != nil:
		return taking(s.change(rt))
	case rt.probe != nil:
		return s.probe(rt)
	case rt.private:
		return s.privateFeed(rt)
	case rt.compute != nil:
		return taking(s.compute(rt))
	}
	return s.serve(rt)
}

// taking refuses what is left of the body that a handler takes, if it fails.
func taking(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := h(w, r)
		if err != nil {
			refuseBody(w, r)
		}
		return err
	}
}

// fail answers with what a handler returned: it alone maps errors to statuses.
func (s *server) fail(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if err == nil {
			return
		}
		p, told := asProblem(err)
		if !told {
			s.Log.LogAttrs(r.Context(), slog.LevelError, "request failed", slog.String("path", shownPath(r.URL.Path)), slog.Any("error", err))
		}
		if p.Status == http.StatusServiceUnavailable {
			w.Header().Set("Retry-After", retryAfter)
		}
		if wantsPage(r) {
			if err := s.writeProblemPage(w, p); err == nil {
				return
			}
		}
		writeProblem(w, p)
	}
}

// retryAfter is how long a client is asked to wait for a snapshot, in seconds.
const retryAfter = "5"

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
