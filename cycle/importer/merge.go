package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// Change is what a merge did with something that a source tells.
type Change string

// The changes there are.
const (
	// Added is a release that was not known.
	Added Change = "added"
	// Changed is a value that was not known, or was known from a less reliable source.
	Changed Change = "changed"
	// Differs is a value of which the source says something else: the known value stays, and
	// the release's note keeps both. For the security update guide it may be a whole
	// release, and no note is kept.
	Differs Change = "differs"
	// Noticed is a month whose kind differs from what was known.
	Noticed Change = "noticed"
)

// Difference is something that a source tells and that was not known in this way.
type Difference struct {
	Change Change
	// Track and Month are those of the release or the notice; the month of a component may be zero.
	Track string
	Month cycle.Month
	// ID is the id of the release or the notice.
	ID string
	// Field is the value that differs, as the API calls it; "" for a release as a whole.
	Field string
	// Known is what was known before, and Told what the source tells.
	Known, Told string
	// Source is the document's Source.
	Source string
}

// Merge merges what a source says today into what is known, and returns the new facts
// and how they differ. It does not change known. Facts of which the source says nothing
// stay as they are.
//
// Types come from the release notes. KB and build come from the calendar, else from a
// title, else from the cumulative update of the same day, which the note then says.
// A month whose kind differs from what was known gets a notice of today. Where a source tells
// another value than it told before, the newer KB or build, or the later day, counts at once, and
// any other if the source still tells it on a later day, by a page that was changed since; a page that
// does not say when it was changed has to wait longer. What people wrote stays. The result does not
// depend on the order in which the sources of a day are merged, and merging a source again
// changes nothing, unless three copies of one page tell three things, or an update history
// tells of another KB on the day on which the calendar corrects that of a baseline.
//
// The security update guide only confirms, as it does not tell whether a hotpatch is the
// month's own or out-of-band. A release that it alone tells is left out, and a different
// build changes nothing; both are returned as differences each time.
//
// Rows about unknown tracks, about months that are not on their track, and about previews
// are ignored. Rows about Windows 11 24H2 count for its LTSC edition too.
//
// It returns known and an error for a source that no longer tells most of what it told
// before about a track that still runs, such as a page without one of its tables, and for
// one that tells what can't be. Past years and ended tracks may disappear from a page.
func Merge(known []cycle.Facts, d Document, today cycle.Date) ([]cycle.Facts, []Difference, error) {
	facts := slices.Clone(known)
	var differences []Difference
	for i := range facts {
		m := newMerger(facts[i], d, today)
		for _, row := range m.exactFirst(rowsOf(d, facts[i].Track.ID)) {
			if err := m.row(row); err != nil {
				return known, nil, fmt.Errorf("%s: %s: %w", d.Source, describe(row), err)
			}
		}
		if err := m.checkWhole(); err != nil {
			return known, nil, fmt.Errorf("%s: %w", d.Source, err)
		}
		facts[i] = m.facts
		differences = append(differences, m.differences...)
	}
	return facts, differences, nil
}

// rowsOf returns the rows of a document that are about a track.
func rowsOf(d Document, track string) []Row {
	p := productOf(track)
	var rows []Row
	for _, r := range d.Rows {
		if r.Track == track || p.follows != "" && r.Track == p.follows {
			r.Track = track
			rows = append(rows, r)
		}
	}
	return rows
}

// merger merges what a document says about one track.
type merger struct {
	facts       cycle.Facts
	doc         Document
	today       cycle.Date
	schedule    cycle.Schedule  // what was known before, without out-of-band releases
	before      []string        // ids of the releases that the source told before and should still tell
	touched     map[string]bool // ids of the releases that it tells now
	differences []Difference
}

func newMerger(facts cycle.Facts, d Document, today cycle.Date) *merger {
	m := &merger{doc: d, today: today, touched: map[string]bool{}}
	m.facts = cycle.Facts{Track: facts.Track, Releases: slices.Clone(facts.Releases), Notices: slices.Clone(facts.Notices)}
	regular := cycle.Facts{Track: facts.Track, Notices: facts.Notices, Releases: slices.DeleteFunc(
		slices.Clone(facts.Releases), func(r cycle.Release) bool { return r.OutOfBand },
	)}
	m.schedule = cycle.Compile(regular, cycle.DateOf(9999, 12, 31))
	since := m.since()
	for _, r := range facts.Releases {
		if !r.Month.Before(since) && slices.Contains(strings.Fields(r.Sources), string(d.Origin)) {
			m.before = append(m.before, r.ID())
		}
	}
	return m
}

func (m *merger) row(row Row) error {
	if row.Preview || !row.Month.IsZero() && !m.facts.Track.Has(row.Month) {
		m.beyond(row)
		return nil
	}
	if m.doc.Origin == SecurityGuide {
		m.confirm(row)
		return nil
	}
	if row.Kind != 0 {
		if err := m.notice(row); err != nil {
			return err
		}
	}
	if row.Type == 0 {
		return nil
	}
	return m.release(row)
}

// beyond tells once that the calendar goes on where the track ends: Microsoft has prolonged one before.
func (m *merger) beyond(row Row) {
	track := m.facts.Track
	if row.Kind == 0 || track.LastMonth.IsZero() || !row.Month.After(track.LastMonth) {
		return
	}
	if !slices.ContainsFunc(m.differences, func(d Difference) bool { return d.ID == track.ID }) {
		m.differ(Differs, row.Month, track.ID, "hotpatch_until", track.LastMonth.String(), row.Month.String())
	}
}

func (m *merger) differ(change Change, month cycle.Month, id, field, known, told string) {
	m.differences = append(m.differences, Difference{change, m.facts.Track.ID, month, id, field, known, told, m.doc.Source})
}

// differWhole tells of a release as a whole.
func (m *merger) differWhole(change Change, told cycle.Release) {
	m.differ(change, told.Month, told.ID(), "", "", strings.TrimSpace(told.What()+" "+told.Build))
}

// exactFirst puts the rows whose KB is known before those that have to be matched by month or day,
// lest one of the latter takes the release of the former.
func (m *merger) exactFirst(rows []Row) []Row {
	other := func(r Row) int {
		if r.KB != "" && m.findKB(r.KB) >= 0 {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(rows, func(a, b Row) int { return cmp.Compare(other(a), other(b)) })
	return rows
}
