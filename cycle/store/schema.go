package store

import (
	"context"
	"database/sql"
	"fmt"
)

// migrations returns the steps that make today's schema, in order; step n is at index n-1.
// A step that was published is never changed: a further step follows it.
// The steps are in SQLite's words, which the dialect translates.
func migrations() []string {
	return []string{
		`CREATE TABLE meta (
			one      INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
			revision INTEGER NOT NULL,
			floor    INTEGER NOT NULL, -- the log can be followed from here on
			head     BLOB    NOT NULL, -- hash of the newest change
			state    BLOB    NOT NULL, -- sum of the documents' hashes
			hash     BLOB    NOT NULL  -- of this row
		) STRICT;
		CREATE TABLE documents (
			kind    TEXT    NOT NULL,
			id      TEXT    NOT NULL,
			version INTEGER NOT NULL,
			body    BLOB    NOT NULL,
			hash    BLOB    NOT NULL,
			PRIMARY KEY (kind, id)
		) WITHOUT ROWID, STRICT;
		CREATE TABLE changes (
			revision   INTEGER NOT NULL,
			position   INTEGER NOT NULL,
			kind       TEXT    NOT NULL,
			id         TEXT    NOT NULL,
			before     BLOB,
			after      BLOB,
			who        TEXT    NOT NULL,
			request_id TEXT    NOT NULL,
			at         INTEGER NOT NULL, -- microseconds since 1970
			prev       BLOB    NOT NULL, -- hash of the change before
			hash       BLOB    NOT NULL,
			PRIMARY KEY (revision, position)
		) WITHOUT ROWID, STRICT;
		CREATE TABLE keys (
			who      TEXT    NOT NULL,
			key      TEXT    NOT NULL,
			writes   BLOB    NOT NULL, -- hash of what was written
			revision INTEGER NOT NULL, -- the result
			at       INTEGER NOT NULL,
			PRIMARY KEY (who, key)
		) WITHOUT ROWID, STRICT;
		CREATE INDEX keys_at ON keys (at);`,

		// Calendar clients poll all the time, so their fetches are outside the revision, the log and the hashes.
		`CREATE TABLE reads (
			feed   TEXT    NOT NULL,
			day    TEXT    NOT NULL, -- YYYY-MM-DD
			family TEXT    NOT NULL,
			count  INTEGER NOT NULL,
			PRIMARY KEY (feed, day, family)
		) WITHOUT ROWID, STRICT;
		CREATE INDEX reads_day ON reads (day);
		CREATE TABLE notes (
			name TEXT NOT NULL PRIMARY KEY,
			body BLOB NOT NULL
		) WITHOUT ROWID, STRICT;`,
	}
}

// migrate brings the schema up to date, in one transaction.
func (e *engine) migrate(ctx context.Context) error {
	return e.writing(ctx, func(tx *sql.Tx) error {
		if err := e.dialect.lockSchema(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, e.dialect.words(
			`CREATE TABLE IF NOT EXISTS migrations (number INTEGER NOT NULL PRIMARY KEY) STRICT`)); err != nil {
			return err
		}
		done, err := e.schema(ctx, tx)
		if err != nil {
			return err
		}
		return e.migrateFrom(ctx, tx, done)
	})
}

// schema returns the number of the last step that was made, and an error where this program does not know it.
func (e *engine) schema(ctx context.Context, tx *sql.Tx) (int, error) {
	var done int
	row := tx.QueryRowContext(ctx, `SELECT coalesce(max(number), 0) FROM migrations`)
	if err := row.Scan(&done); err != nil {
		return 0, err
	}
	return done, e.known(done)
}

func (e *engine) migrateFrom(ctx context.Context, tx *sql.Tx, done int) error {
	for i, step := range migrations()[done:] {
		number := done + i + 1
		if _, err := tx.ExecContext(ctx, e.dialect.words(step)); err != nil {
			return fmt.Errorf("migration %d: %w", number, err)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO migrations (number) VALUES ($1)`, number); err != nil {
			return fmt.Errorf("migration %d: %w", number, err)
		}
	}
	if done > 0 {
		return nil
	}
	m := meta{head: nothing(), state: nothing()}
	_, err := tx.ExecContext(ctx, `INSERT INTO meta (one, revision, floor, head, state, hash) VALUES (1, $1, $2, $3, $4, $5)`,
		m.revision, m.floor, m.head, m.state, m.hash())
	return err
}

// known refuses a schema that this program has never heard of.
func (e *engine) known(schema int) error {
	if most := len(migrations()); schema > most {
		return fmt.Errorf("schema %d, this program knows %d: %w", schema, most, ErrNewer)
	}
	return nil
}
