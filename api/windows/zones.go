package windows

import (
	_ "embed"
	"strings"
	"time"
)

//go:embed zones.txt
var zones string

// windowsZone returns what Windows calls a zone.
// It returns false where CLDR knows of no such name.
func windowsZone(zone *time.Location) (string, bool) {
	for line := range strings.Lines(zones) {
		name, ids, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		for id := range strings.SplitSeq(ids, " ") {
			if id == zone.String() {
				return name, true
			}
		}
	}
	return "", false
}
