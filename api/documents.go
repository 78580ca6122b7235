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

// Document is something that people keep here, or a fact of the ground.
type Document struct {
	kind, id string
	// Version is the revision that wrote it; 0 for a fact of the ground.
	Version int64
	// JSON is its canonical form.
	JSON json.RawMessage
}

// NewDocument returns a document of a kind.
func NewDocument(kind, id string, version int64, canonical json.RawMessage) Document {
	return Document{kind, id, version, canonical}
}

// ID returns what the document is called among its kind.
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
	// Broken says that the feed can't be made: something that it names is missing.
	Broken bool
}

// Fetch says that a private feed was fetched on a day by a family of clients, so many times.
type Fetch struct {
	Day    string
	Client string
	Count  int64
}

// Change is what somebody wants of one document.
type Change struct {
	Kind, ID string
	// Body is what was sent.
	Body []byte
	// IfMatch are the versions of which the document must have one; Exists that it must be
	// there, Absent that it must not.
	IfMatch        []int64
	Exists, Absent bool
	// Who asks, by which request; Key is an idempotency key, or "".
	Who, RequestID, Key string
}

// Written is what became of a [Change].
type Written struct {
	Document
	Created bool
	// Secret is that of a token or feed that was made or rotated, this once.
	Secret string
}

// Entry is one change as the history has it.
type Entry struct {
	Revision       int64
	Kind, ID       string
	Action         string // created, updated, deleted, rotated, or restored for a backup put in place
	Who, RequestID string
	At             time.Time
	Before, After  json.RawMessage // nil: there was nothing, or is no longer
}

// Documents writes what people keep, and knows what became of it. What it has written
// is in the [Source]'s snapshot when it returns.
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
	// Used says that nothing is wrong with it, but that others need what would go. The pointers are
	// then theirs: /feeds/sales/rings/0.
	Used   bool
	Faults []DocumentFault
}

// DocumentFault is one thing that is wrong, at an RFC 6901 pointer.
type DocumentFault struct{ Pointer, Detail string }

func (e *DocumentError) Error() string {
	told := e.told()
	details := make([]string, len(told))
	for i, f := range told {
		details[i] = strings.TrimPrefix(f.Pointer+": ", ": ") + f.Detail
	}
	return strings.Join(details, "; ")
}

// told bounds what one answer says: a list of 1 MiB may name many thousands that are not there.
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
