package devices

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
)

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

// plain has the characters of ASCII that need no escape in JSON; looking one up is faster than comparing.
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

// appendQuoted is appendJSON for a text that may need escapes.
func appendQuoted(to, text []byte) []byte {
	quoted, err := json.Marshal(string(text))
	if err != nil { // a string is never refused
		return append(to, "null"...)
	}
	return append(to, quoted...)
}
