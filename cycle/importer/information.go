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
// Server, as HTML or as Markdown: the tables of its hotpatch calendar, and no other.
func ParseReleaseInformation(r io.Reader, name string) (Document, error) {
	return read(r, name, func(data []byte, name string) (Document, error) {
		if isHTML(data) {
			return readInformationHTML(data, name)
		}
		return readInformationMarkdown(data, name)
	})
}

// heading is where in a page a table stands.
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

// line takes a line of its own: that of a product, or that of a year.
func (h *heading) line(text string) {
	if m := yearHeading.FindStringSubmatch(text); m != nil {
		h.year = m[1]
		return
	}
	const longest = 80 // more is a sentence
	if productHeading.MatchString(text) && len(text) <= longest {
		h.product, h.year = text, ""
	}
}

// tableID is the id of a calendar, "HotpatchCalendar_Version25H2_2026".
var tableID = regexp.MustCompile(`(?i)^HotpatchCalendar(?:_(.*?))?(?:_([0-9]{4}))?$`)

// versionWord is in an id that names a product, known or not.
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

// calendarOf returns the calendar that a table is; false if it is none.
func calendarOf(b *builder, table *html.Node, h *heading, n int) (calendar, bool) {
	id := tableID.FindStringSubmatch(attribute(table, "id"))
	c := calendar{place: fmt.Sprintf("table %d", n), base: pages[Windows11Calendar]}
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
		c.place = "table " + id[0]
		for i := range c.rows {
			c.rows[i].place = fmt.Sprintf("%s, row %d", c.place, i+1)
		}
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

// locate gives the table its product and its year; false if it has none of the cycle.
func (c *calendar) locate(b *builder, h heading) bool {
	p, ok := productNamed(h.product)
	if !ok {
		b.report(c.place, "product %q: want one of %s", h.product, strings.Join(productTracks(), ", "))
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

// finishInformation tells the page of the servers from the other one.
func finishInformation(b *builder) (Document, error) {
	for _, r := range b.doc.Rows {
		if strings.Contains(r.Track, "server") {
			b.doc.Origin, b.doc.Page = ServerCalendar, pages[ServerCalendar]
		}
	}
	return b.finish()
}

var (
	markdownHeading = regexp.MustCompile(`^ {0,3}(#{1,6})\s+(.*?)\s*#*$`)
	markdownBold    = regexp.MustCompile(`^\s*(?:\*\*|__)(.+?)(?:\*\*|__)\s*$`)
	markdownLink    = regexp.MustCompile(`\[([^\]]*)\]\(([^()\s]*)\)`)
	markdownRule    = regexp.MustCompile(`^[\s|:-]+$`)
	comment         = regexp.MustCompile(`(?s)<!--.*?(-->|$)`)
)

func readInformationMarkdown(data []byte, name string) (Document, error) {
	b := newBuilder(name, Windows11Calendar)
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	text = comment.ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat("\n", strings.Count(s, "\n")) })
	if last := strings.TrimRight(text[strings.LastIndexByte(text, '\n')+1:], " \t"); strings.HasPrefix(last, "|") && !strings.HasSuffix(last, "|") {
		b.refuse("last line", "%q without an end: want a whole page", clean(last))
		return b.finish()
	}
	m := markdownReader{b: b}
	number := 0
	for line := range strings.Lines(text) {
		number++
		m.line(fmt.Sprintf("line %d", number), strings.TrimRight(line, "\n"))
	}
	m.end()
	return finishInformation(b)
}

// markdownReader reads the lines of a page.
type markdownReader struct {
	b       *builder
	heading heading
	table   *calendar // that the line before is part of
}

func (m *markdownReader) line(place, line string) {
	row := markdownRow(line)
	switch section, bold := markdownHeading.FindStringSubmatch(line), markdownBold.FindStringSubmatch(line); {
	case row == nil:
		m.end()
		if section != nil {
			m.heading.section(clean(section[2]))
		} else if bold != nil {
			m.heading.line(clean(bold[1]))
		}
	case !m.heading.inCalendar:
	case m.table == nil:
		m.table = &calendar{place: place, base: pages[Windows11Calendar]}
		for _, cell := range row {
			m.table.header = append(m.table.header, strings.ToLower(cell.text))
		}
	case !markdownRule.MatchString(line) || strings.Trim(line, " |") == "":
		m.table.rows = append(m.table.rows, cells{place, row})
	}
}

// end reads the table that ends here.
func (m *markdownReader) end() {
	if m.table == nil {
		return
	}
	if m.table.locate(m.b, m.heading) {
		m.table.read(m.b)
	}
	m.table = nil
	m.heading.year = "" // each table has its own
}

// markdownRow splits a line of a table; nil is a line of none.
func markdownRow(line string) []cell {
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "|") && strings.Count(line, "|") < 2 {
		return nil
	}
	line = strings.TrimSuffix(strings.TrimPrefix(line, "|"), "|")
	var row []cell
	for text := range strings.SplitSeq(strings.ReplaceAll(line, `\|`, "\x00"), "|") {
		if len(row) == mostCells {
			break
		}
		var c cell
		if m := markdownLink.FindStringSubmatch(text); m != nil {
			c.href = m[2]
		}
		text = markdownLink.ReplaceAllString(text, "$1")
		text = looseAddress.ReplaceAllString(text, "") // what a broken link leaves: an article's address has other numbers
		c.text = clean(unescape.Replace(text))
		row = append(row, c)
	}
	return row
}

// mostCells is more than any table has.
const mostCells = 50

var unescape = strings.NewReplacer("\x00", "|", `\*`, "*", "**", "")

var looseAddress = regexp.MustCompile(`\(?https?://\S*`)

// isHTML tells a page from its Markdown form, which may begin with a comment.
func isHTML(data []byte) bool {
	data = comment.ReplaceAll(data, nil)
	return bytes.HasPrefix(bytes.TrimSpace(data), []byte("<"))
}

func productTracks() []string {
	var list []string
	for _, p := range products {
		if p.follows == "" {
			list = append(list, p.track)
		}
	}
	return list
}
