package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/cyclecal/cyclecal/cycle/importer"
)

// sourceView is what one source says.
type sourceView struct {
	Source   string          `json:"source"`
	Rows     []sourceRowView `json:"rows"`
	Problems []problemView   `json:"problems"`
}

// sourceRowView is one row of it; null is what the source does not tell.
type sourceRowView struct {
	Track     string  `json:"track"`
	Month     *string `json:"month"`
	Kind      *string `json:"kind"`
	Type      *string `json:"type"`
	OutOfBand *bool   `json:"out_of_band"`
	KB        *string `json:"kb"`
	Build     *string `json:"build"`
	Date      *string `json:"release_date"`
	Title     *string `json:"title"`
	URL       *string `json:"url"`
}

// problemView is something in a source that could not be read.
type problemView struct {
	Source string `json:"source,omitempty"`
	Place  string `json:"place"`
	Detail string `json:"detail"`
}

// differenceView is an importer.Difference.
type differenceView struct {
	Track  string  `json:"track"`
	Month  *string `json:"month"`
	Change string  `json:"change"`
	ID     string  `json:"id"`
	Field  *string `json:"field"`
	Known  *string `json:"known"`
	Told   *string `json:"told"`
	Source string  `json:"source"`
}

// known returns a text without what a terminal would obey, or nil for "".
func known(s string) *string { return orNull(plain(s)) }

// printSource prints what one source says. One that can't be used is printed with
// its problems.
func (i *importing) printSource(ctx context.Context, source string) error {
	doc, fault := i.read(ctx, source)
	view := sourceView{Source: plain(source), Rows: []sourceRowView{}, Problems: []problemView{}}
	for _, r := range doc.Rows {
		row := sourceRowView{
			Track: r.Track, Month: known(r.Month.String()), Kind: known(r.Kind.String()), Type: known(r.Type.String()),
			KB: known(r.KB), Build: known(r.Build), Date: known(r.Date.String()), Title: known(r.Title), URL: known(r.URL),
		}
		if r.Type != 0 {
			row.OutOfBand = &r.OutOfBand
		}
		view.Rows = append(view.Rows, row)
	}
	for _, p := range doc.Problems {
		view.Problems = append(view.Problems, problemView{Place: plain(p.Place), Detail: plain(p.Detail)})
	}
	if fault != nil && len(view.Problems) == 0 {
		view.Problems = append(view.Problems, problemView{Place: "source", Detail: plain(fault.Error())})
	}
	return errors.Join(i.program.printJSON(view), plainError(fault))
}

// plainError is an error that may quote what somebody else wrote.
func plainError(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(plain(err.Error()))
}

// findings are what came of merging sources.
type findings struct {
	Differences []differenceView `json:"differences"`
	Problems    []problemView    `json:"problems"`
	faults      []error          // one for each source that can't be used
	stored      bool             // something, be it only that a source tells what is known
}

// printDifferences merges the sources and prints what is new. A source that can't be used is
// left out, and named at the end.
func (i *importing) printDifferences(ctx context.Context, sources []string) error {
	f, done, err := i.known(ctx)
	if err != nil {
		return err
	}
	found := i.merge(ctx, f, sources)
	faults := append(slices.Clone(found.faults), done())
	if i.output == "json" {
		return errors.Join(append(faults, i.program.printJSON(found))...)
	}
	for _, p := range found.Problems {
		fmt.Fprintf(i.program.stderr, "cyclecal: %s: %s: %s\n", p.Source, p.Place, p.Detail)
	}
	if len(found.faults) < len(sources) {
		faults = append(faults, i.printTable(found))
	}
	return errors.Join(faults...)
}

// merge merges the sources into what is known, one after another, and with --write stores what is new.
func (i *importing) merge(ctx context.Context, f *fleet, sources []string) findings {
	facts, before := spoken(f.Snapshot().Facts), f.Snapshot().Revision
	all := findings{Differences: []differenceView{}, Problems: []problemView{}}
	for _, source := range sources {
		doc, fault := i.read(ctx, source)
		for _, p := range doc.Problems {
			all.Problems = append(all.Problems, problemView{plain(source), plain(p.Place), plain(p.Detail)})
		}
		var found []importer.Difference
		switch {
		case fault != nil:
		case i.write:
			found, fault = f.learn(ctx, doc, i.program.today())
		default:
			facts, found, fault = importer.Merge(facts, doc, i.program.today())
		}
		if fault != nil {
			all.faults = append(all.faults, plainError(fault))
		}
		for _, d := range found {
			all.Differences = append(all.Differences, differenceView{
				d.Track, known(d.Month.String()), string(d.Change), d.ID, known(d.Field), known(d.Known), known(d.Told), plain(source),
			})
		}
	}
	all.stored = f.Snapshot().Revision > before
	return all
}

// printTable prints differences as people read them.
func (i *importing) printTable(found findings) error {
	r := &reading{program: i.program}
	switch {
	case len(found.Differences) == 0 && len(found.Problems) > 0:
		r.println("Nothing new in what could be read.")
	case len(found.Differences) == 0:
		r.println("Nothing new: all of that is known.")
		if found.stored {
			r.println("Stored with each fact that this source tells it, too.")
		}
	default:
		rows, err := rowsOfViews(found.Differences)
		if err != nil {
			return err
		}
		r.table("", rows, "TRACK:track", "MONTH:month", "CHANGE:change", "WHAT:id", "FIELD:field", "KNOWN:known", "TOLD:told")
		r.println("\n" + i.ending(found))
	}
	_, err := io.WriteString(i.program.stdout, r.out.String())
	return err
}

// ending says what became of the differences.
func (i *importing) ending(found findings) string {
	differs := slices.ContainsFunc(found.Differences, func(d differenceView) bool { return d.Change == string(importer.Differs) })
	switch {
	case !i.write:
		return "Nothing was stored: --write stores what is new."
	case !found.stored:
		return "Nothing was stored: what is known stands."
	case differs:
		return "Stored, but for what differs: what is known stands."
	}
	return "Stored."
}

// rowsOfViews makes rows of views, under the names that JSON has.
func rowsOfViews[T any](views []T) ([]row, error) {
	data, err := json.Marshal(views)
	if err != nil {
		return nil, err
	}
	var rows []row
	err = json.Unmarshal(data, &rows)
	return rows, err
}
