package windows

import (
	_ "embed"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
)

//go:embed zones.txt
var zones string

// windowsZone returns what Windows calls a zone.
// It returns false where CLDR knows of no such name.
func windowsZone(zone *time.Location) (string, bool) {
	for name, ids := range zonesByName() {
		if slices.Contains(ids, zone.String()) {
			return name, true
		}
	}
	return "", false
}

// WantZone says what would have been right instead of a name that a zone has in Windows, such as
// "W. Europe Standard Time". It returns "" for any other name.
func WantZone(name string) string {
	for n, ids := range zonesByName() {
		if strings.EqualFold(n, name) {
			return fmt.Sprintf("its IANA name, such as %q", ids[0])
		}
	}
	return ""
}

// zonesByName yields each name of Windows with its names in the IANA database.
func zonesByName() iter.Seq2[string, []string] {
	return func(yield func(string, []string) bool) {
		for line := range strings.Lines(zones) {
			name, ids, ok := strings.Cut(strings.TrimSpace(line), ": ")
			if ok && !strings.HasPrefix(line, "#") && !yield(name, strings.Fields(ids)) {
				return
			}
		}
	}
}
