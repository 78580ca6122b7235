package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

var (
	nextRestart = prometheus.NewDesc("cyclecal_next_restart_timestamp_seconds",
		"When the next update that restarts comes.", []string{"track"}, nil)
	nextRelease = prometheus.NewDesc("cyclecal_next_release_timestamp_seconds",
		"When the next update of that kind comes.", []string{"track", "kind"}, nil)
	knownUntil = prometheus.NewDesc("cyclecal_history_known_until_timestamp_seconds",
		"The day of the newest fact about the track.", []string{"track"}, nil)
	monthInfo = prometheus.NewDesc("cyclecal_month_info",
		"Always 1; the labels tell of the 12 months before and after this one, fewer with over 200 tracks.",
		[]string{"track", "month", "kind", "planned_kind", "status"}, nil)
	monthRelease = prometheus.NewDesc("cyclecal_month_release_timestamp_seconds",
		"When the update of that month came or comes; of the same months as cyclecal_month_info.", []string{"track", "month"}, nil)

	revision = prometheus.NewDesc("cyclecal_snapshot_revision",
		"Revision of the data that is served.", nil, nil)
	compiled = prometheus.NewDesc("cyclecal_snapshot_compiled_timestamp_seconds",
		"When the data that is served was made of what is stored.", nil, nil)
	compiling = prometheus.NewDesc("cyclecal_snapshot_compile_duration_seconds",
		"How long that took.", nil, nil)
	documents = prometheus.NewDesc("cyclecal_snapshot_documents",
		"Documents that are served, the built-in history included.", []string{"kind"}, nil)

	confirmed = prometheus.NewDesc("cyclecal_store_confirmed_timestamp_seconds",
		"When the revision that is served was last known to be the newest in the database.", nil, nil)
	available = prometheus.NewDesc("cyclecal_store_available",
		"1 while the database answers, else 0.", nil, nil)
	writable = prometheus.NewDesc("cyclecal_store_writable",
		"0 since a write has failed, as with a full disk, else 1.", nil, nil)
	leftOut = prometheus.NewDesc("cyclecal_store_left_out_documents",
		"Stored documents that can't be served: corrupt, or at odds with others.", nil, nil)

	notifications = prometheus.NewDesc("cyclecal_notifications_total",
		"Messages by receiver and by result: sent, failed (and tried again), given_up.", []string{"receiver", "result"}, nil)
	sourceChecked = prometheus.NewDesc("cyclecal_source_last_success_timestamp_seconds",
		"When the source was last read.", []string{"source"}, nil)
	sourceFailures = prometheus.NewDesc("cyclecal_source_failures",
		"Attempts to read the source that have failed since.", []string{"source"}, nil)
	sourceIncomplete = prometheus.NewDesc("cyclecal_source_incomplete",
		"1 where part of the source could not be read, as a product that this version does not know, else 0.", []string{"source"}, nil)

	cacheAnswers = prometheus.NewDesc("cyclecal_cache_answers",
		"Finished answers that are kept.", nil, nil)
	cacheBytes = prometheus.NewDesc("cyclecal_cache_bytes",
		"Memory that they take.", nil, nil)
	cacheHits = prometheus.NewDesc("cyclecal_cache_hits_total",
		"Answers that were there already.", nil, nil)
	cacheMisses = prometheus.NewDesc("cyclecal_cache_misses_total",
		"Answers that had to be made.", nil, nil)
	cacheEvictions = prometheus.NewDesc("cyclecal_cache_evictions_total",
		"Answers that were dropped to make room.", nil, nil)
	renderingsWaiting = prometheus.NewDesc("cyclecal_renderings_waiting",
		"Requests that wait until an answer may be made for them.", nil, nil)
	renderingsRefused = prometheus.NewDesc("cyclecal_renderings_refused_total",
		"Requests that waited so in vain, and got a 503.", nil, nil)
)

// collector collects what a [Snapshot] tells, at each scrape.
type collector struct{ read func() Snapshot }

func (c collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		nextRestart, nextRelease, knownUntil, monthInfo, monthRelease, revision, compiled, compiling, documents,
		confirmed, available, writable, leftOut, notifications, sourceChecked, sourceFailures, sourceIncomplete,
		cacheAnswers, cacheBytes, cacheHits, cacheMisses, cacheEvictions, renderingsWaiting, renderingsRefused,
	} {
		ch <- d
	}
}

func (c collector) Collect(ch chan<- prometheus.Metric) {
	s, to := c.read(), scrape{ch}
	to.data(s)
	to.store(s)
	to.cache(s.Cache)
	for _, t := range s.Tracks {
		to.track(t)
	}
	for _, n := range s.Notifications {
		to.counter(notifications, n.Count, n.Receiver, n.Result)
	}
	for _, source := range s.Sources {
		to.at(sourceChecked, source.Checked, source.ID)
		to.gauge(sourceFailures, float64(source.Failures), source.ID)
		to.yes(sourceIncomplete, source.Incomplete, source.ID)
	}
}

// scrape takes the samples of one scrape.
type scrape struct{ ch chan<- prometheus.Metric }

func (to scrape) data(s Snapshot) {
	to.gauge(revision, float64(s.Revision))
	to.at(compiled, s.Compiled)
	to.gauge(compiling, s.Compiling.Seconds())
	for _, d := range s.Documents {
		to.gauge(documents, float64(d.Count), d.Kind)
	}
}

func (to scrape) store(s Snapshot) {
	to.at(confirmed, s.Confirmed)
	to.yes(available, !s.Unavailable)
	to.yes(writable, !s.ReadOnly)
	to.gauge(leftOut, float64(s.LeftOut))
}

func (to scrape) cache(c Cache) {
	to.gauge(cacheAnswers, float64(c.Answers))
	to.gauge(cacheBytes, float64(c.Bytes))
	to.counter(cacheHits, c.Hits)
	to.counter(cacheMisses, c.Misses)
	to.counter(cacheEvictions, c.Evictions)
	to.gauge(renderingsWaiting, float64(c.Waiting))
	to.counter(renderingsRefused, c.Refused)
}

func (to scrape) track(t Track) {
	to.at(nextRestart, t.NextRestart, t.ID)
	to.at(nextRelease, t.NextRestart, t.ID, "baseline")
	to.at(nextRelease, t.NextHotpatch, t.ID, "hotpatch")
	to.at(knownUntil, t.KnownUntil, t.ID)
	for _, m := range t.Months {
		to.gauge(monthInfo, 1, t.ID, m.Month, m.Kind, m.PlannedKind, m.Status)
		to.at(monthRelease, m.At, t.ID, m.Month)
	}
}

func (to scrape) gauge(d *prometheus.Desc, v float64, labels ...string) {
	to.ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func (to scrape) counter(d *prometheus.Desc, n int64, labels ...string) {
	to.ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(n), labels...)
}

// at adds an instant, unless it is zero.
func (to scrape) at(d *prometheus.Desc, t time.Time, labels ...string) {
	if !t.IsZero() {
		to.gauge(d, float64(t.Unix()), labels...)
	}
}

func (to scrape) yes(d *prometheus.Desc, yes bool, labels ...string) {
	v := 0.0
	if yes {
		v = 1
	}
	to.gauge(d, v, labels...)
}
