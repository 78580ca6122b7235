package api

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// writeCSV writes rows as RFC 4180 with their JSON names as the header. Unknown values are
// empty; what is not flat is left out.
func writeCSV(rows any) ([]byte, error) {
	list := reflect.ValueOf(rows)
	var buf bytes.Buffer
	w := newCSVRows(&buf, list.Type().Elem())
	for i := range list.Len() {
		w.write(list.Index(i))
	}
	err := w.flush()
	return buf.Bytes(), err
}

// csvRows writes rows one by one. Its flush tells what went wrong.
type csvRows struct {
	*csv.Writer
	columns []column
	record  []string
}

func newCSVRows(to io.Writer, row reflect.Type) *csvRows {
	w := &csvRows{Writer: csv.NewWriter(to), columns: columnsOf(row)}
	w.UseCRLF = true
	w.record = make([]string, len(w.columns))
	for i, c := range w.columns {
		w.record[i] = c.name
	}
	_ = w.Write(w.record) // Error keeps it
	return w
}

func (w *csvRows) write(row reflect.Value) {
	for i, c := range w.columns {
		w.record[i] = cell(row.FieldByIndex(c.index))
	}
	_ = w.Write(w.record) // the same
}

func (w *csvRows) flush() error {
	w.Flush()
	return w.Error()
}

type column struct {
	name  string
	index []int
}

// columnsOf returns the flat fields of a row.
func columnsOf(row reflect.Type) []column {
	var columns []column
	for _, f := range reflect.VisibleFields(row) {
		kind := f.Type.Kind()
		if kind == reflect.Pointer {
			kind = f.Type.Elem().Kind()
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || kind == reflect.Struct || kind == reflect.Slice && !isText(f.Type) {
			continue
		}
		columns = append(columns, column{name, f.Index})
	}
	return columns
}

// isText reports whether a list is written as one text: words, or JSON as it is.
func isText(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Elem().Kind() == reflect.String || t == reflect.TypeFor[json.RawMessage]()
}

func cell(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	s := fmt.Sprint(v.Interface())
	switch list := v.Interface().(type) {
	case []string:
		s = strings.Join(list, " ")
	case json.RawMessage:
		s = string(list)
	}
	if v.Kind() == reflect.String && s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s // a spreadsheet would run it as a formula
	}
	return s
}
