package resource

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cyclecal/cyclecal/cycle"
)

// reader collects the faults of what it reads.
type reader struct{ faults Faults }

// form says what a value may look like, to the reader and to editors.
type form struct {
	kind   nodeKind
	want   string         // the form in words
	schema map[string]any // JSON Schema 2020-12; fieldSchema adds null
	fields []field        // of an object, or of each object of a list
	// read returns the value of a node of that kind. It reports a fault and returns false where there is none.
	read func(r *reader, what, at string, n node) (any, bool)
}

// read returns the value of a node. It reports a fault and returns false where the node does not have the form.
func (r *reader) read(f form, what, at string, n node) (any, bool) {
	if n.kind == f.kind {
		return f.read(r, what, at, n)
	}
	want := f.want
	if f.kind == text && (n.kind == number || n.kind == boolean) {
		want = "text, in quotes: " + want
	}
	r.fault(at, n, n.refusal(what, want))
	return nil, false
}

// parsed is the form of a text that a function of the model reads.
func parsed[T any](pattern, want string, read func(string) (T, error), examples ...any) form {
	schema := map[string]any{"type": "string", "pattern": pattern}
	if len(examples) > 0 {
		schema["examples"] = examples
	}
	return form{text, want, schema, nil, func(r *reader, what, at string, n node) (any, bool) {
		value, err := read(n.text)
		if err == nil {
			return value, true
		}
		told := want
		if e, ok := errors.AsType[*cycle.InvalidError](err); ok {
			told = e.Want
		}
		r.fault(at, n, invalid(what, n.written(), told))
		return nil, false
	}}
}

// matching is the form of a text that matches a pattern.
func matching(pattern, want string, examples ...any) form {
	re := regexp.MustCompile(pattern)
	return parsed(pattern, want, func(s string) (string, error) {
		if !re.MatchString(s) {
			return "", &cycle.InvalidError{Want: want}
		}
		return s, nil
	}, examples...)
}

// line is the form of a text of one line.
func line(most int) form {
	return limited(most, matching(oneLine,
		"one line of at most "+itoa(most)+" characters, none of them a control character and no space around it"))
}

// limited is another form of a text, with a limit of characters.
func limited(most int, f form) form {
	f.schema["maxLength"] = most
	read := f.read
	f.read = func(r *reader, what, at string, n node) (any, bool) {
		if utf8.RuneCountInString(n.text) > most {
			r.fault(at, n, invalid(what, n.written(), f.want))
			return nil, false
		}
		return read(r, what, at, n)
	}
	return f
}

const (
	// noText are control characters, line separators, and characters that no YAML file can hold.
	noText  = "\\x00-\\x1f\\x7f-\\x9f\u2028\u2029\ufeff\ufffe\uffff"
	oneLine = "^[^ \u00a0" + noText + "]([^" + noText + "]*[^ \u00a0" + noText + "])?$"
)

// oneOf is the form of one of some names, which a function of the model reads.
func oneOf[T any](read func(string) (T, error), names ...string) form {
	f := parsed("", either(names), read)
	f.schema = map[string]any{"enum": names}
	return f
}

// named is the form of one of some names that the model keeps as texts.
func named(names ...string) form {
	return oneOf(func(s string) (string, error) {
		if !slices.Contains(names, s) {
			return "", &cycle.InvalidError{Want: either(names)}
		}
		return s, nil
	}, names...)
}

// either joins two names or more: "a, b or c".
func either(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// whole is the form of a whole number within bounds.
func whole(least, most int) form {
	want := "a whole number from " + itoa(least) + " to " + itoa(most)
	return form{
		number, want,
		map[string]any{"type": "integer", "minimum": least, "maximum": most},
		nil,
		func(r *reader, what, at string, n node) (any, bool) {
			value, err := strconv.Atoi(n.text)
			if err != nil || itoa(value) != n.text || value < least || value > most {
				r.fault(at, n, invalid(what, n.written(), want))
				return nil, false
			}
			return value, true
		},
	}
}

// truth is the form of true and false.
func truth() form {
	return form{
		boolean, "true or false",
		map[string]any{"type": "boolean"},
		nil,
		func(_ *reader, _, _ string, n node) (any, bool) { return n.text == "true", true },
	}
}

// set is the form of a list of values, each once.
func set[T comparable](item form, want string) form {
	schema := map[string]any{"type": "array", "items": item.schema, "uniqueItems": true}
	return form{list, want, schema, nil, func(r *reader, what, at string, n node) (any, bool) {
		var out []T
		all, seen := true, map[T]bool{}
		for i, child := range n.items {
			value, ok := r.read(item, what, pointerAt(at, i), child)
			one, _ := value.(T)
			if ok && seen[one] {
				r.fault(pointerAt(at, i), child, invalid(what, child.written(), "each once"))
				ok = false
			}
			all = all && ok
			seen[one] = true
			out = append(out, one) // the zero value where it can't be read, so that each keeps its place
		}
		return out, all
	}}
}

// listOf is the form of a list of items, in the order in which they are written.
func listOf(item form, want string) form {
	schema := map[string]any{"type": "array", "items": item.schema}
	return form{list, want, schema, item.fields, func(r *reader, what, at string, n node) (any, bool) {
		var out []any
		all := true
		for i, child := range n.items {
			value, ok := r.read(item, what, pointerAt(at, i), child)
			out, all = append(out, value), all && ok
		}
		return out, all
	}}
}
