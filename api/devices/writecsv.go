package devices

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxOutput bounds what is kept before it is written, in bytes.
const maxOutput = 64 << 10

// WriteCSV writes each row with its verdict behind it, in UTF-8, with the separator of the list and
// a byte order mark where it had one. Cells that a spreadsheet would run as formulas begin with '.
// What a row has beyond the header stands behind the verdict.
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
			name = t.header[i] // twice, if it is there twice
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

// harmless reports whether a line without quotes needs none.
func (w *csvWriter) harmless(r row) bool {
	for _, c := range []byte{',', ';', '\t', '\r'} {
		if c != w.sep && bytes.IndexByte(r.line, c) >= 0 {
			return false
		}
	}
	return !slices.ContainsFunc(r.cells, runs)
}

// cell writes the cell at a place of its row.
func (w *csvWriter) cell(place int, text []byte) {
	if place > 0 {
		w.buf = append(w.buf, w.sep)
	}
	formula := runs(text)
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

// quotes reports whether a cell needs quotes: also for what would be a separator elsewhere, where
// the rest of the cell may be a formula.
func (w *csvWriter) quotes(text []byte) bool {
	for _, c := range text {
		switch c {
		case '"', '\r', '\n', ',', ';', '\t', w.sep:
			return true
		}
	}
	return false
}

// names are what the columns are called, each by a name of its own.
func (t *Table) names() []string {
	var names []string
	seen := map[string]bool{}
	for i, name := range append(append([]string{}, t.header...), Columns...) {
		if name == "" {
			name = "column_" + strconv.Itoa(i+1)
		}
		unique := name
		for n := 2; seen[unique]; n++ {
			unique = name + "_" + strconv.Itoa(n)
		}
		seen[unique] = true
		names = append(names, unique)
	}
	return names
}

// runs reports whether a spreadsheet would run a cell as a formula:
// https://owasp.org/www-community/attacks/CSV_Injection
func runs(text []byte) bool {
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

// WriteJSON writes the rows as a JSON array of objects: each column by its name, and then the verdict,
// null where nothing can be said. Cells stay as they are; what is not UTF-8 becomes U+FFFD.
func (t *Table) WriteJSON(to io.Writer) error {
	w := bufio.NewWriterSize(to, maxOutput)
	var keys [][]byte
	for i, name := range t.names() {
		key := appendJSON(nil, []byte(name))
		if i == 0 {
			key = append([]byte("{"), key...)
		} else {
			key = append([]byte(","), key...)
		}
		keys = append(keys, append(key, ':'))
	}
	_ = w.WriteByte('[') // Flush tells
	for n := 0; ; n++ {
		r, err := t.next()
		if errors.Is(err, io.EOF) {
			_, _ = w.WriteString("]")
			return w.Flush()
		}
		if err != nil {
			return errors.Join(err, w.Flush())
		}
		line := w.AvailableBuffer()
		if n > 0 {
			line = append(line, ',', '\n')
		}
		if _, err := w.Write(append(r.appendJSON(line, keys), '}')); err != nil {
			return err
		}
	}
}

// appendJSON writes the row, but for the end of its object.
func (r row) appendJSON(to []byte, keys [][]byte) []byte {
	for i, cell := range r.cells {
		to = appendJSON(append(to, keys[i]...), cell)
	}
	to = append(to, r.verdict.asJSON(keys[len(r.cells):])...)
	if len(r.surplus) == 0 {
		return to
	}
	to = append(to, `,"cyclecal_surplus":`...)
	for i, cell := range r.surplus {
		to = append(to, "[,"[min(i, 1)])
		to = appendJSON(to, cell)
	}
	return append(to, ']')
}

func (v *Verdict) asJSON(keys [][]byte) []byte {
	if v.json != nil {
		return v.json
	}
	for i, text := range v.cells() {
		v.json = append(v.json, keys[i]...)
		if text == "" {
			v.json = append(v.json, "null"...)
		} else {
			v.json = appendJSON(v.json, []byte(text))
		}
	}
	return v.json
}

// plain are the characters that stand for themselves in a text of JSON, in a range that is
// looked up faster than compared.
var plain = func() (is [256]bool) {
	for c := ' '; c <= '~'; c++ {
		is[c] = c != '"' && c != '\\'
	}
	return is
}()

// appendJSON writes a text as JSON.
func appendJSON(to, text []byte) []byte {
	for _, c := range text {
		if !plain[c] {
			return appendQuoted(to, text)
		}
	}
	return append(append(append(to, '"'), text...), '"')
}

// appendQuoted is the same for a text that may need escapes.
func appendQuoted(to, text []byte) []byte {
	quoted, err := json.Marshal(string(text))
	if err != nil { // a string is never refused
		return append(to, "null"...)
	}
	return append(to, quoted...)
}
