package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"time"
)

// record is a change as it stands in the log.
type record struct {
	Change
	position   int64  // within the revision
	prev, hash []byte // prev is the hash of the change before
}

func (r record) sum() []byte {
	return newDigest("change").blob(r.prev).number(r.Revision).number(r.position).text(r.Kind).text(r.ID).
		blob(r.Before).blob(r.After).text(r.Who).text(r.RequestID).number(r.At.UnixMicro()).sum()
}

// corrupt returns an error if the record is not as it was written.
func (r record) corrupt() error {
	if bytes.Equal(r.sum(), r.hash) {
		return nil
	}
	return &CorruptError{r.Kind, r.ID, r.Revision}
}

// follows returns an error unless the record was written right after the one with that hash, and is as it
// was written.
func (r record) follows(hash []byte) error {
	if bytes.Equal(r.prev, hash) {
		return r.corrupt()
	}
	return &CorruptError{r.Kind, r.ID, r.Revision}
}

const recordColumns = `revision, position, kind, id, before, after, who, request_id, at, prev, hash`

func (r record) insert(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO changes (`+recordColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		r.Revision, r.position, r.Kind, r.ID, orNull(r.Before), orNull(r.After), r.Who, r.RequestID, r.At.UnixMicro(), r.prev, r.hash)
	return err
}

// orNull is needed because a driver may take nil bytes for empty ones.
func orNull(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

// eachRecord calls f with the records that a query of recordColumns finds.
func eachRecord(ctx context.Context, tx *sql.Tx, f func(record) error, query string, args ...any) error {
	return eachRow(ctx, tx, func(rows *sql.Rows) error {
		var r record
		var at int64
		if err := rows.Scan(&r.Revision, &r.position, &r.Kind, &r.ID, &r.Before, &r.After, &r.Who, &r.RequestID, &at, &r.prev, &r.hash); err != nil {
			return err
		}
		r.At = time.UnixMicro(at).UTC()
		return f(r)
	}, query, args...)
}

// Changes returns what was written after a revision.
func (e *engine) Changes(ctx context.Context, after int64, most int) ([]Change, error) {
	return read(ctx, e, func(tx *sql.Tx) ([]Change, error) { return e.changes(ctx, tx, after, most) })
}

func (e *engine) changes(ctx context.Context, tx *sql.Tx, after int64, most int) ([]Change, error) {
	m, err := e.readMeta(ctx, tx)
	if err != nil {
		return nil, err
	}
	if after > m.revision || after < m.floor {
		return nil, ErrReplaced
	}
	last, err := hashAt(ctx, tx, after)
	if err != nil {
		return nil, err
	}
	var out []Change
	newest := after
	err = eachRecord(ctx, tx, func(r record) error {
		if err := r.follows(last); err != nil {
			return err
		}
		out, last, newest = append(out, r.Change), r.hash, r.Revision
		return nil
	}, `SELECT `+recordColumns+` FROM changes WHERE revision > $1 AND revision <= (
			SELECT max(revision) FROM (SELECT revision FROM changes WHERE revision > $1 ORDER BY revision, position LIMIT $2) AS page)
		ORDER BY revision, position`, after, most)
	if err != nil {
		return out, err
	}
	// At the end of the log the newest change must be the one that the revision row knows.
	if (len(out) == 0 || newest == m.revision) && !bytes.Equal(last, m.head) {
		return nil, &CorruptError{Revision: m.revision}
	}
	return out, nil
}

// hashAt returns the hash of the newest change at or before a revision.
func hashAt(ctx context.Context, tx *sql.Tx, revision int64) ([]byte, error) {
	var hash []byte
	err := tx.QueryRowContext(ctx, `SELECT hash FROM changes WHERE revision <= $1 ORDER BY revision DESC, position DESC LIMIT 1`, revision).
		Scan(&hash)
	if errors.Is(err, sql.ErrNoRows) {
		return nothing(), nil
	}
	return hash, err
}

// History returns the changes before a revision, newest first.
func (e *engine) History(ctx context.Context, before int64, most int) ([]Change, error) {
	return read(ctx, e, func(tx *sql.Tx) ([]Change, error) { return e.history(ctx, tx, before, most) })
}

func (e *engine) history(ctx context.Context, tx *sql.Tx, before int64, most int) ([]Change, error) {
	m, err := e.readMeta(ctx, tx)
	if err != nil {
		return nil, err
	}
	if before <= 0 {
		before = m.revision + 1
	}
	var out []Change
	var corrupt []error
	err = eachRecord(ctx, tx, func(r record) error {
		if err := r.corrupt(); err != nil {
			corrupt = append(corrupt, err)
			return nil
		}
		out = append(out, r.Change)
		return nil
	}, `SELECT `+recordColumns+` FROM changes WHERE revision < $1 AND revision >= (
			SELECT min(revision) FROM (SELECT revision FROM changes WHERE revision < $1 ORDER BY revision DESC, position DESC LIMIT $2) AS page)
		ORDER BY revision DESC, position DESC`, before, most)
	if err != nil {
		return nil, err
	}
	return out, errors.Join(corrupt...)
}
