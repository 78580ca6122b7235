package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

func (p *program) feed() *cobra.Command {
	cmd := group(feeds.one, "Create, list, rotate and revoke private feeds",
		`Create, list, rotate and revoke private feeds.

A private feed is a calendar of stored tracks and rings behind a secret address, as
calendar programs can't send tokens. create and rotate print the address alone on
standard output, once: what is kept is a hash of it.

Without --server they work on the store in --data-dir, also while a server runs on it.
The address is then a path, unless --base-url says where clients reach the server.`)
	cmd.AddCommand(p.feedCreate(), p.list(feeds, feedTable), p.rotate(feeds), p.revoke(feeds))
	return cmd
}

func (p *program) feedCreate() *cobra.Command {
	var title, kind, alarm, style string
	var tracks, rings []string
	cmd, k := p.keeping(&cobra.Command{
		Use:   "create ID",
		Short: "Create a private feed and print its address",
		Long: `Create a private feed and print its address.

Without --track it shows the months of all tracks, not those of its rings alone.`,
		Example: `  cyclecal feed create sales --title "Sales laptops" --track windows-11-24h2 --ring pilot --alarm P1D
  cyclecal feed create all --title Restarts --kind baseline --base-url https://cal.example.com`,
		Args: one("an id, such as sales"),
	}, nil, func(ctx context.Context, k *keeping, args []string) error {
		err := k.create(ctx, feeds, args[0], map[string]any{
			"title": title, "tracks": append([]string{}, tracks...), "rings": append([]string{}, rings...),
			"kind": kind, "alarm": alarm, "style": style,
		})
		if err == nil && len(rings) > 0 && len(tracks) == 0 {
			fmt.Fprintln(p.stderr, "cyclecal: the feed shows all tracks, not those of its rings alone: --track narrows it")
		}
		return err
	})
	cmd.Flags().StringVar(&title, "title", "", "`NAME` of the calendar; required")
	cmd.Flags().StringArrayVar(&tracks, "track", nil, "`TRACK` to show, such as windows-11-24h2; repeatable; default all")
	cmd.Flags().StringArrayVar(&rings, "ring", nil, "id of a stored `RING` whose restarts to show; repeatable")
	cmd.Flags().StringVar(&kind, "kind", "", "only months of that `KIND`: baseline or hotpatch")
	cmd.Flags().StringVar(&alarm, "alarm", "", "reminds that long before each event: an RFC 5545 `DURATION` such as P1D")
	cmd.Flags().StringVar(&style, "style", "", "`STYLE`: allday (default), or timed at the instant of the release")
	k.addBaseURL(cmd.Flags())
	complete(cmd)
	return cmd
}

func feedTable(r *reading, a answer) error {
	if len(a.Data) == 0 {
		r.println("No private feed is stored.")
		return nil
	}
	for _, row := range a.Data {
		row["tracks"], row["rings"] = cmp.Or(row.texts("tracks", ","), "all"), cmp.Or(row.texts("rings", ","), "-")
		if row["last_fetched_on"] == nil {
			row["last_fetched_on"] = "never"
		}
	}
	r.table("", a.Data, "ID:id", "TITLE:title", "TRACKS:tracks", "RINGS:rings", "FETCHED:last_fetched_on", "BY:last_fetched_by", "TIMES:fetches")
	r.println("\nFetches at the present address within 90 days. Servers store them once a minute:\nthose of the last minute may be missing.")
	return nil
}
