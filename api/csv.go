package api

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// writeCSV writes rows as RFC 4180 with their JSON names as the header. Unknown values are
// empty; what is not flat is left out.
func writeCSV(rows any) ([]byte, error) {
	list := reflect.ValueOf(rows)
	columns := columnsOf(list.Type().Elem())
	var buf bytes.Buffer
	w := csv.NewWriter(&buf)
	w.UseCRLF = true
	record := make([]string, len(columns))
	for i, c := range columns {
		record[i] = c.name
	}
	if err := w.Write(record); err != nil {
		return nil, err
	}
	for i := range list.Len() {
		for j, c := range columns {
			record[j] = cell(list.Index(i).FieldByIndex(c.index))
		}
		if err := w.Write(record); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return buf.Bytes(), w.Error()
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
