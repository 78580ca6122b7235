package devices

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// WriteCSV writes each row with its verdict after it, in UTF-8, with the separator of the list and
// a byte order mark if the list had one. Cells that a spreadsheet would run as formulas get a ' before
// them. The cells of a row beyond the header come after the verdict.
func (t *Table) WriteCSV(to io.Writer) error {
	w := csvWriter{to: to, sep: t.scan.sep}
	if t.marked {
		w.buf = append(w.buf, bom8...)
	}
	if t.sepRow != "" {
		w.buf = append(w.buf, t.sepRow+"\r\n"...)
	}
	for i, name := range t.names() {
		if i < len(t.header) {
			name = t.header[i] // as it is, also if two columns have the same name
		}
		w.cell(i, []byte(name))
	}
	w.buf = append(w.buf, "\r\n"...)
	for {
		r, err := t.next()
		if errors.Is(err, io.EOF) {
			return w.flush()
		}
		if err != nil {
			return errors.Join(err, w.flush())
		}
		if err := w.row(r); err != nil {
			return err
		}
	}
}

// csvWriter writes a buffer at a time.
type csvWriter struct {
	to  io.Writer
	sep byte
	buf []byte
}

func (w *csvWriter) flush() error {
	_, err := w.to.Write(w.buf)
	w.buf = w.buf[:0]
	return err
}

func (w *csvWriter) row(r row) error {
	if r.line != nil && w.harmless(r) {
		w.buf = append(w.buf, r.line...) // as it came
	} else {
		for i, cell := range r.cells {
			w.cell(i, cell)
		}
	}
	if r.verdict.csv == nil {
		verdict := csvWriter{sep: w.sep}
		for _, text := range r.verdict.cells() {
			verdict.cell(1, []byte(text))
		}
		r.verdict.csv = verdict.buf
	}
	w.buf = append(w.buf, r.verdict.csv...)
	for _, cell := range r.surplus {
		w.cell(1, cell)
	}
	w.buf = append(w.buf, "\r\n"...)
	if len(w.buf) < maxOutput {
		return nil
	}
	return w.flush()
}

// harmless reports whether a row without quotes may be written as it came.
func (w *csvWriter) harmless(r row) bool {
	for _, c := range []byte{',', ';', '\t', '\r'} {
		if c != w.sep && bytes.IndexByte(r.line, c) >= 0 {
			return false
		}
	}
	return !slices.ContainsFunc(r.cells, IsFormula)
}

// cell writes the cell at a place of its row.
func (w *csvWriter) cell(place int, text []byte) {
	if place > 0 {
		w.buf = append(w.buf, w.sep)
	}
	formula := IsFormula(text)
	if !formula && !w.quotes(text) {
		w.buf = append(w.buf, text...)
		return
	}
	w.buf = append(w.buf, '"')
	if formula {
		w.buf = append(w.buf, '\'')
	}
	for {
		i := bytes.IndexByte(text, '"')
		if i < 0 {
			break
		}
		w.buf = append(append(w.buf, text[:i]...), `""`...)
		text = text[i+1:]
	}
	w.buf = append(append(w.buf, text...), '"')
}

// quotes reports whether a cell needs quotes. It does for every character that some program takes for a
// separator, since the rest of the cell could then run as a formula.
func (w *csvWriter) quotes(text []byte) bool {
	for _, c := range text {
		switch c {
		case '"', '\r', '\n', ',', ';', '\t', w.sep:
			return true
		}
	}
	return false
}

// IsFormula reports whether a spreadsheet would run a cell as a formula:
// https://owasp.org/www-community/attacks/CSV_Injection
func IsFormula(text []byte) bool {
	if len(text) == 0 {
		return false
	}
	switch text[0] {
	case '=', '+', '-', '@', '\t', '\r', '\n':
		return true
	case 0xEF: // the same in full width, or a second byte order mark with anything behind it
		r, _ := utf8.DecodeRune(text)
		return strings.ContainsRune("＝＋－＠\uFEFF", r)
	}
	return false
}
