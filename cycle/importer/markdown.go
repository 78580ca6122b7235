package importer

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	markdownHeading = regexp.MustCompile(`^ {0,3}(#{1,6})\s+(.*?)\s*#*$`)
	markdownBold    = regexp.MustCompile(`^\s*(?:\*\*|__)(.+?)(?:\*\*|__)\s*(?:\\|<br ?/?>)?\s*$`)
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
	table   *table // that the line before belongs to, or nil
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
		m.table = &table{place: place, header: headerOf(row)}
	case !markdownRule.MatchString(line) || strings.Trim(line, " |") == "":
		m.table.rows = append(m.table.rows, cells{place, row})
	}
}

// end reads the table, if one ends here.
func (m *markdownReader) end() {
	if m.table == nil {
		return
	}
	m.table.read(m.b, m.heading)
	m.table = nil
	m.heading.year = "" // each table has its own
}

// markdownRow returns the cells of a line of a table, and nil for any other line.
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
		text = looseAddress.ReplaceAllString(text, "") // a broken link leaves an address, whose number is no KB
		c.text = clean(unescape.Replace(text))
		row = append(row, c)
	}
	return row
}

// mostCells is more cells than a row of any calendar has.
const mostCells = 50

var unescape = strings.NewReplacer("\x00", "|", `\*`, "*", "**", "")

var looseAddress = regexp.MustCompile(`\(?https?://\S*`)
