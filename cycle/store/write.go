package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// keysLast is how long an idempotency key is kept.
const keysLast = 24 * time.Hour

// errReplayed rolls back a transaction whose batch was written before.
var errReplayed = errors.New("written before")

// Write writes a batch.
func (e *engine) Write(ctx context.Context, b Batch) (Result, error) {
	if err := b.check(); err != nil {
		return Result{}, err
	}
	if len(b.Writes) == 0 {
		revision, err := e.Revision(ctx)
		return Result{Revision: revision}, err
	}
	var r Result
	err := e.retrying(ctx, func() error {
		err := e.writing(ctx, func(tx *sql.Tx) (err error) {
			r, err = e.write(ctx, tx, b)
			return err
		})
		if errors.Is(err, errReplayed) {
			return nil
		}
		return err
	})
	if err != nil {
		return Result{}, err
	}
	return r, nil
}

func (e *engine) write(ctx context.Context, tx *sql.Tx, b Batch) (Result, error) {
	m, err := e.advance(ctx, tx)
	if err != nil {
		return Result{}, err
	}
	if before, err := seen(ctx, tx, b); err != nil {
		return Result{before, true}, err
	}
	if b.Base > 0 && b.Base != m.revision-1 {
		return Result{}, fmt.Errorf("at revision %d: %w", m.revision-1, ErrConflict)
	}
	for i, w := range b.Writes {
		if m, err = m.apply(ctx, tx, b, i); err != nil {
			return Result{}, fmt.Errorf("%s %q: %w", w.Kind, w.ID, err)
		}
	}
	if err := writeMeta(ctx, tx, m); err != nil {
		return Result{}, err
	}
	if err := remember(ctx, tx, b, m.revision); err != nil {
		return Result{}, err
	}
	return Result{Revision: m.revision}, e.dialect.announce(ctx, tx)
}

// seen returns [errReplayed] and the first result of a batch that was written before.
func seen(ctx context.Context, tx *sql.Tx, b Batch) (int64, error) {
	if _, err := tx.ExecContext(ctx, `DELETE FROM keys WHERE at <= $1`, b.At.Add(-keysLast).UnixMicro()); err != nil {
		return 0, err
	}
	if b.Key == "" {
		return 0, nil
	}
	var writes []byte
	var revision int64
	err := tx.QueryRowContext(ctx, `SELECT writes, revision FROM keys WHERE who = $1 AND key = $2`, b.Who, b.Key).
		Scan(&writes, &revision)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, nil
	case err != nil:
		return 0, err
	case !bytes.Equal(writes, b.hash()):
		return 0, fmt.Errorf("key %q: %w", b.Key, ErrKeyReused)
	}
	return revision, errReplayed
}

func remember(ctx context.Context, tx *sql.Tx, b Batch, revision int64) error {
	if b.Key == "" {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO keys (who, key, writes, revision, at) VALUES ($1, $2, $3, $4, $5)`,
		b.Who, b.Key, b.hash(), revision, b.At.UnixMicro())
	return err
}

// apply makes the i-th write of a batch, and returns the revision row as it is after it.
func (m meta) apply(ctx context.Context, tx *sql.Tx, b Batch, i int) (meta, error) {
	w := b.Writes[i]
	before, err := readDocument(ctx, tx, w.Kind, w.ID)
	if err != nil {
		return meta{}, err
	}
	if err := w.allowed(before); err != nil {
		return meta{}, err
	}
	r := record{Change: Change{
		Revision: m.revision, Kind: w.Kind, ID: w.ID, Before: before.Body, After: w.Body,
		Who: b.Who, RequestID: b.RequestID, At: b.At,
	}, position: int64(i), prev: m.head}
	r.hash = r.sum()
	if err := r.insert(ctx, tx); err != nil {
		return meta{}, err
	}
	return m.put(ctx, tx, before, r)
}

// put makes a document what a change says, and returns the revision row as it is after it.
func (m meta) put(ctx context.Context, tx *sql.Tx, before Document, r record) (meta, error) {
	m.head = r.hash
	if before.Body != nil {
		m.state = toggle(m.state, before.hash())
	}
	if r.After == nil {
		_, err := tx.ExecContext(ctx, `DELETE FROM documents WHERE kind = $1 AND id = $2`, r.Kind, r.ID)
		return m, err
	}
	d := Document{r.Kind, r.ID, r.Revision, r.After}
	m.state = toggle(m.state, d.hash())
	_, err := tx.ExecContext(ctx, `INSERT INTO documents (kind, id, version, body, hash) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, body = excluded.body, hash = excluded.hash`,
		d.Kind, d.ID, d.Version, d.Body, d.hash())
	return m, err
}

// readDocument returns a document, or one without a body where there is none.
func readDocument(ctx context.Context, tx *sql.Tx, kind, id string) (Document, error) {
	d := Document{Kind: kind, ID: id}
	var hash []byte
	err := tx.QueryRowContext(ctx, `SELECT version, body, hash FROM documents WHERE kind = $1 AND id = $2`, kind, id).
		Scan(&d.Version, &d.Body, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return d, nil
	}
	if err != nil {
		return Document{}, err
	}
	if !bytes.Equal(d.hash(), hash) {
		return Document{}, &CorruptError{kind, id, d.Version}
	}
	return d, nil
}

// allowed compares a document with what a write asks for. A document that is not there has version 0.
func (w Write) allowed(before Document) error {
	// RFC 9110, 13.2.1: conditions don't count where the answer would be 404 anyhow.
	if w.Body == nil && before.Body == nil {
		return cycle.ErrNotFound
	}
	if w.Match != Any && w.Match != before.Version {
		return ErrConflict
	}
	return nil
}
