package windows_test

import (
	"os"
	"strings"
	"testing"
	"time"
)

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
