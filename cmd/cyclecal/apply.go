package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/cyclecal/cyclecal/cycle/resource"
)

// applying is one run of apply.
type applying struct {
	*keeping
	file          string
	dryRun, prune bool
}

func (p *program) apply() *cobra.Command {
	a := &applying{}
	var cmd *cobra.Command
	cmd, a.keeping = p.keeping(&cobra.Command{
		Use:   "apply -f FILE",
		Short: "Make what is stored match a fleet file",
		Long: `Make what is stored match a fleet file.

A fleet file is YAML or JSON with lists of documents: tracks, releases, notices, rings,
freezes, feeds and tokens. cyclecal schema prints what may stand in it. apply checks
the whole file, and that it fits what stays stored, prints what it will change, and then
changes it:

  To change:
  + rings/pilot                    is created
  ~ rings/broad: deferral 1 -> 2   is updated
  - freezes/old                    is deleted, with --prune
  = 3 unchanged                    is as the file has it

Documents are written one by one, after all of that is printed; the last line tells that
it is done. A track that moves to other months is first written with both the old and the
new ones, as long as its releases and notices move. After a kill or a failure apply the
file again, and it goes on.

Applied again, the file changes nothing. The secret of a new token and the address of
a new feed are printed this once.

What is stored but not in the file is left alone. With --prune it is deleted, but only if
it is of a kind that the file has a list of: "freezes: []" deletes all freezes. Through a
server no token of the role admin is pruned, as it may be the one that is used.

Without --server it works on the store in --data-dir, also while a server runs on it: the
server sees the change within a second.

Exit codes: 0 done, or nothing to do; 1 failed; 2 something is wrong with the file;
3 with --dry-run, if there are differences.`,
		Example: `  cyclecal apply -f fleet.yaml --dry-run
  cyclecal apply -f fleet.yaml --server https://cal.example.com --token-file token
  generate-fleet | cyclecal apply -f - --prune --output json`,
		Args: noArgs,
	}, []string{"text", "json"}, func(ctx context.Context, _ *keeping, _ []string) error { return a.run(ctx) })
	cmd.Flags().StringVarP(&a.file, "file", "f", "", "`FILE` to apply; - reads standard input")
	cmd.Flags().BoolVar(&a.dryRun, "dry-run", false, "only print what would change, and exit with 3 if anything would")
	cmd.Flags().BoolVar(&a.prune, "prune", false, "delete what is stored but not in the file, of the kinds that it has lists of")
	a.addBaseURL(cmd.Flags())
	return cmd
}

func (a *applying) run(ctx context.Context) error {
	f, err := a.read()
	if err != nil {
		return err
	}
	a.creates, a.changes = !a.dryRun && len(f.faults) == 0, true
	err = a.with(ctx, func() error { return a.onto(ctx, f) })
	if _, told := errors.AsType[inputError](err); len(f.faults) > 0 && !told { // what is stored can't be seen
		return f.refused(nil)
	}
	return err
}

// onto makes what is stored match a file.
func (a *applying) onto(ctx context.Context, f fleetInput) error {
	p, err := a.plan(ctx, f)
	if err != nil {
		return err
	}
	return a.carryOut(ctx, p)
}

// fleetInput is a fleet file as it was read.
type fleetInput struct {
	name      string
	body      []byte
	documents []resource.Document
	named     []resource.Kind // those that it has lists of
	faults    resource.Faults // what can't be read of it
}

// refused returns an error with all that is wrong with the file: what can't be read, and what would be wrong with
// the documents that can.
func (f fleetInput) refused(faults resource.Faults) error {
	return badInput(faultsIn(f.name, resource.Locate(f.body, f.faults.Beside(f.place(faults)))))
}

// read reads the file.
func (a *applying) read() (fleetInput, error) {
	f := fleetInput{name: a.file}
	if a.file == "" {
		return f, usageError{errors.New("--file: want a fleet file, or - for standard input")}
	}
	var err error
	if f.body, err = readInput(a.file, a.program.stdin); err != nil {
		return f, fmt.Errorf("--file: %w", err)
	}
	f.documents, err = resource.ParseFleet(f.body, a.file)
	if faults, ok := errors.AsType[resource.Faults](err); ok {
		f.faults, err = faults, nil
	}
	f.named = resource.Named(f.body)
	return f, err
}

