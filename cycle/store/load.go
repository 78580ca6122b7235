package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"slices"
)

// Load returns all documents at one revision.
func (e *engine) Load(ctx context.Context) (Snapshot, error) {
	s, err := read(ctx, e, func(tx *sql.Tx) (Snapshot, error) { return e.load(ctx, tx) })
	if err != nil {
		return Snapshot{}, err
	}
	slices.SortFunc(s.Documents, func(a, b Document) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	return s, nil
}

func (e *engine) load(ctx context.Context, tx *sql.Tx) (Snapshot, error) {
	m, err := e.readMeta(ctx, tx)
	if err != nil {
		return Snapshot{}, err
	}
	s := Snapshot{Revision: m.revision}
	state := nothing()
	rows, err := tx.QueryContext(ctx, `SELECT kind, id, version, body, hash FROM documents`)
	if err != nil {
		return Snapshot{}, err
	}
	defer closeRows(rows)
	for rows.Next() {
		var d Document
		var hash []byte
		if err := rows.Scan(&d.Kind, &d.ID, &d.Version, &d.Body, &hash); err != nil {
			return Snapshot{}, err
		}
		state = toggle(state, hash)
		if !bytes.Equal(d.hash(), hash) {
			s.Corrupt = append(s.Corrupt, CorruptError{d.Kind, d.ID, d.Version})
			continue
		}
		s.Documents = append(s.Documents, d)
	}
	if err := rows.Err(); err != nil {
		return Snapshot{}, err
	}
	if bytes.Equal(state, m.state) {
		return s, nil
	}
	return s.compared(ctx, tx)
}

// compared finds, by the log, which documents are missing or out of date: a page of the
// database may be intact, and yet not be the one that was written last.
func (s Snapshot) compared(ctx context.Context, tx *sql.Tx) (Snapshot, error) {
	newest, err := newestVersions(ctx, tx)
	if err != nil {
		return Snapshot{}, err
	}
	for _, c := range s.Corrupt {
		delete(newest, [2]string{c.Kind, c.ID})
	}
	s.Documents = slices.DeleteFunc(s.Documents, func(d Document) bool {
		name := [2]string{d.Kind, d.ID}
		right := newest[name] == d.Version
		delete(newest, name)
		if !right {
			s.Corrupt = append(s.Corrupt, CorruptError{d.Kind, d.ID, d.Version})
		}
		return !right
	})
	for name, version := range newest {
		s.Corrupt = append(s.Corrupt, CorruptError{name[0], name[1], version})
	}
	if len(s.Corrupt) == 0 {
		s.Corrupt = append(s.Corrupt, CorruptError{Revision: s.Revision})
	}
	return s, nil
}

// newestVersions returns the version of each document that the log says is there.
func newestVersions(ctx context.Context, tx *sql.Tx) (map[[2]string]int64, error) {
	rows, err := tx.QueryContext(ctx, `SELECT kind, id, revision, after IS NULL FROM changes ORDER BY revision, position`)
	if err != nil {
		return nil, err
	}
	defer closeRows(rows)
	newest := map[[2]string]int64{}
	for rows.Next() {
		var kind, id string
		var revision int64
		var deleted bool
		if err := rows.Scan(&kind, &id, &revision, &deleted); err != nil {
			return nil, err
		}
		newest[[2]string{kind, id}] = revision
		if deleted {
			delete(newest, [2]string{kind, id})
		}
	}
	return newest, rows.Err()
}
