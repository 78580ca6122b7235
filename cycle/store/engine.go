package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// engine is what SQLite and PostgreSQL have in common of a [Store].
type engine struct {
	reads, writes *sql.DB
	readOptions   *sql.TxOptions
	dialect       dialect
}

// dialect is what the engines do differently within a transaction.
type dialect interface {
	// words translates a migration from SQLite's words.
	words(ddl string) string
	// lockSchema keeps other programs from migrating at the same time.
	lockSchema(ctx context.Context, tx *sql.Tx) error
	// announce tells the listeners, once the transaction is committed, that there is something new.
	announce(ctx context.Context, tx *sql.Tx) error
	// again reports whether another try may succeed after an error, and prepares for it.
	// It is not asked about errors of a commit, nor about answers of the store.
	again(err error) bool
}

// commitError says that nobody knows whether a transaction was committed.
type commitError struct{ error }

func (e commitError) Unwrap() error { return e.error }

// read returns what f finds in a transaction that sees one revision only, and tries again while
// the failure is one that passes.
func read[T any](ctx context.Context, e *engine, f func(*sql.Tx) (T, error)) (T, error) {
	var found T
	err := e.retrying(ctx, func() error {
		return e.reading(ctx, func(tx *sql.Tx) (err error) {
			found, err = f(tx)
			return err
		})
	})
	return found, err
}

// reading runs f once in a transaction that sees one revision only.
func (e *engine) reading(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := e.reads.BeginTx(ctx, e.readOptions)
	if err != nil {
		return err
	}
	// There is nothing to commit, and nobody could act on an error of the rollback.
	defer func() { _ = tx.Rollback() }()
	return f(tx)
}

// eachRow calls f with each row that a query finds, until f fails.
func eachRow(ctx context.Context, tx *sql.Tx, f func(*sql.Rows) error, query string, args ...any) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	// An error of theirs is returned by rows.Err.
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// writing runs f in a transaction, and commits unless f fails.
func (e *engine) writing(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := e.writes.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	// After a commit this does nothing.
	defer func() { _ = tx.Rollback() }()
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return commitError{fmt.Errorf("commit: %w", err)}
	}
	return nil
}

// retrying runs f until it succeeds or fails with an error that will not pass, and pauses between the
// tries for about two seconds in all.
func (e *engine) retrying(ctx context.Context, f func() error) error {
	const tries = 12
	pause := 10 * time.Millisecond
	for try := 1; ; try++ {
		err := f()
		if err == nil || try == tries || ctx.Err() != nil || !e.passes(err) {
			return unavailable(err)
		}
		wait(ctx, pause)
		pause = min(2*pause, 250*time.Millisecond)
	}
}

// passes reports whether an error may be gone at the next try.
func (e *engine) passes(err error) bool {
	if _, lost := errors.AsType[commitError](err); lost || answered(err) {
		return false
	}
	return e.dialect.again(err)
}

// wait waits, but not longer than ctx lasts.
func wait(ctx context.Context, d time.Duration) {
	pause, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-pause.Done()
}

// close closes the connections.
func (e *engine) close() error {
	err := e.reads.Close()
	if e.writes == e.reads {
		return err
	}
	// SQLite moves the log into the file when the last connection is closed.
	if last := e.writes.Close(); last != nil {
		return last
	}
	return err
}
