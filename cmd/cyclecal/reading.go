package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cyclecal/cyclecal/api/windows"
	"github.com/cyclecal/cyclecal/cycle"
)

// reading is what the reading commands have in common.
type reading struct {
	program *program
	client  *client
	out     strings.Builder // the output, printed when it is complete
	server  string
	output  string
	query   url.Values
	flags   []queryFlag
}

// queryFlag is a flag that becomes a query parameter of the same name.
type queryFlag struct {
	name, usage string
	repeat      bool
}

// Flags that several commands take.
var (
	flagTrack = queryFlag{name: "track", usage: "`TRACK` to show, such as windows-11-24h2; repeatable; default all", repeat: true}
	flagAsOf  = queryFlag{name: "as-of", usage: "what was known at the end of that `DAY`, YYYY-MM-DD; default today"}
	flagRing  = queryFlag{name: "ring", usage: "`RING` as NAME:DEFERRAL[/DEADLINE[/GRACE]] in days, such as broad:9/5/2; repeatable", repeat: true}
	flagZone  = queryFlag{name: "tz", usage: "IANA `ZONE` in which instants become days; default that of each track's rule, America/Los_Angeles for Microsoft's"}
	flagKind  = queryFlag{name: "kind", usage: "only that `KIND`: baseline or hotpatch"}
	flagMoves = queryFlag{name: "restart", usage: "`BOOL`: only what restarts (true) or only what does not (false)"}
)

// rowFormats are the formats of commands that print rows.
var rowFormats = []string{"table", "json", "csv"}

// reading builds a command that asks the API and prints the answer.
func (p *program) reading(cmd *cobra.Command, outputs []string, run func(context.Context, *reading, []string) error, flags ...queryFlag) *cobra.Command {
	r := &reading{program: p, query: url.Values{}, flags: append([]queryFlag{flagTrack, flagAsOf}, flags...)}
	for _, f := range r.flags {
		if f.repeat {
			cmd.Flags().StringArray(f.name, nil, f.usage)
		} else {
			cmd.Flags().String(f.name, "", f.usage)
		}
	}
	addOutput(cmd, &r.output, outputs)
	cmd.Flags().StringVar(&r.server, "server", "", "`URL` of a server to ask instead of the history in the program (CYCLECAL_SERVER), with the token in CYCLECAL_TOKEN if there is one")
	complete(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return failed(r.run(cmd, args, outputs, run)) }
	return cmd
}

// run reads the flags and carries the command out.
func (r *reading) run(cmd *cobra.Command, args, outputs []string, run func(context.Context, *reading, []string) error) error {
	if err := checkOutput(r.output, outputs); err != nil {
		return err
	}
	for _, f := range r.flags {
		if err := r.take(cmd.Flags().Lookup(f.name)); err != nil {
			return err
		}
	}
	if r.server == "" {
		r.server = r.program.getenv("CYCLECAL_SERVER")
	}
	var err error
	if r.client, err = r.program.client(r.server); err != nil {
		return err
	}
	if err := run(cmd.Context(), r, args); err != nil {
		return r.asFlags(err)
	}
	_, err = io.WriteString(r.program.stdout, r.out.String())
	return err
}

// addOutput adds the flag that chooses one of these formats, the first of them by itself.
func addOutput(cmd *cobra.Command, output *string, outputs []string) {
	cmd.Flags().StringVarP(output, "output", "o", outputs[0], "`FORMAT`: "+strings.Join(outputs, ", "))
	fixed(cmd, "output", outputs...)
}

// checkOutput refuses another format. A command without the flag has no formats.
func checkOutput(output string, outputs []string) error {
	if outputs != nil && !slices.Contains(outputs, output) {
		return usageError{fmt.Errorf("--output %q: want %s", output, strings.Join(outputs, ", "))}
	}
	return nil
}

// asFlags replaces the names of parameters in an error of the API by those of the flags.
func (r *reading) asFlags(err error) error {
	bad, ok := errors.AsType[usageError](err)
	if _, inFile := errors.AsType[inputError](err); !ok || inFile {
		return err
	}
	text := "; " + bad.Error()
	for _, f := range r.flags {
		text = strings.ReplaceAll(text, "; "+strings.ReplaceAll(f.name, "-", "_")+": ", "; --"+f.name+": ")
	}
	return usageError{errors.New(strings.TrimPrefix(text, "; "))}
}

// complete lets the shell complete the values that are known.
func complete(cmd *cobra.Command) {
	for name, values := range map[string][]string{
		"kind": {"baseline", "hotpatch"}, "restart": {"true", "false"}, "style": {"allday", "timed"},
		"type": {"baseline", "hotpatch", "cumulative", "component"}, "include": {"cumulative", "component"},
		"out-of-band": {"true", "false"}, "public": {"true", "false"}, "public-devices": {"true", "false"}, "log-format": {"text", "json"},
		"format": windows.Names(), "role": {"viewer", "editor", "admin"},
	} {
		fixed(cmd, name, values...)
	}
	for _, name := range []string{"track", "upgrade"} {
		_ = cmd.RegisterFlagCompletionFunc(name, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return trackIDs(), cobra.ShellCompDirectiveNoFileComp // read only when asked for
		})
	}
}

// fixed lets the shell complete the values of a flag, if the command has it.
func fixed(cmd *cobra.Command, flag string, values ...string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // fails only for a flag that is not there
}

// take moves a flag that was given into the query, under the parameter's name. An empty ring would
// be none to the API, but is a variable that was not set to whoever writes a script.
func (r *reading) take(f *pflag.Flag) error {
	if !f.Changed {
		return nil
	}
	values := []string{f.Value.String()}
	if list, ok := f.Value.(pflag.SliceValue); ok {
		if values = list.GetSlice(); slices.Contains(values, "") {
			return usageError{fmt.Errorf("--%s is empty: want a value, or no --%[1]s", f.Name)}
		}
	}
	r.query[strings.ReplaceAll(f.Name, "-", "_")] = values
	return nil
}

// show prints rows of a list route: as the API gives them, or as a table.
func (r *reading) show(ctx context.Context, path string, table func(*reading, answer) error) error {
	switch r.output {
	case "csv":
		return r.print(ctx, path+".csv")
	case "json":
		return r.print(ctx, path)
	}
	var a answer
	if err := r.client.read(ctx, path, r.query, &a); err != nil {
		return err
	}
	return table(r, a)
}

// lists shows the rows of a list route, whatever the arguments are.
func lists(path string, table func(*reading, answer) error) func(context.Context, *reading, []string) error {
	return func(ctx context.Context, r *reading, _ []string) error { return r.show(ctx, path, table) }
}

// print prints an answer of the API as it is.
func (r *reading) print(ctx context.Context, path string) error {
	body, err := r.client.get(ctx, path, r.query)
	r.out.Write(body)
	return err
}

// patchZone is the zone where the updates come from.
func patchZone() *time.Location {
	zone, err := cycle.ParseZone(cycle.PatchZone)
	if err != nil { // the zone data is part of the program
		zone = time.UTC
	}
	return zone
}

// today is the day where the updates come from.
func (p *program) today() cycle.Date { return cycle.DateIn(p.now(), patchZone()) }

func atMostOne(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usageError{fmt.Errorf("%s takes at most one argument, got %q", cmd.CommandPath(), args)}
	}
	return nil
}

func one(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usageError{fmt.Errorf("%s takes one argument, %s, got %d", cmd.CommandPath(), what, len(args))}
		}
		return nil
	}
}
