package devices

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// columns are the indexes of the columns that are read.
type columns struct {
	builds, revisions, products []int
	skus                        []int // the products columns in which a number means an edition
}

// all are the columns that decide what a row means.
func (c columns) all() []int { return slices.Concat(c.builds, c.revisions, c.products) }

// find finds the columns to read by a header. It returns a [*HeaderError] where one is missing.
func find(header []string, o Options) (columns, error) {
	var plain []string
	for _, h := range header {
		plain = append(plain, plainName(h))
	}
	c := columns{revisions: known(plain, revisionNames)}
	var err error
	if c.builds, err = asked(header, "build_column", o.BuildColumn, known(plain, buildNames)); err != nil {
		return columns{}, err
	}
	if c.products, err = asked(header, "product_column", o.ProductColumn, known(plain, productNames)); err != nil {
		return columns{}, err
	}
	if len(c.builds) == 0 {
		return columns{}, &HeaderError{Parameter: "build_column", Headers: header}
	}
	if !slices.ContainsFunc(c.builds, func(i int) bool { return slices.Contains(revisedNames, plain[i]) }) {
		c.revisions = slices.DeleteFunc(c.revisions, func(i int) bool { return plain[i] == "revision" })
	}
	for _, i := range c.products {
		if strings.Contains(plain[i], "sku") {
			c.skus = append(c.skus, i)
		}
	}
	return c, nil
}

// asked returns the index of the column that a parameter names, and where it names none the known ones.
func asked(header []string, parameter, column string, known []int) ([]int, error) {
	if column == "" {
		return known, nil
	}
	at := slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), strings.TrimSpace(column)) })
	if at < 0 {
		return nil, &HeaderError{Parameter: parameter, Asked: column, Headers: header}
	}
	return []int{at}, nil
}

// known returns the indexes of the columns with these names, in the order of the names.
func known(plain, names []string) []int {
	var list []int
	for _, name := range names {
		for i, p := range plain {
			if p == name {
				list = append(list, i)
			}
		}
	}
	return list
}

// HeaderError says that a list has no column that is needed.
type HeaderError struct {
	// Parameter is the parameter that names the column: build_column or product_column.
	Parameter string
	// Asked is the column that the parameter named, or "" where none was named and none is known.
	Asked string
	// Headers are the columns of the list.
	Headers []string
}

// Error names the columns of the list, or the first 40 of them, each cut at 60 characters.
func (e *HeaderError) Error() string {
	const most, width = 40, 60
	var seen []string
	for _, h := range e.Headers[:min(len(e.Headers), most)] {
		if runes := []rune(strings.ToValidUTF8(h, "\uFFFD")); len(runes) > width {
			h = string(runes[:width]) + "…"
		}
		seen = append(seen, fmt.Sprintf("%q", h))
	}
	if n := len(e.Headers) - most; n > 0 {
		seen = append(seen, fmt.Sprintf("and %d more", n))
	}
	what := "no column is known to hold the build"
	if e.Asked != "" {
		what = fmt.Sprintf("no column is called %.60q", e.Asked)
	}
	return what + ": want one of those there are, " + strings.Join(seen, ", ")
}

// separator guesses the separator of a header line: the one that yields the columns to read, and among
// several of those the one that yields the most columns.
func separator(line []byte, o Options) byte {
	best, rank := byte(','), -1
	for _, sep := range []byte{',', ';', '\t'} {
		s := scanner{sep: sep}
		var header []string
		text := bytes.Clone(line)
		for more := true; more && len(header) <= mostColumns; {
			var cell []byte
			cell, text, more = s.cut(text)
			header = append(header, string(cell))
		}
		score := len(header)
		if _, err := find(header, o); err == nil {
			score += mostCells
		}
		if score > rank {
			best, rank = sep, score
		}
	}
	return best
}
