package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cyclecal/cyclecal/cycle"
)

// eligible asks with the facts of its flags, or of a file.
func (p *program) eligible() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "eligible",
		Short: "Whether devices can have hotpatches, and what they lack",
		Long: `Whether devices can have hotpatches: what each track requires, whether it is met,
and how to meet it. What is left out is not known; nothing is guessed.

With --file it reads JSON: an object, or an array of up to 1,000, of the same
names with _ for -, such as {"product": "windows-11", "vbs": true}.`,
		Example: "  cyclecal eligible --product windows-11 --version 24H2 --architecture arm64 --vbs true\n  cyclecal eligible --file devices.json -o json",
		Args:    noArgs,
	}
	flags := map[string]*string{}
	for _, t := range cycle.Traits() {
		flags[t.Name] = cmd.Flags().String(flagOf(t.Name), "", "`VALUE`: "+t.About+possible(t))
	}
	file := cmd.Flags().String("file", "", "`FILE` of JSON instead of these flags; - is standard input")
	cmd = p.reading(cmd, rowFormats, func(ctx context.Context, r *reading, _ []string) error {
		body, err := r.program.facts(cmd, flags, *file)
		if err != nil {
			return err
		}
		return r.judge(ctx, body, *file)
	})
	for _, t := range cycle.Traits() {
		fixed(cmd, flagOf(t.Name), t.Values...)
	}
	return cmd
}

func flagOf(trait string) string { return strings.ReplaceAll(trait, "_", "-") }

func possible(t cycle.Trait) string {
	if t.Values == nil {
		return ", such as " + t.Example
	}
	return ": " + strings.Join(t.Values, ", ")
}

// facts returns the JSON that is asked about.
func (p *program) facts(cmd *cobra.Command, flags map[string]*string, file string) ([]byte, error) {
	device := map[string]any{}
	for _, t := range cycle.Traits() {
		if !cmd.Flags().Changed(flagOf(t.Name)) {
			continue
		}
		value, err := t.Parse(*flags[t.Name])
		if err != nil {
			return nil, usageError{fmt.Errorf("--%s: %w", flagOf(t.Name), err)}
		}
		device[t.Name] = value
		if t.IsBool() {
			device[t.Name] = value == "true"
		}
	}
	switch {
	case file != "" && len(device) > 0:
		return nil, usageError{errors.New("--file and facts as flags: want one of the two")}
	case file != "":
		body, err := readInput(file, p.stdin)
		if err != nil {
			return nil, badInput(err)
		}
		return body, nil
	case len(device) == 0:
		return nil, usageError{errors.New("nothing is known of the device: want --product, --file or another flag")}
	}
	return json.Marshal(device)
}

// judge asks, and prints the answer.
func (r *reading) judge(ctx context.Context, facts []byte, file string) error {
	path := "/api/v1/eligibility"
	if r.output == "csv" {
		r.query.Set("output", "csv")
	}
	if len(r.query) > 0 {
		path += "?" + r.query.Encode()
	}
	body, err := r.client.do(ctx, http.MethodPost, path, http.Header{"Content-Type": {"application/json"}}, facts)
	if refused, ok := errors.AsType[refusedError](err); ok && file != "" && refused.faults != nil && refused.faults[0].Pointer != "" {
		return badInput(fmt.Errorf("%s: %w", file, refused))
	}
	if err != nil || r.output != "table" {
		r.out.Write(body)
		return err
	}
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	many := slices.ContainsFunc(a.Data, func(row row) bool { return row.text("index") != "0" })
	for i, row := range a.Data {
		if i > 0 {
			r.println("")
		}
		if err := r.judged(row, many); err != nil {
			return err
		}
	}
	if len(a.Data) == 0 {
		r.println("No track had a month on that day.")
	}
	r.println("\nBy what was required on " + a.Meta.AsOf + ".")
	return nil
}

// judged prints a track, its requirements, and what to do about those that are not known to be met.
func (r *reading) judged(track row, many bool) error {
	title := plain(track.text("track_name")) + ": "
	if many {
		index, _ := track["index"].(float64)
		title = "Device " + strconv.Itoa(int(index)+1) + ", " + title
	}
	words := map[string]string{"eligible": "eligible", "not": "not eligible", "unknown": "not known"}
	r.println(title + words[track.text("verdict")])
	rows := track.list("requirements")
	if list, ok := track["requirements"].([]any); !ok || len(rows) < len(list) {
		return errors.New("the server's answer: want objects as requirements")
	}
	for _, f := range rows {
		f["state"] = strings.ReplaceAll(f.text("state"), "_", " ")
		f["short"] = fit(f.text("want"), wantWidth)
	}
	r.table("  ", rows, "STATE:state", "REQUIREMENT:id", "WANT:short", "HAVE:have")
	for _, f := range rows {
		if f.text("state") != "met" {
			r.println("  " + plain(f.text("id")+": "+f.text("text")+" "+f.text("how")+sourceOf(f)))
		}
		if differs, ok := f["differs"].(map[string]any); ok {
			r.println("  " + plain(f.text("id")+": Microsoft's documents differ. "+row(differs).text("text")+sourceOf(differs)))
		}
	}
	return nil
}

// sourceOf names where something was read, by its address if it has one, and the day of the text, once.
func sourceOf(r row) string {
	text := r.text("source_name")
	if r["source"] != nil {
		text = r.text("source")
	}
	if date := r.text("source_date"); r["source_date"] != nil && !strings.Contains(text, date) {
		text += ", " + date
	}
	return " [" + text + "]"
}

// wantWidth is how much of what is wanted a table shows.
const wantWidth = 36
