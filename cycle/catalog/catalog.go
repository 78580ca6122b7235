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
		rows, err := open(dir, s.table, s.columns)
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

func open(dir fs.FS, name string, columns []string) ([]row, error) {
	file, err := dir.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readTable(name, file, columns...)
}

// catalog collects the facts as they are read.
type catalog struct {
	facts   []cycle.Facts
	sources map[string]bool
	tracks  map[string]int // the index of a track's facts, by the track's id
	ids     map[string]int // the line of each release and notice, by its id
}

func newCatalog() catalog {
	return catalog{sources: map[string]bool{}, tracks: map[string]int{}, ids: map[string]int{}}
}

func (c *catalog) addSource(r row) error {
	id := r.fields["id"]
	if id == "" || c.sources[id] {
		return fmt.Errorf("source %q: want an id that no other line has", id)
	}
	c.sources[id] = true
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
	p.fail(c.known(r.list("sources")))
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

// known checks that the sources of a fact are listed.
func (c *catalog) known(sources []string) error {
	for _, id := range sources {
		if !c.sources[id] {
			return fmt.Errorf("source %q: want an id of sources.csv", id)
		}
	}
	if len(sources) == 0 {
		return fmt.Errorf("no source: want at least one id of sources.csv")
	}
	return nil
}

// forEach adds a fact to each of the tracks that its line names, and refuses a fact that a track has
// already.
func (c *catalog) forEach(r row, add func(*cycle.Facts) (id string, err error)) error {
	tracks := r.list("tracks")
	if len(tracks) == 0 {
		return fmt.Errorf("no track: want at least one id of tracks.csv")
	}
	for _, track := range tracks {
		i, ok := c.tracks[track]
		if !ok {
			return fmt.Errorf("track %q: want an id of tracks.csv", track)
		}
		id, err := add(&c.facts[i])
		if err != nil {
			return err
		}
		if line, twice := c.ids[id]; twice {
			return fmt.Errorf("%s is on line %d already", id, line)
		}
		c.ids[id] = r.line
	}
	return nil
}
