package api

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/cyclecal/cyclecal/api/devices"
)

// writeCSV writes rows as CSV (RFC 4180), with the JSON names of their fields as the header. Unknown
// values are empty. An object in a row becomes columns that are named after both, such as window_start;
// a list of objects becomes JSON. A field with the tag csv:"-" is left out.
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
		w.record[i] = cell(c.of(row))
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

// of returns the field of a row; it is not valid where an object on the way to it is null.
func (c column) of(row reflect.Value) reflect.Value {
	field, err := row.FieldByIndexErr(c.index)
	if err != nil {
		return reflect.Value{}
	}
	return field
}

// columnsOf returns the columns of a row: its fields, and the fields of its objects.
func columnsOf(row reflect.Type) []column {
	var columns []column
	for _, f := range reflect.VisibleFields(row) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || f.Tag.Get("csv") == "-" {
			continue
		}
		of := f.Type
		if of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct {
			columns = append(columns, column{name, f.Index})
			continue
		}
		for _, c := range columnsOf(of) {
			columns = append(columns, column{name + "_" + c.name, slices.Concat(f.Index, c.index)})
		}
	}
	return columns
}

func cell(v reflect.Value) string {
	if !v.IsValid() {
		return ""
	}
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
	case []int:
		s = strings.Trim(s, "[]")
	case json.RawMessage:
		s = string(list)
	default:
		if v.Kind() == reflect.Slice {
			s = asJSON(list)
		}
	}
	if v.Kind() == reflect.String && devices.IsFormula([]byte(s)) {
		return "'" + s
	}
	return s
}

// asJSON writes a list of objects, "" for an unknown one.
func asJSON(list any) string {
	body, err := json.Marshal(list)
	if err != nil || string(body) == "null" {
		return ""
	}
	return string(body)
}
