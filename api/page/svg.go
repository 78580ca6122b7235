package page

import (
	"fmt"
	"html"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// Colours of the pictures, which have a background of their own and so fit light and dark pages.
const (
	inkColor     = "#1c1b19"
	softColor    = "#5d5a54"
	paperColor   = "#fcfbf9"
	restartColor = "#b93a0b"
	washColor    = "#fbe9e0"
)

// Badge draws a track's next restart for a wiki or a README.
func Badge(s cycle.Schedule, now time.Time, zone *time.Location) []byte {
	value, color := "none to come", softColor
	if m, ok := s.NextRestart(now); ok {
		value, color = shortDay(cycle.DateIn(m.At, zone)), restartColor
	}
	label := "next restart"
	left, right := badgeWidth(label), badgeWidth(value)
	var b strings.Builder
	title := oneLine(s.Track().Name) + ", " + label + ": " + value
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="20" role="img" aria-label="%s"><title>%[2]s</title>`,
		left+right, html.EscapeString(title))
	fmt.Fprintf(&b, `<rect width="%d" height="20" rx="3" fill="%s"/><path fill="%s" d="M%d 0h%dq3 0 3 3v14q0 3-3 3H%[4]dz"/>`,
		left+right, inkColor, color, left, right-3)
	fmt.Fprintf(&b, `<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">`)
	fmt.Fprintf(&b, `<text x="%g" y="14" textLength="%d">%s</text><text x="%g" y="14" textLength="%d">%s</text></g></svg>`,
		float64(left)/2, left-12, label, float64(left)+float64(right)/2, right-12, value)
	b.WriteByte('\n')
	return []byte(b.String())
}

// badgeWidth is about the width of a text in Verdana at 11 px, with room around it.
func badgeWidth(s string) int { return len(s)*13/2 + 12 }

// Year draws a year of a track: a square for each month that restarts, a circle for
// each that does not.
func Year(s cycle.Schedule, year int) []byte {
	const width, height, left, step = 720, 96, 24, 56
	var b strings.Builder
	title := fmt.Sprintf("%s, %04d", oneLine(s.Track().Name), year)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s">`,
		width, height, html.EscapeString(title+": "+inWords(s, year)))
	fmt.Fprintf(&b, `<title>%s</title><rect width="%d" height="%d" rx="6" fill="%s"/>`, html.EscapeString(title), width, height, paperColor)
	fmt.Fprintf(&b, `<g font-family="system-ui,Segoe UI,sans-serif" font-size="12" fill="%s"><text x="%d" y="22" font-weight="600" font-size="14">%s</text>`,
		inkColor, left, html.EscapeString(title))
	b.WriteString(`<g text-anchor="middle">`)
	for n := range 12 {
		month := cycle.MonthOf(year, 1).AddMonths(n)
		x := left + 28 + n*step
		fmt.Fprintf(&b, `<text x="%d" y="84" fill="%s">%s</text>`, x, softColor, month.Day(1).Midnight().Format("Jan"))
		if m, ok := s.Milestone(month); ok {
			drawMonth(&b, m, x)
		}
	}
	b.WriteString("</g></g></svg>\n")
	return []byte(b.String())
}

// drawMonth draws one month: what is not sure yet is dashed, what was not planned has a mark.
func drawMonth(b *strings.Builder, m cycle.Milestone, x int) {
	dash := ""
	if m.Status == cycle.Planned || m.Status == cycle.Unconfirmed {
		dash = ` stroke-dasharray="4 3"`
	}
	ink := inkColor
	if m.Kind == cycle.Baseline {
		fill := washColor
		if dash == "" && !m.Unplanned() {
			fill, ink = restartColor, "#fff"
		}
		fmt.Fprintf(b, `<rect x="%d" y="34" width="34" height="34" fill="%s" stroke="%s" stroke-width="2"%s/>`, x-17, fill, restartColor, dash)
		if m.Unplanned() {
			fmt.Fprintf(b, `<rect x="%d" y="38" width="26" height="26" fill="none" stroke="%s" stroke-width="2"/>`, x-13, restartColor)
		}
	} else {
		fmt.Fprintf(b, `<circle cx="%d" cy="51" r="17" fill="%s" stroke="%s" stroke-width="2"%s/>`, x, paperColor, softColor, dash)
	}
	text, size := dayIn(m.Month, m.Date), ""
	if m.Date.Month() != m.Month {
		size = ` font-size="9"`
	}
	if m.Unplanned() {
		text += "!"
	}
	if m.Status == cycle.Unconfirmed {
		text += "?"
	}
	fmt.Fprintf(b, `<text x="%d" y="55" fill="%s" font-weight="600"%s>%s</text>`, x, ink, size, text)
}

// inWords is the picture in words.
func inWords(s cycle.Schedule, year int) string {
	var words []string
	for n := range 12 {
		month := cycle.MonthOf(year, 1).AddMonths(n)
		if m, ok := s.Milestone(month); ok {
			words = append(words, month.Of().String()+" "+reason(m)+" "+m.Status.String())
		}
	}
	return strings.Join(words, ", ")
}
