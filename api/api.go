package api

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"golang.org/x/sync/singleflight"

	"github.com/cyclecal/cyclecal/cycle"
)

// Config is what the service is made of.
type Config struct {
	// Source gives what is served.
	Source Source
	// Now tells the time.
	Now func() time.Time
	// BaseURL is where clients reach the service, "https://cal.example.com", without a slash at
	// the end; "" where nobody knows.
	BaseURL string
	// Log takes one line for each request, and every fault of ours.
	Log *slog.Logger
	// Count is told of each request: its route pattern, method, status and time. It may be nil.
	Count func(route, method string, status int, took time.Duration)
	// Metrics serves /metrics. It may be nil.
	Metrics http.Handler
}

// server holds what handlers share. Nothing in it changes after New.
type server struct {
	Config
	zone  *time.Location
	mux   *chi.Mux
	list  []*route
	under singleflight.Group // renderings under way
	zips  sync.Pool          // of *gzip.Writer: a new one costs 800 KB
}

// patchZone is where updates come from, and so where days begin and end.
const patchZone = "America/Los_Angeles"

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
	zone, err := cycle.ParseZone(patchZone)
	if err != nil {
		return nil, err
	}
	s := &server{Config: c, zone: zone, mux: chi.NewRouter()}
	s.list = s.routes()
	for _, rt := range s.list {
		s.handle(rt.path, s.serve(rt))
	}
	s.handle("/healthz", s.health)
	s.handle("/readyz", s.ready)
	if c.Metrics != nil {
		s.handle("/metrics", func(w http.ResponseWriter, r *http.Request) error {
			c.Metrics.ServeHTTP(w, r)
			return nil
		})
	}
	s.mux.NotFound(s.fail(func(_ http.ResponseWriter, r *http.Request) error {
		return newProblem(http.StatusNotFound, "nothing is at "+clip(r.URL.Path)+": /docs lists what there is")
	}))
	s.mux.MethodNotAllowed(s.fail(func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Allow", allowed)
		return newProblem(http.StatusMethodNotAllowed, clip(r.Method)+" is not for "+clip(r.URL.Path)+": want "+allowed)
	}))
	return s, nil
}

const allowed = "GET, HEAD, OPTIONS"

// handler is a handler that returns what went wrong instead of writing it.
type handler func(http.ResponseWriter, *http.Request) error

func (s *server) handle(path string, h handler) {
	s.mux.Get(path, s.fail(h))
	s.mux.Head(path, s.fail(h))
	s.mux.Options(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", allowed)
		w.Header().Set("Access-Control-Allow-Methods", "GET, HEAD")
		w.Header().Set("Access-Control-Allow-Headers", "If-None-Match, If-Modified-Since")
		w.Header().Set("Access-Control-Max-Age", "86400")
		w.WriteHeader(http.StatusNoContent)
	})
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
			s.Log.LogAttrs(r.Context(), slog.LevelError, "request failed", slog.String("path", clip(r.URL.Path)), slog.Any("error", err))
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

func notReady() error {
	return newProblem(http.StatusServiceUnavailable, "the schedule is not ready yet: ask again in "+retryAfter+" seconds")
}

// retryAfter is how long a client is asked to wait for a snapshot, in seconds.
const retryAfter = "5"

// serve answers from the shelf, and fills it.
func (s *server) serve(rt *route) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		snapshot := s.Source.Snapshot()
		if snapshot == nil {
			return notReady()
		}
		now := s.Now()
		key := target{r.URL.Path, r.URL.RawQuery}
		a := snapshot.shelf.get(key, now)
		if a == nil {
			var err error
			if a, err = s.fill(rt, r, snapshot, now); err != nil {
				return err
			}
			snapshot.shelf.put(key, a)
		}
		if !rt.anyway && !acceptable(r.Header["Accept"], a.media) {
			return newProblem(http.StatusNotAcceptable, "this is "+a.media+": want an Accept header that allows it")
		}
		a.write(w, r, now)
		return nil
	}
}

// fill returns the answer to a request however it is spelled, and renders it
// once for all who ask at the same time.
func (s *server) fill(rt *route, r *http.Request, snapshot *Snapshot, now time.Time) (*answer, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return s.render(rt, r, snapshot, now) // which says what is wrong with it
	}
	key := target{r.URL.Path, values.Encode()}
	if a := snapshot.shelf.get(key, now); a != nil {
		return a, nil
	}
	name := fmt.Sprintf("%p %s?%s", snapshot, key.path, key.query)
	shared, err, _ := s.under.Do(name, func() (any, error) {
		a, err := s.render(rt, r, snapshot, now)
		if err == nil {
			snapshot.shelf.put(key, a)
		}
		return a, err
	})
	a, _ := shared.(*answer)
	return a, err
}

func (s *server) render(rt *route, r *http.Request, snapshot *Snapshot, now time.Time) (*answer, error) {
	c := &call{r: r, q: newQuery(r.URL.RawQuery, rt.params), snapshot: snapshot, now: now, zone: s.zone, baseURL: s.BaseURL}
	res, err := rt.answer(c)
	if bad := c.q.err(); bad != nil { // everything that is wrong with the query, in one answer
		return nil, bad
	}
	if err != nil {
		return nil, err
	}
	if res.view == nil {
		res.view = snapshot.asOf(c.today())
	}
	d, err := c.draft(rt, res)
	if err != nil {
		return nil, err
	}
	return s.finish(d)
}

// health says that the program runs.
func (s *server) health(w http.ResponseWriter, _ *http.Request) error {
	return plain(w, map[string]any{"status": "ok"})
}

// ready says whether there is something to serve, and which.
func (s *server) ready(w http.ResponseWriter, _ *http.Request) error {
	snapshot := s.Source.Snapshot()
	if snapshot == nil {
		return notReady()
	}
	view := snapshot.asOf(cycle.DateIn(s.Now(), s.zone))
	return plain(w, map[string]any{
		"status": "ready", "revision": snapshot.revision, "tracks": len(snapshot.facts), "known_until": text(view.knownUntil()),
	})
}

func plain(w http.ResponseWriter, v any) error {
	body, err := writeJSON(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", mediaJSON)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body)
	return nil
}
