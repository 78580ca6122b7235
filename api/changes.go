package api

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

type changeRow struct {
	ID          string  `json:"id" doc:"the same for ever"`
	Track       string  `json:"track"`
	TrackName   string  `json:"track_name"`
	Month       *string `json:"month" format:"month"`
	Change      string  `json:"change" enum:"plan,out_of_band" doc:"a plan that changed, or an out-of-band release"`
	Was         *string `json:"was" enum:"baseline,hotpatch" doc:"kind of the month before"`
	Is          *string `json:"is" enum:"baseline,hotpatch" doc:"and since; the same for an out-of-band release"`
	KnownOn     string  `json:"known_on" format:"date" doc:"the day on which it became known"`
	ReleaseDate *string `json:"release_date" format:"date" doc:"null for an out-of-band release whose day nobody knows"`
	DaysNotice  *int    `json:"days_notice" doc:"days from known_on to release_date: 0 on the day itself, less afterwards"`
	Source      *string `json:"source" format:"uri" doc:"who said it"`
	Reason      *string `json:"reason"`
	KB          *string `json:"kb"`
	Build       *string `json:"build"`
	Type        *string `json:"type" enum:"baseline,hotpatch,cumulative,component"`
	Restart     *bool   `json:"restart" doc:"of the release; null where nobody knows or none is known"`
	Title       *string `json:"title"`
}

type statsRow struct {
	Track             string   `json:"track"`
	TrackName         string   `json:"track_name"`
	Year              int      `json:"year"`
	Months            int      `json:"months" doc:"months of the year on the track"`
	MonthsReleased    int      `json:"months_released" doc:"those of which a release is known"`
	RestartsPlanned   int      `json:"restarts_planned" doc:"by the rule, for the whole year"`
	Restarts          int      `json:"restarts" doc:"that came with the known releases"`
	RestartsSaved     int      `json:"restarts_saved" doc:"against one in each released month"`
	HotpatchesPlanned int      `json:"hotpatches_planned" doc:"released months that the rule planned as hotpatch"`
	HotpatchesHeld    int      `json:"hotpatches_held" doc:"those of them that were"`
	HeldShare         *float64 `json:"held_share" doc:"hotpatches_held of hotpatches_planned, 0 to 1"`
	DaysNotice        *int     `json:"days_notice" doc:"the fewest days of notice of a change of plan; null where none changed"`
	OutOfBand         int      `json:"out_of_band" doc:"out-of-band releases, those for devices off the cycle included"`
}

var changeParams = []param{
	paramTrack,
	{"since", "only what became known on that day or later", false, schemaDay},
	{"change", "only changes of plan, or only out-of-band releases", false, schemaEnum("plan", "out_of_band")},
	paramAsOf,
}

// changeList answers with every change of plan and every out-of-band release, newest first.
func (c *call) changeList() (result, error) {
	rows, view, err := c.changes()
	return result{data: rows, view: view}, err
}

func (c *call) changes() ([]changeRow, *view, error) {
	tracks, since, view := c.q.tracks(c.snapshot), c.q.date("since", cycle.Date{}), c.asOf()
	only := read(c.q, "change", "", oneOf("change", "plan", "out_of_band"))
	if err := c.q.err(); err != nil {
		return nil, nil, err
	}
	rows := []changeRow{}
	for _, s := range view.of(tracks) {
		for _, change := range s.Changes() {
			if row := viewChange(s.Track(), change); !change.KnownOn.Before(since) && (only == "" || row.Change == only) {
				rows = append(rows, row)
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b changeRow) int { return cmp.Compare(b.KnownOn, a.KnownOn) })
	return rows, view, nil
}

func viewChange(t cycle.Track, c cycle.Change) changeRow {
	row := changeRow{
		ID: strings.Join([]string{t.ID, c.Month.String(), "change-" + strconv.Itoa(c.Ordinal)}, "."), Change: "plan",
		Track: t.ID, TrackName: t.Name, Month: text(c.Month), Was: text(c.Was), Is: text(c.Is),
		KnownOn: c.KnownOn.String(), ReleaseDate: text(c.ReleasedOn),
		Source: orNull(cmp.Or(c.Notice.Source, c.Release.URL)), Reason: orNull(cmp.Or(c.Notice.Reason, c.Release.Note)),
	}
	if row.ReleaseDate != nil {
		row.DaysNotice = new(c.DaysOfNotice())
	}
	if r := c.Release; r.Type != 0 {
		v := viewRelease(r)
		row.KB, row.Build, row.Type, row.Restart, row.Title = v.KB, v.Build, &v.Type, v.Restart, v.Title
		if c.OutOfBand() {
			row.ID, row.Change = r.ID()+"."+cmp.Or(r.Date, r.KnownOn).String(), "out_of_band"
		}
	}
	return row
}

// stats sums up each year of each track.
func (c *call) stats() (result, error) {
	tracks, view := c.q.tracks(c.snapshot), c.asOf()
	year := c.pageYear(0)
	if err := c.q.err(); err != nil {
		return result{}, err
	}
	rows := []statsRow{}
	for _, s := range view.of(tracks) {
		for _, y := range s.Years() {
			if year == 0 || y.Year == year {
				rows = append(rows, viewYear(s.Track(), y))
			}
		}
	}
	return result{data: rows, view: view}, nil
}

func viewYear(t cycle.Track, y cycle.Year) statsRow {
	row := statsRow{
		Track: t.ID, TrackName: t.Name, Year: y.Year, Months: y.Months, MonthsReleased: y.Released,
		RestartsPlanned: y.Planned, Restarts: y.Restarts, RestartsSaved: y.Saved(),
		HotpatchesPlanned: y.Hotpatches, HotpatchesHeld: y.Held, OutOfBand: y.OutOfBand,
	}
	if y.Hotpatches > 0 {
		row.HeldShare = new(float64(y.Held) / float64(y.Hotpatches))
	}
	if y.Changed {
		row.DaysNotice = &y.Notice
	}
	return row
}

// Atom, RFC 4287.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  atomAuthor  `xml:"author"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID      string     `xml:"id"`
	Title   string     `xml:"title"`
	Updated string     `xml:"updated"`
	Links   []atomLink `xml:"link"`
	Summary string     `xml:"summary"`
}

