package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

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
the whole file, prints what it will change, and then changes it:

  To change:
  + rings/pilot                    is created
  ~ rings/broad: deferral 1 -> 2   is updated
  - freezes/old                    is deleted, with --prune
  = 3 unchanged                    is as the file has it

Documents are written one by one, after all of that is printed; the last line tells that
it is done. After a kill or a failure apply the file again, and it goes on.

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
	documents, named, err := a.read()
	if err != nil {
		return err
	}
	a.creates, a.changes = !a.dryRun, true
	return a.with(ctx, func() error {
		p, err := a.plan(ctx, documents, named)
		if err != nil {
			return err
		}
		return a.carryOut(ctx, p)
	})
}

// read reads the file, and the kinds that it has lists of.
func (a *applying) read() ([]resource.Document, []resource.Kind, error) {
	if a.file == "" {
		return nil, nil, usageError{errors.New("--file: want a fleet file, or - for standard input")}
	}
	body, err := readInput(a.file, a.program.stdin)
	if err != nil {
		return nil, nil, fmt.Errorf("--file: %w", err)
	}
	documents, err := resource.ParseFleet(body, a.file)
	if faults, ok := errors.AsType[resource.Faults](err); ok {
		return nil, nil, badInput(faultsIn(a.file, faults))
	}
	return documents, resource.Named(body), err
}

// plan compares the file with what is stored.
func (a *applying) plan(ctx context.Context, documents []resource.Document, named []resource.Kind) (*plan, error) {
	if slices.Contains(named, resource.Feeds) || slices.Contains(named, resource.Tokens) {
		// Only an admin may list them. Without this check they would all seem to be new to anybody else.
		if _, err := a.client.get(ctx, "/api/v1/tokens", nil); err != nil {
			return nil, fmt.Errorf("nothing was applied, as the file has feeds or tokens, which are an admin's: %w", err)
		}
	}
	stored, err := a.client.stored(ctx)
	if err != nil {
		return nil, err
	}
	if !a.prune {
		named = nil
	}
	p := newPlan(documents, stored, named, a.spare)
	return p, a.checkNames(ctx, p, documents, stored)
}

// checkNames refuses a plan that the server would refuse half-way.
func (a *applying) checkNames(ctx context.Context, p *plan, documents []resource.Document, stored []storedRow) error {
	if len(p.Changes) == 0 {
		return nil
	}
	var answer struct{ Data []struct{ ID string } }
	if err := a.client.read(ctx, "/api/v1/tracks", nil, &answer); err != nil {
		return err
	}
	var tracks []string
	for _, t := range answer.Data {
		tracks = append(tracks, t.ID)
	}
	if err := p.loose(documents, stored, tracks, trackIDs()); err != nil {
		return badInput(fmt.Errorf("nothing was applied:\n%w", err))
	}
	return nil
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
	for i, postponed := 0, 0; i < len(p.Changes); i++ {
		c := p.Changes[i]
		g, err := a.client.send(ctx, c.wish())
		if refused, ok := errors.AsType[refusedError](err); ok && refused.status == http.StatusConflict && postponed < len(p.Changes)-i {
			// A later change may change or delete what needs the document as it is: try this one again after it.
			p.Changes = append(append(p.Changes[:i:i], p.Changes[i+1:]...), c)
			i, postponed = i-1, postponed+1
			continue
		}
		if err != nil {
			return failedError{halfway(p.Changes, i, err)}
		}
		postponed = 0
		c.Applied, c.Secret, c.URL = true, g.Secret, a.feedURL(c.Kind, g)
		if c.Secret != "" && a.output == "text" {
			if err := a.printSecret(c); err != nil {
				return failedError{halfway(p.Changes, i, err)}
			}
		}
	}
	return nil
}

func (c *planned) wish() wish {
	w := wish{method: http.MethodPut, kind: c.Kind, id: c.ID, body: c.body, version: c.version, absent: c.Action == actionCreate}
	if c.Action == actionDelete {
		w.method = http.MethodDelete
	}
	return w
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

// feedURL is the address of a new feed, as far as is known here.
func (k *keeping) feedURL(kind resource.Kind, g granted) string {
	switch {
	case kind != resource.Feeds || g.Secret == "":
		return ""
	case k.local || k.baseURL != "": // without a server and --base-url only the path is known
		return k.baseURL + "/feeds/" + g.Secret + ".ics"
	}
	return g.URL
}

// halfway says which change failed, what was done before it, and what was not done.
func halfway(changes []*planned, failed int, err error) error {
	names := func(list []*planned) string {
		if len(list) == 0 {
			return "nothing"
		}
		var names []string
		for _, c := range list {
			names = append(names, c.name())
		}
		return strings.Join(names, ", ")
	}
	refused, told := errors.AsType[refusedError](err)
	told = told && refused.status < http.StatusInternalServerError
	state := "not applied: " + names(changes[failed:])
	switch {
	case told && (refused.status == http.StatusPreconditionFailed || refused.status == http.StatusNotFound):
		err = errors.New("somebody else changed it after the plan was made: apply again, and see the new plan")
	case !told:
		state = "not known: " + names(changes[failed:failed+1]) + "\nnot applied: " + names(changes[failed+1:])
	}
	return fmt.Errorf("%s: %w\napplied: %s\n%s", changes[failed].name(), err, names(changes[:failed]), state)
}
