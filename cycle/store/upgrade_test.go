package store

import (
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// schema1 was written by the program of commit 5a0e8cb~1, the last one with schema 1: documents of each kind that
// people write, each made, changed, and one deleted.
const schema1 = "testdata/schema-1.db"

// rowsOf returns the rows of a table of the file, as they are there.
func rowsOf(t *testing.T, table string) [][]any {
	t.Helper()
	path := filepath.Join(t.TempDir(), "old.db")
	copyFile(t, schema1, path)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(t.Context(), "SELECT * FROM "+table)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all [][]any
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil || len(all) == 0 {
		t.Fatalf("%d rows of %s: %v, want some", len(all), table, err)
	}
	return all
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	body, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, body, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestUpgradeFile opens the file of the program before.
func TestUpgradeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cyclecal.db")
	copyFile(t, schema1, path)
	s := opened(t)(OpenSQLite(t.Context(), path))
	checkUpgraded(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := opened(t)(OpenSQLite(t.Context(), path))
	if got := mustLoad(t, again); len(got.Corrupt) > 0 || len(got.Documents) == 0 {
		t.Errorf("opened once more it has %d documents, and %v left out", len(got.Documents), got.Corrupt)
	}
}

// testUpgrade puts the rows of that file into a database whose schema is as old. A step that was published is never
// changed, so that the first one makes the tables as they were made then.
func testUpgrade(t *testing.T, p place) {
	e := p.core(p.open(t))
	do := func(query string, values ...any) {
		t.Helper()
		if _, err := e.writes.ExecContext(t.Context(), query, values...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	for _, table := range []string{"meta", "documents", "changes", "keys", "reads", "notes"} {
		do("DROP TABLE " + table)
	}
	do("DELETE FROM migrations WHERE number > 1")
	do(e.dialect.words(migrations()[0]))
	for _, table := range []string{"meta", "documents", "changes"} {
		for _, row := range rowsOf(t, table) {
			marks := make([]string, len(row))
			for i := range row {
				marks[i] = fmt.Sprintf("$%d", i+1)
			}
			do("INSERT INTO "+table+" VALUES ("+strings.Join(marks, ", ")+")", row...)
		}
	}
	checkUpgraded(t, p.open(t))
}

// checkUpgraded holds that nothing of the file was lost, that its chain of hashes holds, and that it goes on.
func checkUpgraded(t *testing.T, s Store) {
	t.Helper()
	got := mustLoad(t, s)
	var rows [][]any
	for _, d := range got.Documents {
		rows = append(rows, []any{d.Kind, d.ID, d.Version, string(d.Body)})
	}
	var want [][]any
	for _, row := range rowsOf(t, "documents") {
		body, ok := row[3].([]byte)
		if !ok {
			t.Fatalf("a body is a %T, want bytes", row[3])
		}
		want = append(want, []any{row[0], row[1], row[2], string(body)})
	}
	same(t, "documents", rows, want)
	if len(got.Corrupt) > 0 {
		t.Errorf("left out: %v, want nothing", got.Corrupt)
	}
	if changes := len(rowsOf(t, "changes")); len(history(t, s)) != changes || got.Revision != int64(changes) {
		t.Errorf("%d changes until revision %d, want %d", len(history(t, s)), got.Revision, changes)
	}
	if err := s.Backup(t.Context(), io.Discard); err != nil { // which reads the whole log
		t.Errorf("the log is not as it was written: %v", err)
	}
	if revision := mustWrite(t, s, batch(put("rings", "new", "{}", 0))); revision != got.Revision+1 {
		t.Errorf("the next write is revision %d, want %d", revision, got.Revision+1)
	}
	mustAdd(t, s, june(1), Read{"sales", "Google", june(9), 1})
}
