package api

import (
	"bufio"
	"bytes"
	"io"
	"iter"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/cyclecal/cyclecal/api/page"
	"github.com/cyclecal/cyclecal/cycle"
)

type eligibilityRow struct {
	Index        int              `json:"index" doc:"where the facts stand in the array that was sent, from 0"`
	Track        string           `json:"track"`
	TrackName    string           `json:"track_name"`
	Verdict      string           `json:"verdict" enum:"eligible,not,unknown" doc:"eligible if each requirement is met, not if one is not, else unknown"`
	NotMet       []string         `json:"not_met" doc:"ids of the requirements that are not met"`
	Unknown      []string         `json:"unknown" doc:"ids of the requirements of which nobody knows"`
	Requirements []requirementRow `json:"requirements" doc:"those for such a device; of another product that one alone" csv:"-"`
}

type requirementRow struct {
	ID         string      `json:"id"`
	Text       string      `json:"text" doc:"what is required"`
	When       *string     `json:"when" doc:"the devices that it is for, such as architecture=arm64; null: all"`
	Trait      string      `json:"trait" doc:"the field that it looks at"`
	State      string      `json:"state" enum:"met,not_met,unknown"`
	Want       string      `json:"want" doc:"what meets it"`
	Have       *string     `json:"have" doc:"what the device has"`
	How        string      `json:"how" doc:"how to meet it"`
	Source     *string     `json:"source" format:"uri" doc:"the page that says so; null where no page can be linked to"`
	SourceName string      `json:"source_name"`
	SourceDate *string     `json:"source_date" format:"date" doc:"of the text; null where it has none"`
	Differs    *differsRow `json:"differs" doc:"another text that says otherwise"`
}

type differsRow struct {
	Text       string  `json:"text" doc:"what it says"`
	Source     *string `json:"source" format:"uri"`
	SourceName string  `json:"source_name"`
	SourceDate *string `json:"source_date" format:"date"`
}

// eligibility judges the candidates in the body.
func (c *call) eligibility(w http.ResponseWriter) error {
	tracks := c.judged()
	view := c.asOf()
	output := read(c.q, "output", "json", oneOf("output", "json", "csv"))
	alone := c.alone()
	if err := c.q.err(); err != nil {
		return err
	}
	body, err := readBody(w, c.r)
	if err != nil {
		return err
	}
	candidates, err := readCandidates(body)
	if err != nil {
		return err
	}
	rows := func(yield func(eligibilityRow) bool) {
		for i, candidate := range candidates {
			for _, row := range c.judge(view, tracks, i, candidate) {
				if !yield(row) {
					return
				}
			}
		}
	}
	if output == "csv" {
		writeVerdicts(w, rows)
		return nil
	}
	begin, end, err := around(alone, c.told(view))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", mediaJSON)
	return writeRows(w, begin, rows, end)
}

func writeVerdicts(w http.ResponseWriter, rows iter.Seq[eligibilityRow]) {
	w.Header().Set("Content-Type", mediaCSV)
	list := newCSVRows(w, reflect.TypeFor[eligibilityRow]())
	for row := range rows {
		list.write(reflect.ValueOf(row))
	}
	_ = list.flush() // a client that hung up gets nothing more
}

// writeRows writes an array of rows, one by one, and what stands around it. The answer for a thousand
// devices has tens of megabytes, which no client should make the service hold at once. All that can still
// fail is the connection.
func writeRows[T any](w io.Writer, begin string, rows iter.Seq[T], end string) error {
	out, first := bufio.NewWriterSize(w, 64<<10), true
	_, _ = out.WriteString(begin + "[")
	for row := range rows {
		body, err := writeJSON(row)
		if err != nil {
			return err
		}
		if !first {
			_ = out.WriteByte(',')
		}
		first = false
		if _, err := out.Write(bytes.TrimSuffix(body, []byte("\n"))); err != nil {
			return nil // a client that hung up gets nothing more
		}
	}
	_, _ = out.WriteString("]" + end)
	_ = out.Flush()
	return nil
}

