package resource

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Fault is one thing that is wrong with what somebody wrote.
type Fault struct {
	// Pointer says where it is: an RFC 6901 pointer, "" for the whole document.
	Pointer string
	// Line and Column say where it is in a file, from 1 on; both are 0 where there is no file.
	// A column counts characters.
	Line, Column int
	// Detail says what is wrong, and what would have been right.
	Detail string
}

// String returns the fault as one line.
func (f Fault) String() string {
	var s strings.Builder
	if f.Line > 0 {
		fmt.Fprintf(&s, "%d:%d: ", f.Line, f.Column)
	}
	if f.Pointer != "" {
		fmt.Fprintf(&s, "%s: ", short(f.Pointer))
	}
	s.WriteString(f.Detail)
	return s.String()
}

// Faults are all that is wrong with a document or a file. There are at most 1,000: the last of
// them then says that more follow.
type Faults []Fault //nolint:errname // it reads better, and each is one Fault

// Error joins the faults, one a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.String()
	}
	return strings.Join(lines, "\n")
}

// fileError is everything that is wrong with a file.
type fileError struct {
	name   string
	faults Faults
}

// Error begins each line with the name of the file, as compilers do.
func (e fileError) Error() string {
	return e.name + ":" + strings.ReplaceAll(e.faults.Error(), "\n", "\n"+e.name+":")
}

func (e fileError) Unwrap() error { return e.faults }

const mostFaults = 1000

// Beside returns the faults that [ParseFleet] found in a file, and those of others, found by a second look at what
// could be read of it, that can be judged without the fields that could not. Others without a pointer are kept.
func (f Faults) Beside(others Faults) Faults {
	all := slices.Clone(f)
	for _, other := range others {
		parts := strings.SplitN(other.Pointer, "/", 4) // "", the kind, the index, and the field
		at := strings.Join(parts[:min(len(parts), 3)], "/")
		if other.Pointer == "" || f.allow(at, other) {
			all = append(all, other)
		}
	}
	return all
}

// allow reports whether another fault of the document at a pointer is told beside these: it is none of them, and can
// be judged without the fields that have a fault.
func (f Faults) allow(at string, other Fault) bool {
	faulty := func(name string) bool {
		field := pointer(at, name)
		return slices.ContainsFunc(f, func(f Fault) bool { return f.Pointer == field || strings.HasPrefix(f.Pointer, field+"/") })
	}
	told := slices.ContainsFunc(f, func(f Fault) bool { return f.Pointer == other.Pointer })
	name, item, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(other.Pointer, at), "/"), "/")
	return name != "" && !told && (item != "" || !slices.ContainsFunc(judgedBy(name), faulty))
}

// Locate returns the faults of a fleet file. Those without a line get the line and column at which it has the value of
// their pointer or, where that is not there, the innermost one around it. They are in the order of the file, those
// without a pointer first.
func Locate(file []byte, faults Faults) Faults {
	root, _ := readFile(file) // nothing is at any pointer of one that can't be read
	located := slices.Clone(faults)
	for i, f := range located {
		if f.Pointer != "" && f.Line == 0 {
			at := root.at(f.Pointer)
			located[i].Line, located[i].Column = at.line, at.column
		}
	}
	located.sort()
	if len(located) > mostFaults {
		located = append(located[:mostFaults-1], Fault{Detail: moreFaults})
	}
	return located
}

// sort puts faults in the order of their file.
func (f Faults) sort() {
	slices.SortStableFunc(f, func(a, b Fault) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column)) })
}

const moreFaults = "more faults follow: want these mended first"

// fault adds a fault at a node.
func (r *reader) fault(at string, n node, detail string) {
	switch {
	case len(r.faults) < mostFaults-1:
		r.faults = append(r.faults, Fault{at, n.line, n.column, detail})
	case len(r.faults) == mostFaults-1:
		r.faults = append(r.faults, Fault{at, n.line, n.column, moreFaults})
	}
}

func (r *reader) err() error {
	if len(r.faults) == 0 {
		return nil
	}
	return r.faults
}

func invalid(what, written, want string) string {
	return "invalid " + what + " " + written + ": want " + want
}

func unknownField(name, want string) string {
	if name == "<<" {
		return `merge key "<<": want the fields themselves`
	}
	return "unknown field " + quote(name) + ": want " + want
}

func twiceField(name string) string {
	return "field " + quote(name) + " is there already: want it once"
}

// pointer appends a name to a pointer: RFC 6901, 3.
func pointer(at, name string) string {
	return at + "/" + strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

func pointerAt(at string, i int) string { return at + "/" + itoa(i) }

func itoa(n int) string { return strconv.Itoa(n) }

func quote(s string) string { return strconv.Quote(short(s)) }

// short cuts a text to 100 bytes at most, and not within a character, so that a fault fits on a line.
func short(s string) string {
	const most = 100
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
