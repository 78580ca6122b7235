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
	mostCells   = 10 * mostColumns // in a row, which may have more cells than the header
	mostRecord  = 1 << 20          // bytes of a row
)

// errLong says that a line has no end within what a row may have.
var errLong = errors.New("the row is longer than 1 MiB")

// scanner reads records of RFC 4180. Unlike encoding/csv it copies nothing, keeps line breaks within
// cells as they are, bounds the length of a record, and returns a faulty record instead of losing it.
type scanner struct {
	r          io.Reader
	sep        byte
	buf        []byte
	start, end int      // the part of buf that is not read yet
	broken     error    // the error that ended r
	line       int      // the number of the line on which the record begins
	lines      int      // how many lines were read so far
	cells      [][]byte // of the record; they are parts of buf
	plain      []byte   // the whole record if it is a line without quotes, else nil
}

func newScanner(r io.Reader) *scanner {
	return &scanner{r: r, sep: ',', buf: make([]byte, 64<<10)}
}

// scan reads the next record that is not empty. If it is not valid by RFC 4180 the fault
// says why, and the record is a single line, read as well as possible.
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
func (s *scanner) take(size, lines int) {
	s.start += size
	s.lines += lines
}

// lineEnd returns the offset, from start, of the end of the line that begins at the offset from. It
// returns io.EOF where no line begins there.
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

// fill reads more, into a larger buffer if it is full.
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

// withoutBreak cuts the end of the line off.
func withoutBreak(line []byte) []byte {
	line = bytes.TrimSuffix(line, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r"))
}
