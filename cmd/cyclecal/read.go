package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cyclecal/cyclecal/cycle"
)

func (p *program) next() *cobra.Command {
	return p.reading(&cobra.Command{
		Use:     "next",
		Short:   "When the next release and the next restart come",
		Example: "  cyclecal next\n  cyclecal next --track windows-server-2025 --ring broad:9/5/2",
		Args:    noArgs,
	}, rowFormats, lists("/api/v1/next", (*reading).nextTable), flagRing, flagZone)
}

func (p *program) state() *cobra.Command {
	return p.reading(&cobra.Command{
		Use:     "state",
		Short:   "What is in force now, or at an instant",
		Example: "  cyclecal state\n  cyclecal state --at 2026-06-09T17:00:00Z --ring pilot:1/2/2",
		Args:    noArgs,
	}, rowFormats, lists("/api/v1/state", (*reading).stateTable), queryFlag{name: "at", usage: "`INSTANT` in RFC 3339, such as 2026-06-09T17:00:00Z; default now"}, flagRing, flagZone)
}

func (p *program) year() *cobra.Command {
	return p.reading(&cobra.Command{
		Use:     "year [YYYY]",
		Short:   "Which months of a year restart, and which were not planned to",
		Example: "  cyclecal year 2026\n  cyclecal year 2026 --as-of 2026-05-20",
		Args:    atMostOne,
	}, rowFormats, func(ctx context.Context, r *reading, args []string) error {
		year := p.today().String()[:4]
		if len(args) == 1 {
			year = args[0]
		}
		if _, err := cycle.ParseMonth(year + "-01"); err != nil {
			return usageError{fmt.Errorf("year %q: want YYYY, from 0001 to 9999", year)}
		}
		r.query.Set("from", year+"-01")
		r.query.Set("to", year+"-12")
		return r.show(ctx, "/api/v1/schedule", func(r *reading, a answer) error { return r.yearTable(year, a) })
	}, flagRing, flagKind, flagMoves, flagZone)
}

func (p *program) month() *cobra.Command {
	return p.reading(&cobra.Command{
		Use:   "month YYYY-MM",
		Short: "Everything known about a month",
		Long: `Everything known about a month: its kind, its releases, what was said of it, and when
rings restart: those of --ring or, with a token, those that the server stores.

With one --track, json is the API's answer for that month of that track; with several,
or none, json and csv are the rows of the schedule.`,
		Example: "  cyclecal month 2026-06 --track windows-11-24h2",
		Args:    one("a month, YYYY-MM"),
	}, rowFormats, showMonth, flagRing, flagZone)
}

func (p *program) releases() *cobra.Command {
	return p.reading(&cobra.Command{
		Use:     "releases",
		Short:   "The releases of all types",
		Example: "  cyclecal releases --track windows-11-24h2 --from 2026-01 --out-of-band true",
		Args:    noArgs,
	}, rowFormats, lists("/api/v1/releases", (*reading).releaseTable),
		queryFlag{name: "from", usage: "first `MONTH`, YYYY-MM"}, queryFlag{name: "to", usage: "last `MONTH`, YYYY-MM"},
		queryFlag{name: "type", usage: "only that `TYPE`: baseline, hotpatch, cumulative or component"},
		queryFlag{name: "out-of-band", usage: "`BOOL`: only out-of-band releases (true) or only the others (false)"}, flagMoves)
}

func (p *program) ics() *cobra.Command {
	return p.reading(&cobra.Command{
		Use:     "ics",
		Short:   "Print a calendar feed",
		Example: "  cyclecal ics --track windows-11-24h2 --ring broad:9/5/2 > restarts.ics",
		Args:    noArgs,
	}, []string{"ics"}, func(ctx context.Context, r *reading, _ []string) error {
		tracks := "all"
		if list := r.query["track"]; len(list) > 0 {
			tracks = strings.Join(list, ",")
			r.query.Del("track")
		}
		return r.print(ctx, "/calendars/"+url.PathEscape(tracks)+".ics")
	}, flagKind, flagMoves,
		queryFlag{name: "include", usage: "adds releases of a `TYPE`: cumulative or component; repeatable", repeat: true},
		flagRing,
		queryFlag{name: "alarm", usage: "reminds that long before each event: an RFC 5545 `DURATION` such as P1D"},
		queryFlag{name: "style", usage: "`STYLE`: allday, or timed at the instant of the release"},
		flagZone,
		queryFlag{name: "past", usage: "`MONTHS` before this one; default 12"},
		queryFlag{name: "ahead", usage: "`MONTHS` after this one; default 18"})
}
