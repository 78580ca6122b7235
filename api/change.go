package api

import (
	"errors"
	"io"
	"iter"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/cyclecal/cyclecal/api/auth"
)

// mostBody bounds a document in bytes.
const mostBody = 1 << 20

// mostKey bounds an idempotency key in bytes.
const mostKey = 255

// change serves a route that writes.
func (s *server) change(rt *route) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		_, bearer, err := s.admit(r, rt.needs)
		if err != nil {
			return err
		}
		if err := newQuery(r.URL.RawQuery, nil).err(); err != nil {
			return err
		}
		if s.Documents == nil {
			return newProblem(http.StatusServiceUnavailable, "nothing can be written here")
		}
		w.Header().Set("Cache-Control", "private, no-store")
		w.Header().Del("Access-Control-Allow-Origin")
		return forEyesOf(bearer.Role, rt.change(s, w, r, bearer))
	}
}

// forEyesOf removes from an error what the bearer may not read, such as which private feed needs a ring.
func forEyesOf(role auth.Role, err error) error {
	wrong, ok := errors.AsType[*DocumentError](err)
	if !ok || !wrong.Used {
		return err
	}
	told := &DocumentError{Used: true}
	for _, f := range wrong.Faults {
		for _, kind := range resources {
			if role < kind.reads && strings.HasPrefix(f.Pointer, "/"+kind.kind+"/") {
				f = DocumentFault{Detail: "a " + kind.one + " needs it: ask an admin"}
			}
		}
		told.Faults = append(told.Faults, f)
	}
	return told
}

// put creates or updates a document.
func (kind resource) put(s *server, w http.ResponseWriter, r *http.Request, bearer auth.Bearer) error {
	change, err := kind.asked(w, r, bearer)
	if err != nil {
		return err
	}
	if change.Body, err = readBody(w, r); err != nil {
		return err
	}
	written, err := s.Documents.Put(r.Context(), change)
	if change.Absent && errors.Is(err, ErrChanged) {
		return newProblem(http.StatusPreconditionFailed, "a "+kind.one+" of that id is there already: want another id, or no If-None-Match")
	}
	if err != nil {
		return err
	}
	status := http.StatusOK
	if written.Created {
		status = http.StatusCreated
		w.Header().Set("Location", r.URL.Path)
	}
	return kind.write(s, w, r, status, written)
}

// rotate gives a token or feed a new secret.
func (kind resource) rotate(s *server, w http.ResponseWriter, r *http.Request, bearer auth.Bearer) error {
	change, err := kind.asked(w, r, bearer)
	if err != nil {
		return err
	}
	written, err := s.Documents.Rotate(r.Context(), change)
	if err != nil {
		return err
	}
	return kind.write(s, w, r, http.StatusOK, written)
}

