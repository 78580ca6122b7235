package devices_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/api/devices"
)

// written returns what becomes of a list, as records of CSV.
func written(t testing.TB, list string, o devices.Options, sep rune) [][]string {
	t.Helper()
	table, err := devices.Read(strings.NewReader(list), o)
	if err != nil {
		t.Fatalf("%.80q: %v", list, err)
	}
	var out bytes.Buffer
	if err := table.WriteCSV(&out); err != nil {
		t.Fatal(err)
	}
	return records(t, strings.TrimPrefix(out.String(), "\uFEFF"), sep)
}

func records(t testing.TB, text string, sep rune) [][]string {
	t.Helper()
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = sep, -1
	list, err := r.ReadAll()
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return list
}

// The exports in testdata have the columns of each tool, and what becomes of their rows is in
// the file beside them. UPDATE=1 rewrites those.
func TestExports(t *testing.T) {
	files, err := filepath.Glob("testdata/*.csv")
	if err != nil || len(files) == 0 {
		t.Fatalf("exports in testdata: %v, %v", files, err)
	}
	for _, file := range files {
		list, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		table, err := devices.Read(bytes.NewReader(list), options(t))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		var got bytes.Buffer
		if err := table.WriteJSON(&got); err != nil {
			t.Fatal(err)
		}
		golden := strings.TrimSuffix(file, ".csv") + ".json"
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
	}
}

const small = "Name;OS version;SKU family;Site\r\nPC1;26100.3983;Enterprise;Zürich\r\nPC2;26100.1;Enterprise;=1+1\r\n"

