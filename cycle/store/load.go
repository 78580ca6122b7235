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
	err = eachRow(ctx, tx, func(rows *sql.Rows) error {
		var d Document
		var hash []byte
		if err := rows.Scan(&d.Kind, &d.ID, &d.Version, &d.Body, &hash); err != nil {
			return err
		}
		state = toggle(state, hash)
		if !bytes.Equal(d.hash(), hash) {
			s.Corrupt = append(s.Corrupt, CorruptError{d.Kind, d.ID, d.Version})
			return nil
		}
		s.Documents = append(s.Documents, d)
		return nil
	}, `SELECT kind, id, version, body, hash FROM documents`)
	if err != nil || bytes.Equal(state, m.state) {
		return s, err
	}
	return s.compared(ctx, tx)
}

// documentName is what a document is found by.
type documentName struct{ kind, id string }

func (d Document) name() documentName { return documentName{d.Kind, d.ID} }

// compared finds, by the log, which documents are missing or out of date: a page of the
// database may be intact, and yet not be the one that was written last.
func (s Snapshot) compared(ctx context.Context, tx *sql.Tx) (Snapshot, error) {
	newest, err := newestVersions(ctx, tx)
	if err != nil {
		return Snapshot{}, err
	}
	for _, c := range s.Corrupt {
		delete(newest, documentName{c.Kind, c.ID})
	}
	s.Documents = slices.DeleteFunc(s.Documents, func(d Document) bool {
		right := newest[d.name()] == d.Version
		delete(newest, d.name())
		if !right {
			s.Corrupt = append(s.Corrupt, CorruptError{d.Kind, d.ID, d.Version})
		}
		return !right
	})
	for n, version := range newest {
		s.Corrupt = append(s.Corrupt, CorruptError{n.kind, n.id, version})
	}
	if len(s.Corrupt) == 0 {
		s.Corrupt = append(s.Corrupt, CorruptError{Revision: s.Revision})
	}
	return s, nil
}

// newestVersions returns the version of each document that the log says is there.
func newestVersions(ctx context.Context, tx *sql.Tx) (map[documentName]int64, error) {
	newest := map[documentName]int64{}
	err := eachRow(ctx, tx, func(rows *sql.Rows) error {
		var n documentName
		var revision int64
		var deleted bool
		if err := rows.Scan(&n.kind, &n.id, &revision, &deleted); err != nil {
			return err
		}
		newest[n] = revision
		if deleted {
			delete(newest, n)
		}
		return nil
	}, `SELECT kind, id, revision, after IS NULL FROM changes ORDER BY revision, position`)
	return newest, err
}
