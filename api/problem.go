package api

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// problem is an RFC 9457 problem document, and the error that carries it.
type problem struct {
	Type   string  `json:"type" doc:"always about:blank: the status says it all"`
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Detail string  `json:"detail"`
	Errors []fault `json:"errors,omitempty" doc:"each thing that was wrong with the request"`
	header http.Header
}

// errIncomplete says that a feed could not be rendered whole. A client that got only a part of
// it would delete the other events.
var errIncomplete = errors.New("incomplete feed")

// fault is one thing that was wrong with a request.
type fault struct {
	Parameter string  `json:"parameter,omitempty" doc:"the query parameter or header"`
	Pointer   *string `json:"pointer,omitempty" doc:"RFC 6901: where in the document that was sent"`
	Detail    string  `json:"detail" doc:"what was wrong, and what would have been right"`
}

func (p *problem) Error() string { return p.Detail }

func newProblem(status int, detail string) *problem {
	return &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail}
}

// badRequest says which parameters were wrong.
func badRequest(faults ...fault) *problem {
	details := make([]string, len(faults))
	for i, f := range faults {
		details[i] = f.Parameter + ": " + f.Detail
	}
	p := newProblem(http.StatusBadRequest, strings.Join(details, "; "))
	p.Errors = faults
	return p
}

// asProblem maps an error to what the client is told. It returns false for an
// internal error, which is to be logged, and of which the client learns nothing.
func asProblem(err error) (*problem, bool) {
	if p, ok := errors.AsType[*problem](err); ok {
		return p, true
	}
	if bad, ok := errors.AsType[*cycle.InvalidError](err); ok {
		return newProblem(http.StatusBadRequest, bad.Error()), true
	}
	if errors.Is(err, cycle.ErrNotFound) {
		return newProblem(http.StatusNotFound, err.Error()), true
	}
	if wrong, ok := errors.AsType[*DocumentError](err); ok {
		return wrong.problem(), true
	}
	for _, e := range []struct {
		err    error
		status int
		detail string
	}{
		{ErrChanged, http.StatusPreconditionFailed, "the document is not in the state that the request asks for: read it, and send its ETag as If-Match"},
		{ErrKeyReused, http.StatusUnprocessableEntity, "the Idempotency-Key came before with another request: want a key of its own for each"},
	} {
		if errors.Is(err, e.err) {
			return newProblem(e.status, e.detail), true
		}
	}
	if errors.Is(err, ErrUnavailable) {
		return newProblem(http.StatusServiceUnavailable, "the database is not available: send the request again; nothing was acknowledged, so a write goes with the same Idempotency-Key"), false
	}
	if errors.Is(err, errIncomplete) {
		return newProblem(http.StatusServiceUnavailable, "the feed is not whole just now: ask again later"), false
	}
	return newProblem(http.StatusInternalServerError, "something went wrong here; it has been logged"), false
}

// writeProblem answers with a problem document.
func writeProblem(w http.ResponseWriter, p *problem) {
	body, err := json.Marshal(p)
	if err != nil { // a problem is strings and numbers: this can't be
		panic(err)
	}
	p.write(w, "application/problem+json", append(body, '\n'))
}

// write sends the problem in one of its forms.
func (p *problem) write(w http.ResponseWriter, media string, body []byte) {
	h := w.Header()
	maps.Copy(h, p.header)
	h.Set("Content-Type", media)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // a client that hung up gets nothing more
}
