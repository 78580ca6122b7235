package store

import (
	"bytes"
	"context"
	"database/sql"
)

// meta is the one revision row.
type meta struct {
	revision int64
	floor    int64  // the revision from which on the log can be followed
	head     []byte // hash of the newest change
	state    []byte // sum of the documents' hashes
}

func (m meta) hash() []byte {
	return newDigest("meta").number(m.revision).number(m.floor).blob(m.head).blob(m.state).sum()
}

const metaColumns = `revision, floor, head, state, hash, (SELECT max(number) FROM migrations)`

// scanMeta reads metaColumns from a row whose revision is higher, by ahead, than when its hash was made.
func (e *engine) scanMeta(row *sql.Row, ahead int64) (meta, error) {
	var (
		m      meta
		hash   []byte
		schema int
	)
	if err := row.Scan(&m.revision, &m.floor, &m.head, &m.state, &hash, &schema); err != nil {
		return meta{}, err
	}
	if err := e.known(schema); err != nil {
		return meta{}, err
	}
	hashed := m
	hashed.revision -= ahead
	if !bytes.Equal(hashed.hash(), hash) {
		return meta{}, &CorruptError{Revision: m.revision}
	}
	return m, nil
}

func (e *engine) readMeta(ctx context.Context, tx *sql.Tx) (meta, error) {
	return e.scanMeta(tx.QueryRowContext(ctx, `SELECT `+metaColumns+` FROM meta WHERE one = 1`), 0)
}

// advance takes the next revision. Until the transaction ends, no other can.
func (e *engine) advance(ctx context.Context, tx *sql.Tx) (meta, error) {
	return e.scanMeta(tx.QueryRowContext(ctx,
		`UPDATE meta SET revision = revision + 1 WHERE one = 1 RETURNING `+metaColumns), 1)
}

func writeMeta(ctx context.Context, tx *sql.Tx, m meta) error {
	_, err := tx.ExecContext(ctx, `UPDATE meta SET revision = $1, floor = $2, head = $3, state = $4, hash = $5 WHERE one = 1`,
		m.revision, m.floor, m.head, m.state, m.hash())
	return err
}

// Revision returns the newest revision.
func (e *engine) Revision(ctx context.Context) (int64, error) {
	m, err := read(ctx, e, func(tx *sql.Tx) (meta, error) { return e.readMeta(ctx, tx) })
	return m.revision, err
}
