package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cyclecal/cyclecal/cycle"
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
	return p.reading(cmd, rowFormats, func(ctx context.Context, r *reading, _ []string) error {
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
}

func (r *reading) windowTable(a answer) error {
	whole := map[string]bool{}
	for _, row := range a.Data {
		row["local"] = localSpan(row)
		if note := row.text("note"); strings.HasPrefix(note, "Assumed") {
			row["status"] = row.text("status") + ", assumed"
		}
		said := fmt.Sprintf("ring %s has no maintenance window: its whole days are taken, from the offer on, as days of %s (--tz)", row.text("ring"), row.text("time_zone"))
		if row.is("whole_days") && !whole[said] {
			whole[said] = true
			fmt.Fprintf(r.program.stderr, "cyclecal: %s\n", plain(said))
		}
	}
	columns := []string{"RING:ring", "TRACK:track", "MONTH:month", "STATUS:status", "BEGINS:window_start", "ENDS:window_end", "LOCAL:local", "BY:restart_by"}
	if slices.ContainsFunc(a.Data, func(row row) bool { return row["freeze"] != nil }) {
		columns = append(columns, "IN FREEZE:freeze")
	}
	if len(a.Data) == 0 {
		r.println("No window is known of these.")
	} else {
		r.table("", a.Data, columns...)
	}
	r.known(a.Meta)
	return nil
}

// localSpan writes a window as the clocks of its zone show it, or "-" where that zone is not known here.
func localSpan(row row) string {
	start, err := time.Parse(time.RFC3339, row.text("window_start"))
	end, err2 := time.Parse(time.RFC3339, row.text("window_end"))
	zone, err3 := cycle.ParseZone(row.text("time_zone"))
	if errors.Join(err, err2, err3) != nil {
		return "-"
	}
	const minute = "2006-01-02 15:04"
	start, end = start.In(zone), end.In(zone)
	to := minute
	if cycle.DateIn(start, zone) == cycle.DateIn(end, zone) {
		to = "15:04"
	}
	return start.Format(minute) + " to " + end.Format(to) + " " + zone.String()
}
