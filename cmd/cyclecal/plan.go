package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/resource"
)

// plan is what has to be changed for the stored documents to match a fleet file.
type plan struct {
	Changes   []*planned `json:"changes"`
	Unchanged int        `json:"unchanged"`
	// Unlisted counts what is stored but not in the file, and is left alone.
	Unlisted int `json:"unlisted"`
	// Spared are the tokens that --prune leaves alone.
	Spared []string `json:"spared,omitempty"`

	steps []step // in which the changes are made
}

// planned is one change of a plan, and what became of it.
type planned struct {
	Kind    resource.Kind `json:"kind"`
	ID      string        `json:"id"`
	Action  string        `json:"action"` // create, update or delete
	Fields  []difference  `json:"fields,omitempty"`
	Applied bool          `json:"applied"`
	Secret  string        `json:"secret,omitempty"`
	URL     string        `json:"url,omitempty"`

	document resource.Document // as it will be; of a deletion, as it was, if it could be read
	version  int64
	begun    bool // its first step was done
}

// knownOn is the day on which a fact that is created or updated became known, else zero.
func (c *planned) knownOn() cycle.Date {
	if c.Action == actionDelete {
		return cycle.Date{}
	}
	switch value := c.document.Value.(type) {
	case cycle.Release:
		return value.KnownOn
	case cycle.Notice:
		return value.KnownOn
	}
	return cycle.Date{}
}

// difference is a field that changes. Name has dots where the field is within another.
type difference struct {
	Name   string          `json:"name"`
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
}

const (
	actionCreate = "create"
	actionUpdate = "update"
	actionDelete = "delete"
)

// newPlan compares a file with what is stored. Stored documents that the file lacks are deleted if their kind is
// in prune, except those to spare.
func newPlan(file []resource.Document, stored []storedRow, prune []resource.Kind, spare func(storedRow) bool) *plan {
	p := &plan{Changes: []*planned{}}
	rows := map[key]storedRow{}
	for _, row := range stored {
		rows[keyOf(row.Kind, row.ID)] = row
	}
	for _, d := range file { // in the order of the kinds
		row, ok := rows[keyOf(d.Kind, d.ID)]
		delete(rows, keyOf(d.Kind, d.ID))
		p.put(d, row, ok)
	}
	kinds := resource.Kinds()
	order := func(row storedRow) int { return slices.Index(kinds, row.Kind) }
	stored = slices.Clone(stored)
	slices.SortStableFunc(stored, func(a, b storedRow) int { return order(b) - order(a) }) // what refers before what is referred to
	for _, row := range stored {
		if _, left := rows[keyOf(row.Kind, row.ID)]; !left {
			continue
		}
		switch {
		case !slices.Contains(prune, row.Kind):
			p.Unlisted++
		case spare(row):
			p.Spared = append(p.Spared, row.ID)
		default:
			d, _ := row.read()
			p.Changes = append(p.Changes, &planned{Kind: row.Kind, ID: row.ID, Action: actionDelete, document: d, version: row.Version})
		}
	}
	return p
}

// put plans for one document of the file.
func (p *plan) put(d resource.Document, row storedRow, there bool) {
	c := &planned{Kind: d.Kind, ID: d.ID, Action: actionCreate, document: d, version: row.Version}
	if there {
		c.Action, c.Fields = actionUpdate, differences("", fieldsOf(row.canonical()), fieldsOf(d.JSON()))
	}
	if there && len(c.Fields) == 0 {
		p.Unchanged++
		return
	}
	p.Changes = append(p.Changes, c)
}

// fieldsOf returns the fields of an object, nil of anything else.
func fieldsOf(object []byte) map[string]json.RawMessage {
	var fields map[string]json.RawMessage
	if json.Unmarshal(object, &fields) != nil {
		return nil
	}
	return fields
}

// differences names the fields that differ. A missing field counts as null, so that a field which only a
// newer program knows does not differ while it is null.
func differences(at string, before, after map[string]json.RawMessage) []difference {
	all := map[string]json.RawMessage{}
	maps.Copy(all, before)
	maps.Copy(all, after)
	var list []difference
	for _, name := range slices.Sorted(maps.Keys(all)) {
		was, is := orNullJSON(before[name]), orNullJSON(after[name])
		inner, outer := fieldsOf(was), fieldsOf(is)
		switch {
		case bytes.Equal(was, is):
		case inner != nil && outer != nil:
			list = append(list, differences(at+name+".", inner, outer)...)
		default:
			list = append(list, difference{at + name, was, is})
		}
	}
	return list
}

func orNullJSON(value json.RawMessage) json.RawMessage {
	if value == nil {
		return json.RawMessage("null")
	}
	return value
}

// String returns a difference as people read it.
func (d difference) String() string {
	const most = 60
	return d.Name + " " + fit(shown(d.Before), most) + " -> " + fit(shown(d.After), most)
}

// shown returns a text without quotes where nothing else looks like it, everything else as JSON.
func shown(value json.RawMessage) string {
	var text string
	err := json.Unmarshal(value, &text)
	if bare := plain(text); err != nil || bare == "" || bare == "null" || bare[0] == '"' || strings.TrimSpace(bare) != bare {
		return string(value)
	}
	return text
}

// name is what a change is called, with its sign: "+ rings/pilot".
func (c *planned) name() string {
	sign := map[string]string{actionCreate: "+", actionUpdate: "~", actionDelete: "-"}[c.Action]
	return plain(sign + " " + string(c.Kind) + "/" + c.ID)
}

// text returns the plan as people read it.
func (p *plan) text() string {
	var b strings.Builder
	if len(p.Changes) > 0 {
		b.WriteString("To change:\n") // it is printed before anything is
	}
	for _, c := range p.Changes {
		b.WriteString(c.name())
		for i, d := range c.Fields {
			b.WriteString([]string{": ", ", "}[min(i, 1)] + plain(d.String()))
		}
		b.WriteString("\n")
	}
	for _, id := range p.Spared {
		fmt.Fprintf(&b, "! tokens/%[1]s: left alone, as this command may be using it: cyclecal token revoke %[1]s deletes it\n", plain(id))
	}
	if p.Unchanged > 0 {
		fmt.Fprintf(&b, "= %d unchanged\n", p.Unchanged)
	}
	if p.Unlisted > 0 {
		fmt.Fprintf(&b, "  %d stored that the file lacks, left alone\n", p.Unlisted)
	}
	return b.String()
}
