package importer

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// calendar is a table of the release information: one product, one year.
type calendar struct {
	table
	product product
	year    int
}

// Columns of a calendar.
const (
	columnMonth = "month"
	columnLabel = "update type"
	columnType  = "type"
	columnDate  = "availability date"
	columnBuild = "build"
	columnKB    = "kb article"
)

// checkHeader wants the columns that a calendar has: those of the release
// information, or those of the release notes, which have neither day nor build.
func (c calendar) checkHeader() error {
	count := map[string]int{}
	for _, column := range c.header {
		count[column]++
	}
	six := count[columnDate] == 1 && count[columnBuild] == 1
	four := len(c.header) == 4
	if count[columnMonth] != 1 || count[columnLabel] != 1 || count[columnType] != 1 || count[columnKB] != 1 || !six && !four {
		return fmt.Errorf("columns %q: want Month, Update type, Type, Availability date, Build, KB article", c.header)
	}
	return nil
}

// addTo adds the rows of the calendar. The months of a table must follow each other: before a gap, the last
// row may have got the cells of the row that is missing, and so it is dropped.
func (c calendar) addTo(b *builder) {
	if err := c.checkHeader(); err != nil {
		b.report(c.place, "%v", err)
		return
	}
	last, at := cycle.Month{}, 0 // the month of the regular row before, and that row's index; -1 for one that can't be read
	for _, line := range c.rows {
		row, err := c.row(line)
		if bad, ok := errors.AsType[contradiction](err); ok {
			b.refuse(line.place, "%v", bad)
			return
		}
		if err != nil {
			b.report(line.place, "%v", err)
			if row.Kind == 0 {
				if last.MonthsUntil(row.Month) == 1 { // it can't be read, but it is there: no gap
					last, at = row.Month, -1
				}
				continue
			}
		}
		if row.OutOfBand { // comes at any time
			b.add(line.place, row)
			continue
		}
		switch gap := last.MonthsUntil(row.Month); {
		case last.IsZero() || gap == 0 || gap == 1:
		case gap < 0:
			b.refuse(line.place, "%s after %s: want the months of a table in their order", row.Month.Name(), last.Name())
			return
		default:
			b.report(line.place, "%s after %s: want each month of a table", row.Month.Name(), last.Name())
			if at >= 0 {
				b.drop(at)
			}
		}
		last, at = row.Month, len(b.rows)
		b.add(line.place, row)
	}
}

// contradiction is a row that says two things that can't both be.
type contradiction struct{ error }

func contradicts(format string, args ...any) error {
	return contradiction{fmt.Errorf(format, args...)}
}

var (
	calendarLabel = regexp.MustCompile(`(?i)^([0-9]{4})[.-]([0-9]{2}) (B|OOB)[^a-z0-9]*$`)
	baselineCell  = regexp.MustCompile(`(?i)^(unplanned )?baseline( ?\(restart( required)?\))?[ *†‡]*$`) // a mark can't take the restart back
	hotpatchCell  = regexp.MustCompile(`(?i)^hotpatch( ?\(no restart( required)?\))?$`)
)

// row reads one line of the table. With an error it returns what the row says all the same: its month, and
// what that month is where only the cells about its release can't be read.
func (c calendar) row(line cells) (Row, error) {
	if len(line.cells) < len(c.header) {
		return Row{}, fmt.Errorf("%d cells, %s: want %d", len(line.cells), line.text(), len(c.header))
	}
	for _, extra := range line.cells[len(c.header):] {
		if extra.text != "" {
			return Row{}, fmt.Errorf("%q in a cell beyond the %d columns: want nothing there", extra.text, len(c.header))
		}
	}
	field := func(column string) cell {
		if i := slices.Index(c.header, column); i >= 0 {
			return line.cells[i]
		}
		return cell{}
	}
	of, ok := readMonthName(field(columnMonth).text)
	if !ok {
		return Row{}, fmt.Errorf("month %q: want the name of a month, such as June", field(columnMonth).text)
	}
	r := Row{Track: c.product.track, Month: cycle.MonthOf(c.year, of)}
	if err := readLabel(&r, field(columnLabel).text); err != nil {
		return r, err
	}
	kind, err := readKind(field(columnType).text)
	if err != nil {
		return r, err
	}
	if !r.OutOfBand {
		r.Kind = kind
	}
	released, err := c.release(r, kind, field)
	if err != nil {
		return r, err
	}
	return released, nil
}

