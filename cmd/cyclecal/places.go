package main

import (
	"fmt"
	"strings"

	"github.com/cyclecal/cyclecal/cycle/resource"
)

// documentAt splits the pointer to a fault among all documents: /freezes/year-end/rings/0.
func documentAt(pointer string) (kind resource.Kind, id, within string) {
	name, rest, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	id, within, _ = strings.Cut(rest, "/")
	return resource.Kind(name), id, "/" + within
}

// place returns faults that are among all documents as faults of the file.
func (f fleetInput) place(faults resource.Faults) resource.Faults {
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
		} else {
			fault = resource.Fault{Detail: fmt.Sprintf("the stored %s/%s, which is not in it, would be wrong: %s: %s", kind, id, within, fault.Detail)}
		}
		placed = append(placed, fault)
	}
	return placed
}
