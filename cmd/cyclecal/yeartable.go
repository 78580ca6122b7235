package main

import (
	"fmt"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// Widths of a year's table: 80 columns in all, where names so short can be told apart.
const (
	nameWidth = 32
	cellWidth = 4
)

// yearTable shows a year at a glance: a line for each track, a cell for each month.
func (r *reading) yearTable(year string, a answer) error {
	lines, err := yearLines(a.Data)
	if err != nil {
		return err
	}
	width := widthOfNames(lines)
	header := pad(year, width)
	for _, month := range []string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"} {
		header += pad(month, cellWidth)
	}
	r.println(strings.TrimRight(header, " "))
	for _, l := range lines {
		var b strings.Builder
		b.WriteString(pad(fit(l.name, width-1), width))
		for _, cell := range l.cells {
			padded := pad(cell, cellWidth)
			if strings.HasPrefix(cell, "R") {
				padded = r.red(cell) + strings.Repeat(" ", max(cellWidth-len(cell), 0))
			}
			b.WriteString(padded)
		}
		r.println(strings.TrimRight(b.String(), " "))
	}
	if len(lines) == 0 {
		r.println("No track has a month in " + year + ".")
		return nil
	}
	r.println("\nR restart (baseline)   R! restart that was not planned   - no restart (hotpatch)\n" + unconfirmedMark)
	r.known(a.Meta)
	return nil
}

// widthOfNames is how wide names have to be, so that cutting them makes no two alike, within reason.
func widthOfNames(lines []*yearLine) int {
	const most = 160
	whole := map[string]bool{}
	for _, l := range lines {
		whole[l.name] = true
	}
	width := nameWidth
	for ; width < most; width++ {
		cut := map[string]bool{}
		for name := range whole {
			cut[fit(name, width-1)] = true
		}
		if len(cut) == len(whole) {
			break
		}
	}
	return width
}

type yearLine struct {
	name  string
	cells [12]string
}

func yearLines(rows []row) ([]*yearLine, error) {
	var lines []*yearLine
	byName := map[string]*yearLine{}
	for _, row := range rows {
		key := row.text("track") + " " + row.text("ring")
		l := byName[key]
		if l == nil {
			l = &yearLine{name: plain(row.text("track_name"))}
			if row["ring"] != nil {
				l.name = plain(row.text("ring")) + ": " + l.name
			}
			byName[key] = l
			lines = append(lines, l)
		}
		month, err := cycle.ParseMonth(row.text("month"))
		if err != nil {
			return nil, fmt.Errorf("the server's answer: %w", err)
		}
		l.cells[month.Of()-1] = yearCell(row)
	}
	return lines, nil
}

func yearCell(row row) string {
	cell := "-"
	if row.is("restart") {
		cell = "R"
	}
	if row.is("unplanned") {
		cell += "!"
	}
	if row["status"] == "unconfirmed" {
		cell += "?"
	}
	return cell
}
