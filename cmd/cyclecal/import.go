package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cyclecal/cyclecal/cycle/catalog"
	"github.com/cyclecal/cyclecal/cycle/importer"
)

var importOutputs = []string{"table", "json"}

// importing is a run of the command import.
type importing struct {
	program *program
	storeFlags
	parse, write bool
	output       string
	stored       bool // what is stored is known, too
}

func (p *program) importCommand() *cobra.Command {
	i := &importing{program: p}
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
	addOutput(cmd, &i.output, importOutputs)
	return cmd
}

// choose takes the environment's store only for what is to be stored, so that a look at a page
// opens nothing.
func (i *importing) choose(cmd *cobra.Command) error {
	i.stored = i.write || storeFlag(cmd.Flags()) != ""
	if !i.stored {
		return nil
	}
	return i.storeFlags.choose(i.program, cmd.Flags())
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
	opened, err := i.openTo(ctx, i.write, i.program.stderr)
	if err != nil {
		return nil, nil, err
	}
	if i.write {
		i.sayWhich(i.program.stderr)
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
	case i.parse && outputGiven && i.output == "table":
		return usageError{errors.New(`--output "table" with --parse: want json`)}
	}
	return checkOutput(i.output, importOutputs)
}

// read reads a file, standard input or an address.
func (i *importing) read(ctx context.Context, source string) (importer.Document, error) {
	if strings.Contains(source, "://") {
		data, err := importer.Fetch(ctx, source, userAgent())
		if err != nil {
			return importer.Document{Source: source}, err
		}
		return importer.Parse(bytes.NewReader(data), source)
	}
	file, err := openInput(source, i.program.stdin)
	if err != nil {
		return importer.Document{Source: source}, err
	}
	defer file.Close()
	return importer.Parse(file, source)
}
