package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (p *program) stats() *cobra.Command {
	return p.reading(&cobra.Command{
		Use:   "stats",
		Short: "What each year came to: restarts planned and come, plans that held",
		Long: `What each year of each track came to: the restarts that the rule plans, those that came, those saved
against one each month, how many planned hotpatch months held, and the fewest days of notice of a
change of plan. It counts the months of which a release is known.`,
		Example: "  cyclecal stats --year 2026\n  cyclecal stats --track windows-11-24h2 --output csv",
		Args:    noArgs,
	}, rowFormats, lists("/api/v1/stats", (*reading).statsTable), queryFlag{name: "year", usage: "only that `YEAR`, YYYY"})
}

func (r *reading) statsTable(a answer) error {
	for _, row := range a.Data {
		row["held"] = fmt.Sprintf("%s of %s", row.text("hotpatches_held"), row.text("hotpatches_planned"))
		row["known"] = fmt.Sprintf("%s of %s", row.text("months_released"), row.text("months"))
	}
	r.table("", a.Data, "TRACK:track_name", "YEAR:year", "MONTHS KNOWN:known", "RESTARTS PLANNED:restarts_planned", "CAME:restarts", "SAVED:restarts_saved",
		"HOTPATCHES HELD:held", "DAYS OF NOTICE:days_notice", "OUT OF BAND:out_of_band")
	r.known(a.Meta)
	return nil
}

func (p *program) changes() *cobra.Command {
	return p.reading(&cobra.Command{
		Use:     "changes",
		Short:   "Every change of plan and every out-of-band release, newest first",
		Example: "  cyclecal changes --since 2026-06-01 --track windows-11-24h2",
		Args:    noArgs,
	}, rowFormats, lists("/api/v1/changes", (*reading).changesTable), queryFlag{name: "since", usage: "only what became known on that `DAY` or later, YYYY-MM-DD"})
}

func (r *reading) changesTable(a answer) error {
	if len(a.Data) == 0 {
		r.println("Nothing is known that went otherwise than planned.")
		r.known(a.Meta)
		return nil
	}
	for _, row := range a.Data {
		row["what"] = row.text("was") + " became " + row.text("is")
		if row["change"] == "out_of_band" {
			row["what"] = "out-of-band " + row.text("type")
		}
	}
	r.table("", a.Data, "KNOWN:known_on", "RELEASED:release_date", "DAYS OF NOTICE:days_notice", "MONTH:month", "WHAT:what", "KB:kb", "TRACK:track")
	r.known(a.Meta)
	return nil
}
