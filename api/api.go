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
