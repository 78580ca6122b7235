package importer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// table is a table of a page.
type table struct {
	place  string
	header []string // in lower case
	rows   []cells
}

// cells are the cells of a row, and its place in the document.
type cells struct {
	place string
	cells []cell
}

// text returns the row in quotes.
func (l cells) text() string {
	var texts []string
	for _, c := range l.cells {
		texts = append(texts, c.text)
	}
	return fmt.Sprintf("%q", strings.Join(texts, " | "))
}

type cell struct{ text, href string }

// headerOf makes the header of a table of its first row.
func headerOf(row []cell) []string {
	var header []string
	for _, c := range row {
		header = append(header, strings.ToLower(c.text))
	}
	return header
}

// isCalendar reports whether the table is a hotpatch calendar.
func (t table) isCalendar() bool {
	return slices.Contains(t.header, columnMonth) && slices.Contains(t.header, columnLabel)
}

// read reads the calendar that stands below a heading. It returns false where the heading does not tell of which
// product or which year it is.
func (t table) read(b *builder, h heading) bool {
	p, ok := productNamed(h.product)
	if !ok {
		b.report(t.place, "product %q: want one of %s", h.product, productTracks())
		return false
	}
	year, err := strconv.Atoi(h.year)
	if err != nil {
		b.report(t.place, "no year: want one in its id or Calendar year … before it")
		return false
	}
	calendar{t, p, year}.addTo(b)
	return true
}
