package catalog

import (
	"embed"
	"fmt"
	"io/fs"

	"github.com/cyclecal/cyclecal/cycle"
)

//go:embed *.csv
var files embed.FS

// Load returns the facts that ship with the program, in the order in which
// tracks.csv has the tracks.
func Load() ([]cycle.Facts, error) { return Read(files) }

// Read returns the facts in the four tables of a folder, in the order in which tracks.csv has the
// tracks. It returns no facts, and an error that names the table and the line, if one breaks a law.
func Read(dir fs.FS) ([]cycle.Facts, error) {
	c := newCatalog()
	err := readTables(dir, []step{
		{"sources.csv", c.addSource, sourceColumns},
		{"tracks.csv", c.addTrack, trackColumns},
		{"releases.csv", c.addRelease, []string{
			"tracks", "month", "type", "out_of_band", "restart", "kb", "build",
			"release_date", "known_on", "confidence", "sources", "title", "url", "note",
		}},
		{"notices.csv", c.addNotice, []string{"tracks", "month", "kind", "known_on", "plan_seen_on", "source", "reason"}},
	})
	if err != nil {
		return nil, err
	}
	return c.facts, nil
}

// step is one table to read.
type step struct {
	table   string
	add     func(row) error // takes each line
	columns []string
}

var (
	sourceColumns = []string{"id", "confidence", "address", "what"}
	trackColumns  = []string{
		"id", "name", "branch", "first_month", "last_month",
		"baseline_months", "release_day", "release_time", "time_zone", "note",
	}
)

func readTables(dir fs.FS, steps []step) error {
	for _, s := range steps {
		rows, err := readTable(dir, s.table, s.columns)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := s.add(r); err != nil {
				return r.errorf("%w", err)
			}
		}
	}
	return nil
}

// catalog collects the facts as they are read.
type catalog struct {
	facts   []cycle.Facts
	sources map[string]row // by id
	tracks  map[string]int // the index of a track's facts, by the track's id
	lines   map[string]int // the line of each release and notice, by its id
}

func newCatalog() catalog {
	return catalog{sources: map[string]row{}, tracks: map[string]int{}, lines: map[string]int{}}
}

func (c *catalog) addSource(r row) error {
	id := r.fields["id"]
	if _, twice := c.sources[id]; twice || id == "" {
		return fmt.Errorf("source %q: want an id that no other line has", id)
	}
	c.sources[id] = r
	p := parser{row: r}
	p.address("address")
	p.fail(confidence(r))
	return p.err
}

func confidence(r row) error {
	if got := r.fields["confidence"]; got != "primary" && got != "secondary" {
		return &cycle.InvalidError{What: "confidence", Value: got, Want: "primary or secondary"}
	}
	return nil
}

func (c *catalog) addTrack(r row) error {
	p := parser{row: r}
	track := cycle.Track{
		ID: r.fields["id"], Name: r.fields["name"], Branch: r.fields["branch"], Note: r.fields["note"],
		FirstMonth: p.month("first_month"), LastMonth: p.month("last_month"),
		Rule: cycle.Rule{
			BaselineMonths: p.months("baseline_months"),
			Day:            parse(&p, "release_day", cycle.ParseReleaseDay),
			Zone:           parse(&p, "time_zone", cycle.ParseZone),
		},
	}
	hour, minute, err := cycle.ParseTimeOfDay(r.fields["release_time"])
	p.fail(err)
	track.Rule.Hour, track.Rule.Minute = hour, minute
	if p.err != nil {
		return p.err
	}
	if err := track.Check(); err != nil {
		return err
	}
	if _, twice := c.tracks[track.ID]; twice {
		return &cycle.InvalidError{What: "track", Value: track.ID, Want: "an id that no other line has"}
	}
	c.tracks[track.ID] = len(c.facts)
	c.facts = append(c.facts, cycle.Facts{Track: track})
	return nil
}

func (c *catalog) addRelease(r row) error {
	p := parser{row: r}
	release := cycle.Release{
		Month: p.month("month"), Date: p.date("release_date"), KnownOn: p.date("known_on"),
		KB: r.fields["kb"], Build: r.fields["build"],
		Type:      parse(&p, "type", cycle.ParseReleaseType),
		Restart:   parse(&p, "restart", cycle.ParseRestart),
		OutOfBand: parse(&p, "out_of_band", cycle.ParseBool),
		Title:     r.fields["title"], URL: p.address("url"), Note: r.fields["note"],
		Confidence: r.fields["confidence"], Sources: r.fields["sources"],
	}
	p.fail(confidence(r))
	p.fail(listed("source", r.list("sources"), c.sources, "sources.csv"))
	if p.err != nil {
		return p.err
	}
	return c.forEach(r, func(facts *cycle.Facts) (string, error) {
		release := release
		release.Track = facts.Track.ID
		facts.Releases = append(facts.Releases, release)
		return release.ID(), facts.Track.CheckRelease(release)
	})
}

func (c *catalog) addNotice(r row) error {
	p := parser{row: r}
	notice := cycle.Notice{
		Month: p.month("month"), Kind: parse(&p, "kind", cycle.ParseKind),
		KnownOn: p.date("known_on"), PlanSeenOn: p.date("plan_seen_on"),
		Source: p.address("source"), Reason: r.fields["reason"],
	}
	if p.err != nil {
		return p.err
	}
	return c.forEach(r, func(facts *cycle.Facts) (string, error) {
		notice := notice
		notice.Track = facts.Track.ID
		facts.Notices = append(facts.Notices, notice)
		return "notice " + notice.ID(), facts.Track.CheckNotice(notice)
	})
}

// listed checks that a line names at least one source or track, and none that is not in its table.
func listed[T any](what string, ids []string, known map[string]T, table string) error {
	for _, id := range ids {
		if _, ok := known[id]; !ok {
			return fmt.Errorf("%s %q: want an id of %s", what, id, table)
		}
	}
	if len(ids) == 0 {
		return fmt.Errorf("no %s: want at least one id of %s", what, table)
	}
	return nil
}

// forEach adds a fact to each of the tracks that its line names, and refuses a fact that a track has
// already.
func (c *catalog) forEach(r row, add func(*cycle.Facts) (id string, err error)) error {
	tracks := r.list("tracks")
	if err := listed("track", tracks, c.tracks, "tracks.csv"); err != nil {
		return err
	}
	for _, track := range tracks {
		id, err := add(&c.facts[c.tracks[track]])
		if err != nil {
			return err
		}
		if line, twice := c.lines[id]; twice {
			return fmt.Errorf("%s is on line %d already", id, line)
		}
		c.lines[id] = r.line
	}
	return nil
}
