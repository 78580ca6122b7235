package api

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"
)

const (
	mostTarget  = 8 << 10  // bytes of path and query
	mostHeaders = 32 << 10 // bytes of all headers together
)

// Headers that answers carry; made once, never changed.
var (
	noSniff      = []string{"nosniff"}
	noReferrer   = []string{"no-referrer"}
	noFrames     = []string{"DENY"}
	anyOrigin    = []string{"*"}
	exposed      = []string{"ETag, Last-Modified, Link, X-Request-Id"}
	crossOrigin  = []string{"cross-origin"}
	closing      = []string{"close"}
	nothingLoads = []string{"default-src 'none'; frame-ancestors 'none'"}
)

// outer is what happens around every request: limits, headers that all answers
// carry, one line in the log, and a 500 in place of a panic.
func (s *server) outer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rw := &recorder{ResponseWriter: w, route: "none", id: [1]string{requestID(r)}, started: s.Now()}
		h := w.Header()
		h["X-Request-Id"] = rw.id[:]
		h["Access-Control-Allow-Origin"] = anyOrigin
		h["Access-Control-Expose-Headers"] = exposed
		defer func() {
			again := s.recovered(rw, r, recover())
			s.done(rw, r, s.Now())
			if again {
				panic(http.ErrAbortHandler) // half an answer must not look like a whole one
			}
		}()
		if r.Method != http.MethodPut && r.Method != http.MethodPost {
			refuseBody(w, r)
		}
		if r.ProtoMajor == 1 && len(r.TransferEncoding) > 0 {
			// RFC 9112, 6.3: a length beside it, which net/http hides, may be a request that is smuggled.
			h["Connection"] = closing
		}
		if p := tooLarge(r); p != nil {
			writeProblem(rw, p)
			return
		}
		r.URL.RawPath = "" // routes match what a path means, however it was encoded
		if !s.answerKept(rw, r) {
			next.ServeHTTP(rw, r)
		}
	})
}

// refuseBody ends the connection after the answer where a body was announced: net/http would wait
// for it before it answers. In HTTP/2, where a request always has a Body and others share the
// connection, it waits for nothing.
func refuseBody(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor > 1 || r.Body == http.NoBody {
		return
	}
	w.Header().Set("Connection", "close")
	_ = http.NewResponseController(w).SetReadDeadline(time.Unix(1, 0)) // a test's writer has none
}

// tooLarge keeps what a stranger sends small.
func tooLarge(r *http.Request) *problem {
	if n := len(r.RequestURI); n > mostTarget {
		return newProblem(http.StatusRequestURITooLong, "the path and query have "+strconv.Itoa(n)+
			" bytes: want at most "+strconv.Itoa(mostTarget))
	}
	size := 0
	for name, values := range r.Header {
		for _, value := range values {
			size += len(name) + len(value)
		}
	}
	if size > mostHeaders {
		return newProblem(http.StatusRequestHeaderFieldsTooLarge, "the headers have "+strconv.Itoa(size)+
			" bytes: want at most "+strconv.Itoa(mostHeaders))
	}
	return nil
}

// recovered answers a panic with a 500 that tells nothing. It returns true where the
// answer had begun, so that the connection must end.
func (s *server) recovered(w *recorder, r *http.Request, reason any) (again bool) {
	if reason == nil {
		return false
	}
	if err, ok := reason.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		return true
	}
	s.Log.LogAttrs(r.Context(), slog.LevelError, "panic", slog.Any("reason", reason), slog.String("stack", string(debug.Stack())))
	if w.status != 0 {
		return true
	}
	p, _ := asProblem(errors.New("panic"))
	writeProblem(w, p)
	return false
}

// done counts and logs the request. The query is left out of the log, and so are probes that got what
// they asked for: they come every few seconds, and tell nothing.
func (s *server) done(w *recorder, r *http.Request, now time.Time) {
	took := now.Sub(w.started)
	if s.Count != nil {
		s.Count(w.route, method(r.Method), w.status, took)
	}
	log := s.Log.Handler()
	if w.probe && w.status < http.StatusBadRequest || !log.Enabled(r.Context(), slog.LevelInfo) {
		return
	}
	// A logger would look up the line of the source that logs, and the time once more.
	line := slog.NewRecord(now, slog.LevelInfo, "request", 0)
	line.AddAttrs(
		slog.String("id", w.id[0]), slog.String("method", clip(r.Method)), slog.String("path", shownPath(r.URL.Path)),
		slog.String("route", w.route), slog.Int("status", w.status), slog.Int("bytes", w.bytes),
		slog.Duration("took", took), slog.String("remote", r.RemoteAddr), slog.String("agent", clip(r.UserAgent())))
	_ = log.Handle(r.Context(), line) // a log that can't be written must not stop the service
}

// method keeps what strangers invent out of the metrics.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPost, http.MethodPut, http.MethodDelete:
		return m
	}
	return "other"
}

// requestID returns the id that a proxy in front has given the request, or a new one.
func requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	if id == "" || len(id) > 64 {
		return rand.Text()
	}
	for i := range len(id) {
		if c := id[i]; c != '-' && c != '_' && c != '.' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return rand.Text()
		}
	}
	return id
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status, bytes int
	route         string // the pattern that was matched
	probe         bool   // a route about the program itself
	id            [1]string
	started       time.Time
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
		if status != http.StatusNotModified { // which changes nothing of the answer that the client has
			protect(w.Header())
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

// protect says what may be done with what is sent.
func protect(h http.Header) {
	h["X-Content-Type-Options"] = noSniff
	h["Referrer-Policy"] = noReferrer
	h["X-Frame-Options"] = noFrames
	h["Cross-Origin-Resource-Policy"] = crossOrigin
	if h["Content-Security-Policy"] == nil {
		h["Content-Security-Policy"] = nothingLoads
	}
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
