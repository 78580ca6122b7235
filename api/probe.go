package api

import (
	"maps"
	"net/http"

	"github.com/cyclecal/cyclecal/api/auth"
)

func notReady() error {
	return newProblem(http.StatusServiceUnavailable, "the schedule is not ready yet: ask again in "+retryAfter+" seconds")
}

// probe serves a route about the program itself.
func (s *server) probe(rt *route) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if needs := s.needs(rt); needs > auth.Public {
			if _, _, err := s.admit(r, needs); err != nil {
				return err
			}
		}
		if err := newQuery(r.URL.RawQuery, nil).err(); err != nil { // none of them takes a parameter
			return err
		}
		return rt.probe(w, r)
	}
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
	view := snapshot.atPresent(s.Now(), s.zone)
	answer := map[string]any{
		"status": "ready", "revision": snapshot.Revision, "tracks": len(snapshot.Facts), "known_until": text(view.knownUntil()),
	}
	if s.Details != nil {
		maps.Copy(answer, s.Details())
	}
	return plain(w, answer)
}

func (s *server) metrics(w http.ResponseWriter, r *http.Request) error {
	s.Metrics.ServeHTTP(w, r)
	return nil
}

// plain answers with a value as JSON that nobody keeps.
func plain(w http.ResponseWriter, v any) error {
	body, err := writeJSON(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", mediaJSON)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(body) // a client that hung up gets nothing more
	return nil
}
