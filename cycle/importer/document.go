package importer

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// MostBytes is how many bytes a source may have, decompressed.
const MostBytes = 16 << 20

// Document is what one source says, before it is merged.
type Document struct {
	// Source is the name under which the source was read: a path or an address.
	Source string
	// Origin is the sort of source; [Merge] adds it to the sources of a release.
	Origin Origin
	// Page is the address where Microsoft keeps the source, or "".
	Page string
	// Updated is the day on which Microsoft last changed the page, by its own word; zero where it does not say.
	Updated cycle.Date
	// Rows are what the source says, in its order and each once.
	Rows []Row
	// Problems are what could not be read of it.
	Problems []Problem
}

// Origin is a sort of source.
type Origin string

// The sorts of sources there are.
const (
	Windows11Calendar Origin = "learn-windows-11"
	ServerCalendar    Origin = "learn-windows-server"
	ReleaseNotes      Origin = "release-notes"
	UpdateHistory     Origin = "update-history"
	SecurityGuide     Origin = "security-guide"
	Feed              Origin = "atom-feed"
)

// Row is what a source says about one month or one release of one track. Values
// that the source does not tell are zero.
type Row struct {
	Track string
	// Month is the month of the row's label or, without one, of its date.
	Month cycle.Month
	// Kind is what the row says the month is. It is zero in a row about an
	// out-of-band release, a component or a standard update.
	Kind cycle.Kind
	// Type is zero in a row that only tells what a month will be.
	Type      cycle.ReleaseType
	OutOfBand bool
	// Preview marks an optional cumulative update, which comes at the end of a month and is no fact of
	// the cycle.
	Preview bool
	KB      string
	Build   string
	Date    cycle.Date
	Title   string
	URL     string
}

// Problem is something in a source that could not be read.
type Problem struct {
	// Place says where it is: a table and its row, a line, a path in the document.
	Place string
	// Detail says what is there and what would have been right.
	Detail string
}

// tells reports whether two rows say the same, whatever their titles and addresses.
func (r Row) tells(o Row) bool {
	r.Title, r.URL, o.Title, o.URL = "", "", "", ""
	return r == o
}

// regular reports whether the row says what its month is.
func (r Row) regular() bool { return r.Kind != 0 && !r.OutOfBand }

// builder collects what a reader finds.
type builder struct {
	doc   Document // without its rows
	rows  []placed
	fault error // why nothing of the document may be used
}

// placed is a row and its place in the source.
type placed struct {
	Row

	place string
}

func newBuilder(name string, origin Origin) *builder {
	return &builder{doc: Document{Source: name, Origin: origin, Page: pages[origin]}}
}

// pages are the addresses of the sources that Microsoft keeps in one place.
var pages = map[Origin]string{
	Windows11Calendar: "https://learn.microsoft.com/en-us/windows/release-health/windows11-release-information",
	ServerCalendar:    "https://learn.microsoft.com/en-us/windows/release-health/windows-server-release-info",
	ReleaseNotes:      hotpatchBase,
}

// Bounds of what is reported of one source.
const (
	mostProblems = 100
	mostText     = 500 // bytes
)

// report notes something that can't be read. The rest of the document may still be used.
func (b *builder) report(place, format string, args ...any) {
	switch n := len(b.doc.Problems); {
	case n < mostProblems:
		b.doc.Problems = append(b.doc.Problems, Problem{short(place), short(fmt.Sprintf(format, args...))})
	case n == mostProblems:
		b.doc.Problems = append(b.doc.Problems, Problem{short(place), "and so on: no more is reported"})
	}
}

// short cuts a text that nobody would read to its end.
func short(s string) string {
	if len(s) <= mostText {
		return s
	}
	return strings.ToValidUTF8(s[:mostText], "") + "…"
}

// refuse notes why nothing of the document may be used.
func (b *builder) refuse(place, format string, args ...any) {
	b.report(place, format, args...)
	if b.fault == nil {
		b.fault = fmt.Errorf("%s: %s", short(place), short(fmt.Sprintf(format, args...)))
	}
}

func (b *builder) add(place string, r Row) {
	b.rows = append(b.rows, placed{r, place})
}

// drop takes a row away again.
func (b *builder) drop(i int) { b.rows = slices.Delete(b.rows, i, i+1) }

// errNoRows says that a source has nothing that can be used.
var errNoRows = errors.New("no row that can be used")

// finish drops rows that are there twice, and refuses a document that contradicts itself.
func (b *builder) finish() (Document, error) {
	b.doc.Rows = b.unique()
	if b.fault == nil && len(b.doc.Rows) == 0 {
		b.fault = errNoRows
		if len(b.doc.Problems) > 0 {
			b.fault = fmt.Errorf("%w: %s: %s", errNoRows, b.doc.Problems[0].Place, b.doc.Problems[0].Detail)
		}
	}
	if b.fault != nil {
		b.doc.Rows = nil
		return b.doc, fmt.Errorf("%s: %w", b.doc.Source, b.fault)
	}
	return b.doc, nil
}

// unique returns the rows, each once, and refuses a document whose rows about the same release or the same
// month differ.
func (b *builder) unique() []Row {
	type key struct {
		track, kb string
		month     cycle.Month
	}
	seen := map[key]placed{}
	var rows []Row
	for _, row := range b.rows {
		var keys []key
		if row.KB != "" {
			keys = append(keys, key{track: row.Track, kb: row.KB})
		}
		if row.regular() {
			keys = append(keys, key{track: row.Track, month: row.Month})
		}
		twice := false
		for _, k := range keys {
			other, found := seen[k]
			if !found {
				seen[k] = row
				continue
			}
			twice = true
			if !other.tells(row.Row) {
				b.refuse(row.place, "%s, but %s has %s: want one of them", describe(row.Row), other.place, describe(other.Row))
			}
		}
		if !twice {
			rows = append(rows, row.Row)
		}
	}
	return rows
}

// describe tells a row's facts in a few words.
func describe(r Row) string {
	s := r.Track + " " + r.Month.String() + " " + cmp.Or(r.Type.String(), r.Kind.String())
	for _, word := range []string{r.KB, r.Build, r.Date.String()} {
		if word != "" {
			s += " " + word
		}
	}
	if r.OutOfBand {
		s += " out-of-band"
	}
	return s
}

// readAll reads a source up to its limit.
func readAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, MostBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MostBytes {
		return nil, fmt.Errorf("more than %d MiB: want a page or a document of at most that", MostBytes>>20)
	}
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), nil
}

// Parse recognizes the sort of a source and reads it. The name becomes the document's
// Source. It may also tell what the document itself does not: the address to which its
// links are relative, and the month of a document of the security update guide.
//
// An error means that nothing of the source may be used: its sort is not known, it is too
// large or cut off, it lacks what it should have, or it contradicts itself. The document
// then has no rows, only problems.
func Parse(r io.Reader, name string) (Document, error) { return read(r, name, readAny) }

func readAny(data []byte, name string) (Document, error) {
	for _, f := range formats {
		if f.is(data) {
			return f.read(bytes.NewReader(data), name)
		}
	}
	return Document{Source: name}, fmt.Errorf("%s: no source of a known sort: want release information of Windows "+
		"(HTML or Markdown), hotpatch release notes or their toc.json, an update history's toc.json, "+
		"a CVRF document or an Atom feed", name)
}

// read reads a source by the function for its format.
func read(r io.Reader, name string, parse func(data []byte, name string) (Document, error)) (Document, error) {
	data, err := readAll(r)
	if err != nil {
		return Document{Source: name}, fmt.Errorf("%s: %w", name, err)
	}
	return parse(data, name)
}
