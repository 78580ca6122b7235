package api

import (
	"time"

	"github.com/cyclecal/cyclecal/api/metrics"
	"github.com/cyclecal/cyclecal/cycle"
)

// Measure returns what Prometheus is told of a snapshot at an instant.
func Measure(s *Snapshot, now time.Time) metrics.Snapshot {
	answers, bytes := s.shelf.used()
	m := metrics.Snapshot{Revision: s.Revision, CacheAnswers: answers, CacheBytes: bytes}
	for i, f := range s.Facts {
		zone := f.Track.Rule.Zone
		today := cycle.DateIn(now, zone)
		schedule := s.asOf(today).schedule(i)
		t := metrics.Track{ID: f.Track.ID}
		if next, ok := schedule.NextRestart(now); ok {
			t.NextRestart = next.At
		}
		if next, ok := schedule.NextOf(now, cycle.Hotpatch); ok {
			t.NextHotpatch = next.At
		}
		if until := s.histories[i].asOf(today).until(); !until.IsZero() {
			t.KnownUntil = until.Start(zone)
		}
		m.Tracks = append(m.Tracks, t)
	}
	return m
}
