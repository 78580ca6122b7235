package importer

import (
	"slices"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// findKB returns the index of the release with a KB, or -1.
func (m *merger) findKB(kb string) int {
	return slices.IndexFunc(m.facts.Releases, func(r cycle.Release) bool { return r.KB == kb })
}

// confirm compares a row of the security update guide with the release that other sources told. It
// changes nothing, since the result would then depend on which source was read first.
func (m *merger) confirm(row Row) {
	told := m.newRelease(row)
	i := m.findKB(told.KB)
	if i < 0 {
		m.differWhole(Differs, told)
		return
	}
	known := m.facts.Releases[i]
	if known.Build != "" && told.Build != "" && known.Build != told.Build {
		m.differ(Differs, known.Month, known.ID(), "build", known.Build, told.Build)
	}
}

// release joins a row with the release that it is about, or adds one.
func (m *merger) release(row Row) error {
	told := m.newRelease(row)
	i := m.find(told)
	if i < 0 {
		if err := m.facts.Track.CheckRelease(told); err != nil {
			return err
		}
		m.differWhole(Added, told)
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
	m.unite(i)
	return nil
}

// unite makes one release of two with one KB, as there are where a page corrects a baseline's KB to that of the
// cumulative update of its day. What the sources of the other one told they told of the baseline.
func (m *merger) unite(i int) {
	baseline := m.facts.Releases[i]
	n := slices.IndexFunc(m.facts.Releases, func(o cycle.Release) bool { return o.KB == baseline.KB && isMonthsUpdate(o, baseline) })
	if baseline.KB == "" || baseline.Type != cycle.TypeBaseline || n < 0 {
		return
	}
	other := m.facts.Releases[n]
	for source := range strings.FieldsSeq(other.Sources) {
		from := *m
		from.doc.Origin, from.doc.Updated = Origin(source), cycle.Date{}
		j := joiner{merger: &from, release: baseline}
		j.join(other)
		baseline = j.release
	}
	j := joiner{merger: m, release: baseline}
	j.keepAll(other.Note)
	m.facts.Releases[i] = j.release
	m.facts.Releases = slices.Delete(m.facts.Releases, n, n+1)
}

// isMonthsUpdate reports whether pages alone told of an update as a cumulative one, and it may be the baseline of the month.
func isMonthsUpdate(r, baseline cycle.Release) bool {
	return r.Type == cycle.TypeCumulative && !r.OutOfBand && r.Month == baseline.Month && fromImport(r)
}

// newRelease makes a release of what a row tells by itself. It became known on its day, or
// today if that day is still to come or not told.
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

// find returns the index of the release that is meant, or -1: the release with the same KB,
// else the regular baseline or hotpatch of the same month. A baseline is the same as the
// cumulative update of its day, unless their KBs differ.
func (m *merger) find(told cycle.Release) int {
	if told.KB != "" {
		if i := m.findKB(told.KB); i >= 0 {
			return m.corrected(told, i)
		}
	}
	if told.OutOfBand || told.Type == cycle.TypeComponent {
		return -1
	}
	regular := func(is func(r cycle.Release) bool) int {
		return slices.IndexFunc(m.facts.Releases, func(r cycle.Release) bool {
			// What is known from the security update guide alone may be out-of-band.
			return !r.OutOfBand && r.Month == told.Month && r.Sources != string(SecurityGuide) && is(r)
		})
	}
	if i := regular(func(r cycle.Release) bool { return r.Type == told.Type }); i >= 0 && told.Type != cycle.TypeCumulative {
		return i
	}
	return regular(func(r cycle.Release) bool { return isBaselineOfDay(r, told) || isBaselineOfDay(told, r) })
}

// corrected returns the index of the baseline whose KB is told to be that of a cumulative update: another page told
// the right KB first. It returns i where there is none.
func (m *merger) corrected(told cycle.Release, i int) int {
	if told.Type != cycle.TypeBaseline || told.OutOfBand || !isMonthsUpdate(m.facts.Releases[i], told) {
		return i
	}
	baseline := slices.IndexFunc(m.facts.Releases, func(r cycle.Release) bool {
		return r.Type == told.Type && !r.OutOfBand && r.Month == told.Month && fromImport(r)
	})
	if baseline < 0 {
		return i
	}
	return baseline
}

func isBaselineOfDay(baseline, cumulative cycle.Release) bool {
	if baseline.KB != "" && cumulative.KB != baseline.KB {
		return false
	}
	return baseline.Type == cycle.TypeBaseline && cumulative.Type == cycle.TypeCumulative &&
		baseline.Date == cumulative.Date && !baseline.Date.IsZero()
}
