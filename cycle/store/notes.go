package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/cyclecal/cyclecal/cycle"
)

// mostNote bounds a note in bytes.
const mostNote = 64 << 10

// SetNote changes a note.
func (e *engine) SetNote(ctx context.Context, name string, before, after []byte) error {
	if err := checkText("name of a note", name, 1, 255); err != nil {
		return err
	}
	if len(after) > mostNote {
		return &cycle.InvalidError{What: "note", Value: name, Want: fmt.Sprintf("at most %d bytes", mostNote)}
	}
	return e.retrying(ctx, func() error {
		return e.writing(ctx, func(tx *sql.Tx) error { return e.setNote(ctx, tx, name, before, after) })
	})
}

func (e *engine) setNote(ctx context.Context, tx *sql.Tx, name string, before, after []byte) error {
	if _, err := e.schema(ctx, tx); err != nil {
		return err
	}
	query, args := `UPDATE notes SET body = $2 WHERE name = $1 AND body = $3`, []any{name, after, before}
	switch {
	case before == nil && after == nil:
		return nil
	case before == nil:
		query, args = `INSERT INTO notes (name, body) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, args[:2]
	case after == nil:
		query, args = `DELETE FROM notes WHERE name = $1 AND body = $2`, []any{name, before}
	}
	result, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 1 {
		return err
	}
	return fmt.Errorf("note %q: %w", name, ErrConflict)
}

// Notes returns all notes by name.
func (e *engine) Notes(ctx context.Context) (map[string][]byte, error) {
	return read(ctx, e, func(tx *sql.Tx) (map[string][]byte, error) { return e.readNotes(ctx, tx) })
}

func (e *engine) readNotes(ctx context.Context, tx *sql.Tx) (map[string][]byte, error) {
	if _, err := e.schema(ctx, tx); err != nil {
		return nil, err
	}
	notes := map[string][]byte{}
	err := eachRow(ctx, tx, func(rows *sql.Rows) error {
		var name string
		var body []byte
		if err := rows.Scan(&name, &body); err != nil {
			return err
		}
		notes[name] = body
		return nil
	}, `SELECT name, body FROM notes`)
	return notes, err
}