func (kind resource) delete(s *server, w http.ResponseWriter, r *http.Request, bearer auth.Bearer) error {
	change, err := kind.asked(w, r, bearer)
	if err != nil {
		return err
	}
	if err := s.Documents.Delete(r.Context(), change); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// write answers with a document, and with its secret if it has a new one. The secret is in data as
// well, for clients that read nothing else.
func (kind resource) write(s *server, w http.ResponseWriter, r *http.Request, status int, d Written) error {
	answer := documentAnswer{Data: d.JSON, Meta: documentMeta{d.Version}, Secret: d.Secret}
	if d.Secret != "" && kind.kind == "feeds" {
		answer.URL = s.address(r) + feedsPath + d.Secret + ".ics"
	}
	answer, err := answer.withSecret()
	if err != nil {
		return err
	}
	body, err := writeJSON(answer)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", mediaJSON)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Header().Set("ETag", `"`+d.tag()+`"`)
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that hung up gets nothing more
	return nil
}

// address is where clients reach the service.
func (s *server) address(r *http.Request) string {
	if s.BaseURL != "" {
		return s.BaseURL
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// asked reads from the path and the headers which document is to be changed, and on which conditions.
func (kind resource) asked(w http.ResponseWriter, r *http.Request, bearer auth.Bearer) (Change, error) {
	c := Change{
		Kind: kind.kind, ID: r.PathValue(kind.param), Who: bearer.ID,
		RequestID: w.Header().Get("X-Request-Id"), Key: r.Header.Get("Idempotency-Key"),
	}
	if len(c.Key) > mostKey || strings.ContainsFunc(c.Key, func(r rune) bool { return r < ' ' || r > '~' }) {
		return Change{}, badRequest(fault{Parameter: "Idempotency-Key", Detail: "want at most " + strconv.Itoa(mostKey) + " printable characters of ASCII"})
	}
	err := c.conditions(r.Header)
	return c, err
}

// conditions reads If-Match and If-None-Match (RFC 9110, 13.1).
func (c *Change) conditions(h http.Header) error {
	for tag := range tags(h, "If-Match") {
		version, ok := versionOf(tag)
		switch {
		case tag == "*":
			c.Exists = true
		case ok:
			c.IfMatch = append(c.IfMatch, version)
		default:
			c.IfMatch = append(c.IfMatch, -1) // an ETag that no document has, so that none matches
		}
	}
	for tag := range tags(h, "If-None-Match") {
		if tag != "*" {
			return badRequest(fault{Parameter: "If-None-Match", Detail: clip(tag) + ": want * for what must not be there yet; If-Match takes an ETag"})
		}
		c.Absent = true
	}
	if c.Absent && (c.Exists || c.IfMatch != nil) {
		return badRequest(fault{Parameter: "If-None-Match", Detail: "stands beside If-Match: want one of the two"})
	}
	return nil
}

// tags returns the entity tags of a header.
func tags(h http.Header, name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, list := range h.Values(name) {
			for tag := range strings.SplitSeq(list, ",") {
				if tag = strings.TrimSpace(tag); tag != "" && !yield(tag) {
					return
				}
			}
		}
	}
}

// versionOf reads the version with which the ETag of a document begins.
func versionOf(tag string) (int64, bool) {
	tag, quoted := strings.CutPrefix(tag, `"`)
	tag, ended := strings.CutSuffix(tag, `"`)
	tag, _, _ = strings.Cut(tag, "-")
	version, err := strconv.ParseInt(tag, 10, 64)
	return version, quoted && ended && err == nil && strconv.FormatInt(version, 10) == tag && version >= 0
}

// readBody reads a document as it was sent.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if !isJSON(r.Header.Get("Content-Type")) {
		return nil, notTaken(r, mediaJSON+" in UTF-8")
	}
	if err := refuseEncoded(r); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, newProblem(http.StatusRequestEntityTooLarge, "the document is too large: want at most 1 MiB")
	}
	if err != nil {
		return nil, endedEarly()
	}
	return body, nil
}

// notTaken refuses a body of another media type than is wanted.
func notTaken(r *http.Request, want string) error {
	return newProblem(http.StatusUnsupportedMediaType, clip(r.Header.Get("Content-Type"))+" is not taken here: want "+want)
}

func refuseEncoded(r *http.Request) error {
	if r.Header.Get("Content-Encoding") != "" {
		return newProblem(http.StatusUnsupportedMediaType, "the body is encoded: want it as it is")
	}
	return nil
}

func endedEarly() error {
	return newProblem(http.StatusBadRequest, "the body ended early: want it whole")
}

// isJSON reports whether a Content-Type is accepted for a document. It may be that of a form, as curl sets
// that by default. This opens no hole to forms in browsers, since they can't send a token.
func isJSON(media string) bool {
	if media == "" {
		return true
	}
	kind, params, err := mime.ParseMediaType(media)
	charset := params["charset"]
	return err == nil && (kind == mediaJSON || kind == "application/x-www-form-urlencoded") && (charset == "" || strings.EqualFold(charset, "utf-8"))
}
