package devices

import (
	"bytes"
	"errors"
	"io"
)

// scanQuoted reads a record whose first line has n bytes, and quotes among them.
func (s *scanner) scanQuoted(n int) (fault string, err error) {
	size, lines, fault, err := s.extent(n)
	if err != nil {
		return "", err
	}
	if fault != "" {
		size, lines = n, 1
	}
	text := withoutBreak(s.buf[s.start : s.start+size])
	s.take(size, lines)
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

// extent finds the end of the record that begins here, whose first line has n bytes.
//
// Faults cost at most a second reading of the list. If a quote is not closed, every line after it has an
// even number of quotes, and so each of these lines, read by itself, is a whole record.
func (s *scanner) extent(n int) (size, lines int, fault string, err error) {
	at, size, lines := 0, n, 1
	for {
		if at < size && s.buf[s.start+at] == '"' {
			at, size, lines, fault, err = s.quotedEnd(at+1, size, lines)
		} else {
			at, fault = s.plainEnd(at, size)
		}
		if fault != "" || err != nil || at < 0 {
			return size, lines, fault, err
		}
	}
}

// plainEnd returns where the next cell begins after one without quotes, or -1 at the end of the record.
func (s *scanner) plainEnd(at, size int) (next int, fault string) {
	rest := withoutBreak(s.buf[s.start+at : s.start+size])
	i := bytes.IndexByte(rest, s.sep)
	cell := rest
	if i >= 0 {
		cell = rest[:i]
	}
	switch {
	case bytes.IndexByte(cell, '"') >= 0:
		return 0, `a quote in a cell that does not begin with one: want the whole cell in quotes, and each quote in it twice`
	case i < 0:
		return -1, ""
	}
	return at + i + 1, ""
}

// quotedEnd returns where the next cell begins after one whose opening quote stands before at, or -1 at the
// end of the record. The cell may span lines, by which the record grows to its new size and lines.
func (s *scanner) quotedEnd(at, size, lines int) (next, newSize, newLines int, fault string, err error) {
	for {
		i := bytes.IndexByte(s.buf[s.start+at:s.start+size], '"')
		if i < 0 {
			at = size
			size, err = s.lineEnd(size)
			if errors.Is(err, io.EOF) || errors.Is(err, errLong) {
				return 0, 0, 0, "a quote that does not end: want one at the end of the cell", nil
			}
			if err != nil {
				return 0, 0, 0, "", err
			}
			lines++
			continue
		}
		at += i + 1
		rest := s.buf[s.start+at : s.start+size]
		switch {
		case len(withoutBreak(rest)) == 0:
			return -1, size, lines, "", nil
		case rest[0] == s.sep:
			return at + 1, size, lines, "", nil
		case rest[0] != '"':
			return 0, 0, 0, `text after the quote that ends a cell: want each quote within a cell twice`, nil
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
