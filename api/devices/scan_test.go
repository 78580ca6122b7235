package devices

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// scanned returns all records of a text, and the faults by line.
func scanned(t testing.TB, r io.Reader) (records [][]string, faults map[int]string) {
	t.Helper()
	faults = map[int]string{}
	for s := newScanner(r); ; {
		fault, err := s.scan()
		if errors.Is(err, io.EOF) {
			return records, faults
		}
		if err != nil {
			t.Fatal(err)
		}
		if fault != "" {
			faults[s.line] = fault
		}
		var record []string
		for _, cell := range s.cells {
			record = append(record, string(cell))
		}
		records = append(records, record)
	}
}

// Which records a text has, and which of its lines are at fault.
func TestScan(t *testing.T) {
	for _, tt := range []struct {
		text   string
		want   [][]string
		faults []int
	}{
		{"", nil, nil},
		{"\n\r\n", nil, nil}, // empty lines are no records
		{"a,b\nc,d", [][]string{{"a", "b"}, {"c", "d"}}, nil},
		{"a,b\r\nc,\r\n", [][]string{{"a", "b"}, {"c", ""}}, nil},
		{`"a,""b""",c` + "\n", [][]string{{`a,"b"`, "c"}}, nil},
		{`"",""`, [][]string{{"", ""}}, nil},
		{"\"two\r\nlines\",b\n", [][]string{{"two\r\nlines", "b"}}, nil},
		{"a\"b,c\nd,e", [][]string{{`a"b`, "c"}, {"d", "e"}}, []int{1}},
		{"\"a\"b,c\nd,e", [][]string{{`a"b`, "c"}, {"d", "e"}}, []int{1}},
		// A quote that does not end takes no more than its line.
		{"\"a,b\nc,d\ne,f", [][]string{{"a,b"}, {"c", "d"}, {"e", "f"}}, []int{1}},
		{"x\n\"a\n\"\"\nb", [][]string{{"x"}, {"a"}, {""}, {"b"}}, []int{2}},
		{`a,"`, [][]string{{"a", ""}}, []int{1}},
	} {
		got, faults := scanned(t, iotest.OneByteReader(strings.NewReader(tt.text)))
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.text, diff)
		}
		for _, line := range tt.faults {
			if faults[line] == "" {
				t.Errorf("%q: no fault on line %d, want one", tt.text, line)
			}
		}
		if len(faults) != len(tt.faults) {
			t.Errorf("%q: faults %v, want them on lines %v", tt.text, faults, tt.faults)
		}
	}
}

// A line that never ends is refused, and so are cells without end.
func TestScanBounds(t *testing.T) {
	for _, text := range []string{strings.Repeat("x", mostRecord+100<<10), strings.Repeat(",", mostCells+1), `"` + strings.Repeat(`",`, 2*mostCells+2)} {
		s := newScanner(strings.NewReader(text))
		if _, err := s.scan(); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("scan of %d bytes of %.3q = %v, want an error", len(text), text, err)
		}
	}
}

// FuzzScan: what encoding/csv reads is read the same, and nothing is lost of the rest.
func FuzzScan(f *testing.F) {
	for _, text := range []string{"a,b\n1,2\n", "\"a\nb\",\"c\"\"\"\r\n", "\"a", "a\"b", "\"\"\n\"\"a\n", ",\n,"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, faults := scanned(t, strings.NewReader(text))
		again, _ := scanned(t, iotest.OneByteReader(strings.NewReader(text)))
		if diff := cmp.Diff(got, again); diff != "" {
			t.Errorf("read whole and byte by byte differ:\n%s", diff)
		}
		r := csv.NewReader(strings.NewReader(text))
		r.FieldsPerRecord = -1
		want, err := r.ReadAll()
		if (err == nil) != (len(faults) == 0) {
			t.Errorf("%q: faults %v, encoding/csv says %v", text, faults, err)
		}
		if err != nil {
			return
		}
		for _, record := range got { // it has one way to end a line only
			for i := range record {
				record[i] = string(bytes.ReplaceAll([]byte(record[i]), []byte("\r\n"), []byte("\n")))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-encoding/csv +got):\n%s", text, diff)
		}
	})
}
