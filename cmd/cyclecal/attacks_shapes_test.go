package main

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode"

	ical "github.com/emersion/go-ical"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"golang.org/x/net/html"
)

// componentsOf returns the names of a feed's properties and the lines of its components, read strictly, line by
// line, and by another library than wrote it.
func componentsOf(t *testing.T, a gotAnswer) []string {
	t.Helper()
	if a.status != 200 || !strings.HasSuffix(a.body, "\r\n") {
		t.Fatalf("a feed of %d, %.200q", a.status, a.body)
	}
	var names []string
	events := 0
	for line := range strings.SplitSeq(strings.TrimSuffix(a.body, "\r\n"), "\r\n") {
		if len(line) > 75 || line == "" || strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }) {
			t.Fatalf("line %q: want at most 75 octets, and no control character", line)
		}
		if line[0] == ' ' {
			continue // folded
		}
		name, value, ok := strings.Cut(line, ":")
		if name, _, _ = strings.Cut(name, ";"); !ok || strings.ContainsFunc(name, func(r rune) bool { return r != '-' && (r < 'A' || r > 'Z') }) {
			t.Fatalf("line %q: want a name and a value", line)
		}
		if name == "BEGIN" || name == "END" {
			name += ":" + value
		}
		if name == "BEGIN:VEVENT" {
			events++
		}
		names = append(names, name)
	}
	calendar, err := ical.NewDecoder(strings.NewReader(a.body)).Decode()
	if err != nil || len(calendar.Events()) != events || len(calendar.Children) != events {
		t.Fatalf("another library reads %v, want %d events", err, events)
	}
	return names
}

// elementsOf counts the elements of a page with their attributes, and refuses addresses that run.
func elementsOf(t *testing.T, a gotAnswer) map[string]int {
	t.Helper()
	root, err := html.Parse(strings.NewReader(a.body))
	if err != nil || a.status != 200 {
		t.Fatalf("a page of %d: %v", a.status, err)
	}
	counts := map[string]int{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		shape := n.Data
		for _, attr := range n.Attr {
			shape += " " + attr.Key
			value := strings.ToLower(strings.TrimLeft(attr.Val, " \t\r\n"))
			if (attr.Key == "href" || attr.Key == "src") && (strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:")) {
				t.Errorf("a page has the address %q", attr.Val)
			}
		}
		counts[shape]++
	}
	return counts
}

// xmlOf counts the elements of XML with their attributes.
func xmlOf(t *testing.T, a gotAnswer) map[string]int {
	t.Helper()
	counts := map[string]int{}
	dec := xml.NewDecoder(strings.NewReader(a.body))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return counts
		}
		if err != nil {
			t.Fatalf("%v in %s", err, a.body)
		}
		if e, ok := token.(xml.StartElement); ok {
			shape := e.Name.Local
			for _, attr := range e.Attr {
				shape += " " + attr.Name.Local
			}
			counts[shape]++
		}
	}
}

// namesOfJSON counts the fields of a document, each by its way from the root.
func namesOfJSON(root any) map[string]int {
	counts := map[string]int{}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		counts[at]++
		switch v := v.(type) {
		case map[string]any:
			for name, inner := range v {
				walk(at+"/"+name, inner)
			}
		case []any:
			for _, inner := range v {
				walk(at+"/*", inner)
			}
		}
	}
	walk("", root)
	delete(counts, "/meta")
	return counts
}

// cellsOf counts the rows and columns of CSV, and refuses cells that a spreadsheet runs.
func cellsOf(t *testing.T, a gotAnswer) map[string]int {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(a.body)).ReadAll()
	if err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("the cell %q begins like a formula", cell)
			}
		}
	}
	return map[string]int{fmt.Sprint(rows[0]): len(rows)}
}

// seriesOf counts the series about the schedule by their names and those of their labels, as Prometheus reads them.
func seriesOf(t *testing.T, a gotAnswer) map[string]int {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader([]byte(a.body)))
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for name, family := range families {
		for _, metric := range family.Metric {
			shape := name
			for _, label := range metric.Label {
				shape += " " + label.GetName()
			}
			if strings.HasPrefix(name, "cyclecal_") && !strings.HasPrefix(name, "cyclecal_http_") && !strings.HasPrefix(name, "cyclecal_store_") {
				counts[shape]++
			}
		}
	}
	return counts
}

// checkTerminal refuses what a terminal would carry out, or show in another order.
func checkTerminal(t *testing.T, what, text string) {
	t.Helper()
	for _, r := range text {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			t.Errorf("%s prints %q, want no control character", what, text)
			return
		}
	}
}
