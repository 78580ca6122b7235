package catalog

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"
)

// row is a line of a table.
type row struct {
	table  string
	line   int
	fields map[string]string
}

// errorf returns an error that begins with the table and the line.
func (r row) errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d: "+format, append([]any{r.table, r.line}, args...)...)
}

// list returns the words of a field.
func (r row) list(column string) []string { return strings.Fields(r.fields[column]) }

// readTable reads a table whose first line names exactly these columns.
// Lines that begin with # are comments.
func readTable(dir fs.FS, name string, columns []string) ([]row, error) {
	file, err := dir.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.Comment = '#'
	reader.FieldsPerRecord = len(columns)
	var rows []row
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		line, _ := reader.FieldPos(0)
		r := row{name, line, make(map[string]string, len(columns))}
		for i, field := range record {
			if err := plain(field); err != nil {
				return nil, r.errorf("%s: %w", columns[i], err)
			}
			r.fields[columns[i]] = field
		}
		if len(rows) == 0 && !slices.Equal(record, columns) {
			return nil, r.errorf("columns %q: want %q", record, columns)
		}
		rows = append(rows, r)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("%s: empty: want a first line with the columns %q", name, columns)
	}
	return rows[1:], nil
}

// plain refuses text that is not one clean line, as a line of a calendar must be.
func plain(s string) error {
	if !utf8.ValidString(s) {
		return fmt.Errorf("%q: want UTF-8", s)
	}
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return fmt.Errorf("%q: want one line without control characters", s)
	}
	if s != strings.TrimSpace(s) {
		return fmt.Errorf("%q: want no space around it", s)
	}
	return nil
}
