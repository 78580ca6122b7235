package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/catalog"
)

// exporting is what the flags of export say.
type exporting struct {
	storeFlags
	program       *program
	baseURL, asOf string
	rings         []string
	check         bool
}

func (p *program) export() *cobra.Command {
	x := exporting{program: p}
	cmd := &cobra.Command{
		Use:   "export DIR",
		Short: "Write the public site as files, for a host that only has files",
		Long: `Write the public site as files: pages, feeds, JSON, CSV, badges and OpenAPI, for any
static host, and for a share that no network reaches.

Links between pages are relative; feeds are told by --base-url, where DIR will be found.
The same facts on the same day give the same bytes, and a file that would not change is not
touched. manifest.json and SHA256SUMS list what is there; --check holds DIR to the first.

DIR must be empty, or hold an earlier export: what that wrote and is no longer made is
removed, unless somebody changed it; other files stay.

The history in the program is exported, or with --data-dir or --database what is stored over
it, too. Days are counted from the day of the export, or from --as-of, in Pacific time: to
stay true a copy is made anew every day.`,
		Example: `  cyclecal export public --base-url https://intranet.example.com/hotpatch
  cyclecal export public --base-url https://intranet.example.com/hotpatch --ring broad:9/5/2
  cyclecal export public --check`,
		Args: one("a folder"),
		RunE: func(cmd *cobra.Command, args []string) error { return failed(x.run(cmd.Context(), args[0])) },
	}
	cmd.Flags().StringVar(&x.baseURL, "base-url", "", "`URL` at which DIR will be found, for the addresses of feeds; a folder of a host, too")
	cmd.Flags().StringVar(&x.asOf, "as-of", "", "as if made on that `DAY`, YYYY-MM-DD; default today")
	cmd.Flags().StringArrayVar(&x.rings, "ring", nil, "adds pages, feeds and schedules of a `RING`, NAME:DEFERRAL[/DEADLINE[/GRACE]] in days, such as broad:9/5/2; repeatable")
	cmd.Flags().BoolVar(&x.check, "check", false, "write nothing: tell whether DIR is what its manifest says")
	cmd.Flags().StringVar(&x.dataDir, "data-dir", "", "`FOLDER` of a store that lies over the history in the program; default none")
	cmd.Flags().StringVar(&x.database, "database", "", "`URL` of a PostgreSQL database that does, postgres://…; default none")
	return cmd
}

func (x *exporting) run(ctx context.Context, dir string) error {
	if x.check {
		return x.verify(ctx, dir)
	}
	base, err := folderURL(x.baseURL)
	if err != nil {
		return err
	}
	day, err := x.day()
	if err != nil {
		return err
	}
	rings, err := parseRings(x.rings)
	if err != nil {
		return err
	}
	config, done, err := x.config(ctx, day)
	if err != nil {
		return err
	}
	config.BaseURL = base
	site, err := api.NewCopy(config, rings)
	if err == nil {
		err = x.write(ctx, dir, site, manifest{AsOf: day.String(), BaseURL: base})
	}
	return errors.Join(err, done())
}

func (x *exporting) write(ctx context.Context, dir string, site *api.Copy, m manifest) error {
	files, err := render(ctx, site)
	if err != nil {
		return err
	}
	done, err := writeFolder(ctx, dir, m, files)
	if err != nil {
		return err
	}
	fmt.Fprintf(x.program.stdout, "%s: %d files as of %s: %d written, %d removed, %d as they were.\n",
		plain(dir), len(files), m.AsOf, done.written, done.removed, len(files)-done.written)
	x.tell(done)
	return nil
}

// tell reports what may be unexpected.
func (x *exporting) tell(done written) {
	for _, name := range done.kept {
		fmt.Fprintf(x.program.stderr, "cyclecal: %s is no longer made, but was changed since: it stays\n", plain(name))
	}
	const most = 10 // of the names of a line
	if n := len(done.mended); n > 0 {
		names, more := done.mended[:min(n, most)], ""
		if n > most {
			more = fmt.Sprintf(" and %d more", n-most)
		}
		fmt.Fprintf(x.program.stderr, "cyclecal: changed since the export before, and written anew: %s%s\n", plain(strings.Join(names, ", ")), more)
	}
	if len(done.rings) > 0 {
		fmt.Fprintf(x.program.stderr, "cyclecal: the export before had rings that this one has no --ring of, so that their files were removed: %s\n", plain(strings.Join(done.rings, ", ")))
	}
}

// render makes all files, on all cores.
func render(ctx context.Context, site *api.Copy) (map[string][]byte, error) {
	names := site.Names()
	bodies := make([][]byte, len(names))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, name := range names {
		group.Go(func() (err error) {
			if ctx.Err() != nil {
				return fmt.Errorf("nothing was written: %w", context.Cause(ctx))
			}
			bodies[i], err = site.File(ctx, name)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	files := make(map[string][]byte, len(names))
	for i, name := range names {
		files[name] = bodies[i]
	}
	return files, nil
}

// config returns the service of which the files are a copy. Its clock stands at the beginning of the
// day, so that an update of that day is still to come. done closes the store.
func (x *exporting) config(ctx context.Context, day cycle.Date) (c api.Config, done func() error, err error) {
	done = func() error { return nil }
	texts, err := topics()
	if err != nil {
		return c, done, err
	}
	facts, err := catalog.Load()
	if err != nil {
		return c, done, err
	}
	at, log := day.Start(patchZone()), slog.New(slog.DiscardHandler)
	stored := x.dataDir != "" || x.shared()
	if stored {
		log = causes(x.program.stderr)
	}
	now := func() time.Time { return at }
	f := newFleet(facts, firstToken{}, now, log)
	c = api.Config{Source: f, Now: now, Log: log, Topics: texts}
	if !stored {
		f.groundOnly()
		return c, done, nil
	}
	if err := x.present(); err != nil {
		return c, done, err
	}
	opened, err := x.open(ctx)
	if err != nil {
		return c, done, err
	}
	if err := f.use(ctx, opened); err != nil {
		return c, done, errors.Join(err, opened.Close())
	}
	return c, opened.Close, nil
}

func (x *exporting) day() (cycle.Date, error) {
	today := x.program.today()
	if x.asOf == "" {
		return today, nil
	}
	day, err := cycle.ParseDate(x.asOf)
	if err != nil {
		return day, usageError{fmt.Errorf("--as-of: %w", err)}
	}
	if day.After(today) {
		return day, usageError{fmt.Errorf("--as-of %s is to come: want today, %s, or a day before", day, today)}
	}
	return day, nil
}

func parseRings(list []string) ([]cycle.Ring, error) {
	var rings []cycle.Ring
	for _, s := range list {
		r, err := cycle.ParseRing(s)
		if err != nil {
			return nil, usageError{fmt.Errorf("--ring: %w", err)}
		}
		if slices.ContainsFunc(rings, func(o cycle.Ring) bool { return o.Name == r.Name }) {
			return nil, usageError{fmt.Errorf("--ring %s: there are two of that name: want a name for each", r.Name)}
		}
		rings = append(rings, r)
	}
	return rings, nil
}
