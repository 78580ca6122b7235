package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Document is something that people wrote, or a fact of the ground, which is the built-in history.
type Document struct {
	kind, id string
	// Version is the revision that wrote the document; 0 for a fact of the ground.
	Version int64
	// JSON is the canonical form.
	JSON json.RawMessage
}

// NewDocument returns a document of a kind.
func NewDocument(kind, id string, version int64, canonical json.RawMessage) Document {
	return Document{kind, id, version, canonical}
}

// ID returns the id, which is unique among documents of the same kind.
func (d *Document) ID() string { return d.id }

// Feed is a stored query behind a secret address.
type Feed struct {
	ID, Title string
	// Tracks are ids; none means all.
	Tracks []string
	// Query has parameters of /calendars/{tracks}.ics.
	Query url.Values
	// Edition grows whenever the feed is changed.
	Edition int64
	// Broken says that the feed can't be rendered, as something that it names is missing.
	Broken bool
}

// Fetch counts the fetches of a private feed on one day by one family of clients.
type Fetch struct {
	Day    string // YYYY-MM-DD
	Client string
	Count  int64
}

// Change is a change of one document that somebody asks for.
type Change struct {
	Kind, ID string
	// Body is the document as it was sent.
	Body []byte
	// IfMatch are versions, of which the document must have one; nil allows any. Exists says that the
	// document must be there, Absent that it must not.
	IfMatch        []int64
	Exists, Absent bool
	// Who is the id of the bearer, RequestID that of the request, and Key an idempotency key, or "".
	Who, RequestID, Key string
}

// Written is what became of a [Change].
type Written struct {
	Document
	Created bool
	// Secret is the secret of a token or feed that was made or rotated. It is told only once.
	Secret string
}

// Entry is one change as the history has it.
type Entry struct {
	Revision       int64
	Kind, ID       string
	Action         string // created, updated, deleted, rotated, or restored for a backup put in place
	Who, RequestID string
	At             time.Time
	Before, After  json.RawMessage // nil where there was no document, or is none any more
}

// Documents stores the documents that people write, and their history. A change is in the [Source]'s
// snapshot when its method returns.
//
// Its errors match cycle.ErrNotFound, [ErrChanged], [ErrKeyReused], [ErrUnavailable], or are
// a [*DocumentError].
type Documents interface {
	Put(context.Context, Change) (Written, error)
	Delete(context.Context, Change) error
	// Rotate gives a token or feed a new secret and ends the old one.
	Rotate(context.Context, Change) (Written, error)
	// History returns the changes before a revision, newest first, in whole revisions;
	// 0 asks for the newest.
	History(ctx context.Context, before int64, most int) ([]Entry, error)
	// Fetches tells who has fetched private feeds, by the id of the feed.
	Fetches(context.Context) (map[string][]Fetch, error)
}

var (
	// ErrChanged says that a condition on the document's version does not hold.
	ErrChanged = errors.New("the document is another by now")
	// ErrKeyReused says that an idempotency key came before with another request.
	ErrKeyReused = errors.New("the idempotency key was used for another request")
	// ErrUnavailable says that nothing can be written or looked up just now.
	ErrUnavailable = errors.New("the database is not available")
)

// DocumentError is everything that is wrong with a document.
type DocumentError struct {
	// Used says that nothing is wrong with the document itself, but that others need what the change would
	// take away. Pointers are then those of the others: /feeds/sales/rings/0.
	Used   bool
	Faults []DocumentFault
}

// DocumentFault is one thing that is wrong, at an RFC 6901 pointer.
type DocumentFault struct{ Pointer, Detail string }

// Error joins the faults in one line, each with its pointer.
func (e *DocumentError) Error() string {
	told := e.told()
	details := make([]string, len(told))
	for i, f := range told {
		details[i] = strings.TrimPrefix(f.Pointer+": ", ": ") + f.Detail
	}
	return strings.Join(details, "; ")
}

// told bounds the faults of one answer: a document of 1 MiB may have many thousands.
func (e *DocumentError) told() []DocumentFault {
	const most = 1000
	if len(e.Faults) <= most {
		return e.Faults
	}
	return append(slices.Clone(e.Faults[:most-1]), DocumentFault{Detail: "more faults follow: want these mended first"})
}

func (e *DocumentError) problem() *problem {
	status := http.StatusBadRequest
	if e.Used {
		status = http.StatusConflict
	}
	p := newProblem(status, e.Error())
	for _, f := range e.told() {
		p.Errors = append(p.Errors, fault{Pointer: &f.Pointer, Detail: f.Detail})
	}
	return p
}
