package main

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// answer is a JSON answer of the API, as the tables need it.
type answer struct {
	Data []row
	Meta meta
}

// meta is what an answer of the API says of itself.
type meta struct {
	AsOf       string  `json:"as_of"`
	KnownUntil *string `json:"known_until"`
}

// row is an object of a JSON answer.
type row map[string]any

// text returns a field as people read it, and "-" for what nobody knows.
func (r row) text(field string) string {
	switch v := r[field].(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.Itoa(int(v))
	}
	return "-"
}

func (r row) is(field string) bool { return r[field] == true }

// list returns the objects of an array in the object.
func (r row) list(field string) []row {
	values, _ := r[field].([]any)
	var rows []row
	for _, v := range values {
		if object, ok := v.(map[string]any); ok {
			rows = append(rows, object)
		}
	}
	return rows
}

// texts joins the texts of an array in the object.
func (r row) texts(field, separator string) string {
	values, _ := r[field].([]any)
	var list []string
	for _, v := range values {
		if text, ok := v.(string); ok {
			list = append(list, text)
		}
	}
	return strings.Join(list, separator)
}

// table prints columns, each as wide as it needs to be. Each column is "HEADER:field".
func (r *reading) table(indent string, rows []row, columns ...string) {
	lines := [][]string{{}}
	for _, c := range columns {
		header, _, _ := strings.Cut(c, ":")
		lines[0] = append(lines[0], header)
	}
	for _, row := range rows {
		line := make([]string, len(columns))
		for i, c := range columns {
			_, field, _ := strings.Cut(c, ":")
			line[i] = row.text(field)
		}
		lines = append(lines, line)
	}
	widths := make([]int, len(columns))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, line := range lines {
		var b strings.Builder
		b.WriteString(indent)
		for i, cell := range line {
			b.WriteString(pad(plain(cell), widths[i]+2))
		}
		r.println(strings.TrimRight(b.String(), " "))
	}
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(width-utf8.RuneCountInString(s), 0))
}

// println keeps a line until the whole answer is there.
func (r *reading) println(s string) { r.out.WriteString(s + "\n") }

// known ends a table with the day of the newest fact. That of another month does not confirm the ones before.
func (r *reading) known(m meta) {
	if m.KnownUntil == nil {
		r.println("\nNothing was known yet; all of this is the plan.")
		return
	}
	r.println("\nThe newest fact here is of " + plain(*m.KnownUntil) + "; what is later is the plan.")
}

func (r *reading) nextTable(a answer) error {
	columns := []string{"TRACK:track_name", "NEXT UPDATE:next_release_date", "KIND:next_release_kind", "DAYS:next_release_days_away"}
	if r.query.Has("ring") {
		columns[1] = "NEXT OFFER:next_release_date" // to the ring
		columns = append(columns, "RING:ring", "RESTART FROM:offered_on", "BY:restart_by", "DAYS:next_restart_days_away")
	} else {
		columns = append(columns, "NEXT RESTART:next_restart_date", "DAYS:next_restart_days_away")
	}
	if slices.ContainsFunc(a.Data, func(row row) bool { return row["window_start"] != nil }) {
		columns = append(columns, "WINDOW:window_start")
	}
	rows := r.living(a.Data, "next_release_date")
	unsure := markUnconfirmed(rows)
	r.table("", rows, columns...)
	if unsure {
		r.println("\n" + unconfirmedMark)
	}
	for _, row := range rows {
		if row.is("freeze_conflict") {
			r.println("\n" + plain(row.text("track_name")+", ring "+row.text("ring")) + ": " + r.red("IN FREEZE "+plain(row.text("freeze"))) + freezeWay(row))
		}
	}
	r.known(a.Meta)
	return nil
}

const (
	unconfirmed = "the day has passed, but no release is known here: only the plan's kind"
	// unconfirmedMark says what the mark means, wherever it stands.
	unconfirmedMark = "? " + unconfirmed
)

// markUnconfirmed marks what only the plan says although its day has passed, and reports whether there is any:
// a ring's offer and restart may still be to come.
func markUnconfirmed(rows []row) bool {
	found := false
	for _, row := range rows {
		for status, fields := range map[string][]string{
			"next_release_status": {"next_release_kind"}, "next_restart_status": {"next_restart_date", "offered_on"},
		} {
			if row[status] != "unconfirmed" {
				continue
			}
			for _, field := range fields {
				if row[field] != nil {
					row[field], found = row.text(field)+"?", true
				}
			}
		}
	}
	return found
}

// living leaves out the rows of tracks that have ended, unless tracks were asked for by name.
func (r *reading) living(rows []row, field string) []row {
	if r.query.Has("track") {
		return rows
	}
	return slices.DeleteFunc(rows, func(row row) bool { return row[field] == nil })
}

func (r *reading) stateTable(a answer) error {
	columns := []string{"TRACK:track_name", "MONTH:month", "KIND:kind", "BASELINE:baseline_month", "STATUS:status"}
	if r.query.Has("ring") {
		columns = []string{"TRACK:track_name", "MONTH:month", "KIND:kind", "RING:ring", "RESTART DUE:restart_due", "UNTIL:restart_until"}
	}
	r.table("", r.living(a.Data, "month"), columns...)
	if slices.ContainsFunc(a.Data, func(row row) bool { return row["status"] == "unconfirmed" }) {
		r.println("\nunconfirmed: " + unconfirmed)
	}
	r.known(a.Meta)
	return nil
}

func (r *reading) releaseTable(a answer) error {
	if len(a.Data) == 0 {
		r.println("No release is known of these.")
		r.known(a.Meta)
		return nil
	}
	yesNo(a.Data, "out_of_band", "restart")
	r.table("", a.Data, "DATE:release_date", "TYPE:type", "OOB:out_of_band", "RESTART:restart", "KB:kb", "BUILD:build", "TRACK:track")
	r.known(a.Meta)
	return nil
}

// yesNo writes yes and no where the API says true and false, and ? where nobody knows.
func yesNo(rows []row, fields ...string) {
	for _, row := range rows {
		for _, field := range fields {
			switch row[field] {
			case true:
				row[field] = "yes"
			case false:
				row[field] = "no"
			default:
				row[field] = "?"
			}
		}
	}
}

// fit cuts a text to so many characters.
func fit(s string, width int) string {
	if runes := []rune(s); len(runes) > width {
		return string(runes[:width-1]) + "…"
	}
	return s
}
