package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/cyclecal/cyclecal/cycle"
)

func (p *program) build() *cobra.Command {
	var months string
	cmd := &cobra.Command{
		Use:   "build BUILD",
		Short: "What a build means: its place on the cycle, and what comes next",
		Long: `What a build means on each track that has such builds, such as 26100.3983, 10.0.26100.3983 or
"26100.3983 (24H2)": its place on the cycle, what comes next, and whether that restarts.

  current       the newest baseline, or the newest hotpatch on it
  behind        on the newest baseline, but a hotpatch is missing: no restart to catch up
  baseline-due  an older baseline: the next update restarts
  off-cycle     a standard update newer than its baseline: restarts until the next baseline
  ambiguous     two packages have the build, one on the cycle and one off it
  unknown       no release with the build is known: its neighbours are told

With --forecast, the months to come instead: which restart the device, and what --upgrade or
--assume would change.`,
		Example: `  cyclecal build 26100.3983 --as-of 2025-05-20
  cyclecal build 26100.9457 --track windows-11-24h2 --forecast 6 --assume 2026-12:baseline`,
		Args: one("a build, such as 26100.3983"),
	}
	cmd = p.reading(cmd, rowFormats, func(ctx context.Context, r *reading, args []string) error {
		return showBuild(ctx, r, args[0], months)
	}, flagRing, flagZone,
		queryFlag{name: "upgrade", usage: "with --forecast, what an upgrade to that `TRACK` would mean in each month"},
		queryFlag{name: "assume", usage: "with --forecast, as if a month to come were of a kind: `MONTH:KIND`, such as 2026-12:baseline; repeatable", repeat: true})
	cmd.Flags().StringVar(&months, "forecast", "", "that many `MONTHS` to come, 1 to 120, instead of the place")
	return cmd
}

// showBuild prints what a build means, or the months to come where a number of them is given.
func showBuild(ctx context.Context, r *reading, build, months string) error {
	const most = 120 // as the API says
	b, err := cycle.ParseBuild(build)
	n, noNumber := strconv.Atoi(months)
	switch {
	case err != nil:
		return usageError{err}
	case months == "" && (r.query.Has("upgrade") || r.query.Has("assume")):
		return usageError{errors.New("--upgrade and --assume speak of months to come: want --forecast MONTHS with them")}
	case months == "":
		return r.show(ctx, "/api/v1/builds/"+url.PathEscape(b.String()), (*reading).buildTable)
	case noNumber != nil || n < 1 || n > most:
		return usageError{fmt.Errorf("--forecast %q: want months, 1 to %d", months, most)}
	}
	r.query.Set("build", b.String())
	r.query.Set("months", months)
	return r.show(ctx, "/api/v1/forecast", (*reading).forecastTable)
}

func (r *reading) buildTable(a answer) error {
	columns := []string{"TRACK:track_name", "PLACE:place", "MONTH:month", "KB:kb", "BASELINE:baseline_month"}
	if r.query.Has("ring") {
		columns = append(columns, "NEXT OFFER:next_update_date", "RESTARTS:next_update_restarts", "RESTART FROM:next_restart_date", "BY:restart_by", "RING:ring")
	} else {
		columns = append(columns, "NEXT UPDATE:next_update_date", "RESTARTS:next_update_restarts", "NEXT RESTART:next_restart_date")
	}
	yesNo(a.Data, "next_update_restarts")
	r.table("", a.Data, columns...)
	told := map[string]bool{}
	for _, row := range a.Data {
		note := plain(row.text("track_name") + ": " + row.text("note"))
		if row["note"] != nil && !told[note] { // with rings, a track has several rows
			told[note] = true
			r.println("\n" + note + ".")
		}
	}
	r.known(a.Meta)
	return nil
}

func (r *reading) forecastTable(a answer) error {
	columns := []string{"TRACK:track_name", "MONTH:month", "DATE:release_date", "RESTARTS:restarts", "BEFORE:place_before", "AFTER:place_after", "WHY:reason"}
	if r.query.Has("upgrade") {
		columns = append(columns, "UPGRADE KEEPS:upgrade_keeps_cycle", "COSTS:upgrade_restarts")
	}
	if r.query.Has("ring") {
		columns = append(columns, "BY:restart_by", "RING:ring")
	}
	yesNo(a.Data, "restarts", "upgrade_keeps_cycle")
	r.table("", a.Data, columns...)
	r.known(a.Meta)
	return nil
}
