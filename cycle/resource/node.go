package resource

import (
	"slices"
	"strconv"
	"strings"
)

// node is a value as it was written, in JSON or in YAML.
type node struct {
	kind         nodeKind
	text         string // of a text, a number or a boolean; of a refused node, what is wrong
	items        []node
	fields       []member
	line, column int
}

// member is a field of an object.
type member struct {
	name  string
	key   node // an empty node at the place of the name
	value node
}

type nodeKind uint8

const (
	null nodeKind = iota
	boolean
	number
	text
	list
	object
	refused // what YAML has and JSON has not, such as a tag
)

const (
	mostBytes  = 1 << 20
	mostNodes  = 200_000 // a YAML alias counts as often as what it stands for
	mostLevels = 16
)

// written shows the node in a message.
func (n node) written() string {
	switch n.kind {
	case text:
		return quote(n.text)
	case number, boolean:
		return short(n.text)
	case list:
		return "(a list)"
	case object:
		return "(an object)"
	case refused:
		return "(" + n.text + ")"
	}
	return "null"
}

// refusal says that the node is not what it should be.
func (n node) refusal(what, want string) string {
	if n.kind == refused {
		return n.text
	}
	return invalid(what, n.written(), want)
}

// index returns the index of the first field of that name, or -1.
func (n node) index(name string) int {
	return slices.IndexFunc(n.fields, func(m member) bool { return m.name == name })
}

// field returns the node of a field, or the object itself where it has none.
func (n node) field(name string) node {
	if i := n.index(name); i >= 0 {
		return n.fields[i].value
	}
	return n
}

// at returns the node at a pointer or, where there is none, the innermost one around it.
func (n node) at(pointer string) node {
	for name := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		name = strings.ReplaceAll(strings.ReplaceAll(name, "~1", "/"), "~0", "~")
		switch i, err := strconv.Atoi(name); {
		case n.index(name) >= 0:
			n = n.field(name)
		case n.kind == list && err == nil && i >= 0 && i < len(n.items):
			n = n.items[i]
		default:
			return n
		}
	}
	return n
}

// budget limits the tree that is made of a document.
type budget struct {
	left  int
	fault *Fault // the first reason to stop
}

// spend counts a node at a depth and reports whether it may be made.
func (b *budget) spend(depth, line, column int) bool {
	b.left--
	switch {
	case b.fault != nil:
	case depth > mostLevels:
		b.fault = &Fault{Line: line, Column: column, Detail: "nested too deep: want at most " + itoa(mostLevels) + " levels"}
	case b.left < 0:
		b.fault = &Fault{Line: line, Column: column, Detail: "too many values: want at most " + itoa(mostNodes) + ", each alias counted as what it stands for"}
	}
	return b.fault == nil
}
