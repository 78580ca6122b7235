package api

import (
	"maps"
	"math"
	"net/url"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// mostRows is the greatest number of rows in one page.
const mostRows = 5000

// usualLimit returns how many rows a page has by default. A copy has all rows on one page.
func (c *call) usualLimit() int {
	if c.site.copy != nil {
		return math.MaxInt
	}
	return mostRows
}

// cursor returns the last row of the page before, "2026-06.windows-11-24h2".
func (c *call) cursor() string {
	return read(c.q, "cursor", "", func(s string) (string, error) {
		month, rest, ok := strings.Cut(s, ".")
		if _, err := cycle.ParseMonth(month); err != nil || !ok || rest == "" {
			return "", noCursor(s)
		}
		return s, nil
	})
}

func noCursor(s string) error {
	return &cycle.InvalidError{What: "cursor", Value: s, Want: "the next_cursor of the page before"}
}

// pager picks one page out of rows in a fixed order.
type pager struct {
	limit int
	after string // the place of the row before the page, "" for the first page
	found bool   // that row has come
	taken int
	last  string // the place of the row that was taken last
	next  string // the place of the page's last row, if more rows follow
}

// takes reports whether the row at that place belongs to the page.
func (p *pager) takes(place string) bool {
	if p.after != "" && !p.found {
		p.found = place == p.after
		return false
	}
	if p.taken == p.limit {
		p.next = p.last
		return false
	}
	p.taken++
	p.last = place
	return true
}

// nextPage returns the address of the page that begins at a cursor.
func nextPage(path string, query url.Values, cursor string) string {
	if cursor == "" {
		return ""
	}
	values := maps.Clone(query)
	values.Set("cursor", cursor)
	return path + "?" + values.Encode()
}
