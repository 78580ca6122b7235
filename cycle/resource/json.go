package resource

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// readJSON makes the tree of a JSON text, RFC 8259.
func readJSON(body []byte) (node, *Fault) {
	if !utf8.Valid(body) {
		return node{}, notUTF8(body)
	}
	var raw json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil {
		line, column := 1, 1
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			line, column = position(body, int(syntax.Offset)-1)
		}
		return node{}, notJSON(err, line, column)
	}
	p := jsonParser{budget: budget{left: mostNodes}, body: body, decoder: json.NewDecoder(bytes.NewReader(body)), line: 1, column: 1}
	p.decoder.UseNumber()
	root := p.value(1)
	return root, p.fault
}

func notJSON(err error, line, column int) *Fault {
	return &Fault{Line: line, Column: column, Detail: "no JSON: " + err.Error() + ": want one JSON object"}
}

// jsonParser makes nodes of a text that is known to be JSON.
type jsonParser struct {
	budget

	body         []byte
	decoder      *json.Decoder
	seen         int // the offset up to which line and column are counted
	line, column int
}

// next returns the next token, and an empty node at the place where it begins.
func (p *jsonParser) next() (json.Token, node) {
	start := int(p.decoder.InputOffset())
	for start < len(p.body) && strings.IndexByte(" \t\r\n:,", p.body[start]) >= 0 {
		start++
	}
	p.line, p.column = advance(p.body[p.seen:start], p.line, p.column)
	p.seen = start
	token, err := p.decoder.Token()
	if err != nil && p.fault == nil {
		p.fault = notJSON(err, p.line, p.column)
	}
	return token, node{line: p.line, column: p.column}
}

func (p *jsonParser) value(depth int) node {
	token, n := p.next()
	if !p.spend(depth, n.line, n.column) {
		return n
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '[' {
			return p.list(n, depth)
		}
		return p.object(n, depth)
	case string:
		n.kind, n.text = text, token
	case json.Number:
		n.kind, n.text = number, token.String()
	case bool:
		n.kind, n.text = boolean, fmt.Sprint(token)
	}
	return n
}

func (p *jsonParser) list(n node, depth int) node {
	n.kind = list
	for p.fault == nil && p.decoder.More() {
		n.items = append(n.items, p.value(depth+1))
	}
	p.next()
	return n
}

func (p *jsonParser) object(n node, depth int) node {
	n.kind = object
	for p.fault == nil && p.decoder.More() {
		name, key := p.next()
		n.fields = append(n.fields, member{fmt.Sprint(name), key, p.value(depth + 1)})
	}
	p.next()
	return n
}

func notUTF8(body []byte) *Fault {
	bad := 0
	for bad < len(body) {
		r, size := utf8.DecodeRune(body[bad:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		bad += size
	}
	line, column := position(body, bad)
	return &Fault{Line: line, Column: column, Detail: "a byte that is no UTF-8: want UTF-8"}
}

// position returns the line and column of a byte.
func position(body []byte, offset int) (line, column int) {
	return advance(body[:min(max(offset, 0), len(body))], 1, 1)
}

// advance moves a position over some text.
func advance(over []byte, line, column int) (int, int) {
	if i := bytes.LastIndexByte(over, '\n'); i >= 0 {
		line += bytes.Count(over, []byte{'\n'})
		over, column = over[i+1:], 1
	}
	return line, column + utf8.RuneCount(over)
}
