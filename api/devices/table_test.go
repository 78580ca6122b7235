package devices_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api/devices"
	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/catalog"
)

const today = "2026-11-22"

// options are those of the built-in history.
func options(t testing.TB) devices.Options {
	t.Helper()
	facts, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	day, err := cycle.ParseDate(today)
	if err != nil {
		t.Fatal(err)
	}
	o := devices.Options{At: time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)}
	for _, f := range facts {
		o.Schedules = append(o.Schedules, cycle.Compile(f, day))
	}
	return o
}

// A lone number is an edition in a column for those, and nowhere else; a revision is that of the
// build beside a build.
func TestColumnsOfTheirKind(t *testing.T) {
	for _, tt := range []struct{ list, track, place, note string }{
		{"Name,OS version,Version\nx,10.0.26200.9445,7\n", "windows-11-25h2", "", ""},
		{"Name,OS version,Version\nx,10.0.26200.9445,48\n", "windows-11-25h2", "", ""},
		{"Name,OS version,OS\nx,10.0.26200.9445,7\n", "windows-11-25h2", "", ""},
		{"Name,OS version,OS SKU\nx,10.0.26200.9445,7\n", "", devices.PlaceNoTrack, ""},
		{"OperatingSystem,OperatingSystemVersion,Revision\nWindows Server 2025,10.0 (26100),3\n", "windows-server-2025", "unknown", "The row has no more of the build"},
		{"OperatingSystem,BuildNumber,Revision\nWindows Server 2025,26100,32860\n", "windows-server-2025", "baseline-due", ""},
		{"OperatingSystem,OperatingSystemVersion,UBR\nWindows Server 2025,10.0 (26100),32860\n", "windows-server-2025", "baseline-due", ""},
	} {
		got := written(t, tt.list, options(t), ',')[1][3:]
		if got[0] != tt.track || tt.place != "" && got[1] != tt.place || !strings.HasPrefix(got[7], tt.note) {
			t.Errorf("%q: %q, want %q, %q, %q", tt.list, got, tt.track, tt.place, tt.note)
		}
	}
}

// A build that does not tell whether the device restarts has no restart day; one that is older than a baseline does.
// A build newer than all that is known is told.
func TestSummaryOfUnknown(t *testing.T) {
	const list = "OSVersion,OS\n26100.32860,Windows Server 2025\n26100.60000,Windows Server 2025\n26100.60000,Windows Server 2025\n" +
		"26100.3982,Windows Server 2025\n10.0 (26100),Windows Server 2025\n"
	s := summary(t, list)
	restarting := 0
	for _, d := range s.Restarts {
		restarting += d.Rows
	}
	if s.Rows != 5 || restarting != 2 || s.RestartUnknown != 3 || s.Newer != 2 {
		t.Errorf("%d rows, %d on %v, %d on no day, %d newer: want 5, 2, 3, 2", s.Rows, restarting, s.Restarts, s.RestartUnknown, s.Newer)
	}
}

// The day of a row that is counted as one whose restart can't be told is the last that is possible, and the row says so.
func TestRestartAtTheLatest(t *testing.T) {
	for build, want := range map[string]string{
		"26100.60000": "; it may restart before 2027-01-12", // newer than all that is known
		"26100.32860": "",                                   // October's baseline is in force
	} {
		row := written(t, "OSVersion,OS\n"+build+",Windows Server 2025\n", options(t), ',')[1]
		if note := row[len(row)-1]; strings.Contains(note, "may restart before") != (want != "") || !strings.HasSuffix(note, want) {
			t.Errorf("%s: note %q, want it to end with %q", build, note, want)
		}
	}
}

// summary reads a list to its end.
func summary(t *testing.T, list string) devices.Summary {
	t.Helper()
	table, err := devices.Read(strings.NewReader(list), options(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Skim(); err != nil {
		t.Fatal(err)
	}
	return table.Summary()
}