// atomID is a tag URI, RFC 4151: the same for ever, wherever the feed is served.
const atomID = "tag:cyclecal,2026:"

// changesAtom answers with the same as an Atom feed.
func (c *call) changesAtom() (result, error) {
	rows, view, err := c.changes()
	if err != nil {
		return result{}, err
	}
	feed := atomFeed{
		ID: atomID + "changes" + marked(c.q.canonical()), Title: "Hotpatch: changes of plan and out-of-band releases", Author: atomAuthor{"Cyclecal"},
		Updated: instant(view.asOf.Start(time.UTC)),
	}
	if c.site.BaseURL != "" {
		feed.Links = []atomLink{{"self", c.site.located((&url.URL{Path: c.r.URL.Path, RawQuery: c.q.canonical()}).String())}, {"alternate", c.site.located("/#changes")}}
	}
	for i, row := range rows {
		entry := row.entry(c.snapshot, c.site)
		if feed.Entries = append(feed.Entries, entry); i == 0 || entry.Updated > feed.Updated { // the newest is among the first
			feed.Updated = entry.Updated
		}
	}
	body, err := xml.MarshalIndent(feed, "", " ")
	return result{body: slices.Concat([]byte(xml.Header), body, []byte("\n")), view: view}, err
}

// marked returns a query with its question mark, and "" for an empty query.
func marked(query string) string {
	if query == "" {
		return ""
	}
	return "?" + query
}

func (row changeRow) entry(s *Snapshot, site *server) atomEntry {
	known, _ := cycle.ParseDate(row.KnownOn) // it was a Date
	e := atomEntry{ID: atomID + row.ID, Title: row.title(), Summary: row.summary()}
	e.Updated = instant(s.Facts[s.index[row.Track]].Track.Rule.At(known))
	switch {
	case site.BaseURL != "" && row.Month != nil:
		e.Links = []atomLink{{"alternate", site.located("/tracks/" + row.Track + "?month=" + *row.Month + "#month")}}
	case row.Source != nil:
		e.Links = []atomLink{{"alternate", *row.Source}}
	}
	return e
}

func (row changeRow) title() string {
	if row.Change == "plan" {
		return fmt.Sprintf("%s: %s became a %s month", row.TrackName, *row.Month, *row.Is)
	}
	title := fmt.Sprintf("%s: out-of-band %s", row.TrackName, *row.Type)
	if row.ReleaseDate != nil {
		title += " of " + *row.ReleaseDate
	}
	if row.KB != nil {
		title += ", " + *row.KB
	}
	return title
}

func (row changeRow) summary() string {
	words := []string{"Known since " + row.KnownOn + "."}
	if row.Change == "plan" {
		words = []string{fmt.Sprintf("It was a %s month, and is a %s month. Known since %s, %s.", *row.Was, *row.Is, row.KnownOn, row.notice())}
	}
	if row.Reason != nil {
		words = append(words, *row.Reason)
	}
	if row.Source != nil {
		words = append(words, *row.Source)
	}
	return strings.Join(words, " ")
}

func (row changeRow) notice() string {
	switch n := *row.DaysNotice; {
	case n > 0:
		return cycle.Quantity(n, "day", "days") + " before its release"
	case n == 0:
		return "on the day of its release"
	default:
		return cycle.Quantity(-n, "day", "days") + " after its release"
	}
}
