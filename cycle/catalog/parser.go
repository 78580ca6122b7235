package catalog

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// parser reads a row's fields and keeps the first fault.
type parser struct {
	row row
	err error
}

func (p *parser) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

func parse[T any](p *parser, column string, read func(string) (T, error)) T {
	value, err := read(p.row.fields[column])
	if err != nil {
		p.fail(fmt.Errorf("%s: %w", column, err))
	}
	return value
}

// optional is parse for a field that may be empty, which leaves the value zero.
func optional[T any](p *parser, column string, read func(string) (T, error)) T {
	if p.row.fields[column] == "" {
		var unknown T
		return unknown
	}
	return parse(p, column, read)
}

func (p *parser) month(column string) cycle.Month { return optional(p, column, cycle.ParseMonth) }

func (p *parser) date(column string) cycle.Date { return optional(p, column, cycle.ParseDate) }

func (p *parser) address(column string) string { return optional(p, column, readAddress) }

// months reads the months of the year, "1 4 7 10".
func (p *parser) months(column string) []time.Month {
	var months []time.Month
	for _, word := range p.row.list(column) {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 || n > 12 || slices.Contains(months, time.Month(n)) {
			p.fail(&cycle.InvalidError{What: column, Value: p.row.fields[column], Want: "months 1 to 12, each once"})
			return nil
		}
		months = append(months, time.Month(n))
	}
	return months
}

// readAddress accepts the address of a page.
func readAddress(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.String() != s {
		return "", &cycle.InvalidError{What: "address", Value: s, Want: "https://…"}
	}
	return s, nil
}
