// Cyclecal answers one question for people who run Windows fleets: which update
// makes our machines restart, and when?
//
// Run without arguments for help, or see the README.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	daemon "github.com/kardianos/service"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func main() {
	ctx, stop := untilSignal()
	p := &program{getenv: os.Getenv, environ: os.Environ, stdout: os.Stdout, stderr: os.Stderr, now: time.Now}
	code := p.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// untilSignal returns a context that the first signal ends. A second one ends the program at once.
func untilSignal() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// program is what the commands share: the outside world.
type program struct {
	getenv         func(string) string
	environ        func() []string // of all that getenv knows, as NAME=value; nil for none
	stdin          io.Reader       // nil for that of the process, until run takes it
	stdout, stderr io.Writer
	now            func() time.Time
	log            *slog.Logger // of the server; nil for stderr
}

// Exit codes.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitDiffers = 3 // apply --dry-run would change something
)

// usageError is a fault of whoever typed the command.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// inputError is a fault in a file, for which the help of the command is of no use.
type inputError struct{ error }

func (e inputError) Unwrap() error { return e.error }

// badInput marks what is wrong with a file.
func badInput(err error) error { return usageError{inputError{err}} }

// errDiffers is for the exit code alone: the differences were printed.
var errDiffers = errors.New("there are differences")

// failedError is a command that was right but could not be carried out.
type failedError struct{ error }

func (e failedError) Unwrap() error { return e.error }

// failed marks what a command returned, unless it is a fault of its usage.
func failed(err error) error {
	if _, usage := errors.AsType[usageError](err); err == nil || usage {
		return err
	}
	return failedError{err}
}

// run carries out a command line and returns the exit code.
func (p *program) run(ctx context.Context, args []string) int {
	inner := *p
	inner.stdin = untilDone(ctx, cmp.Or[io.Reader](p.stdin, os.Stdin))
	root := inner.root()
	root.SetArgs(args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	if errors.Is(err, errDiffers) {
		return exitDiffers
	}
	fmt.Fprintf(p.stderr, "cyclecal: %s\n", plainLines(err.Error()))
	if _, right := errors.AsType[failedError](err); right || ctx.Err() != nil {
		return exitFailed
	}
	if _, bad := errors.AsType[inputError](err); !bad {
		fmt.Fprintf(p.stderr, "See %s --help.\n", cmd.CommandPath())
	}
	return exitUsage
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "cyclecal",
		Short: "Which Windows update restarts our machines, and when?",
		Long: `Cyclecal tells which Windows update restarts your machines, and when.

Windows fleets on hotpatch restart for updates in baseline months only; in the
months between, updates apply without a restart. Cyclecal knows the plan and what
really came, and serves both as calendar feeds, JSON and pages.

  cyclecal serve            serve the schedule at http://127.0.0.1:8080
  cyclecal next             when the next restart comes
  cyclecal year 2026        which months of 2026 restart
  cyclecal windows          when rings restart, also in the words of Azure, AWS
                            and other tools
  cyclecal build BUILD      what an OS build means, and what comes next
  cyclecal devices FILE     where the devices of an export stand
  cyclecal eligible         who can have hotpatches, and what they lack
  cyclecal apply -f FILE    make what is stored match a fleet file: rings,
                            freezes, feeds, own tracks
  cyclecal token, feed      tokens and private feeds, one by one
  cyclecal backup, restore  copy everything that is stored, and put it back
  cyclecal export DIR       the public site as files, for a host of files

The reading commands work offline over the history in the program, the others
directly on the store in --data-dir. With --server, or CYCLECAL_SERVER, all but
serve, backup and restore ask a server instead.

Exit codes: 0 done, 1 failed, 2 bad usage or input, 3 differences (apply --dry-run).

More to read, by "cyclecal help TOPIC" or at /docs of a server:

` + topicList(),
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.CompletionOptions.DisableDefaultCmd = true // ours refuses a shell that it does not know
	root.SetHelpCommand(p.help())
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(p.serve(), p.next(), p.state(), p.year(), p.month(), p.releases(), p.changes(), p.stats(), p.build(), p.devices(), p.eligible(), p.ics(), p.windows(), p.version(), p.completion(),
		p.apply(), p.schema(), p.token(), p.feed(), p.importCommand(), p.backup(), p.restore(), p.export(), p.healthcheck(), p.daemon(daemon.New))
	return root
}

// noArgs refuses arguments, and unknown commands with them.
func noArgs(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case !cmd.HasSubCommands():
		return usageError{fmt.Errorf("%s takes no argument, got %q", cmd.CommandPath(), args[0])}
	}
	var names []string
	for _, c := range cmd.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	return usageError{fmt.Errorf("unknown command %q: %s", args[0], meant(args[0], names))}
}

// flagError adds what would have been right.
func flagError(cmd *cobra.Command, err error) error {
	if bad, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return usageError{wrongValue(bad)}
	}
	if bare, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		value, _ := pflag.UnquoteUsage(bare.GetFlag())
		return usageError{fmt.Errorf("%w: want --%s %s", err, bare.GetFlag().Name, value)}
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		typed, _, _ := strings.Cut(cmp.Or(unknown.GetSpecifiedShortnames(), unknown.GetSpecifiedName()), "=")
		if near := nearest(typed, names); near != "" {
			return usageError{fmt.Errorf("%w: did you mean --%s?", err, near)}
		}
	}
	return usageError{fmt.Errorf("%w: want --%s", err, strings.Join(names, ", --"))}
}

// wrongValue says what a value would have to be, in our words instead of strconv's.
func wrongValue(err *pflag.InvalidValueError) error {
	f := err.GetFlag()
	var want string
	switch f.Value.Type() {
	case "bool":
		want = "true or false"
	case "int":
		want = "a whole number, such as " + f.DefValue
	default:
		return err
	}
	return fmt.Errorf("--%s %q: want %s", f.Name, err.GetValue(), want)
}