// readLabel reads a label such as "2026.06 B", whose month must be that of the row. Its year is ignored,
// as it is often wrong: the calendar of 2026 had labels of 2025 for weeks.
func readLabel(r *Row, text string) error {
	if text == "" {
		return nil
	}
	m := calendarLabel.FindStringSubmatch(hyphens(text))
	if m == nil {
		return fmt.Errorf("update type %q: want such as %04d.%02d B", text, r.Month.Year(), r.Month.Of())
	}
	if n, err := strconv.Atoi(m[2]); err != nil || time.Month(n) != r.Month.Of() {
		return contradicts("update type %q in the row of %s: want one month", text, r.Month.Name())
	}
	r.OutOfBand = strings.EqualFold(m[3], "OOB")
	return nil
}

func readKind(text string) (cycle.Kind, error) {
	switch text := clean(hyphens(text)); {
	case baselineCell.MatchString(text):
		return cycle.Baseline, nil
	case hotpatchCell.MatchString(text):
		return cycle.Hotpatch, nil
	case baselineWord.MatchString(text) && hotpatchWord.MatchString(text),
		hotpatchWord.MatchString(text) && strings.Contains(strings.ToLower(text), "restart"):
		return 0, contradicts("type %q: want Baseline (Restart) or Hotpatch", text)
	}
	return 0, fmt.Errorf("type %q: want Baseline (Restart) or Hotpatch", text)
}

// release reads the cells that a month has once its update has come.
func (c calendar) release(r Row, kind cycle.Kind, field func(string) cell) (Row, error) {
	date, build, kb := field(columnDate).text, field(columnBuild).text, field(columnKB)
	if date == "" && build == "" && kb.text == "" {
		return r, nil
	}
	r.Type = cycle.TypeHotpatch
	if kind == cycle.Baseline {
		r.Type = cycle.TypeBaseline
	}
	var err error
	if r.KB, err = readKB(kb.text, r.Month); err != nil {
		return r, contradicts("KB article %q: %v", kb.text, err)
	}
	if r.KB == "" {
		return r, fmt.Errorf("KB article %q: want a KB, as the row has %q and %q", kb.text, date, build)
	}
	if r.Date, err = c.date(r, date); err != nil {
		return r, err
	}
	if r.Build, err = c.build(build); err != nil {
		return r, err
	}
	r.URL = readAddress(pages[Windows11Calendar], kb.href)
	return r, nil
}

// slack is how many days an out-of-band release may lie outside the month of its label.
const slack = 14

// date reads the day of a release, unknown in a table without that column. An out-of-band
// release may have the label of a neighbouring month: that of 2026-03-02 is "2026.02 OOB".
func (c calendar) date(r Row, text string) (cycle.Date, error) {
	if !slices.Contains(c.header, columnDate) {
		return cycle.Date{}, nil
	}
	d, err := cycle.ParseDate(hyphens(text))
	if err != nil || d.Month() == r.Month {
		return d, err
	}
	if gap := r.Month.MonthsUntil(d.Month()); !r.OutOfBand || gap < -1 || gap > 1 {
		return d, contradicts("availability date %q in the row of %s: want a day of it", text, r.Month.Name())
	}
	if d.Before(r.Month.Day(1).AddDays(-slack)) || d.After(r.Month.Last().AddDays(slack)) {
		return d, fmt.Errorf("availability date %q in the row of %s: want a day of it, or at most %d days outside it", text, r.Month.Name(), slack)
	}
	return d, nil
}

func (c calendar) build(text string) (string, error) {
	if !slices.Contains(c.header, columnBuild) {
		return "", nil
	}
	if buildForm.FindString(text) != text || text == "" {
		return "", fmt.Errorf("build %q: want such as %s.3983", text, c.product.branch)
	}
	if !c.product.has(text) {
		return "", contradicts("build %q of %s: want one of branch %s", text, c.product.track, c.product.branch)
	}
	return text, nil
}
