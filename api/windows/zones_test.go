package windows_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api/windows"
)

// Of the zones that have one name in Windows, the one of CLDR's territory 001 is told, by its present name.
func TestWantZone(t *testing.T) {
	for name, want := range map[string]string{
		"W. Europe Standard Time": "Europe/Berlin", "GMT Standard Time": "Europe/London", "FLE Standard Time": "Europe/Kyiv", "Romance Standard Time": "Europe/Paris",
		"Pacific Standard Time": "America/Los_Angeles", "eastern standard time": "America/New_York", "Argentina Standard Time": "America/Argentina/Buenos_Aires",
		"India Standard Time": "Asia/Kolkata", "Tokyo Standard Time": "Asia/Tokyo", "AUS Eastern Standard Time": "Australia/Sydney", "UTC": "Etc/UTC",
		"Europe/Berlin": "", "W. Europe": "", "": "",
	} {
		if got := windows.WantZone(name); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("WantZone(%q) = %q, want %q in it", name, got, want)
		}
	}
}

// The zones that Windows has one name for have the same clocks, in each month of a year to come.
func TestZonesOfOneName(t *testing.T) {
	table, err := os.ReadFile("zones.txt")
	if err != nil {
		t.Fatal(err)
	}
	names := 0
	for line := range strings.Lines(string(table)) {
		name, ids, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		names++
		first, _, _ := strings.Cut(ids, " ")
		for id := range strings.FieldsSeq(ids) {
			for month := range 12 {
				at := time.Date(2026, time.Month(12+month), 20, 12, 0, 0, 0, time.UTC)
				_, got := at.In(zone(id)).Zone()
				if _, want := at.In(zone(first)).Zone(); got != want {
					t.Errorf("%s: %s is %d s off UTC in %s, %s is %d s", name, id, got, at.Format("2006-01"), first, want)
					break
				}
			}
		}
	}
	if names < 130 { // CLDR 48 has 139
		t.Errorf("%d names were read", names)
	}
}
