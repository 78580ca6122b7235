package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// mostCandidates bounds how many devices one request may ask about.
const mostCandidates = 1_000

// candidate reads the traits of a query.
func (c *call) candidate() cycle.Candidate {
	candidate := cycle.Candidate{}
	for _, t := range cycle.Traits() {
		if value := read(c.q, t.Name, "", t.Parse); value != "" {
			candidate[t.Name] = value
		}
	}
	return candidate
}

// traitParams are the traits as parameters of a query.
func traitParams() []param {
	var list []param
	for _, t := range cycle.Traits() {
		list = append(list, param{t.Name, t.About + "; not known where it is left out", false, traitSchema(t, "string")})
	}
	return list
}

func traitSchema(t cycle.Trait, kind any) map[string]any {
	schema := map[string]any{"type": kind, "example": t.Example}
	if t.Values != nil {
		schema["enum"] = t.Values
	}
	return schema
}

// candidateSchema describes what is sent: one object of traits, or an array of them.
func candidateSchema() map[string]any {
	properties := map[string]any{}
	for _, t := range cycle.Traits() {
		schema := map[string]any{"type": []string{"string", "null"}, "example": t.Example}
		switch {
		case t.IsBool():
			schema = map[string]any{"type": []string{"boolean", "null"}}
		case t.Values != nil:
			values := []any{nil}
			for _, value := range t.Values {
				values = append(values, value)
			}
			schema["enum"] = values
		}
		schema["description"] = t.About + "; null or left out where nobody knows"
		properties[t.Name] = schema
	}
	one := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	return map[string]any{"anyOf": []any{one, map[string]any{"type": "array", "items": one, "maxItems": mostCandidates}}}
}

// readCandidates reads one JSON object of traits, or an array of them. Its error is a [*DocumentError]
// that has all faults, each with its pointer.
func readCandidates(body []byte) ([]cycle.Candidate, error) {
	var one json.RawMessage
	if err := json.Unmarshal(body, &one); err != nil {
		return nil, wrongCandidates("not JSON: %v: want an object, or an array of objects", err)
	}
	if one[0] != '[' {
		f := new(candidateFaults)
		candidate := f.read("", one)
		return []cycle.Candidate{candidate}, f.err()
	}
	var many []json.RawMessage
	if err := json.Unmarshal(body, &many); err != nil {
		return nil, err
	}
	if len(many) == 0 || len(many) > mostCandidates {
		return nil, wrongCandidates("%d devices: want 1 to %d", len(many), mostCandidates)
	}
	f, list := new(candidateFaults), make([]cycle.Candidate, len(many))
	for i, item := range many {
		list[i] = f.read("/"+strconv.Itoa(i), item)
	}
	return list, f.err()
}

func wrongCandidates(format string, args ...any) error {
	return &DocumentError{Faults: []DocumentFault{{Detail: fmt.Sprintf(format, args...)}}}
}

// candidateFaults collects what is wrong with the candidates that were sent.
type candidateFaults []DocumentFault

func (f *candidateFaults) err() error {
	if len(*f) == 0 {
		return nil
	}
	return &DocumentError{Faults: *f}
}

func (f *candidateFaults) add(pointer, format string, args ...any) {
	switch len(*f) {
	case mostFaults:
		*f = append(*f, DocumentFault{Detail: "there is more that is wrong: want the above put right first"})
	case mostFaults + 1:
	default:
		*f = append(*f, DocumentFault{Pointer: pointer, Detail: fmt.Sprintf(format, args...)})
	}
}

var escapePointer = strings.NewReplacer("~", "~0", "/", "~1") // RFC 6901, 3

// read reads one object. It reads it token by token, as a map would hide that a name comes twice.
func (f *candidateFaults) read(pointer string, object json.RawMessage) cycle.Candidate {
	candidate := cycle.Candidate{}
	if object[0] != '{' {
		f.add(pointer, "%s: want an object", clip(string(object)))
		return candidate
	}
	dec, seen := json.NewDecoder(bytes.NewReader(object)), map[string]bool{}
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return candidate
		}
		name, ok := token.(string)
		if !ok {
			continue // a brace
		}
		var value any
		if err = dec.Decode(&value); err != nil {
			f.add(pointer, "not JSON: %s", clip(err.Error())) // which repeats a number however long
			return candidate
		}
		at := pointer + "/" + escapePointer.Replace(clip(name))
		if seen[name] {
			f.add(at, "there twice: want each field once")
		}
		seen[name] = true
		f.take(candidate, at, name, value)
	}
}

// take reads the value of a trait.
func (f *candidateFaults) take(candidate cycle.Candidate, at, name string, value any) {
	t, ok := cycle.TraitOf(name)
	if !ok {
		f.add(at, "unknown field: want one of %s", names(traitParams()))
		return
	}
	text, isText := value.(string)
	yes, isBool := value.(bool)
	switch {
	case value == nil: // not known
	case t.IsBool() && isBool:
		candidate[name] = strconv.FormatBool(yes)
	case t.IsBool():
		f.add(at, "%s: want true, false or null", clip(fmt.Sprint(value)))
	case !isText:
		f.add(at, "%s: want a string, such as %q, or null", clip(fmt.Sprint(value)), t.Example)
	default:
		parsed, err := t.Parse(text)
		if err != nil {
			f.add(at, "%v", err)
			return
		}
		candidate[name] = parsed
	}
}
