package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cyclecal/cyclecal/cycle/resource"
)

// secretive is a kind of document that has a secret, in the words of its commands.
type secretive struct {
	kind resource.Kind
	one  string // the word for one of them, which is the name of the command
	what string // what is printed: the secret, or the address that has it
}

var (
	tokens = secretive{resource.Tokens, "token", "secret"}
	feeds  = secretive{resource.Feeds, "feed", "address"}
)

func (p *program) token() *cobra.Command {
	cmd := group(tokens.one, "Create, list, rotate and revoke the tokens of the API",
		`Create, list, rotate and revoke the tokens of the API.

A viewer reads rings and freezes and what follows from them, an editor writes documents,
an admin manages tokens and private feeds as well. create and rotate print the secret
alone on standard output, once: what is kept is a hash of it.

Without --server they work on the store in --data-dir, also while a server runs on it.`)
	cmd.AddCommand(p.tokenCreate(), p.list(tokens, tokenTable), p.rotate(tokens), p.revoke(tokens))
	return cmd
}

// group is a command that has others, and only tells of them.
func group(name, short, long string) *cobra.Command {
	return &cobra.Command{
		Use: name, Short: short, Long: long, Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
}

func (p *program) tokenCreate() *cobra.Command {
	var role, at, in string
	cmd, _ := p.keeping(&cobra.Command{
		Use:   "create ID",
		Short: "Create a token and print its secret",
		Example: `  cyclecal token create ci --role editor --expires-in 90d > token
  cyclecal token create ci --role editor --data-dir /var/lib/cyclecal
  cyclecal token create boss --role admin --server https://cal.example.com`,
		Args: one("an id, such as ci"),
	}, nil, func(ctx context.Context, k *keeping, args []string) error {
		ends, err := expiry(at, in, p.now())
		if err != nil {
			return err
		}
		return k.create(ctx, tokens, args[0], map[string]any{"role": role, "expires_at": ends})
	})
	cmd.Flags().StringVar(&role, "role", "", "`ROLE`: viewer, editor or admin")
	cmd.Flags().StringVar(&at, "expires-at", "", "`INSTANT` at which it ends, in RFC 3339, such as 2027-01-01T00:00:00Z; default never")
	cmd.Flags().StringVar(&in, "expires-in", "", "`TIME` after which it ends: days, weeks or hours, such as 90d, 12w or 8h")
	complete(cmd)
	return cmd
}

var spanForm = regexp.MustCompile(`^([1-9][0-9]{0,4})([hdw])$`)

// expiry returns the instant that was asked for, "" for none.
func expiry(at, in string, now time.Time) (string, error) {
	if at != "" && in != "" {
		return "", usageError{errors.New("--expires-at and --expires-in: want one of the two")}
	}
	if in != "" {
		m := spanForm.FindStringSubmatch(in)
		if m == nil {
			return "", usageError{fmt.Errorf("--expires-in %q: want days, weeks or hours, such as 90d, 12w or 8h", in)}
		}
		n, _ := strconv.Atoi(m[1]) // it has digits alone
		switch now = now.UTC().Truncate(time.Second); m[2] {
		case "h":
			now = now.Add(time.Duration(n) * time.Hour)
		case "d":
			now = now.AddDate(0, 0, n)
		case "w":
			now = now.AddDate(0, 0, 7*n)
		}
		return now.Format(time.RFC3339), nil
	}
	if ends, err := time.Parse(time.RFC3339, at); err == nil && !ends.After(now) { // what is no instant is refused with all else
		return "", usageError{fmt.Errorf("--expires-at %s: want an instant that is still to come", at)}
	}
	return at, nil
}

// create makes a document that is not there yet, and prints its secret. What was left out is "".
func (k *keeping) create(ctx context.Context, s secretive, id string, fields map[string]any) error {
	maps.DeleteFunc(fields, func(_ string, value any) bool { return value == "" })
	body, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	d, err := resource.ParseJSON(s.kind, id, body)
	if faults, ok := errors.AsType[resource.Faults](err); ok {
		return usageError{asFlags(faults)}
	}
	k.creates, k.changes = true, true
	return k.with(ctx, func() error {
		g, err := k.client.send(ctx, wish{method: http.MethodPut, kind: s.kind, id: id, body: d.JSON(), absent: true})
		if refused, ok := errors.AsType[refusedError](err); ok {
			switch {
			case refused.status == http.StatusPreconditionFailed:
				return fmt.Errorf("%[1]s %[2]q is there already: want another id, or cyclecal %[1]s rotate %[2]s for a new %[3]s", s.one, id, s.what)
			case len(refused.faults) > 0:
				return usageError{asFlags(refused.faults)}
			}
		}
		if err != nil {
			return err
		}
		return k.tell(s, id, "is made", g)
	})
}

// asFlags names flags where a document has fields.
func asFlags(faults resource.Faults) error {
	var lines []string
	for _, f := range faults {
		field, _, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/")
		switch field {
		case "":
		case "id":
			field = "ID: "
		case "tracks", "rings":
			field = "--" + strings.TrimSuffix(field, "s") + ": "
		default:
			field = "--" + strings.ReplaceAll(field, "_", "-") + ": "
		}
		lines = append(lines, plain(field+f.Detail))
	}
	return errors.New(strings.Join(lines, "\n"))
}

// tell prints the secret or the address alone on standard output, for scripts, and the rest on
// standard error.
func (k *keeping) tell(s secretive, id, done string, g granted) error {
	value := g.Secret
	if s.kind == resource.Feeds {
		value = k.feedURL(s.kind, g)
	}
	if value == "" {
		return fmt.Errorf("%[1]s %[2]q %[3]s, but somebody gave it another %[4]s meanwhile: cyclecal %[1]s rotate %[2]s prints a new one", s.one, id, done, s.what)
	}
	if _, err := io.WriteString(k.program.stdout, plain(value)+"\n"); err != nil {
		return fmt.Errorf("%[1]s %[2]q %[3]s, but its %[4]s could not be printed: %[5]w: cyclecal %[1]s rotate %[2]s prints a new one", s.one, id, done, s.what, err)
	}
	fmt.Fprintf(k.program.stderr, "cyclecal: %s %q %s; its %s is shown this once\n", s.one, id, done, s.what)
	k.sayWhere(value)
	return nil
}

// list builds the command that lists a kind.
func (p *program) list(s secretive, table func(*reading, answer) error) *cobra.Command {
	cmd, _ := p.keeping(&cobra.Command{
		Use:     "list",
		Short:   "List the " + string(s.kind) + ", without their secrets",
		Example: "  cyclecal " + s.one + " list\n  cyclecal " + s.one + " list --output json --server https://cal.example.com",
		Args:    noArgs,
	}, rowFormats, func(ctx context.Context, k *keeping, _ []string) error {
		return k.with(ctx, func() error { return k.show(ctx, "/api/v1/"+string(s.kind), table) })
	})
	return cmd
}

func tokenTable(r *reading, a answer) error {
	if len(a.Data) == 0 {
		r.println("No token is stored.")
		return nil
	}
	for _, row := range a.Data {
		if ends, err := time.Parse(time.RFC3339, row.text("expires_at")); err == nil && !ends.After(r.program.now()) {
			row["expires_at"] = row.text("expires_at") + " (ended)"
		} else if row["expires_at"] == nil {
			row["expires_at"] = "never"
		}
	}
	r.table("", a.Data, "ID:id", "ROLE:role", "ENDS:expires_at")
	return nil
}

// rotate builds the command that gives a document another secret.
func (p *program) rotate(s secretive) *cobra.Command {
	cmd, k := p.keeping(&cobra.Command{
		Use:     "rotate ID",
		Short:   "Give a " + s.one + " a new " + s.what + " and print it; the old one ends at once",
		Example: "  cyclecal " + s.one + " rotate " + s.example(),
		Args:    one("the id of a " + s.one),
	}, nil, func(ctx context.Context, k *keeping, args []string) error {
		k.changes = true
		return k.with(ctx, func() error {
			g, err := k.client.send(ctx, wish{method: http.MethodPost, kind: s.kind, id: args[0]})
			if err != nil {
				return err
			}
			return k.tell(s, args[0], "is rotated", g)
		})
	})
	if s.kind == resource.Feeds {
		k.addBaseURL(cmd.Flags())
	}
	return cmd
}

func (s secretive) example() string {
	if s.kind == resource.Feeds {
		return "sales"
	}
	return "ci"
}

// revoke builds the command that deletes a document and ends its secret.
func (p *program) revoke(s secretive) *cobra.Command {
	cmd, _ := p.keeping(&cobra.Command{
		Use:     "revoke ID",
		Short:   "Delete a " + s.one + "; its " + s.what + " ends at once",
		Example: "  cyclecal " + s.one + " revoke " + s.example(),
		Args:    one("the id of a " + s.one),
	}, nil, func(ctx context.Context, k *keeping, args []string) error {
		k.changes = true
		return k.with(ctx, func() error {
			if _, err := k.client.send(ctx, wish{method: http.MethodDelete, kind: s.kind, id: args[0]}); err != nil {
				return err
			}
			fmt.Fprintf(k.program.stderr, "cyclecal: %s %q is revoked\n", s.one, args[0])
			return nil
		})
	})
	return cmd
}
