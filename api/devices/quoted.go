package devices

import (
	"bytes"
	"errors"
	"io"
)

// scanQuoted reads a record whose first line has n bytes, and quotes among them.
func (s *scanner) scanQuoted(n int) (fault string, err error) {
	r := record{s, n, 1}
	if fault, err = r.complete(); err != nil {
		return "", err
	}
	if fault != "" {
		r = record{s, n, 1}
	}
	text := withoutBreak(r.from(0))
	s.take(r.size, r.lines)
	s.cells, s.plain = s.cells[:0], nil
	for more := true; more; {
		if len(s.cells) >= mostCells {
			return "", s.tooMany()
		}
		var cell []byte
		cell, text, more = s.cut(text)
		s.cells = append(s.cells, cell)
	}
	return fault, nil
}

// record is what is known to belong to the record that begins where the scanner is.
type record struct {
	s           *scanner
	size, lines int
}

// from returns what the record has from an offset on.
func (r *record) from(at int) []byte { return r.s.buf[r.s.start+at : r.s.start+r.size] }

// complete takes further lines into the record until it ends, or says why it can't.
//
// Faults cost at most a second reading of the list. If a quote is not closed, every line after it has an
// even number of quotes, and so each of these lines, read by itself, is a whole record.
func (r *record) complete() (fault string, err error) {
	for at := 0; at >= 0 && fault == "" && err == nil; {
		if rest := r.from(at); len(rest) > 0 && rest[0] == '"' {
			at, fault, err = r.quotedEnd(at + 1)
		} else {
			at, fault = r.plainEnd(at)
		}
	}
	return fault, err
}

// plainEnd returns where the next cell begins after one without quotes, or -1 at the end of the record.
func (r *record) plainEnd(at int) (next int, fault string) {
	cell, _, more := bytes.Cut(withoutBreak(r.from(at)), []byte{r.s.sep})
	switch {
	case bytes.IndexByte(cell, '"') >= 0:
		return 0, `a quote in a cell that does not begin with one: want the whole cell in quotes, and each quote in it twice`
	case !more:
		return -1, ""
	}
	return at + len(cell) + 1, ""
}

// quotedEnd returns where the next cell begins after one whose opening quote stands before at, or -1 at the
// end of the record, which grows by the lines that the cell spans.
func (r *record) quotedEnd(at int) (next int, fault string, err error) {
	for {
		i := bytes.IndexByte(r.from(at), '"')
		if i < 0 {
			at = r.size
			r.size, err = r.s.lineEnd(r.size)
			if errors.Is(err, io.EOF) || errors.Is(err, errLong) {
				return 0, "a quote that does not end: want one at the end of the cell", nil
			}
			if err != nil {
				return 0, "", err
			}
			r.lines++
			continue
		}
		at += i + 1
		rest := r.from(at)
		switch {
		case len(withoutBreak(rest)) == 0:
			return -1, "", nil
		case rest[0] == r.s.sep:
			return at + 1, "", nil
		case rest[0] != '"':
			return 0, `text after the quote that ends a cell: want each quote within a cell twice`, nil
		}
		at++
	}
}

// cut returns the first cell of a record without its quotes, and the rest. A quote that should not be where
// it is stays.
func (s *scanner) cut(text []byte) (cell, rest []byte, more bool) {
	if len(text) == 0 || text[0] != '"' {
		i := bytes.IndexByte(text, s.sep)
		if i < 0 {
			return text, nil, false
		}
		return text[:i], text[i+1:], true
	}
	from, to := 1, 0 // where to read and where to write: the cell shrinks in place
	for {
		i := bytes.IndexByte(text[from:], '"')
		if i < 0 {
			to += copy(text[to:], text[from:])
			return text[:to], nil, false
		}
		to += copy(text[to:], text[from:from+i])
		from += i + 1
		switch {
		case from == len(text):
			return text[:to], nil, false
		case text[from] == s.sep:
			return text[:to], text[from+1:], true
		case text[from] != '"': // a fault: the rest is read as if no quote had begun the cell
			return s.cutRest(text, from-1, to)
		}
		text[to] = '"'
		from, to = from+1, to+1
	}
}

// cutRest ends a faulty cell: its first bytes are in place up to the offset to, the others begin at from.
func (s *scanner) cutRest(text []byte, from, to int) (cell, rest []byte, more bool) {
	i := bytes.IndexByte(text[from:], s.sep)
	if i < 0 {
		to += copy(text[to:], text[from:])
		return text[:to], nil, false
	}
	to += copy(text[to:], text[from:from+i])
	return text[:to], text[from+i+1:], true
}