// The same list in each encoding and with each separator is the same list.
func TestEncodings(t *testing.T) {
	want := written(t, small, options(t), ';')
	if want[2][3] != "'=1+1" || want[1][4] != "windows-11-24h2" {
		t.Fatalf("rows %q, want a formula that does not run, and a track", want)
	}
	inUTF16 := func(order func(byte, byte) []byte, s string) string {
		var b []byte
		for _, unit := range utf16.Encode([]rune(s)) {
			b = append(b, order(byte(unit), byte(unit>>8))...)
		}
		return string(b)
	}
	little := func(low, high byte) []byte { return []byte{low, high} }
	big := func(low, high byte) []byte { return []byte{high, low} }
	for name, tt := range map[string]struct {
		list, charset string
		sep           rune
	}{
		"comma":               {strings.ReplaceAll(small, ";", ","), "", ','},
		"tab":                 {strings.ReplaceAll(small, ";", "\t"), "", '\t'},
		"BOM":                 {"\uFEFF" + small, "", ';'},
		"UTF-16LE":            {inUTF16(little, "\uFEFF"+small), "", ';'},
		"UTF-16BE":            {inUTF16(big, "\uFEFF"+small), "", ';'},
		"UTF-16LE, unmarked":  {inUTF16(little, small), "", ';'},
		"UTF-16BE, told":      {inUTF16(big, small), "UTF-16BE", ';'},
		"UTF-16, tab":         {inUTF16(little, "\uFEFF"+strings.ReplaceAll(small, ";", "\t")), "utf-16", '\t'},
		"lines as on Unix":    {strings.ReplaceAll(small, "\r\n", "\n"), "", ';'},
		"sep=":                {"sep=;\r\n" + small, "", ';'},
		"#TYPE of PowerShell": {"#TYPE Selected.Microsoft.ActiveDirectory.Management.ADComputer\r\n" + small, "", ';'},
		"all in quotes":       {`"` + strings.NewReplacer(";", `";"`, "\r\n", "\"\r\n\"").Replace(strings.TrimSuffix(small, "\r\n")) + `"`, "", ';'},
	} {
		o := options(t)
		o.Charset = tt.charset
		got := written(t, tt.list, o, tt.sep)
		if name == "sep=" {
			got = got[1:]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// A list that began with a byte order mark is written with one, and another without.
func TestMark(t *testing.T) {
	for list, want := range map[string]bool{small: false, "\uFEFF" + small: true} {
		table, err := devices.Read(strings.NewReader(list), options(t))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := table.WriteCSV(&out); err != nil {
			t.Fatal(err)
		}
		if got := bytes.HasPrefix(out.Bytes(), []byte("\uFEFF")); got != want {
			t.Errorf("a mark of %.10q = %v, want %v", list, got, want)
		}
	}
}

// What is no list of devices is refused, and why.
func TestNoList(t *testing.T) {
	for _, tt := range []struct{ list, build, product, want string }{
		{"", "", "", "the list is empty"},
		{"\r\n\r\n", "", "", "the list is empty"},
		{"Name,Owner\nPC1,me\n", "", "", `no column is known to hold the build: want one of those there are, "Name", "Owner"`},
		{"Name,Owner\nPC1,me\n", "Build", "", `no column is called "Build": want one of those there are, "Name", "Owner"`},
		{"Name,OSVersion\nPC1,26100.1\n", "", "Type", `no column is called "Type": want one of those there are, "Name", "OSVersion"`},
		{strings.Repeat("x,", 1000) + "OSVersion\n", "", "", "the header has too many columns: want at most 1000"},
		{"PC1,10.0.26100.3983,Windows 11\n", "", "", "the first line holds a build: want a header line"},
		{"a\"b,OSVersion\n", "", "", "line 1, the header: a quote in a cell"},
		{"OSVersion," + strings.Repeat("x", 2<<20) + "\n", "", "", "longer than 1 MiB"},
	} {
		o := options(t)
		o.BuildColumn, o.ProductColumn = tt.build, tt.product
		_, err := devices.Read(strings.NewReader(tt.list), o)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Read(%.40q) = %v, want %q", tt.list, err, tt.want)
		}
	}
}

// A column that is named wins over those that are known.
func TestNamedColumns(t *testing.T) {
	o := options(t)
	o.BuildColumn, o.ProductColumn = "was gebaut", "Sorte"
	for _, list := range []string{
		"OSVersion,Was gebaut,Sorte\n20348.1,26100.3983,Windows Server 2025\n", "Was gebaut,OSVersion,Sorte\n26100.3983,20348.1,Windows Server 2025\n",
	} {
		if got := written(t, list, o, ','); got[1][3] != "windows-server-2025" {
			t.Errorf("row %q, want windows-server-2025", got[1])
		}
	}
}

// Windows Server 2022 has the builds of its Azure Edition, but not its hotpatches: those of February 2022 alone
// have 20348.525, the baseline of April and the standard update of March have builds of all editions.
func TestOnlyHotpatchesTell(t *testing.T) {
	got := written(t, "OSVersion,OS\n20348.525,Windows Server 2022\n20348.643,Windows Server 2022\n20348.587,Windows Server 2022\n20348.1,Windows Server 2022\n", options(t), ',')
	var places []string
	for _, r := range got[1:] {
		places = append(places, r[2]+":"+r[3])
	}
	want := []string{"windows-server-2022-azure-edition:baseline-due", ":ambiguous-product", ":ambiguous-product", ":ambiguous-product"}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
}

// What can't be told is an empty cell, and what a spreadsheet would run is text. Nothing stands before the header.
func TestCells(t *testing.T) {
	table, err := devices.Read(strings.NewReader("OSVersion,OS,Owner\n26100.60000,Windows Server 2025,＝1+1\n26100.60000,Windows Server 2025,ﬀ\n"), options(t))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := table.WriteCSV(&out); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "OSVersion,OS,Owner,") {
		t.Errorf("it begins with %.20q, want the header", out.String())
	}
	rows := records(t, out.String(), ',')
	if rows[1][2] != "'＝1+1" || rows[2][2] != "ﬀ" || rows[1][4] != "unknown" || rows[1][8] != "" {
		t.Errorf("rows %q, want the formula as text, the other as it is, and no next update", rows[1:])
	}
}

// What can't be told is not guessed, unless somebody has named the track.
func TestProductIsNotGuessed(t *testing.T) {
	const list = "OSVersion,OS\n26100.3983,Windows\n26100.3983,Windows 11\n20348.2,\n20348.2,Windows Server 2022 Datacenter\n19045.5,Windows 10\n,iOS\n10.0 (26100),Windows Server 2025\n" +
		"26100.3983, Windows-11-24h2\n26200.1,windows-11-24h2\n" // the id of a track tells all, but not against the build
	var places []string
	for _, r := range written(t, list, options(t), ',')[1:] {
		places = append(places, r[2]+":"+r[3])
	}
	want := []string{":ambiguous-product", ":ambiguous-product", ":ambiguous-product", ":no-track", ":no-track", ":no-build", "windows-server-2025:unknown", "windows-11-24h2:baseline-due", ":no-track"}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
	o := options(t)
	for _, s := range o.Schedules {
		if s.Track().ID == "windows-server-2025" {
			o.Schedules, o.Named = append(o.Schedules[:0:0], s), true
		}
	}
	if got := written(t, list, o, ','); got[1][2] != "windows-server-2025" || got[2][3] != devices.PlaceNoTrack {
		t.Errorf("rows %q, want the first on the track that was named, the second on none", got[1:3])
	}
}

// A row that is wrong is kept, counted and not judged.
func TestFaults(t *testing.T) {
	const list = "Name,OSVersion,OS\nshort,26100.3983\nlong,26100.3983,Windows Server 2025,more,\"\"\nquote\"d,26100.3983,Windows Server 2025\n" +
		"\"open,26100.3983,Windows Server 2025\nfine,26100.3983,Windows Server 2025\nempty,26100.3983,Windows Server 2025,,\n"
	s := summary(t, list)
	var lines []int
	for _, f := range s.Faulty {
		lines = append(lines, f.Line)
	}
	if diff := cmp.Diff([]int{2, 3, 4, 5}, lines); diff != "" || s.Rows != 6 || s.Faults != 4 {
		t.Errorf("%d rows, %d faults, want 6 and 4; lines (-want +got):\n%s", s.Rows, s.Faults, diff)
	}
	got := written(t, list, options(t), ',')
	if got[2][3+8] != "more" || got[2][4] != devices.PlaceUnreadable || got[3][0] != `quote"d` || got[4][0] != "open,26100.3983,Windows Server 2025" {
		t.Errorf("rows %q, want what they had, and %s", got, devices.PlaceUnreadable)
	}
}

// FuzzDevices: as many rows go out as come in; their cells are those that came, but for formulas, which do not run.
func FuzzDevices(f *testing.F) {
	for _, list := range []string{
		small, "\uFEFF" + small, "OSVersion,x\n26100.1,=1\n\"a\nb\",\"@\"\n", "OSVersion\n\"a\n", "OSVersion,a\"\n1", "sep=|\nOSVersion|x\n1|2|3\n",
		"OSVersion,OSVersion,cyclecal_track\n26100.3983,;=2,\r\n", "sep=\tVersion\n0", "\xFF\xFEO\x00S\x00V\x00e\x00r\x00s\x00i\x00o\x00n\x00\n\x001\x00",
	} {
		f.Add(list)
	}
	o := options(f)
	f.Fuzz(func(t *testing.T, list string) {
		table, err := devices.Read(strings.NewReader(list), o)
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := table.WriteCSV(&out); err != nil {
			return // a line that is too long
		}
		again, err := devices.Read(bytes.NewReader(out.Bytes()), o)
		if err != nil {
			t.Fatalf("%q became %q, which is no list: %v", list, out.String(), err)
		}
		if err := again.Skim(); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		if was, is := table.Summary().Rows, again.Summary().Rows; was != is {
			t.Errorf("%d rows became %d in %q", was, is, out.String())
		}
		checkNothingRuns(t, out.String())
		checkJSON(t, list, o, table.Summary().Rows)
	})
}

// checkJSON wants as many objects, each with all columns under names of their own.
func checkJSON(t *testing.T, list string, o devices.Options, rows int) {
	t.Helper()
	table, err := devices.Read(strings.NewReader(list), o)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := table.WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || len(got) != rows {
		t.Errorf("%q became %d objects, %v, want %d", list, len(got), err, rows)
	}
}

// checkNothingRuns reads what was written as a spreadsheet does.
func checkNothingRuns(t *testing.T, out string) {
	t.Helper()
	out = strings.TrimPrefix(out, "\uFEFF")
	// A cell may be "sep=" too: only with the separator alone after it, the line names that.
	if first, rest, _ := strings.Cut(out, "\r\n"); strings.HasPrefix(strings.ToLower(first), "sep=") && len(first) == len("sep=,") {
		out = rest
	}
	sep := ','
	if at := strings.LastIndex(out, "cyclecal_place"); at > 0 {
		sep = rune(out[at-1])
	}
	r := csv.NewReader(strings.NewReader(out))
	r.Comma, r.FieldsPerRecord = sep, -1
	list, err := r.ReadAll()
	if err != nil {
		t.Fatalf("%q is no CSV: %v", out, err)
	}
	for _, record := range list {
		for _, cell := range record {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n") {
				t.Errorf("cell %q of %q runs", cell, out)
			}
		}
	}
}