// plan compares the file with what is stored, and refuses what the server would refuse half-way.
func (a *applying) plan(ctx context.Context, f fleetInput) (*plan, error) {
	if slices.Contains(f.named, resource.Feeds) || slices.Contains(f.named, resource.Tokens) {
		// Only an admin may list them. Without this check they would all seem to be new to anybody else.
		if _, err := a.client.get(ctx, "/api/v1/tokens", nil); err != nil {
			return nil, fmt.Errorf("nothing was applied, as the file has feeds or tokens, which are an admin's: %w", err)
		}
	}
	stored, err := a.client.stored(ctx)
	if err != nil {
		return nil, err
	}
	p := &plan{}
	if len(f.faults) == 0 {
		prune := f.named
		if !a.prune {
			prune = nil
		}
		if p = newPlan(f.documents, stored, prune, a.spare); len(p.Changes) == 0 {
			return p, nil
		}
	}
	t, err := a.client.terrain(ctx, stored)
	if err != nil {
		return nil, err
	}
	if faults := p.faults(f.documents, stored, t); len(f.faults)+len(faults) > 0 {
		return nil, f.refused(faults)
	}
	p.steps = p.inSteps(t)
	return p, nil
}

// spare keeps the token that the command itself uses from being deleted. A server does not say which
// token that is, but it is one of an admin, as only these can delete tokens. Without a server the
// command uses no stored token.
func (a *applying) spare(row storedRow) bool {
	var token struct{ Role string }
	return !a.local && row.Kind == resource.Tokens && (json.Unmarshal(row.Document, &token) != nil || token.Role == "admin")
}

// carryOut prints the plan and makes its changes.
func (a *applying) carryOut(ctx context.Context, p *plan) error {
	if a.output == "text" {
		if _, err := io.WriteString(a.program.stdout, p.text()); err != nil {
			return err
		}
	}
	var failure error
	if !a.dryRun {
		failure = a.change(ctx, p)
	}
	if a.output == "json" { // also after a failure, as the plan may have secrets that are told only once
		if err := a.program.printJSON(p); err != nil {
			return errors.Join(failure, err)
		}
	}
	if failure != nil {
		return failure
	}
	a.sayLater(p)
	if a.output == "text" {
		if _, err := io.WriteString(a.program.stdout, a.ending(len(p.Changes))+"\n"); err != nil {
			return err
		}
	}
	if a.dryRun && len(p.Changes) > 0 {
		return errDiffers
	}
	return nil
}

// sayLater names what is stored but not shown yet: in Europe a day begins before it does in Redmond.
func (a *applying) sayLater(p *plan) {
	for _, c := range p.Changes {
		if on := c.knownOn(); on.After(a.program.today()) {
			fmt.Fprintf(a.program.stderr, "cyclecal: %s/%s is known from %s on: nothing shows it before that day begins in the zone of its track's rule\n", c.Kind, plain(c.ID), on)
		}
	}
}

func (a *applying) ending(changes int) string {
	switch {
	case changes == 0:
		return "Nothing to change."
	case a.dryRun:
		return fmt.Sprintf("%d to change; nothing was, as this is a dry run.", changes)
	}
	return fmt.Sprintf("%d changed.", changes)
}

// change makes the changes of a plan, and ends with the first that fails.
func (a *applying) change(ctx context.Context, p *plan) error {
	for i, s := range p.steps {
		c := s.planned
		g, err := a.client.send(ctx, s.wish())
		if err != nil {
			return failedError{halfway(p.steps, i, err)}
		}
		if s.bridge != nil {
			c.version, c.begun = g.Meta.Revision, true
			continue
		}
		c.Applied, c.Secret, c.URL = true, g.Secret, a.feedURL(c.Kind, g)
		if c.Secret != "" && a.output == "text" {
			if err := a.printSecret(c); err != nil {
				return failedError{halfway(p.steps, i, err)}
			}
		}
	}
	if i := slices.IndexFunc(p.Changes, func(c *planned) bool { return c.URL != "" }); i >= 0 {
		a.sayWhere(p.Changes[i].URL)
	}
	return nil
}

// printSecret prints at once what can't be asked for again.
func (a *applying) printSecret(c *planned) error {
	line := "token " + c.ID + " has the secret " + c.Secret
	if c.Kind == resource.Feeds {
		line = "feed " + c.ID + " is at " + c.URL
	}
	_, err := io.WriteString(a.program.stdout, "  "+plain(line)+" (shown this once)\n")
	return err
}
