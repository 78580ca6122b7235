package store

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"hash"
	"io"
	"time"
)

// A copy is lines of JSON: a header, each change of the log, and an end with the
// SHA-256 of all lines before it. The documents follow from the log.
const (
	copyFormat  = "cyclecal-backup"
	copyVersion = 1
)

type copyHeader struct {
	Format   string `json:"format"`
	Version  int    `json:"version"`
	Revision int64  `json:"revision"`
	Floor    int64  `json:"floor"`
	Head     []byte `json:"head"`  // hash of the newest change
	State    []byte `json:"state"` // sum of the documents' hashes
}

type copyChange struct {
	Revision  int64  `json:"revision"`
	Position  int64  `json:"position"`
	Kind      string `json:"kind"`
	ID        string `json:"id"`
	Before    []byte `json:"before"`
	After     []byte `json:"after"`
	Who       string `json:"who"`
	RequestID string `json:"request_id"`
	At        int64  `json:"at"` // microseconds since 1970
	Prev      []byte `json:"prev"`
	Hash      []byte `json:"hash"`
}

type copyEnd struct {
	Changes int64  `json:"changes"`
	SHA256  []byte `json:"sha256"`
}

func (r record) line() copyChange {
	return copyChange{
		r.Revision, r.position, r.Kind, r.ID, r.Before, r.After,
		r.Who, r.RequestID, r.At.UnixMicro(), r.prev, r.hash,
	}
}

func (c copyChange) record() record {
	return record{Change: Change{
		Revision: c.Revision, Kind: c.Kind, ID: c.ID, Before: c.Before, After: c.After,
		Who: c.Who, RequestID: c.RequestID, At: time.UnixMicro(c.At).UTC(),
	}, position: c.Position, prev: c.Prev, hash: c.Hash}
}

// Backup writes a consistent copy. It is not tried again, as part of it may be written.
func (e *engine) Backup(ctx context.Context, w io.Writer) error {
	c := newCopyWriter(w)
	err := e.reading(ctx, func(tx *sql.Tx) error { return e.backup(ctx, tx, c) })
	if c.err != nil {
		return c.err
	}
	return unavailable(err)
}

func (e *engine) backup(ctx context.Context, tx *sql.Tx, c *copyWriter) error {
	m, err := e.readMeta(ctx, tx)
	if err != nil {
		return err
	}
	if err := c.line(copyHeader{copyFormat, copyVersion, m.revision, m.floor, m.head, m.state}); err != nil {
		return err
	}
	last := nothing()
	var changes int64
	err = eachRecord(ctx, tx, func(r record) error {
		if err := r.follows(last); err != nil {
			return err
		}
		last = r.hash
		changes++
		return c.line(r.line())
	}, `SELECT `+recordColumns+` FROM changes ORDER BY revision, position`)
	if err != nil {
		return err
	}
	if !bytes.Equal(last, m.head) {
		return &CorruptError{Revision: m.revision}
	}
	if err := c.line(copyEnd{changes, c.hash.Sum(nil)}); err != nil {
		return err
	}
	return c.flush()
}

// copyWriter writes the lines of a copy, and remembers whether it was the writer that failed.
type copyWriter struct {
	out  *bufio.Writer
	hash hash.Hash
	err  error
}

func newCopyWriter(w io.Writer) *copyWriter {
	return &copyWriter{out: bufio.NewWriter(w), hash: sha256.New()}
}

func (c *copyWriter) line(value any) error {
	b, err := line(value)
	if err != nil {
		return err
	}
	c.hash.Write(b)
	_, c.err = c.out.Write(b)
	return c.err
}

func line(value any) ([]byte, error) {
	b, err := json.Marshal(value)
	return append(b, '\n'), err
}

func (c *copyWriter) flush() error {
	c.err = c.out.Flush()
	return c.err
}
