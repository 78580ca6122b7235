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

// form is what a value may look like: for the reader, and for editors.
type form struct {
	kind   nodeKind
	want   string
	schema map[string]any // JSON Schema 2020-12, null left to the field
	fields []field        // of an object, or of each object of a list
	// read returns the value of a node of that kind; it reports a fault and false otherwise.
	read func(r *reader, what, at string, n node) (any, bool)
}

// field is a value with a name.
type field struct {
	name string
	doc  string
	form form
	// need says that it may neither be left out nor be null.
	need bool
}

// values are the fields of an object that were given, read, and not null.
type values struct {
	reader *reader
	at     string
	node   node
	fields map[string]any
	bad    map[string]bool // those with a fault
}

// get returns the value of a field, the zero value where it was not given.
func get[T any](v values, name string) T {
	value, ok := v.fields[name].(T)
	if !ok {
		var unknown T
		return unknown
	}
	return value
}

// has reports whether each of these fields was given.
func (v values) has(names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return v.fields[name] == nil })
}

// sound reports whether none of these fields has a fault; they may be unknown.
func (v values) sound(names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return v.bad[name] })
}

// wrong reports a field that contradicts another.
func (v values) wrong(name, want string) {
	n := v.node.field(name)
	written := n.written()
	if n.kind == object { // the field is not there
		written = "null"
	}
	v.reader.fault(pointer(v.at, name), n, invalid(name, written, want))
}

// read returns the value of a node that has the form.
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

// parsed is a text that a function of the model reads.
func parsed[T any](pattern, want string, read func(string) (T, error), examples ...any) form {
	schema := map[string]any{"type": "string"}
	if pattern != "" {
		schema["pattern"] = pattern
	}
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

// matching is a text of a pattern.
func matching(pattern, want string, examples ...any) form {
	re := regexp.MustCompile(pattern)
	return parsed(pattern, want, func(s string) (string, error) {
		if !re.MatchString(s) {
			return "", &cycle.InvalidError{Want: want}
		}
		return s, nil
	}, examples...)
}

// line is a text of one line.
func line(most int) form {
	return limited(most, matching(oneLine,
		"one line of at most "+itoa(most)+" characters, none of them a control character and no space around it"))
}

// limited is a text of at most so many characters.
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

// No control characters, line separators and what no YAML file can hold.
const (
	noText  = "\\x00-\\x1f\\x7f-\\x9f\u2028\u2029\ufeff\ufffe\uffff"
	oneLine = "^[^ \u00a0" + noText + "]([^" + noText + "]*[^ \u00a0" + noText + "])?$"
)

// oneOf is one of some names, read by a function of the model.
func oneOf[T any](read func(string) (T, error), names ...string) form {
	f := parsed("", strings.Join(names[:len(names)-1], ", ")+" or "+names[len(names)-1], read)
	f.schema = map[string]any{"enum": names}
	return f
}

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

func truth() form {
	return form{
		boolean, "true or false",
		map[string]any{"type": "boolean"},
		nil,
		func(_ *reader, _, _ string, n node) (any, bool) { return n.text == "true", true },
	}
}

// set is a list of values, each once.
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
			if ok {
				out = append(out, one)
				seen[one] = true
			}
		}
		return out, all
	}}
}

// listOf is a list of such items, in the order in which they are written.
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

// record is an object with these fields and no other.
func record(doc string, fields ...field) form {
	return form{
		object, "an object with " + namesOf(fields), recordSchema(doc, fields), fields,
		func(r *reader, _, at string, n node) (any, bool) {
			v := values{r, at, n, map[string]any{}, map[string]bool{}}
			r.known(at, n, fields)
			for _, f := range fields {
				before := len(r.faults)
				if value, ok := r.member(at, n, f); ok {
					v.fields[f.name] = value
				}
				v.bad[f.name] = len(r.faults) > before
			}
			return v, true
		},
	}
}

// known refuses fields that are not in the table, and those that come twice.
func (r *reader) known(at string, n node, fields []field) {
	seen := map[string]bool{}
	for _, m := range n.fields {
		is := func(f field) bool { return f.name == m.name }
		switch {
		case seen[m.name]:
			r.fault(pointer(at, m.name), m.key, twiceField(m.name))
		case !slices.ContainsFunc(fields, is):
			r.fault(pointer(at, m.name), m.key, unknownField(m.name, namesOf(fields)))
		}
		seen[m.name] = true
	}
}

// member reads a field of an object; false means that there is no value.
func (r *reader) member(at string, n node, f field) (any, bool) {
	at = pointer(at, f.name)
	i := slices.IndexFunc(n.fields, func(m member) bool { return m.name == f.name })
	if i < 0 {
		if f.need {
			r.fault(at, n, f.name+" is missing: want "+f.form.want)
		}
		return nil, false
	}
	value := n.fields[i].value
	if value.kind == null && !f.need {
		return nil, false
	}
	return r.read(f.form, f.name, at, value)
}

func namesOf(fields []field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return strings.Join(names, ", ")
}
