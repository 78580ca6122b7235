package catalog

import (
	"fmt"
	"io/fs"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// Requirements returns what a device needs to have hotpatches of the tracks that ship with
// the program, in the order in which eligibility.csv has it.
func Requirements() ([]cycle.Requirement, error) { return ReadRequirements(files) }

// ReadRequirements returns the requirements in a folder, whose tracks and sources are those of its other
// tables. It returns none, and an error that names the table and the line, if one breaks a law.
func ReadRequirements(dir fs.FS) ([]cycle.Requirement, error) {
	e := eligibility{catalog: newCatalog(), seen: map[string][]cycle.Requirement{}}
	err := readTables(dir, []step{
		{"sources.csv", e.addSource, sourceColumns},
		{"tracks.csv", e.addTrack, trackColumns},
		{"eligibility.csv", e.add, []string{
			"id", "tracks", "trait", "values", "unclear", "when", "from", "until", "text", "how",
			"source", "source_date", "differs", "differs_source", "differs_date",
		}},
	})
	if err != nil {
		return nil, err
	}
	return e.list, nil
}

// eligibility collects requirements as they are read.
type eligibility struct {
	catalog
	list []cycle.Requirement
	seen map[string][]cycle.Requirement // by track and id
}

func (e *eligibility) add(r row) error {
	p := parser{row: r}
	q := cycle.Requirement{
		ID: r.fields["id"], Tracks: r.list("tracks"), Trait: r.fields["trait"], Values: r.list("values"), Unclear: r.list("unclear"),
		When: optional(&p, "when", readCondition), From: p.date("from"), Until: p.date("until"),
		Text: r.fields["text"], How: r.fields["how"],
		Source: e.reference(&p, "source", "source_date"),
	}
	p.fail(q.Check())
	if q.Differs = e.differs(&p); p.err != nil {
		return p.err
	}
	e.list = append(e.list, q)
	return e.forTracks(q)
}

// differs returns the source that says otherwise, or the zero Reference.
func (e *eligibility) differs(p *parser) cycle.Reference {
	text, source := p.row.fields["differs"], p.row.fields["differs_source"]
	if text == "" && source == "" && p.row.fields["differs_date"] == "" {
		return cycle.Reference{}
	}
	if text == "" {
		p.fail(fmt.Errorf("differs: empty: want what source %q says", source))
	}
	found := e.reference(p, "differs_source", "differs_date")
	found.Text = text
	return found
}

func (e *eligibility) reference(p *parser, column, date string) cycle.Reference {
	id := p.row.fields[column]
	found, ok := e.sources[id]
	if !ok {
		p.fail(fmt.Errorf("%s %q: want an id of sources.csv", column, id))
	}
	return cycle.Reference{Name: found.fields["what"], URL: found.fields["address"], Date: p.date(date)}
}

// forTracks refuses a requirement that one of its tracks has already on some of the same days.
func (e *eligibility) forTracks(q cycle.Requirement) error {
	if err := listed("track", q.Tracks, e.tracks, "tracks.csv"); err != nil {
		return err
	}
	for _, track := range q.Tracks {
		key := track + " " + q.ID
		for _, other := range e.seen[key] {
			if !ends(other, q) && !ends(q, other) {
				return fmt.Errorf("%s of %s: is there already for some of these days", q.ID, track)
			}
		}
		e.seen[key] = append(e.seen[key], q)
	}
	return nil
}

// ends reports whether a requirement ends before another begins.
func ends(a, b cycle.Requirement) bool { return !a.Until.IsZero() && a.Until.Before(b.From) }

// readCondition reads "edition=standard datacenter".
func readCondition(s string) (cycle.Condition, error) {
	trait, values, _ := strings.Cut(s, "=")
	c := cycle.Condition{Trait: trait, Values: strings.Fields(values)}
	if trait == "" || len(c.Values) == 0 {
		return cycle.Condition{}, &cycle.InvalidError{What: "condition", Value: s, Want: "TRAIT=VALUES, such as architecture=arm64"}
	}
	return c, nil
}
