package main

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/cyclecal/cyclecal/api/windows"
)

func (p *program) windows() *cobra.Command {
	const path = "/api/v1/windows"
	cmd := &cobra.Command{
		Use:   "windows",
		Short: "The restart windows of rings, also in the words of other tools",
		Long: `The restart windows of rings: one for each month that restarts. With --format
they are written for the tool that restarts the machines:

  azure         maintenance configurations of Azure Update Manager (JSON)
  configmgr     New-CMMaintenanceWindow of Configuration Manager (PowerShell)
  aws           create-maintenance-window of Systems Manager (JSON)
  alertmanager  time_intervals, to mute alerts in them (YAML)
  rrule         recurrence sets of iCalendar
  cron          a crontab

None of them knows which months restart: they are given the dates that are
known, and what they can't be told is said in words.`,
		Example: `  cyclecal windows --ring broad:9/5/2 --track windows-11-24h2
  cyclecal windows --server https://cal.example.com --ring pilot --format azure`,
		Args: noArgs,
	}
	cmd = p.reading(cmd, []string{"table", "json", "csv"}, func(ctx context.Context, r *reading, _ []string) error {
		switch {
		case !r.query.Has("format"):
			return r.show(ctx, path, (*reading).windowTable)
		case cmd.Flags().Changed("output"):
			return usageError{errors.New("--format and --output: want one of the two, a tool has one form")}
		}
		return r.print(ctx, path)
	}, flagRing,
		queryFlag{name: "format", usage: "a `TOOL` in whose words they are written: azure, configmgr, aws, alertmanager, rrule or cron"},
		queryFlag{name: "from", usage: "first `MONTH`, YYYY-MM; default the first whose window is not over"},
		queryFlag{name: "to", usage: "last `MONTH`, YYYY-MM; default the 11th after this one, or after --from"},
		queryFlag{name: "assume", usage: "as if a month to come were of a kind: `MONTH:KIND`, such as 2026-12:baseline; repeatable", repeat: true}, flagZone)
	_ = cmd.RegisterFlagCompletionFunc("format", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return windows.Names(), cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}

func (r *reading) windowTable(a answer) error {
	columns := []string{"RING:ring", "TRACK:track", "MONTH:month", "STATUS:status", "BEGINS:window_start", "ENDS:window_end", "BY:restart_by"}
	if slices.ContainsFunc(a.Data, func(row row) bool { return row["freeze"] != nil }) {
		columns = append(columns, "IN FREEZE:freeze")
	}
	if len(a.Data) == 0 {
		r.println("No window is known of these.")
	} else {
		r.table("", a.Data, columns...)
	}
	r.known(a)
	return nil
}
