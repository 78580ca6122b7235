package main

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	tables "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// textWidth is how wide a topic is in a terminal.
const textWidth = 80

// topicText makes the text that a terminal shows of a topic.
type topicText struct {
	source []byte
	mark   func(string) string // of headings
	lines  []string
}

// textOf lays out Markdown for a terminal.
func textOf(markdown string, mark func(string) string) string {
	t := &topicText{source: []byte(markdown), mark: mark}
	t.blocks(goldmark.New(goldmark.WithExtensions(extension.Table)).Parser().Parse(text.NewReader(t.source)), 0)
	return strings.Join(t.lines, "\n") + "\n"
}

// blocks lays out what stands below each other, with an empty line between.
func (t *topicText) blocks(parent ast.Node, indent int) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if n.PreviousSibling() != nil && parent.Kind() != ast.KindListItem {
			t.lines = append(t.lines, "")
		}
		t.block(n, indent)
	}
}

func (t *topicText) block(n ast.Node, indent int) {
	switch n := n.(type) {
	case *ast.Heading:
		for _, line := range wrap(t.words(n), textWidth) {
			t.lines = append(t.lines, t.mark(line))
		}
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		for i := range n.Lines().Len() {
			segment := n.Lines().At(i)
			t.add(indent+4, strings.TrimRight(string(segment.Value(t.source)), "\n"))
		}
	case *ast.List:
		t.list(n, indent+2)
	case *tables.Table:
		t.table(n, indent+2)
	case *ast.Paragraph, *ast.TextBlock:
		t.add(indent+2, wrap(t.words(n), textWidth-indent-2)...)
	default:
		t.blocks(n, indent+2)
	}
}

// add appends lines that are moved to the right.
func (t *topicText) add(indent int, lines ...string) {
	for _, line := range lines {
		t.lines = append(t.lines, strings.TrimRight(strings.Repeat(" ", indent)+line, " "))
	}
}

// list puts the mark of each item before its first line.
func (t *topicText) list(list *ast.List, indent int) {
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "- "
		if list.IsOrdered() {
			mark = strconv.Itoa(number) + ". "
			number++
		}
		first := len(t.lines)
		t.blocks(item, indent+len(mark)-2)
		t.lines[first] = strings.Repeat(" ", indent) + mark + t.lines[first][indent+len(mark):]
	}
}

// words is what a reader sees of the inside of a block. Code keeps its marks, and its
// spaces are such as no line ends at.
func (t *topicText) words(block ast.Node) string {
	var b strings.Builder
	for n := block.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			b.Write(unescaped(n, t.source))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.CodeSpan:
			b.WriteString("`" + strings.ReplaceAll(t.words(n), " ", fixedSpace) + "`")
		case *ast.Link:
			b.WriteString(t.words(n) + target(string(n.Destination)))
		case *ast.AutoLink:
			b.Write(n.URL(t.source))
		default:
			b.WriteString(t.words(n))
		}
	}
	return b.String()
}

// unescaped is a text without the marks that keep it from being Markdown. Code has none.
func unescaped(n *ast.Text, source []byte) []byte {
	if n.IsRaw() {
		return n.Value(source)
	}
	return util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(n.Value(source))))
}

// fixedSpace stands for a space inside of code until the lines are there.
const fixedSpace = "\x00"

// target tells where a link leads: to a topic, or to an address.
func target(address string) string {
	file, _, _ := strings.Cut(address, "#")
	switch name, topic := strings.CutSuffix(file, ".md"); {
	case topic:
		return " (`cyclecal" + fixedSpace + "help" + fixedSpace + name + "`)"
	case file == "":
		return "" // another part of this text
	}
	return " (" + address + ")"
}

// wrap breaks a text into lines between words. A piece of code longer than a line breaks too.
func wrap(s string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(s) {
		for _, piece := range pieces(word, width) {
			switch {
			case line == "":
				line = piece
			case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(piece) <= width:
				line += " " + piece
			default:
				lines = append(lines, line)
				line = piece
			}
		}
	}
	return append(lines, line)
}

// pieces are the words of a piece of code, where it does not fit into a line, or the whole.
func pieces(code string, width int) []string {
	if utf8.RuneCountInString(code) > width {
		return strings.Split(code, fixedSpace)
	}
	return []string{strings.ReplaceAll(code, fixedSpace, " ")}
}

// table lays out cells in columns, each as narrow as its widest word at least.
func (t *topicText) table(table *tables.Table, indent int) {
	var rows [][]string
	for row := table.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []string
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			cells = append(cells, t.words(cell))
		}
		rows = append(rows, cells)
	}
	widths := columnWidths(rows, textWidth-indent)
	for i, row := range rows {
		t.add(indent, rowLines(row, widths)...)
		if i == 0 {
			rule := make([]string, len(widths))
			for column, width := range widths {
				rule[column] = strings.Repeat("-", width)
			}
			t.add(indent, strings.Join(rule, "  "))
		}
	}
}

// columnWidths narrows the widest column until all fit into a line, or no word does.
func columnWidths(rows [][]string, most int) []int {
	widths, least := make([]int, len(rows[0])), make([]int, len(rows[0]))
	total := 2 * (len(widths) - 1)
	for i := range widths {
		for _, row := range rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
			for word := range strings.FieldsSeq(row[i]) {
				least[i] = max(least[i], utf8.RuneCountInString(word))
			}
		}
		total += widths[i]
	}
	for ; total > most; total-- {
		widest := -1
		for i := range widths {
			if widths[i] > least[i] && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	return widths
}

// rowLines lays out one row.
func rowLines(row []string, widths []int) []string {
	var lines []string
	columns := make([][]string, len(row))
	for i, cell := range row {
		columns[i] = wrap(cell, widths[i])
	}
	height := len(slices.MaxFunc(columns, func(a, b []string) int { return len(a) - len(b) }))
	for y := range height {
		var b strings.Builder
		for i, column := range columns {
			cell := ""
			if y < len(column) {
				cell = column[y]
			}
			b.WriteString(pad(cell, widths[i]+2))
		}
		lines = append(lines, b.String())
	}
	return lines
}
