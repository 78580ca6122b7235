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
	// Changed is a value that was not known, or known from a lesser source.
	Changed Change = "changed"
	// Differs is a value that the source tells otherwise: what was known stays, and
	// the release's note keeps both. Of the security update guide it may be a whole
	// release, and no note is kept.
	Differs Change = "differs"
	// Noticed is a month whose kind is another than was known.
	Noticed Change = "noticed"
)

// Difference is something that a source tells and that was not known so.
type Difference struct {
	Change Change
	// Track and Month are what it speaks of; the month of a component may be zero.
	Track string
	Month cycle.Month
	// ID is that of the release or the notice.
	ID string
	// Field is the value that differs, in the words of the API; "" for a release as a whole.
	Field string
	// Known is what was known before, and Told what the source tells.
	Known, Told string
	// Source is that of the document.
	Source string
}

// Merge lays what a source says today over what is known, and returns the new facts
// and how they differ. It changes nothing in known. What is known stays where the
// source is silent.
//
// Types come from the release notes; KB and build from the calendar, else from the
// title, else from the cumulative update of the same day, which the note then tells.
// A kind other than was known makes a notice of today. The result does not depend on
// the order in which the sources of a day are merged, and merging one again changes nothing.
//
// The security update guide only confirms: it does not tell whether a hotpatch is the
// month's own or out-of-band. A release that it alone tells is left out, and a build
// other than is known changes nothing; both are told as differences each time.
//
// Rows of tracks that are not known, and of months that are not on their track, are
// no facts of the cycle; nor are previews. The updates of Windows 11 24H2 are those of its LTSC edition too.
//
// It returns an error, and known, for a source that lost what it told before of a track
// that still runs, as a page without one of its tables does, and for one that tells what
// can't be. Years that are over may leave a page, and so may tracks.
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

// rowsOf returns what a document says of a track.
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

// merger merges what a document says of one track.
type merger struct {
	facts       cycle.Facts
	doc         Document
	today       cycle.Date
	schedule    cycle.Schedule  // as it was known before, of rule, notices and regular releases
	before      []string        // ids of the releases that the source told before and would tell now
	touched     map[string]bool // those that it tells now
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

func (m *merger) differ(change Change, month cycle.Month, id, field, known, told string) {
	m.differences = append(m.differences, Difference{change, m.facts.Track.ID, month, id, field, known, told, m.doc.Source})
}

// exactFirst puts the rows whose KB is known before those that have to be matched otherwise,
// lest one of these takes the release of another.
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

// findKB returns where the release with a KB stands, or -1.
func (m *merger) findKB(kb string) int {
	return slices.IndexFunc(m.facts.Releases, func(r cycle.Release) bool { return r.KB == kb })
}

// confirm compares a row with the release that others told, and changes nothing: what
// it told first would otherwise depend on what was read before.
func (m *merger) confirm(row Row) {
	told := m.newRelease(row)
	i := m.findKB(told.KB)
	if i < 0 {
		m.differ(Differs, told.Month, told.ID(), "", "", strings.TrimSpace(told.What()+" "+told.Build))
		return
	}
	known := m.facts.Releases[i]
	if known.Build != "" && told.Build != "" && known.Build != told.Build {
		m.differ(Differs, known.Month, known.ID(), "build", known.Build, told.Build)
	}
}

// release finds the release that a row tells of, or adds it.
func (m *merger) release(row Row) error {
	told := m.newRelease(row)
	i := m.find(told)
	if i < 0 {
		if err := m.facts.Track.CheckRelease(told); err != nil {
			return err
		}
		m.differ(Added, told.Month, told.ID(), "", "", strings.TrimSpace(told.What()+" "+told.Build))
		for _, r := range m.facts.Releases {
			if row.regular() && !r.OutOfBand && r.Month == told.Month && kindOf(r.Type) == otherKind(row.Kind) {
				m.differ(Differs, told.Month, r.ID(), "type", r.Type.String(), told.Type.String())
			}
		}
		m.facts.Releases = append(m.facts.Releases, told)
		return nil
	}
	m.touched[m.facts.Releases[i].ID()] = true
	j := joiner{merger: m, release: m.facts.Releases[i]}
	j.join(told)
	if err := m.facts.Track.CheckRelease(j.release); err != nil {
		return err
	}
	m.facts.Releases[i] = j.release
	return nil
}

// newRelease makes a release of what a row alone tells. It became known on its day,
// or today if that is still to come or not told.
func (m *merger) newRelease(row Row) cycle.Release {
	r := cycle.Release{
		Track: row.Track, Month: row.Month, KB: row.KB, Build: row.Build, Type: row.Type, OutOfBand: row.OutOfBand,
		Restart: restartOf(row.Type), Date: row.Date, KnownOn: m.today, Title: row.Title, URL: row.URL,
		Confidence: "primary", Sources: string(m.doc.Origin),
	}
	if !row.Date.IsZero() && row.Date.Before(m.today) {
		r.KnownOn = row.Date
	}
	return r
}

func restartOf(t cycle.ReleaseType) cycle.Restart {
	switch t {
	case cycle.TypeBaseline, cycle.TypeCumulative:
		return cycle.RestartNeeded
	case cycle.TypeHotpatch:
		return cycle.RestartNotNeeded
	}
	return cycle.RestartUnknown
}

// find returns where the release stands that is meant, or -1: that of the same KB,
// else the regular baseline or hotpatch of the same month. A baseline is the
// cumulative update of its day under another name, unless both have a KB of their own.
func (m *merger) find(told cycle.Release) int {
	if told.KB != "" {
		if i := m.findKB(told.KB); i >= 0 {
			return i
		}
	}
	if told.OutOfBand || told.Type == cycle.TypeComponent {
		return -1
	}
	return slices.IndexFunc(m.facts.Releases, func(r cycle.Release) bool {
		switch {
		case r.OutOfBand || r.Month != told.Month || r.Sources == string(SecurityGuide):
			return false // known from that guide alone, which doesn't tell what is out-of-band
		case r.Type == told.Type:
			return told.Type != cycle.TypeCumulative
		}
		return isBaselineOfDay(r, told) || isBaselineOfDay(told, r)
	})
}

func isBaselineOfDay(baseline, cumulative cycle.Release) bool {
	if baseline.KB != "" && cumulative.KB != baseline.KB {
		return false
	}
	return baseline.Type == cycle.TypeBaseline && cumulative.Type == cycle.TypeCumulative &&
		baseline.Date == cumulative.Date && !baseline.Date.IsZero()
}
