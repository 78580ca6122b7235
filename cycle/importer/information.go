package importer

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// ParseReleaseInformation reads the release information of Windows 11 or of Windows
// Server, as HTML or as Markdown: only the tables of its hotpatch calendar.
// Its error is as that of [Parse].
func ParseReleaseInformation(r io.Reader, name string) (Document, error) {
	return read(r, name, readInformation)
}

func readInformation(data []byte, name string) (Document, error) {
	if isHTML(data) {
		return readInformationHTML(data, name)
	}
	return readInformationMarkdown(data, name)
}

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
	var h heading
	tables := 0
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			switch n.Data {
			case "h1", "h2", "h3", "h4":
				h.section(textOf(n))
				return
			case "p", "strong", "b", "summary":
				h.line(textOf(n))
			case "table":
				if c, ok := calendarOf(b, n, &h, tables+1); ok {
					tables++
					c.read(b)
				}
				return
			}
		}
		for child := range n.ChildNodes() {
			walk(child)
		}
	}
	walk(root)
	return finishInformation(b)
}

// calendarOf returns the nth calendar of the page from its table, and false if the table is none.
func calendarOf(b *builder, table *html.Node, h *heading, n int) (calendar, bool) {
	id := tableID.FindStringSubmatch(attribute(table, "id"))
	c := calendar{place: fmt.Sprintf("table %d", n)}
	if id != nil {
		c.place = "table " + id[0]
	}
	for i, tr := range elements(table, "tr") {
		line := cells{place: fmt.Sprintf("%s, row %d", c.place, i)}
		list := elements(tr, "td", "th")
		for _, td := range list[:min(len(list), mostCells)] {
			line.cells = append(line.cells, cell{textOf(td), linkOf(td)})
		}
		if i == 0 {
			for _, cell := range line.cells {
				c.header = append(c.header, strings.ToLower(cell.text))
			}
			continue
		}
		c.rows = append(c.rows, line)
	}
	if id == nil && !isCalendar(c.header) {
		return c, false // one of another sort
	}
	heading := *h
	if id != nil {
		if _, ok := productNamed(id[1]); ok || versionWord.MatchString(id[1]) {
			heading.product = id[1]
		}
		if id[2] != "" {
			heading.year = id[2]
		}
	}
	h.year = "" // each table has its own
	ok := c.locate(b, heading)
	return c, ok
}

// locate sets the product and the year of the table. It returns false if either is not known.
func (c *calendar) locate(b *builder, h heading) bool {
	p, ok := productNamed(h.product)
	if !ok {
		b.report(c.place, "product %q: want one of %s", h.product, productTracks())
		return false
	}
	year, err := strconv.Atoi(h.year)
	if err != nil {
		b.report(c.place, "no year: want one in its id or Calendar year … before it")
		return false
	}
	c.product, c.year = p, year
	return true
}

// finishInformation finds out by the rows whether the page is that of the servers.
func finishInformation(b *builder) (Document, error) {
	for _, r := range b.doc.Rows {
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
