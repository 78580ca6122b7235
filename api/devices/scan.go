package devices

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Limits of a list.
const (
	mostColumns = 1000
	mostCells   = 10 * mostColumns // of a row that is wrong
	mostRecord  = 1 << 20          // bytes of a row
)

// errLong says that a line has no end within what a row may have.
var errLong = errors.New("the row is longer than 1 MiB")

// scanner reads records as RFC 4180 has them. It differs from encoding/csv in that it copies
// nothing, keeps line breaks within cells as they are, bounds what a record may take, and gives
// back a record that is wrong instead of losing it.
type scanner struct {
	r          io.Reader
	sep        byte
	buf        []byte
	start, end int      // what of buf is not read yet
	broken     error    // what r ended with
	line       int      // on which the record begins
	lines      int      // read so far
	cells      [][]byte // of the record; they lie in buf
	plain      []byte   // the record, where it is a line without quotes
}

func newScanner(r io.Reader) *scanner {
	return &scanner{r: r, sep: ',', buf: make([]byte, 64<<10)}
}

// scan reads the next record that is not empty. Where it is none by RFC 4180 the fault
// says why, and the record is one line, read as well as it can be.
// It returns io.EOF at the end.
func (s *scanner) scan() (fault string, err error) {
	for {
		n, err := s.lineEnd(0)
		if err != nil {
			return "", err
		}
		s.line = s.lines + 1
		text := withoutBreak(s.buf[s.start : s.start+n])
		switch {
		case len(text) == 0:
			s.take(n, 1)
			continue
		case bytes.IndexByte(text, '"') >= 0:
			return s.scanQuoted(n)
		}
		s.take(n, 1)
		s.plain = text
		return "", s.split(text)
	}
}

// take moves past what was read.
func (s *scanner) take(bytes, lines int) {
	s.start += bytes
	s.lines += lines
}

// lineEnd returns how far it is from the start to the end of the line that begins from
// bytes after it. It returns io.EOF where no line begins there.
func (s *scanner) lineEnd(from int) (int, error) {
	seen := from
	for {
		if i := bytes.IndexByte(s.buf[s.start+seen:s.end], '\n'); i >= 0 {
			return seen + i + 1, nil
		}
		seen = s.end - s.start
		switch {
		case seen > mostRecord:
			return 0, &ListError{fmt.Errorf("line %d: %w", s.lines+1, errLong)}
		case errors.Is(s.broken, io.EOF) && seen > from:
			return seen, nil
		case s.broken != nil:
			return 0, s.broken
		}
		s.fill()
	}
}

// fill reads more, into a larger buffer where it is full.
func (s *scanner) fill() {
	if s.start > 0 {
		copy(s.buf, s.buf[s.start:s.end])
		s.start, s.end = 0, s.end-s.start
	}
	if s.end == len(s.buf) {
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	const patience = 100
	for range patience {
		n, err := s.r.Read(s.buf[s.end:])
		s.end += n
		if err != nil {
			s.broken = err
			return
		}
		if n > 0 {
			return
		}
	}
	s.broken = io.ErrNoProgress
}

// split takes the cells of a line without quotes.
func (s *scanner) split(text []byte) error {
	s.cells = s.cells[:0]
	for {
		i := bytes.IndexByte(text, s.sep)
		if i < 0 {
			break
		}
		if len(s.cells) >= mostCells {
			return s.tooMany()
		}
		s.cells = append(s.cells, text[:i])
		text = text[i+1:]
	}
	s.cells = append(s.cells, text)
	return nil
}

func (s *scanner) tooMany() error {
	return &ListError{fmt.Errorf("line %d: more than %d cells in a row: want at most %d columns", s.line, mostCells, mostColumns)}
}

// scanQuoted reads a record whose first line has quotes and n bytes.
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
// What a fault costs stays within twice the list: a quote that does not end makes all lines
// after it, by themselves, records with even numbers of quotes, which end where they begin.
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

// quotedEnd is the same after a quote; the cell may take more lines.
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

// cut takes the first cell of a record, and its quotes away. A quote that has no business where it
// is stays as it is.
func (s *scanner) cut(text []byte) (cell, rest []byte, more bool) {
	if len(text) == 0 || text[0] != '"' {
		i := bytes.IndexByte(text, s.sep)
		if i < 0 {
			return text, nil, false
		}
		return text[:i], text[i+1:], true
	}
	from, to := 1, 0 // what was read, and where it goes: the cell shrinks in place
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

// cutRest ends a cell of which to bytes are in place, and the rest begins at from.
func (s *scanner) cutRest(text []byte, from, to int) (cell, rest []byte, more bool) {
	i := bytes.IndexByte(text[from:], s.sep)
	if i < 0 {
		to += copy(text[to:], text[from:])
		return text[:to], nil, false
	}
	to += copy(text[to:], text[from:from+i])
	return text[:to], text[from+i+1:], true
}

// withoutBreak cuts the end of the line off.
func withoutBreak(line []byte) []byte {
	line = bytes.TrimSuffix(line, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r"))
}
