package resource

import (
	"slices"
	"strings"
)

// field is one field of an object.
type field struct {
	name string
	doc  string
	form form
	need bool // it may neither be left out nor be null
}

// values are the fields of an object that was read: those that were given and are not null.
type values struct {
	reader *reader
	at     string // the object's pointer
	node   node
	fields map[string]any
	bad    map[string]bool // the fields with a fault
}

// get returns the value of a field, or the zero value where none was given.
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

// sound reports whether none of these fields has a fault; they may be missing.
func (v values) sound(names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return v.bad[name] })
}

// wrong reports a field whose value contradicts the others.
func (v values) wrong(name, want string) {
	n := v.node.field(name)
	written := n.written()
	if n.kind == object { // the field is not there
		written = "null"
	}
	v.reader.fault(pointer(v.at, name), n, invalid(name, written, want))
	v.bad[name] = true
}

// record is the form of an object with these fields and no others.
func record(doc string, fields ...field) form {
	return form{
		object, "an object with " + namesOf(fields), recordSchema(doc, fields), fields,
		func(r *reader, _, at string, n node) (any, bool) {
			v := values{r, at, n, map[string]any{}, map[string]bool{}}
			r.known(at, n, fields)
			for _, f := range fields {
				before := len(r.faults)
				if value := r.member(at, n, f); value != nil {
					v.fields[f.name] = value
				}
				v.bad[f.name] = len(r.faults) > before
			}
			return v, true
		},
	}
}

// known reports fields that are not in the table, and those that come twice.
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

// member returns the value of a field of an object, as far as it can be read, and nil where there is none.
func (r *reader) member(at string, n node, f field) any {
	at = pointer(at, f.name)
	i := n.index(f.name)
	if i < 0 {
		if f.need {
			r.fault(at, n, f.name+" is missing: want "+f.form.want)
		}
		return nil
	}
	value := n.fields[i].value
	if value.kind == null && !f.need {
		return nil
	}
	read, _ := r.read(f.form, f.name, at, value)
	return read
}

func namesOf(fields []field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return strings.Join(names, ", ")
}