// eligibilityOf judges the candidate in the query.
func (c *call) eligibilityOf() (result, error) {
	tracks, view := c.judged(), c.asOf()
	return result{data: c.judge(view, tracks, 0, c.candidate()), view: view}, nil
}

// eligiblePage answers with the form, and with the verdicts if it was filled in.
func (c *call) eligiblePage() (result, error) {
	c.q.dropEmpty()
	view, candidate := c.asOf(), c.candidate()
	if err := c.q.err(); err != nil {
		return result{}, err
	}
	in := page.Eligible{Candidate: candidate, Today: view.asOf}
	for _, i := range c.ruled() {
		s := view.schedule(i)
		if len(candidate) > 0 && s.Track().Has(s.AsOf().Month()) {
			in.Tracks = append(in.Tracks, page.Judged{Track: s.Track(), Findings: s.Judge(candidate, c.site.Requirements)})
		}
	}
	body, err := in.Render()
	return result{body: body, view: view}, err
}

// ruled returns the tracks whose requirements are known.
func (c *call) ruled() []int {
	var list []int
	for i, id := range c.snapshot.ids {
		if slices.ContainsFunc(c.site.Requirements, func(r cycle.Requirement) bool { return slices.Contains(r.Tracks, id) }) {
			list = append(list, i)
		}
	}
	return list
}

// judged returns the tracks that are asked for.
func (c *call) judged() []int {
	ruled := c.ruled()
	if len(c.q.all("track")) == 0 {
		return ruled
	}
	list := c.q.tracks(c.snapshot)
	for _, i := range list {
		if !slices.Contains(ruled, i) {
			c.q.fail("track", "of %q no requirements are known: want one of %s", c.snapshot.ids[i], strings.Join(c.idsOf(ruled), ", "))
		}
	}
	return list
}

func (c *call) idsOf(tracks []int) []string {
	ids := make([]string, len(tracks))
	for i, track := range tracks {
		ids[i] = c.snapshot.ids[track]
	}
	return ids
}

// judge returns a row for each of the tracks that has the month of the day.
func (c *call) judge(v *view, tracks []int, index int, candidate cycle.Candidate) []eligibilityRow {
	rows := []eligibilityRow{}
	for _, i := range tracks {
		s := v.schedule(i)
		if !s.Track().Has(s.AsOf().Month()) {
			continue
		}
		rows = append(rows, viewVerdict(index, s.Track(), s.Judge(candidate, c.site.Requirements)))
	}
	return rows
}

func viewVerdict(index int, t cycle.Track, findings []cycle.Finding) eligibilityRow {
	row := eligibilityRow{
		Index: index, Track: t.ID, TrackName: t.Name, NotMet: []string{}, Unknown: []string{}, Requirements: []requirementRow{},
		Verdict: map[cycle.Outcome]string{cycle.Met: "eligible", cycle.NotMet: "not", cycle.Unknown: "unknown"}[cycle.Verdict(findings)],
	}
	for _, f := range findings {
		switch f.Outcome {
		case cycle.NotMet:
			row.NotMet = append(row.NotMet, f.ID)
		case cycle.Unknown:
			row.Unknown = append(row.Unknown, f.ID)
		case cycle.Met:
		}
		row.Requirements = append(row.Requirements, viewFinding(f))
	}
	return row
}

func viewFinding(f cycle.Finding) requirementRow {
	row := requirementRow{
		ID: f.ID, Text: f.Text, When: orNull(f.When.String()), Trait: f.Trait, State: f.Outcome.String(), Want: f.Want, Have: orNull(f.Have), How: f.How,
		Source: orNull(f.Source.URL), SourceName: f.Source.Name, SourceDate: text(f.Source.Date),
	}
	if d := f.Differs; d.Text != "" {
		row.Differs = &differsRow{Text: d.Text, Source: orNull(d.URL), SourceName: d.Name, SourceDate: text(d.Date)}
	}
	return row
}
