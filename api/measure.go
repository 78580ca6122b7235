package api

import (
	"time"

	"github.com/cyclecal/cyclecal/api/metrics"
	"github.com/cyclecal/cyclecal/cycle"
)

// Measure returns the metrics of a snapshot at an instant.
func Measure(s *Snapshot, now time.Time) metrics.Snapshot {
	m := metrics.Snapshot{Revision: s.Revision, Documents: s.count(), Cache: s.shelf.measure()}
	span := measuredMonths(len(s.Facts))
	for i, f := range s.Facts {
		today := cycle.DateIn(now, f.Track.Rule.Zone)
		known := s.histories[i].asOf(today)
		t := measureTrack(known.schedule(), now, span)
		if until := known.until(); !until.IsZero() {
			t.KnownUntil = until.Start(f.Track.Rule.Zone)
		}
		m.Tracks = append(m.Tracks, t)
	}
	return m
}

// measuredMonths returns for how many months before and after this one each track has metrics, if there
// are so many tracks. Prometheus keeps two series for each month, and some 10,000 from one program are
// enough.
func measuredMonths(tracks int) int {
	const months = 5000
	return min(12, max(1, months/(2*max(tracks, 1))))
}

func measureTrack(s cycle.Schedule, now time.Time, span int) metrics.Track {
	restart, _ := s.NextRestart(now) // where none is to come, its instant is zero
	hotpatch, _ := s.NextHotpatch(now)
	t := metrics.Track{ID: s.Track().ID, NextRestart: restart.At, NextHotpatch: hotpatch.At}
	for n := -span; n <= span; n++ {
		if m, ok := s.Milestone(s.AsOf().Month().AddMonths(n)); ok {
			t.Months = append(t.Months, metrics.Month{
				Month: m.Month.String(), Kind: m.Kind.String(), PlannedKind: m.PlannedKind.String(), Status: m.Status.String(), At: m.At,
			})
		}
	}
	return t
}

func (s *shelf) measure() metrics.Cache {
	answers, bytes := s.used()
	return metrics.Cache{
		Answers: answers, Bytes: bytes,
		Hits: s.counts.hits.Load(), Misses: s.counts.misses.Load(), Evictions: s.counts.evictions.Load(),
		Waiting: s.counts.waiting.Load(), Refused: s.counts.refused.Load(),
	}
}

// count counts the documents of each kind.
func (s *Snapshot) count() []metrics.Documents {
	list := make([]metrics.Documents, len(resources))
	for i, r := range resources {
		list[i] = metrics.Documents{Kind: r.kind, Count: len(s.Documents[r.kind])}
	}
	return list
}
