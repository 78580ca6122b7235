package resource

import (
	"slices"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// Kind is what a document describes, as it is written in URLs and fleet files.
type Kind string

// The kinds of documents.
const (
	Tracks   Kind = "tracks"
	Releases Kind = "releases"
	Notices  Kind = "notices"
	Rings    Kind = "rings"
	Freezes  Kind = "freezes"
	Feeds    Kind = "feeds"
	Tokens   Kind = "tokens"
)

// kinds are those that [Kinds] returns.
var kinds = []Kind{Tracks, Releases, Notices, Rings, Freezes, Feeds, Tokens}

// Kinds returns all kinds, each after the kinds that its documents may refer to. The caller may change what it gets.
func Kinds() []Kind { return slices.Clone(kinds) }

// Document is one thing that people write, under an id that is unique among its kind.
type Document struct {
	Kind Kind
	ID   string
	// Value is a [cycle.Track], [cycle.Release], [cycle.Notice], [cycle.Ring],
	// [cycle.Freeze], [Feed] or [Token], as Kind says.
	Value any
}

// JSON returns the document in its canonical form: every field in the order of
// the fleet file, null where nothing is known. [ParseJSON] reads it to the same value.
// It returns null for a document whose Value is not of its Kind.
func (d Document) JSON() []byte {
	shape, ok := shapes[d.Kind]
	if !ok {
		return []byte("null")
	}
	return shape.write(d.Value)
}

// Feed is a stored query behind a secret address.
type Feed struct {
	ID string
	// Title is the name of the calendar.
	Title string
	// Tracks and Rings are ids. No track means all tracks; no ring means none.
	Tracks, Rings []string
	// Kind keeps the months of that kind; the zero Kind keeps all.
	Kind cycle.Kind
	// Alarm is how long before each event an alarm rings, as [cycle.ParseAlarm] reads it; "" is never.
	Alarm string
	// Style is "allday" or "timed", as [cycle.ParseStyle] reads it.
	Style string
}

// Token lets its bearer act in a role.
type Token struct {
	ID string
	// Role is viewer, editor or admin.
	Role string
	// ExpiresAt is when it ends, in UTC; the zero time is never.
	ExpiresAt time.Time
}

// ParseJSON reads one document as it is sent to /api/v1/{kind}/{id}. The body may
// leave its id out; otherwise it must be that of the path.
// All that is wrong with it is returned at once as [Faults], without lines and columns.
// The caller limits the size of the body.
func ParseJSON(kind Kind, id string, body []byte) (Document, error) {
	if !slices.Contains(kinds, kind) {
		return Document{}, Faults{{Detail: invalid("kind of document", quote(string(kind)), kindNames())}}
	}
	root, fault := readJSON(body)
	if fault != nil {
		return Document{}, Faults{{Detail: fault.Detail}}
	}
	r := &reader{}
	root = r.identify(root, id)
	document := r.document(kind, "", root)
	for i := range r.faults {
		r.faults[i].Line, r.faults[i].Column = 0, 0
	}
	return document, r.err()
}

// identify gives a document the id of its path.
func (r *reader) identify(root node, id string) node {
	if root.kind != object {
		return root
	}
	if root.index("id") < 0 {
		root.fields = slices.Concat([]member{{name: "id", value: node{kind: text, text: id}}}, root.fields)
	}
	if given := root.field("id"); given.kind == text && given.text != id {
		r.fault("/id", given, invalid("id", given.written(), quote(id)+", the id in the path, or none"))
	}
	return root
}

// ParseFleet reads a fleet file of YAML or JSON, at most 1 MiB. It returns the
// documents in the order of [Kinds], and within a kind in that of the file.
// All that is wrong with it is returned at once, in an error that wraps [Faults]: each with
// line and column. The text of the error names the file. Beside such an error it returns the documents as far as
// they could be read, without an id where that could not.
func ParseFleet(file []byte, name string) ([]Document, error) {
	root, fault := readFile(file)
	if fault != nil {
		return nil, fileError{name, Faults{*fault}}
	}
	r := &reader{}
	documents := r.fleet(root)
	if len(r.faults) > 0 {
		r.faults.sort()
		return documents, fileError{name, r.faults}
	}
	return documents, nil
}

// Named returns the kinds of which a fleet file has a list, which may be empty: the file is meant to have
// all documents of such a kind. A heading with nothing under it is no list.
// It returns none for a file that can't be read.
func Named(file []byte) []Kind {
	root, fault := readFile(file)
	if fault != nil || root.kind != object {
		return nil
	}
	var named []Kind
	for _, kind := range kinds {
		if root.field(string(kind)).kind == list {
			named = append(named, kind)
		}
	}
	return named
}

// fleet reads the lists of documents of a fleet file.
func (r *reader) fleet(root node) []Document {
	if root.kind != object {
		r.fault("", root, invalid("fleet file", root.written(), "a mapping with "+kindNames()))
		return nil
	}
	lists := map[Kind]node{}
	for _, f := range root.fields {
		kind := Kind(f.name)
		switch _, twice := lists[kind]; {
		case !slices.Contains(kinds, kind):
			r.fault(pointer("", f.name), f.key, unknownField(f.name, kindNames()))
		case twice:
			r.fault(pointer("", f.name), f.key, twiceField(f.name))
		default:
			lists[kind] = f.value
		}
	}
	var documents []Document
	for _, kind := range kinds {
		documents = append(documents, r.documents(kind, lists[kind])...)
	}
	return documents
}

// documents reads the list of one kind, and refuses an id that comes twice.
func (r *reader) documents(kind Kind, n node) []Document {
	at := pointer("", string(kind))
	if n.kind == null { // also a heading under which nothing stands
		return nil
	}
	if n.kind != list {
		r.fault(at, n, n.refusal(string(kind), "a list of documents"))
		return nil
	}
	documents := make([]Document, 0, len(n.items))
	seen := map[string]int{}
	for i, item := range n.items {
		at := pointerAt(at, i)
		document := r.document(kind, at, item)
		if line, twice := seen[document.ID]; twice && document.ID != "" {
			r.fault(at+"/id", item.field("id"), invalid("id", quote(document.ID), "an id of its own: line "+itoa(line)+" has the same"))
		}
		seen[document.ID] = item.line
		documents = append(documents, document)
	}
	return documents
}

// document reads a document of a kind, and makes its value.
func (r *reader) document(kind Kind, at string, n node) Document {
	s := shapes[kind]
	value, ok := r.read(s.form(), string(kind), at, n)
	if !ok {
		return Document{}
	}
	v := value.(values) //nolint:errcheck // a shape's form is a record, whose value is of that type
	return Document{Kind: kind, ID: get[string](v, "id"), Value: s.build(v)}
}

// kindNames names all kinds, for an error.
func kindNames() string {
	names := make([]string, len(kinds))
	for i, kind := range kinds {
		names[i] = string(kind)
	}
	return either(names)
}
