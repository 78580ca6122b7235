package api_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/metrics"
)

// Measure tells of each track when it restarts next, as the schedule knows it at that
// instant: June 2026 restarts from its release day on.
func TestMeasure(t *testing.T) {
	snapshot := api.NewSnapshot(api.Contents{Revision: 3, Facts: builtIn(t)[1:2]})
	baseline := func(s string) time.Time { return instant(t, s) }
	for _, tt := range []struct {
		now  string
		want metrics.Track
	}{
		{"2026-06-01T00:00:00Z", metrics.Track{
			NextRestart:  baseline("2026-07-14T17:00:00Z"),
			NextHotpatch: baseline("2026-06-09T17:00:00Z"), KnownUntil: baseline("2026-05-27T07:00:00Z"),
		}},
		{"2026-06-09T16:59:59Z", metrics.Track{
			NextRestart:  baseline("2026-06-09T17:00:00Z"),
			NextHotpatch: baseline("2026-08-11T17:00:00Z"), KnownUntil: baseline("2026-06-09T07:00:00Z"),
		}},
		{"2027-10-13T00:00:00Z", metrics.Track{KnownUntil: baseline("2026-09-14T07:00:00Z")}},
	} {
		tt.want.ID = "windows-11-24h2"
		got := api.Measure(snapshot, instant(t, tt.now))
		if diff := cmp.Diff(metrics.Snapshot{Revision: 3, Tracks: []metrics.Track{tt.want}}, got); diff != "" {
			t.Errorf("Measure at %s (-want +got):\n%s", tt.now, diff)
		}
	}
}
