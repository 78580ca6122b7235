package store

import (
	"errors"
	"fmt"

	"github.com/cyclecal/cyclecal/cycle"
)

var (
	// ErrConflict says that a document's version is not the one asked for. Nothing was written.
	ErrConflict = errors.New("the version is another")

	// ErrKeyReused says that an idempotency key came before with other writes. Nothing was written.
	ErrKeyReused = errors.New("the idempotency key was used for other writes")

	// ErrUnavailable wraps what the engine said when it could not serve: it is down or
	// locked, the disk is full, or the answer to a commit was lost.
	ErrUnavailable = errors.New("the store is unavailable")

	// ErrNewer says that a newer program wrote the database or the copy.
	ErrNewer = errors.New("written by a newer program")

	// ErrNotOurs says that a file is no database, or what is left of one.
	ErrNotOurs = errors.New("not a database of Cyclecal, or a damaged one")

	// ErrReplaced says that the log does not go on from the revision asked for: another
	// history was put in place of the one the caller follows.
	ErrReplaced = errors.New("the log was replaced")
)

// CorruptError names what is not as it was written. Kind and ID are "" where that is the revision row,
// or can't be known.
type CorruptError struct {
	Kind, ID string
	Revision int64
}

// Error is a line for the log.
func (e *CorruptError) Error() string {
	if e.Kind == "" && e.ID == "" {
		return fmt.Sprintf("the store is corrupt at revision %d: restore a backup", e.Revision)
	}
	return fmt.Sprintf("%s %q, written at revision %d, is corrupt: restore a backup", e.Kind, e.ID, e.Revision)
}

// answered reports whether an error is an answer of the store, not a failure of its engine.
func answered(err error) bool {
	if _, ok := errors.AsType[*CorruptError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*cycle.InvalidError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*unsafeError](err); ok {
		return true
	}
	for _, answer := range []error{ErrConflict, ErrKeyReused, ErrNewer, ErrReplaced, ErrUnavailable, cycle.ErrNotFound} {
		if errors.Is(err, answer) {
			return true
		}
	}
	return false
}

// unavailable wraps a failure of the engine in [ErrUnavailable]; other errors stay as they are.
func unavailable(err error) error {
	if err == nil || answered(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}
