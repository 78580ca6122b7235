package devices

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// Options are what a list is read with.
type Options struct {
	// Schedules are those of the tracks that a device may be on. Named says that somebody named
	// them: then the only one that has a build is the device's.
	Schedules []cycle.Schedule
	Named     bool
	// At is the instant that is looked from.
	At time.Time
	// Zone is where instants become days; nil is that of each track's rule.
	Zone *time.Location
	// Ring is the one that the devices are in: days are then the ring's. One without a name is none.
	Ring cycle.Ring
	// BuildColumn and ProductColumn name the columns of the build and of the product; "" finds those
	// that are known.
	BuildColumn, ProductColumn string
	// Charset is what the sender says that the list is in, or "".
	Charset string
}

// zone is where instants become days for a track.
func (o Options) zone(s cycle.Schedule) *time.Location {
	if o.Zone != nil {
		return o.Zone
	}
	return s.Track().Rule.Zone
}

// Table is a list whose header has been read.
type Table struct {
	header []string
	marked bool   // it began with a byte order mark
	sepRow string // the line with which Excel is told the separator, or ""
	scan   *scanner
	judge  *judge
}

// Read reads the header of a list. It returns a [*HeaderError] where a column is missing, a
// [*ListError] for what is no list, or what r returned.
func Read(r io.Reader, o Options) (*Table, error) {
	r, marked, err := decode(r, o.Charset)
	if err != nil {
		return nil, err
	}
	t := &Table{marked: marked, scan: newScanner(r)}
	if err := t.readHeader(o); err != nil {
		return nil, err
	}
	at, err := find(t.header, o)
	if err != nil {
		if slices.ContainsFunc(t.header, wholeBuild.MatchString) {
			return nil, &ListError{errors.New("the first line holds a build: want a header line")}
		}
		return nil, err
	}
	t.judge = newJudge(o, at)
	return t, nil
}

// ListError says why a list can't be read any further. It tells nothing of what is in it.
type ListError struct{ error }

func (e *ListError) Unwrap() error { return e.error }

// readHeader reads the first record, and what tools write before it: "sep=;" is for Excel, and
// "#TYPE …", which Windows PowerShell 5.1 writes, is no longer true of the list with our columns.
func (t *Table) readHeader(o Options) error {
	var line []byte
	for {
		n, err := t.scan.lineEnd(0)
		if errors.Is(err, io.EOF) {
			return &ListError{errors.New("the list is empty: want a header and a row for each device")}
		}
		if err != nil {
			return err
		}
		line = withoutBreak(t.scan.buf[t.scan.start : t.scan.start+n])
		sep, told := bytes.CutPrefix(bytes.ToLower(line), []byte("sep="))
		switch {
		case told && len(sep) == 1 && bytes.ContainsAny(sep, ",;\t|:"):
			t.sepRow = string(line)
			t.scan.sep = sep[0]
		case len(bytes.TrimSpace(line)) > 0 && !bytes.HasPrefix(line, []byte("#TYPE ")):
			if t.sepRow == "" {
				t.scan.sep = separator(line, o)
			}
			return t.takeHeader()
		}
		t.scan.take(n, 1)
	}
}

func (t *Table) takeHeader() error {
	fault, err := t.scan.scan()
	if err != nil {
		return err
	}
	if fault != "" {
		return &ListError{fmt.Errorf("line %d, the header: %s", t.scan.line, fault)}
	}
	if len(t.scan.cells) > mostColumns {
		return &ListError{fmt.Errorf("the header has too many columns: want at most %d", mostColumns)}
	}
	for _, cell := range t.scan.cells {
		t.header = append(t.header, string(cell))
	}
	return nil
}

// row is a device: as many cells as there are columns, what is surplus, and what it means.
type row struct {
	cells, surplus [][]byte
	line           []byte // where it has no quotes and nothing is wrong with it, all of its cells
	verdict        *Verdict
}

// next reads the next row. It is good until the one after it is read. It returns io.EOF at the end.
func (t *Table) next() (row, error) {
	fault, err := t.scan.scan()
	if err != nil {
		return row{}, err
	}
	cells, columns := t.scan.cells, len(t.header)
	if fault == "" && len(cells) != columns {
		fault = t.wrongWidth(cells)
	}
	for len(cells) < columns {
		cells = append(cells, nil)
	}
	t.scan.cells = cells // which may have grown
	r := row{cells: cells[:columns], surplus: cells[columns:]}
	if fault == "" && len(cells) == columns {
		r.line = t.scan.plain
	}
	if fault != "" {
		r.verdict = t.fault(fault)
	} else {
		r.verdict = t.judge.judge(r.cells)
	}
	r.verdict.count.Rows++
	return r, nil
}

// wrongWidth says why a row is not judged: what stands under another column's name would be taken
// for something else. Empty cells at the end are nobody's.
func (t *Table) wrongWidth(cells [][]byte) string {
	columns := len(t.header)
	if len(cells) > columns && len(bytes.Join(cells[columns:], nil)) == 0 {
		return ""
	}
	return fmt.Sprintf("cells in the row: %d, want as many as in the header: %d", len(cells), columns)
}

// fault counts a row that can't be read.
func (t *Table) fault(detail string) *Verdict {
	tally := &t.judge.tally
	tally.faults++
	if len(tally.faulty) < mostFaulty {
		tally.faulty = append(tally.faulty, Fault{t.scan.line, detail})
	}
	note := fmt.Sprintf("Line %d: %s", t.scan.line, strings.TrimSpace(detail))
	return t.judge.counted(&Verdict{Place: PlaceUnreadable, Note: note}, nil)
}

// Skim reads all rows, for the [Summary] alone.
func (t *Table) Skim() error {
	for {
		_, err := t.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// maxOutput bounds what is kept before it is written, in bytes.
const maxOutput = 64 << 10

// names are what the columns are called, each by a name of its own.
func (t *Table) names() []string {
	var names []string
	seen := map[string]bool{}
	for i, name := range append(append([]string{}, t.header...), Columns...) {
		if name == "" {
			name = "column_" + strconv.Itoa(i+1)
		}
		unique := name
		for n := 2; seen[unique]; n++ {
			unique = name + "_" + strconv.Itoa(n)
		}
		seen[unique] = true
		names = append(names, unique)
	}
	return names
}
