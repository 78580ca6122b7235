package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/auth"
	"github.com/cyclecal/cyclecal/cycle/catalog"
	"github.com/cyclecal/cyclecal/cycle/resource"
)

// keeping is what the commands that read and write stored documents have in common. They ask a server, or
// the store here.
type keeping struct {
	reading
	storeFlags
	tokenFile, baseURL string

	creates bool // a store, where there is none yet
	changes bool // what is stored, or would
	local   bool
	close   func() error
}

// keeping builds a command that reads or writes stored documents. With outputs it has --output.
func (p *program) keeping(cmd *cobra.Command, outputs []string, run func(context.Context, *keeping, []string) error) (*cobra.Command, *keeping) {
	k := &keeping{reading: reading{program: p, query: url.Values{}}}
	cmd.Flags().StringVar(&k.server, "server", "", "`URL` of a server to ask instead of the store here (CYCLECAL_SERVER)")
	cmd.Flags().StringVar(&k.tokenFile, "token-file", "", "`FILE` with the token for the server; or set CYCLECAL_TOKEN, else CYCLECAL_ADMIN_TOKEN, to the token itself")
	k.storeFlags.add(cmd.Flags(), p.getenv)
	if outputs != nil {
		addOutput(cmd, &k.output, outputs)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkOutput(k.output, outputs); err != nil {
			return err
		}
		if err := k.choose(cmd.Flags()); err != nil {
			return err
		}
		return failed(run(cmd.Context(), k, args))
	}
	return cmd, k
}

// choose decides between a server and a store: a flag wins over the environment.
func (k *keeping) choose(flags *pflag.FlagSet) error {
	local := storeFlag(flags)
	if flags.Changed("server") && local != "" {
		return usageError{fmt.Errorf("--server and %s: want one, as a server knows its store", local)}
	}
	if err := errors.Join(k.storeFlags.choose(k.program, flags), k.program.fromEnvironment(flags, "server", "token-file")); err != nil {
		return err
	}
	if local != "" {
		k.server = ""
	}
	return nil
}

// addBaseURL adds the flag of those commands that print the addresses of feeds.
func (k *keeping) addBaseURL(flags *pflag.FlagSet) {
	flags.StringVar(&k.baseURL, "base-url", "", "`URL` under which clients reach the server, for the addresses of new feeds; default what the server says")
}

// connect makes the client. The caller checks the command's arguments first, so that nothing is
// opened in vain, and calls k.close at the end.
func (k *keeping) connect(ctx context.Context) error {
	var err error
	if k.baseURL, err = checkBaseURL(k.baseURL); err != nil {
		return err
	}
	if k.server != "" {
		return k.connectRemote()
	}
	return k.connectLocal(ctx)
}

// with connects, runs, and prints the output that was kept until the end.
func (k *keeping) with(ctx context.Context, run func() error) error {
	if err := k.connect(ctx); err != nil {
		return err
	}
	err := errors.Join(run(), k.close())
	if err == nil {
		_, err = io.WriteString(k.program.stdout, k.out.String())
	}
	return err
}

func (k *keeping) connectRemote() error {
	token, err := k.program.ownToken(k.tokenFile)
	if err != nil {
		return err
	}
	if k.client, err = remote(k.server, token); err != nil {
		return err
	}
	// A redirected PUT comes as a GET, whose answer looks like success.
	k.client.http.CheckRedirect = dontFollow
	k.close = func() error { return nil }
	return nil
}

// connectLocal opens the store and serves it to this process alone, as an admin: whoever can open the store
// may change everything in it.
func (k *keeping) connectLocal(ctx context.Context) error {
	facts, err := catalog.Load()
	if err != nil {
		return err
	}
	opened, err := k.openTo(ctx, k.creates, k.program.stderr)
	if err != nil {
		return err
	}
	if k.changes {
		k.sayWhich(k.program.stderr)
	}
	token := auth.NewSecret()
	f := newFleet(facts, firstToken{"(command line)", token}, k.program.now, causes(k.program.stderr))
	err = f.use(ctx, opened)
	if err == nil {
		k.client, err = within(api.Config{Source: f, Documents: f, Now: k.program.now, Log: f.log}, token)
	}
	if err != nil {
		return errors.Join(err, opened.Close())
	}
	k.local, k.close = true, opened.Close
	return nil
}

// causes returns a log for errors that answers do not explain, such as a full disk or a corrupt document.
func causes(to io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{
		Level: slog.LevelError,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
}

// ownToken returns the token by which a command asks a server.
func (p *program) ownToken(file string) (string, error) {
	token, from := p.tokenOfEnvironment()
	if file != "" {
		var err error
		if token, err = readToken("--token-file", file); err != nil {
			return "", err
		}
		from = "--token-file " + file
	}
	switch {
	case token == "" && file == "":
		return "", usageError{errors.New("the server wants a token: give it by --token-file FILE, CYCLECAL_TOKEN or CYCLECAL_ADMIN_TOKEN")}
	case !sendable.MatchString(token):
		return "", usageError{fmt.Errorf("%s: want a token: %s", from, sendables)}
	}
	return token, nil
}

// tokenOfEnvironment returns the token that is set, if any, and where.
func (p *program) tokenOfEnvironment() (token, name string) {
	for _, name := range []string{"CYCLECAL_TOKEN", adminVariable} {
		if token := p.getenv(name); token != "" {
			return token, name
		}
	}
	return "", ""
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

// sayWhere says how the address of a feed becomes whole, where only its path is known here.
func (k *keeping) sayWhere(address string) {
	if strings.HasPrefix(address, "/") {
		fmt.Fprintln(k.program.stderr, "cyclecal: before /feeds/ belongs the address of the server, such as https://cal.example.com; with --base-url it is printed, too")
	}
}
