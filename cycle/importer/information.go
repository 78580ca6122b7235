package importer

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"regexp"
	"strings"

	"golang.org/x/net/html"

	"github.com/cyclecal/cyclecal/cycle"
)

// ParseReleaseInformation reads the release information of Windows 11 or of Windows
// Server, as HTML or as Markdown: only the tables of its hotpatch calendar.
// Its error is as that of [Parse].
func ParseReleaseInformation(r io.Reader, name string) (Document, error) {
	return read(r, name, readInformation)
}

func readInformation(data []byte, name string) (Document, error) {
	parse := readInformationMarkdown
	if isHTML(data) {
		parse = readInformationHTML
	}
	d, err := parse(data, name)
	if found := updatedAt.FindSubmatch(data); found != nil {
		d.Updated, _ = cycle.ParseDate(string(found[1])) // what is no day tells nothing
	}
	return d, err
}

// updatedAt matches what the page says of itself, in an element of its head or, in Markdown, in a line before its text.
var updatedAt = regexp.MustCompile(`(?m)(?:^updated_at: *["']?|<meta name="updated_at" content=")([0-9]{4}-[0-9]{2}-[0-9]{2})`)

// heading is what the headings above a place in the page say.
type heading struct {
	inCalendar bool // below "… hotpatch calendar"
	product    string
	year       string
}

var (
	yearHeading    = regexp.MustCompile(`(?i)^calendar year ([0-9]{4})$`)
	productHeading = regexp.MustCompile(`(?i)^(windows|version)\b`)
	sectionHeading = regexp.MustCompile(`(?i)\bhotpatch calendar\b`)
)

// section takes the title of a section.
func (h *heading) section(text string) {
	if sectionHeading.MatchString(text) {
		*h = heading{inCalendar: true}
		return
	}
	if _, ok := productNamed(text); !ok && !yearHeading.MatchString(text) {
		*h = heading{}
		return
	}
	h.line(text)
}

// line takes a line that stands alone, which may name a product or a year.
func (h *heading) line(text string) {
	if m := yearHeading.FindStringSubmatch(text); m != nil {
		h.year = m[1]
		return
	}
	const longest = 80 // a longer line is a sentence
	if productHeading.MatchString(text) && len(text) <= longest {
		h.product, h.year = text, ""
	}
}

// tableID is the id of a calendar, "HotpatchCalendar_Version25H2_2026".
var tableID = regexp.MustCompile(`(?i)^HotpatchCalendar(?:_(.*?))?(?:_([0-9]{4}))?$`)

// versionWord matches an id that names a product, known or not.
var versionWord = regexp.MustCompile(`(?i)version|[0-9]{2}h[12]`)

func readInformationHTML(data []byte, name string) (Document, error) {
	b := newBuilder(name, Windows11Calendar)
	root, err := parseHTML(data)
	if err != nil {
		b.refuse("page", "%v", err)
		return b.finish()
	}
	p := pageReader{b: b}
	p.walk(root)
	return finishInformation(b)
}

// pageReader reads the elements of a page.
type pageReader struct {
	b         *builder
	heading   heading
	calendars int // that were read
}

func (p *pageReader) walk(n *html.Node) {
	if n.Type == html.ElementNode {
		switch n.Data {
		case "h1", "h2", "h3", "h4":
			p.heading.section(textOf(n))
			return
		case "p", "strong", "b", "summary":
			p.heading.line(textOf(n))
		case "table":
			p.table(n)
			return
		}
	}
	for child := range n.ChildNodes() {
		p.walk(child)
	}
}

// table reads a table if it is a calendar, whose id may name its product and its year.
func (p *pageReader) table(n *html.Node) {
	id := tableID.FindStringSubmatch(attribute(n, "id"))
	place := fmt.Sprintf("table %d", p.calendars+1)
	if id != nil {
		place = "table " + id[0]
	}
	t := tableOf(n, place)
	if id == nil && !t.isCalendar() {
		return
	}
	h := p.heading
	p.heading.year = "" // each table has its own
	if id != nil {
		if _, ok := productNamed(id[1]); ok || versionWord.MatchString(id[1]) {
			h.product = id[1]
		}
		h.year = cmp.Or(id[2], h.year)
	}
	if t.read(p.b, h) {
		p.calendars++
	}
}

func tableOf(n *html.Node, place string) table {
	t := table{place: place}
	for i, tr := range elements(n, "tr") {
		var row []cell
		list := elements(tr, "td", "th")
		for _, td := range list[:min(len(list), mostCells)] {
			row = append(row, cell{textOf(td), linkOf(td)})
		}
		if i == 0 {
			t.header = headerOf(row)
			continue
		}
		t.rows = append(t.rows, cells{fmt.Sprintf("%s, row %d", place, i), row})
	}
	return t
}

// finishInformation finds out by the rows whether the page is that of the servers.
func finishInformation(b *builder) (Document, error) {
	for _, r := range b.rows {
		if strings.Contains(r.Track, "server") {
			b.doc.Origin, b.doc.Page = ServerCalendar, pages[ServerCalendar]
		}
	}
	return b.finish()
}

// isHTML tells a page from its Markdown form, which may begin with a comment.
func isHTML(data []byte) bool {
	data = comment.ReplaceAll(data, nil)
	return bytes.HasPrefix(bytes.TrimSpace(data), []byte("<"))
}
