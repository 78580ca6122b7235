package api_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// listed are requests of the routes that answer with an array of rows, as the document tells them.
func listed(t testing.TB) []request {
	t.Helper()
	var list []request
	for name, op := range describe(t).operations() {
		schema, err := json.Marshal(op.Responses["200"].Content["application/json"].Schema)
		if err != nil {
			t.Fatal(err)
		}
		var of struct {
			AnyOf []struct {
				Properties struct{ Data struct{ Type string } }
			}
			Properties struct{ Data struct{ Type string } }
		}
		if err := json.Unmarshal(schema, &of); err != nil {
			t.Fatal(err)
		}
		if of.Properties.Data.Type != "array" && (len(of.AnyOf) == 0 || of.AnyOf[0].Properties.Data.Type != "array") {
			continue
		}
		method, path, _ := strings.Cut(name, " ")
		q := request{method: strings.ToUpper(method), target: pathOf(path), headers: []string{asAdmin}}
		if q.method == http.MethodPost {
			q.body = `{"product": "windows-11", "vbs": true}`
		}
		list = append(list, q)
	}
	if len(list) < 15 {
		t.Fatalf("%d lists in the document, want some 20", len(list))
	}
	return list
}

// Every list comes as an array of its own too, with the same rows.
func TestRowsAlone(t *testing.T) {
	s := newSite(t, fleetConfig(t))
	for _, q := range listed(t) {
		envelope := s.send(q)
		q.target += "?shape=rows"
		alone := s.send(q)
		var got []any
		if err := json.Unmarshal([]byte(alone.body), &got); err != nil {
			t.Errorf("%s %s = %d %.200s, want an array: %v", q.method, q.target, alone.StatusCode, alone.body, err)
		}
		if diff := cmp.Diff(rows(t, envelope), got); diff != "" {
			t.Errorf("%s %s (-data +got):\n%s", q.method, q.target, diff)
		}
		if a, b := envelope.Header.Get("ETag"), alone.Header.Get("ETag"); q.method == http.MethodGet && a == b {
			t.Errorf("%s: both shapes have the ETag %s, want each its own", q.target, a)
		}
	}
}

// Every list comes as CSV: under its own path, or of what is sent, when output asks for it. Its
// header has the fields of the rows and of their objects, and it has as many rows.
func TestEveryListAsCSV(t *testing.T) {
	s := newSite(t, fleetConfig(t))
	for _, q := range listed(t) {
		twin := q
		twin.target += ".csv"
		if q.method == http.MethodPost {
			twin.target = q.target + "?output=csv"
		}
		want, got := rows(t, s.send(q)), s.send(twin)
		table, err := csv.NewReader(bytes.NewBufferString(got.body)).ReadAll()
		if err != nil || got.StatusCode != http.StatusOK || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/csv") {
			t.Errorf("%s %s = %d %s %.200s, want CSV: %v", q.method, twin.target, got.StatusCode, got.Header.Get("Content-Type"), got.body, err)
			continue
		}
		if len(table) != len(want)+1 {
			t.Errorf("%s %s has %d rows, want %d", q.method, twin.target, len(table)-1, len(want))
		}
		if len(want) == 0 {
			continue
		}
		row, _ := want[0].(map[string]any)
		for _, column := range table[0] {
			if !hasColumn(row, column) {
				t.Errorf("%s %s has a column %q, want one of the fields of %v", q.method, twin.target, column, row)
			}
		}
	}
}

// hasColumn reports whether a row has a field, or an object with it: window_start is the start of window.
func hasColumn(row map[string]any, column string) bool {
	if _, ok := row[column]; ok {
		return true
	}
	for name, field := range row {
		object, ok := field.(map[string]any)
		inner, under := strings.CutPrefix(column, name+"_")
		if ok && under && hasColumn(object, inner) {
			return true
		}
	}
	return false
}
