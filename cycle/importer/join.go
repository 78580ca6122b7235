package importer

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// joiner joins what a document tells about a release with what is known about it.
type joiner struct {
	*merger

	release cycle.Release
}

// field is one value of a release.
type field struct {
	name  string
	ranks map[Origin]int // how reliably each source tells the value
	text  func(cycle.Release) string
	set   func(to *cycle.Release, from cycle.Release)
	// prefers reports whether a told value replaces a known one where the same source tells both for the first time.
	prefers func(told, known cycle.Release) bool
}

// Ranks of the sources: the higher, the more reliable. A source without a rank does not tell the value.
var (
	// The calendar has KB and build of every month, titles only those of hotpatches.
	byCalendar = map[Origin]int{Windows11Calendar: 5, ServerCalendar: 5, ReleaseNotes: 4, SecurityGuide: 3, UpdateHistory: 2, Feed: 1}
	// The release notes have everything that came, with its type and its day.
	byReleaseNotes = map[Origin]int{ReleaseNotes: 5, Windows11Calendar: 4, ServerCalendar: 4, UpdateHistory: 3, Feed: 2}
)

var fields = []field{
	{
		name: "type", ranks: byReleaseNotes,
		text:    func(r cycle.Release) string { return r.Type.String() },
		set:     func(to *cycle.Release, from cycle.Release) { to.Type = from.Type },
		prefers: func(told, known cycle.Release) bool { return told.Type < known.Type },
	},
	{
		name: "out_of_band", ranks: byReleaseNotes,
		text:    func(r cycle.Release) string { return strconv.FormatBool(r.OutOfBand) },
		set:     func(to *cycle.Release, from cycle.Release) { to.OutOfBand = from.OutOfBand },
		prefers: func(told, _ cycle.Release) bool { return told.OutOfBand },
	},
	{
		name: "kb", ranks: byCalendar,
		text:    func(r cycle.Release) string { return r.KB },
		set:     func(to *cycle.Release, from cycle.Release) { to.KB = from.KB },
		prefers: func(told, known cycle.Release) bool { return told.KB > known.KB },
	},
	{
		name: "build", ranks: byCalendar,
		text:    func(r cycle.Release) string { return r.Build },
		set:     func(to *cycle.Release, from cycle.Release) { to.Build = from.Build },
		prefers: func(told, known cycle.Release) bool { return newerBuild(told.Build, known.Build) },
	},
	{
		name: "release_date", ranks: byReleaseNotes,
		text:    func(r cycle.Release) string { return r.Date.String() },
		set:     func(to *cycle.Release, from cycle.Release) { to.Date = from.Date },
		prefers: func(told, known cycle.Release) bool { return told.Date.After(known.Date) },
	},
}

func newerBuild(a, b string) bool {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) > 0
}

// join lays what is told over the release.
func (j *joiner) join(told cycle.Release) {
	known := j.release
	for _, f := range fields {
		j.field(f, known, told)
	}
	r := &j.release
	if r.Month.IsZero() {
		r.Month = told.Month
	}
	if r.Type != known.Type {
		r.Restart = restartOf(r.Type)
	}
	if known.Sources == "" {
		return // people wrote it, and with an origin alone it would look like a page's
	}
	r.Sources = withOrigin(r.Sources, j.doc.Origin)
	if !fromImport(known) {
		return // what people wrote about it stays
	}
	r.Title = better(titleRank, known.Title, told.Title)
	r.URL = better(addressRank, known.URL, told.URL)
	if told.KnownOn.Before(r.KnownOn) {
		r.KnownOn = told.KnownOn
	}
	derived := ""
	if r.Type == cycle.TypeBaseline && r.KB != "" && bestRank(*r, "kb", byCalendar) <= byCalendar[UpdateHistory] {
		derived = derivedNote
	}
	r.Note = withNote(r.Note, derivedNote, derived)
}

const (
	derivedNote = "derived: KB and build are those of the cumulative update of the same day"
	alsoTold    = "also told: "
)

