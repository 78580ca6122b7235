package store

import (
	"context"
	"io"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// Document is one stored document.
type Document struct {
	Kind, ID string
	Version  int64 // the revision that wrote it
	Body     []byte
}

// Values of [Write.Match] beside the versions.
const (
	Any    int64 = -1 // whatever is there, or nothing
	Absent int64 = 0  // nothing may be there
)

// Write is one change that somebody wants.
// Kind and ID are 1 to 255 bytes of UTF-8 without NUL.
type Write struct {
	Kind, ID string
	Body     []byte // nil deletes; never empty otherwise
	Match    int64  // Any, Absent, or the version that the document must have
}

// Batch is a list of writes that happen together, at one revision, or not at all.
// A document may be in it once.
type Batch struct {
	Who, RequestID string    // at most 1024 bytes each
	Key            string    // an Idempotency-Key of at most 255 bytes, which belongs to Who; "" for none
	Request        string    // what the Key stands for, where the Writes can differ at each attempt; else ""
	Base           int64     // the revision that must still be the newest one, else [ErrConflict]; 0 for any
	At             time.Time // kept in UTC and in microseconds
	Writes         []Write
}

// Result says what became of a [Batch].
type Result struct {
	Revision int64
	Replayed bool // the same batch was written before: this is the result that it had then
}

// Change is what one write did.
type Change struct {
	Revision       int64
	Kind, ID       string
	Before, After  []byte // the document's body; nil where there was none, or is none any more
	Who, RequestID string
	At             time.Time
}

// Snapshot is everything at one revision.
type Snapshot struct {
	Revision  int64
	Documents []Document     // by kind and id
	Corrupt   []CorruptError // what is not as it was written; it is not among Documents
}

// Store keeps documents. It may be used by many goroutines at once.
//
// Every method can return an error matching [ErrUnavailable], and [ErrNewer] once a newer
// program has changed the schema beneath this one.
type Store interface {
	// Load returns all documents at one revision.
	Load(ctx context.Context) (Snapshot, error)

	// Changes returns what was written after a revision, in order. It returns whole
	// revisions: about as many changes as most, which is 1 or more; more where a single
	// revision has more, none where nothing is new.
	// After an error matching [ErrReplaced], call [Store.Load] instead. With a
	// [*CorruptError] it returns the changes before the corrupt one.
	Changes(ctx context.Context, after int64, most int) ([]Change, error)

	// History returns the changes before a revision, newest first, in whole revisions
	// as Changes does; a revision of 0 or less asks for the newest. Corrupt changes are
	// left out and named: the error then matches [*CorruptError], and the others are returned with it.
	History(ctx context.Context, before int64, most int) ([]Change, error)

	// Write writes a batch, also where it leaves a document as it is. A batch
	// without writes does nothing and returns the current revision.
	// The error matches [ErrConflict] where a version is not the one asked for, cycle.ErrNotFound where
	// there is nothing to delete (whatever Match says), [ErrKeyReused], a [*CorruptError] where the
	// document to be changed is corrupt, or a *cycle.InvalidError. With each of
	// these nothing was written. With [ErrUnavailable] the batch may have been
	// written: a caller that gave a Key writes it again, and gets the first result.
	// A key is kept for a day, counted by Batch.At.
	Write(ctx context.Context, b Batch) (Result, error)

	// Revision returns the newest revision, 0 in an empty store.
	Revision(ctx context.Context) (int64, error)

	// Listen gives a hint whenever something may have changed, and after a lost connection.
	// Hints can be late, lost or too many, and those of SQLite tell only of this process's writes:
	// look once a second as well. The channel is closed when ctx or the store ends.
	Listen(ctx context.Context) <-chan struct{}

	// AddReads adds reads to the counts, all of them or none; it makes no revision and gives no hint.
	// Counts of days before keepFrom are forgotten, none where that is the zero Date.
	// It returns a *cycle.InvalidError for a Read that lacks one of its fields. With
	// [ErrUnavailable] they may have been counted, so that adding them again may count them twice.
	AddReads(ctx context.Context, reads []Read, keepFrom cycle.Date) error

	// Reads returns all that was counted, by feed, day and family.
	Reads(ctx context.Context) ([]Read, error)

	// Backup writes a consistent copy while the store is in use. Corrupt documents do no harm
	// to it, but for a corrupt log it returns a [*CorruptError], and the copy has no end.
	// The counts of reads are not part of it.
	Backup(ctx context.Context, w io.Writer) error

	// Restore checks a whole copy, and then puts it in place of everything in one transaction.
	// It returns a *cycle.InvalidError for a copy that is cut short or changed, and [ErrNewer]
	// for a format it does not know; then nothing was touched.
	// In a store that was used before, the revision goes on above the store's and the copy's, so that
	// whoever follows the log learns of it by [ErrReplaced]. Keys are not restored,
	// and the counts of reads stay as they are.
	Restore(ctx context.Context, r io.Reader) error

	// SetNote changes a note from before to after. A note is something small that the programs on one
	// store share beside the documents: changing it makes no revision and gives no hint, and it is not
	// part of a backup. A nil before means that there must be no such note, a nil after deletes it. The
	// error matches [ErrConflict] where the note is no longer before, and is a *cycle.InvalidError for
	// more than 64 KiB. With [ErrUnavailable] it may have been changed.
	SetNote(ctx context.Context, name string, before, after []byte) error

	// Notes returns all notes by name.
	Notes(ctx context.Context) (map[string][]byte, error)

	// Warnings returns what the administrator should know about the engine. It never changes.
	Warnings() []string

	// Close ends all that is under way.
	Close() error
}
