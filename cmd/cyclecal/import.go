package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cyclecal/cyclecal/cycle/catalog"
	"github.com/cyclecal/cyclecal/cycle/importer"
)

// importing is a run of the command import.
type importing struct {
	program *program
	stdin   io.Reader
	storeFlags
	parse, write bool
	output       string
	stored       bool // what is stored is known, too
}

func (p *program) importCommand() *cobra.Command {
	i := &importing{program: p}
	outputs := []string{"table", "json"}
	cmd := &cobra.Command{
		Use:   "import FILE|URL…",
		Short: "What Microsoft's pages say that is not known yet",
		Long: `What Microsoft's pages say that is not known yet.

A source is a file, - for what comes in on standard input, or an address: the
release information of Windows 11 or Windows Server (HTML or Markdown), a page of
the hotpatch release notes, the toc.json of those or of an update history, a CVRF
document of the security update guide, or a saved Atom feed. Sources are merged
one after another into what is known, and the differences are
printed. What can't be read of a source goes to standard error; a source that
contradicts itself or is cut off changes nothing, and the exit code is 1.

What is known is the history in the program and, with --write, --data-dir or --database,
what is stored. --write stores what is new, with the source as its author; a server that
runs on the store shows it within a second.

With --parse, what one source says is printed as JSON, merged with nothing.`,
		Example: `  cyclecal import https://learn.microsoft.com/en-us/windows/release-health/windows11-release-information
  cyclecal import --parse saved-page.html
  cyclecal import --write saved-page.html`,
		PreRunE: func(cmd *cobra.Command, _ []string) error { return i.choose(cmd) },
		RunE: func(cmd *cobra.Command, args []string) error {
			i.stdin = cmd.InOrStdin()
			if err := i.check(args, cmd.Flags().Changed("output")); err != nil {
				return err
			}
			if i.parse {
				return failed(i.printSource(cmd.Context(), args[0]))
			}
			return failed(i.printDifferences(cmd.Context(), args))
		},
	}
	cmd.Flags().BoolVar(&i.write, "write", false, "store what is new")
	i.storeFlags.add(cmd.Flags(), p.getenv)
	cmd.Flags().BoolVar(&i.parse, "parse", false, "print what one source says as JSON, merged with nothing")
	cmd.Flags().StringVarP(&i.output, "output", "o", outputs[0], "`FORMAT`: "+strings.Join(outputs, ", "))
	complete(cmd, outputs)
	return cmd
}

// choose takes the environment's store only for what is to be stored, so that a look at a page
// opens nothing.
func (i *importing) choose(cmd *cobra.Command) error {
	i.stored = i.write || cmd.Flags().Changed("data-dir") || cmd.Flags().Changed("database")
	if !i.stored {
		return nil
	}
	set := pflag.NewFlagSet("", pflag.ContinueOnError)
	for _, name := range []string{"data-dir", "database"} {
		set.AddFlag(cmd.Flags().Lookup(name))
	}
	return i.program.fromEnvironment(set)
}

// known returns the fleet that sources are merged into, and what ends its use.
func (i *importing) known(ctx context.Context) (*fleet, func() error, error) {
	facts, err := catalog.Load()
	if err != nil {
		return nil, nil, err
	}
	f := newFleet(facts, firstToken{}, i.program.now, causes(i.program.stderr))
	if !i.stored {
		f.groundOnly()
		return f, func() error { return nil }, nil
	}
	opened, err := i.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := f.use(ctx, opened); err != nil {
		return nil, nil, errors.Join(err, opened.Close())
	}
	return f, opened.Close, nil
}

// check finds the faults of the command line.
func (i *importing) check(args []string, outputGiven bool) error {
	switch {
	case len(args) == 0:
		return usageError{errors.New("cyclecal import takes one source or more: want FILE, - or https://…")}
	case i.parse && i.write:
		return usageError{errors.New("--parse and --write: want one, as --parse merges nothing")}
	case i.parse && len(args) > 1:
		return usageError{fmt.Errorf("--parse takes one source, got %d", len(args))}
	case i.output != "table" && i.output != "json":
		return usageError{fmt.Errorf("--output %q: want table, json", i.output)}
	case i.parse && outputGiven && i.output != "json":
		return usageError{fmt.Errorf("--output %q with --parse: want json", i.output)}
	}
	return nil
}

// read reads a file, standard input or an address.
func (i *importing) read(ctx context.Context, source string) (importer.Document, error) {
	switch {
	case source == "-":
		return importer.Parse(i.stdin, source)
	case strings.Contains(source, "://"):
		data, err := importer.Fetch(ctx, source, "cyclecal/"+version())
		if err != nil {
			return importer.Document{Source: source}, err
		}
		return importer.Parse(bytes.NewReader(data), source)
	}
	file, err := os.Open(source)
	if err != nil {
		return importer.Document{Source: source}, err
	}
	defer file.Close()
	return importer.Parse(file, source)
}

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

// problemView is something that could not be read.
type problemView struct {
	Source string `json:"source,omitempty"`
	Place  string `json:"place"`
	Detail string `json:"detail"`
}

// differenceView is something that a source tells and that was not known so.
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

// known is a text that may be unknown, without what a terminal would obey.
func known(s string) *string {
	if s = plain(s); s == "" {
		return nil
	}
	return &s
}

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
	return errors.Join(i.printJSON(view), plainError(fault))
}

// plainError is an error that may quote what somebody else wrote.
func plainError(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(plain(err.Error()))
}

// printJSON prints a document in lines, for people as for programs.
func (i *importing) printJSON(v any) error {
	encoder := json.NewEncoder(i.program.stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// printDifferences merges the sources one after another. One that can't be used is
// left out, and said at the end.
func (i *importing) printDifferences(ctx context.Context, sources []string) error {
	f, done, err := i.known(ctx)
	if err != nil {
		return err
	}
	facts := spoken(f.Snapshot().Facts)
	var faults []error
	differences, problems := []differenceView{}, []problemView{}
	for _, source := range sources {
		doc, fault := i.read(ctx, source)
		for _, p := range doc.Problems {
			problems = append(problems, problemView{plain(source), plain(p.Place), plain(p.Detail)})
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
			faults = append(faults, plainError(fault))
		}
		for _, d := range found {
			differences = append(differences, differenceView{
				d.Track, known(d.Month.String()), string(d.Change), d.ID, known(d.Field), known(d.Known), known(d.Told), plain(source),
			})
		}
	}
	if err := done(); err != nil {
		faults = append(faults, err)
	}
	if i.output == "json" {
		err = i.printJSON(struct {
			Differences []differenceView `json:"differences"`
			Problems    []problemView    `json:"problems"`
		}{differences, problems})
		return errors.Join(append(faults, err)...)
	}
	for _, p := range problems {
		fmt.Fprintf(i.program.stderr, "cyclecal: %s: %s: %s\n", p.Source, p.Place, p.Detail)
	}
	return errors.Join(append(faults, i.printTable(differences, len(faults) == len(sources)))...)
}

// printTable prints differences as people read them.
func (i *importing) printTable(differences []differenceView, nothing bool) error {
	if nothing {
		return nil
	}
	r := &reading{program: i.program}
	if len(differences) == 0 {
		r.println("Nothing new: all of that is known.")
	} else {
		rows, err := rowsOfViews(differences)
		if err != nil {
			return err
		}
		r.table("", rows, "TRACK:track", "MONTH:month", "CHANGE:change", "WHAT:id", "FIELD:field", "KNOWN:known", "TOLD:told")
	}
	_, err := io.WriteString(i.program.stdout, r.out.String())
	return err
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
