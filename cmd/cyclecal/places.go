package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/cyclecal/cyclecal/cycle/resource"
)

// documentAt splits the pointer to a fault among all documents: /freezes/year-end/rings/0.
func documentAt(pointer string) (kind resource.Kind, id, within string) {
	name, rest, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	id, within, _ = strings.Cut(rest, "/")
	return resource.Kind(name), id, "/" + within
}

// place returns faults that are among all documents as faults of the file, in the order of its lines and at most 1,000.
func (f fleetInput) place(faults resource.Faults) resource.Faults {
	const most = 1000
	if len(faults) == 0 {
		return nil
	}
	root, _ := loadConfig(f.body) // nil where JSON is no YAML: then there are no lines
	indices, seen := map[key]int{}, map[resource.Kind]int{}
	for _, d := range f.documents {
		indices[keyOf(d.Kind, d.ID)] = seen[d.Kind]
		seen[d.Kind]++
	}
	var placed resource.Faults
	for _, fault := range faults {
		kind, id, within := documentAt(fault.Pointer)
		if i, ok := indices[keyOf(kind, id)]; ok {
			fault.Pointer = fmt.Sprintf("/%s/%d%s", kind, i, within)
			fault.Line, fault.Column = positionOf(root, fault.Pointer)
		} else {
			fault = resource.Fault{Detail: fmt.Sprintf("the stored %s/%s, which is not in it, would be wrong: %s: %s", kind, id, within, fault.Detail)}
		}
		placed = append(placed, fault)
	}
	slices.SortStableFunc(placed, func(a, b resource.Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if len(placed) > most {
		placed = append(placed[:most], resource.Fault{Detail: "more faults follow: want these mended first"})
	}
	return placed
}

// positionOf returns where in a file the value of a pointer is or, where it is not there, the innermost one
// around it; 0 without a file.
func positionOf(n *yaml.Node, pointer string) (line, column int) {
	if n == nil {
		return 0, 0
	}
	for name := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		inner := valueIn(n, name)
		if inner == nil {
			break
		}
		n = inner
	}
	return n.Line, n.Column
}

// valueIn returns the value of a name or an index in a node, nil where there is none.
func valueIn(n *yaml.Node, name string) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind == yaml.SequenceNode {
		if i, err := strconv.Atoi(name); err == nil && i < len(n.Content) {
			return n.Content[i]
		}
		return nil
	}
	for pair := range slices.Chunk(n.Content, 2) {
		if len(pair) == 2 && pair[0].Value == name {
			return pair[1]
		}
	}
	return nil
}
