package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/resource"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// copying is what backup and restore share.
type copying struct {
	storeFlags
	program *program
	force   bool
}

func (p *program) copying(cmd *cobra.Command, force string, run func(*copying, context.Context, string) error) *cobra.Command {
	c := &copying{program: p}
	c.add(cmd.Flags(), p.getenv)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := c.choose(p, cmd.Flags()); err != nil {
			return err
		}
		if server := p.getenv(variable("server")); server != "" && !c.named {
			return usageError{fmt.Errorf("CYCLECAL_SERVER: a %s is made beside the store: run it on the machine of the server, with its --data-dir or --database", cmd.Name())}
		}
		return failed(run(c, cmd.Context(), args[0]))
	}
	cmd.Flags().BoolVar(&c.force, "force", false, force)
	return cmd
}

func (p *program) backup() *cobra.Command {
	return p.copying(&cobra.Command{
		Use:   "backup FILE",
		Short: "Copy everything that is stored into a file",
		Long: `Copy everything that is stored into a file, also while a server runs on the store.

The copy is of one moment and has a checksum. It is written beside FILE first, and put
in its place when all of it is on the disk. FILE - writes to standard output. It is read
back as it is written, and how many documents, tokens and feeds it has is told.

What is kept of tokens and feeds are hashes; their secrets are in no copy. The history
in the program and what readers fetched are no part of it.`,
		Example: `  cyclecal backup cyclecal.backup
  cyclecal backup cyclecal.backup --data-dir /var/lib/cyclecal
  cyclecal backup - | gzip > cyclecal.backup.gz`,
		Args: one("a file to write, or -"),
	}, "replace FILE if it is there", (*copying).backup)
}

func (p *program) restore() *cobra.Command {
	return p.copying(&cobra.Command{
		Use:   "restore FILE",
		Short: "Put a copy made by backup in place of everything that is stored",
		Long: `Put a copy made by backup in place of everything that is stored.

The whole copy is checked first; one that is cut short or changed does no harm. A server
that runs on the store picks it up within a second. FILE - reads standard input.

To move from SQLite to PostgreSQL: backup here, and restore --database postgres://… there.`,
		Example: `  cyclecal restore cyclecal.backup
  cyclecal backup - | cyclecal restore - --database postgres://cyclecal@db.example.com/cyclecal`,
		Args: one("a file made by backup, or -"),
	}, "replace what is stored, all of it", (*copying).restore)
}

// backup writes a copy.
func (c *copying) backup(ctx context.Context, file string) error {
	if err := c.present(); err != nil {
		return err
	}
	if err := c.vacant(file); err != nil {
		return err
	}
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	var held store.Contents
	write := func(w io.Writer) (err error) {
		held, err = copyOf(ctx, s, w)
		return err
	}
	if file == "-" {
		err = write(c.program.stdout)
	} else {
		err = replaceFile(file, write, func() error { return c.vacant(file) })
	}
	if err = errors.Join(err, s.Close()); err != nil {
		return fmt.Errorf("no backup was made: %w", err)
	}
	c.sayHeld(file, held)
	return nil
}

// copyOf writes a copy and returns what it holds, as whoever restores it will read it.
// Documents that are corrupt in the store are in the copy, as the log has them.
func copyOf(ctx context.Context, s store.Store, w io.Writer) (held store.Contents, err error) {
	read, written := io.Pipe()
	var group errgroup.Group
	group.Go(func() (err error) {
		held, err = store.CheckCopy(read)
		read.CloseWithError(err)
		return err
	})
	err = s.Backup(ctx, io.MultiWriter(w, written))
	written.CloseWithError(err)
	if checked := group.Wait(); err == nil {
		err = checked
	}
	return held, err
}

// sayHeld says what a copy holds, beside one that is standard output. An empty store is most often not the one that was meant.
func (c *copying) sayHeld(file string, held store.Contents) {
	documents := 0
	for kind, n := range held.Documents {
		if !ours(kind) {
			documents += n
		}
	}
	line := fmt.Sprintf("everything that is stored in %s: %s, of which %s and %s; revision %d", c.storeFlags.name(), cycle.Quantity(documents, "document", "documents"),
		cycle.Quantity(held.Documents[string(resource.Tokens)], "token", "tokens"), cycle.Quantity(held.Documents[string(resource.Feeds)], "feed", "feeds"), held.Revision)
	if file == "-" {
		fmt.Fprintf(c.program.stderr, "cyclecal: the copy has %s\n", line)
	} else {
		fmt.Fprintf(c.program.stdout, "%s is a copy of %s.\n", plain(file), line)
	}
	if documents == 0 {
		fmt.Fprintln(c.program.stderr, "cyclecal: no document is stored there: is that the store of the server? --data-dir names another")
	}
}

// vacant refuses to write over a file.
func (c *copying) vacant(file string) error {
	if _, err := os.Lstat(file); err == nil && file != "-" && !c.force {
		return fmt.Errorf("%s is there already: want another name, or --force to replace it", file)
	}
	return nil
}

// replaceFile writes a file beside its place, and moves it there when all of it is on the disk and last
// returns no error.
func replaceFile(file string, write func(io.Writer) error, last func() error) (err error) {
	folder := filepath.Dir(file)
	f, err := os.CreateTemp(folder, ".cyclecal-backup-*") // readable for its owner only
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // the error that led here is the one to tell
		}
	}()
	if err := errors.Join(write(f), f.Sync(), f.Close(), last()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), file); err != nil {
		return err
	}
	return store.SyncFolder(folder)
}

// restore puts a copy in place of everything.
func (c *copying) restore(ctx context.Context, file string) error {
	from, err := openInput(file, c.program.stdin)
	if err != nil {
		return err
	}
	defer from.Close()
	s, err := c.open(ctx)
	if err != nil {
		return err
	}
	c.sayWhich(c.program.stderr)
	documents, err := c.replace(ctx, s, from)
	err = errors.Join(err, s.Close())
	if bad, ok := errors.AsType[*cycle.InvalidError](err); ok {
		return badInput(fmt.Errorf("nothing was restored: %s: %w", plain(file), bad))
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(c.program.stdout, "Restored %s. A server that runs on the store picks them up within a second.\n", cycle.Quantity(documents, "document", "documents"))
	return nil
}

// replace restores a copy, and returns how many documents there are then that people wrote.
func (c *copying) replace(ctx context.Context, s store.Store, from io.Reader) (int, error) {
	if !c.force { // which also mends a store that can't say its revision
		revision, err := s.Revision(ctx)
		if err != nil {
			return 0, err
		}
		if revision > 0 {
			return 0, errors.New("nothing was restored: the store has something in it already: want an empty one, or --force to replace all of it")
		}
	}
	if err := s.Restore(ctx, from); err != nil {
		return 0, fmt.Errorf("nothing was restored: %w", err)
	}
	// Versions may come again with other contents: from now on clients are told higher ones.
	_, err := s.Write(ctx, store.Batch{Who: "(command line)", At: c.program.now(), Writes: []store.Write{
		{Kind: editionsKind, ID: everyEdition, Body: []byte("{}"), Match: store.Any},
	}})
	if err != nil {
		return 0, fmt.Errorf("restored, but it can't be marked: restore it again: %w", err)
	}
	all, err := s.Load(ctx)
	if err != nil {
		return 0, fmt.Errorf("restored, but it can't be read back: %w", err)
	}
	n := len(all.Corrupt)
	for _, d := range all.Documents {
		if !ours(d.Kind) {
			n++
		}
	}
	return n, nil
}
