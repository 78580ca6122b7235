package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

func (p *program) devices() *cobra.Command {
	cmd := p.reading(&cobra.Command{
		Use:   "devices FILE.csv|-",
		Short: "Where each device of a list stands on the cycle, and when it restarts next",
		Long: `Where each device of a list stands on the cycle, and when it restarts next.

The list is an export of Intune, Autopatch, ConfigMgr, Azure Resource Graph, Active
Directory or anything else that has a build in each row: CSV with commas, semicolons or
tabs, in UTF-8 or UTF-16. The columns of the build and of the product are found by
name. table is a summary; csv and json are the rows with the verdict behind each.

Cells that a spreadsheet would run as formulas begin with ' in csv.`,
		Example: "  cyclecal devices export.csv\n  cyclecal devices export.csv --ring broad:9/5/2 --output csv > verdicts.csv",
		Args:    one("a file, or - for standard input"),
	}, rowFormats, func(ctx context.Context, r *reading, args []string) error {
		return r.devices(ctx, args[0])
	},
		queryFlag{name: "ring", usage: "`RING` that the devices are in, as NAME:DEFERRAL[/DEADLINE[/GRACE]] in days, such as broad:9/5/2"},
		flagZone,
		queryFlag{name: "build-column", usage: "`NAME` of the column that has the build, where it is not found"},
		queryFlag{name: "product-column", usage: "`NAME` of the column that has the product or edition, where it is not found"})
	cmd.Flags().Lookup("track").Usage = "`TRACK` that devices may be on; repeatable; default all. Settles what the rows do not tell"
	return cmd
}

// devices sends a list and prints the answer, both as they stream.
func (r *reading) devices(ctx context.Context, name string) error {
	list, err := r.openList(name)
	if err != nil {
		return err
	}
	defer list.close()
	if r.output != "table" {
		r.query.Set("output", r.output)
	}
	body, err := r.client.stream(ctx, "/api/v1/devices?"+r.query.Encode(), "text/csv", list)
	if err != nil {
		return cmp.Or(list.broken, err)
	}
	defer body.Close()
	if r.output != "table" {
		_, err := io.Copy(r.program.stdout, body)
		list.done()
		return cmp.Or(list.broken, err)
	}
	var a deviceAnswer
	err = json.NewDecoder(io.LimitReader(body, mostAnswer)).Decode(&a)
	list.done()
	if err != nil {
		return cmp.Or(list.broken, fmt.Errorf("the server's answer: %w", err))
	}
	r.deviceTable(a)
	return nil
}

// deviceAnswer is the summary of the API, as the tables need it.
type deviceAnswer struct {
	Data deviceSummary
	Meta meta
}

type deviceSummary struct {
	Rows             int
	Places, Restarts []row
	RestartUnknown   int `json:"restart_unknown"`
	Newer            int
	Unreadable       int
	Faults           []row
	Columns          struct{ Build, Revision, Product []string }
}

// ringDays says which of a ring's days stands for a restart.
const ringDays = `The day of a restart is that on which the ring's window begins or, without one,
the ring's last day. On a track without the ring it is the day of the update.`

// deviceTable prints the summary.
func (r *reading) deviceTable(a deviceAnswer) {
	d := a.Data
	columns := "Columns read: " + strings.Join(append(append(d.Columns.Build, d.Columns.Revision...), d.Columns.Product...), ", ")
	r.println(fmt.Sprintf("Devices: %d\n%s\n", d.Rows, plain(columns)))
	for _, list := range [][]row{d.Places, d.Restarts} {
		for _, row := range list {
			if share, ok := row["share"].(float64); ok {
				row["share"] = fmt.Sprintf("%.1f %%", 100*share)
				row["bar"] = strings.Repeat("#", int(30*share+0.5))
			}
		}
	}
	r.table("", d.Places, "TRACK:track_name", "PLACE:place", "DEVICES:devices", "SHARE:share", "NEXT RESTART:next_restart")
	if len(d.Restarts) > 0 {
		r.println("")
		r.table("", d.Restarts, "RESTART:day", "DEVICES:devices", "SHARE:share", ":bar")
		if r.query.Has("ring") {
			r.println("\n" + ringDays)
		}
		if d.Restarts[0].text("day") < a.Meta.AsOf {
			r.println("\nA day that has passed is that of an update which the devices may take at any time.")
		}
	}
	r.deviceDoubts(d)
	r.known(a.Meta)
}

// deviceDoubts prints what the list does not tell, or the program can't read of it.
func (r *reading) deviceDoubts(d deviceSummary) {
	if d.RestartUnknown > 0 {
		r.println(fmt.Sprintf("\nDevices whose next restart can't be told: %d", d.RestartUnknown))
	}
	if d.Newer > 0 {
		r.println(fmt.Sprintf("\nDevices on a build newer than every release that is known of their track: %d", d.Newer))
	}
	for _, row := range d.Places {
		if ids := row.texts("candidates", " or "); ids != "" {
			r.println("\n" + plain("Not told by the row, devices: "+row.text("devices")+". They may be of "+ids+": want --product-column NAME, or --track TRACK"))
		}
	}
	if d.Unreadable > 0 {
		r.println(fmt.Sprintf("\nRows that can't be read: %d", d.Unreadable))
		for _, f := range d.Faults {
			r.println(plain("  line " + f.text("line") + ": " + f.text("detail")))
		}
	}
}