// field joins one value. Where the two differ, the value of the better source stands, and the
// note keeps the other one.
func (j *joiner) field(f field, known, told cycle.Release) {
	was, is := f.text(known), f.text(told)
	rank, ranked := f.ranks[j.doc.Origin]
	holder := bestRank(known, f.name, f.ranks)
	if is != "" && rank > holder {
		j.settle(f.name)
	}
	switch {
	case !ranked && was != "" || is == "" || is == was:
		return
	case f.name == "type" && known.Type == cycle.TypeBaseline && told.Type == cycle.TypeCumulative:
		return // a baseline is the cumulative update of its day under another name
	case was == "", f.name == "type" && fromImport(known) && known.Type == cycle.TypeCumulative && told.Type == cycle.TypeBaseline:
		f.set(&j.release, told)
		j.differ(Changed, told.Month, known.ID(), f.name, was, is)
		return
	}
	if rank > holder || rank == holder && j.corrects(f, known, told) {
		f.set(&j.release, told)
		if holder > 0 { // else the known value was derived, and no source told it
			j.keep(f.name, is, was, rank == holder)
		}
		j.differ(Changed, known.Month, known.ID(), f.name, was, is)
		return
	}
	if j.keep(f.name, was, is, rank == holder) {
		j.differ(Differs, known.Month, known.ID(), f.name, was, is)
	}
}

// corrects reports whether a source that told the known value means another one now. Of two copies of its page that
// are read on one day either may be the old one, and so the values have an order. What a page still says on a later
// day counts, unless it was changed last before the other value was told, by its own word: give or take the day that
// a zone makes. Without such a word it may be an old copy for some days, and another server may see the new one: it
// has to wait for a week, or as long as the release had been known then, and so the two soon don't take turns.
func (j *joiner) corrects(f field, known, told cycle.Release) bool {
	const week = 7
	lost := lostOn(known.Note, f.name, f.text(told))
	switch {
	case lost.IsZero():
		return f.prefers(told, known)
	case j.doc.Updated.IsZero():
		return !j.today.Before(lost.AddDays(max(week, known.KnownOn.DaysUntil(lost))))
	}
	return lost.Before(j.today) && !j.doc.Updated.Before(lost.AddDays(-1))
}

// bestRank returns the rank of the best source from which a value of a release may be. A value that
// people wrote outranks all sources.
func bestRank(r cycle.Release, name string, ranks map[Origin]int) int {
	if !fromImport(r) {
		return 1 << 10
	}
	best := 0
	for source := range strings.FieldsSeq(r.Sources) {
		if rank := ranks[Origin(source)]; rank > best && speaks(Origin(source), r, name) {
			best = rank
		}
	}
	return best
}

// speaks reports whether a source that told of a release also told that value. The release notes tell a KB
// and a build only in titles.
func speaks(o Origin, r cycle.Release, name string) bool {
	if o != ReleaseNotes {
		return true
	}
	switch name {
	case "kb":
		return kbForm.MatchString(r.Title)
	case "build":
		return buildForm.MatchString(r.Title)
	}
	return true
}

// fromImport reports whether a release is known from imports alone.
func fromImport(r cycle.Release) bool {
	sources := strings.Fields(r.Sources)
	return len(sources) > 0 && !slices.ContainsFunc(sources, func(s string) bool { return !isOrigin(s) })
}

func isOrigin(source string) bool {
	_, ok := byCalendar[Origin(source)]
	return ok
}

// withOrigin adds an origin to a list of sources. Origins stand last, in order and each once.
func withOrigin(list string, o Origin) string {
	others, origins := []string{}, []string{string(o)}
	for source := range strings.FieldsSeq(list) {
		if isOrigin(source) {
			origins = append(origins, source)
		} else {
			others = append(others, source)
		}
	}
	slices.Sort(origins)
	return strings.Join(append(others, slices.Compact(origins)...), " ")
}
