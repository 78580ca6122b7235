package devices

import (
	"bytes"
	"cmp"
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
	// Schedules are those of the tracks that a device may be on. Named says that the user named these
	// tracks: if only one of them has builds of a branch, the device is on it.
	Schedules []cycle.Schedule
	Named     bool
	// At is the instant at which the builds are placed.
	At time.Time
	// Zone is where instants become days; nil is the zone of each track's rule.
	Zone *time.Location
	// Ring is the ring that the devices are in, by which days are then counted. A ring without a name is
	// none.
	Ring cycle.Ring
	// BuildColumn and ProductColumn are the names of the columns of the build and of the product; ""
	// takes the columns whose names are known.
	BuildColumn, ProductColumn string
	// Charset is the encoding that the sender names, or "".
	Charset string
}

// zone is where instants become days for a track.
func (o Options) zone(s cycle.Schedule) *time.Location {
	return cmp.Or(o.Zone, s.Track().Rule.Zone)
}

// Table is a list whose header has been read.
type Table struct {
	header []string
	marked bool   // the list began with a byte order mark
	sepRow string // the line "sep=;", which tells Excel the separator, or ""
	scan   *scanner
	judge  *judge
}

// Read reads the header of a list. It returns a [*HeaderError] where a column is missing, a
// [*ListError] for what is no list, or the error of r.
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

// ListError says why a list can't be read any further. Its text repeats nothing of the list.
type ListError struct{ error }

// Unwrap returns what is wrong with the list.
func (e *ListError) Unwrap() error { return e.error }

// readHeader reads the header, and what tools write before it: "sep=;" is for Excel and kept;
// "#TYPE …" is by Windows PowerShell 5.1, and dropped as it is not true of a list with our columns.
func (t *Table) readHeader(o Options) error {
	for {
		n, err := t.scan.lineEnd(0)
		if errors.Is(err, io.EOF) {
			return &ListError{errors.New("the list is empty: want a header and a row for each device")}
		}
		if err != nil {
			return err
		}
		line := withoutBreak(t.scan.buf[t.scan.start : t.scan.start+n])
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

// row is a row of the list, which is a device.
type row struct {
	cells   [][]byte // one for each column
	surplus [][]byte // the cells beyond the header
	line    []byte   // the row as it was read, if it has no quotes and no fault, else nil
	verdict *Verdict
}

// next reads the next row, which is valid until the following call. It returns io.EOF at the end.
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
	if fault != "" {
		r.verdict = t.fault(fault)
	} else {
		r.verdict = t.judge.judge(r.cells)
		if len(r.surplus) == 0 {
			r.line = t.scan.plain
		}
	}
	r.verdict.count.Rows++
	return r, nil
}

// wrongWidth says why a row with too few or too many cells is not judged: its cells may stand under the
// wrong columns. It returns "" if all surplus cells are empty.
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
	return t.judge.counted(&Verdict{Place: PlaceUnreadable, Note: note})
}

// Skim reads all rows without writing them, for [Table.Summary]. Its errors are those of [Read].
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

// maxOutput bounds the bytes that are buffered before they are written.
const maxOutput = 64 << 10

// names are the names of all columns, made unique.
func (t *Table) names() []string {
	var names []string
	seen := map[string]bool{}
	for i, name := range slices.Concat(t.header, appended) {
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
