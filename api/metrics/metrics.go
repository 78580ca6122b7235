// Package metrics counts what the service does and tells Prometheus what the
// schedule says. Times are exported as instants, never as countdowns: an alert
// subtracts time() itself.
package metrics

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Track is what a scrape tells of one track. Zero times are left out.
type Track struct {
	ID           string
	NextRestart  time.Time
	NextHotpatch time.Time
	KnownUntil   time.Time
}

// Snapshot is what a scrape tells of the data that is being served.
type Snapshot struct {
	Revision     int64
	Tracks       []Track
	CacheAnswers int
	CacheBytes   int
	// Confirmed is when the revision was last known to be the newest that is stored.
	Confirmed time.Time
	// LeftOut counts what is stored but can't be served.
	LeftOut int
	// Sources are the pages that are fetched.
	Sources []Source
	// Notifications are what receivers were told since the program started.
	Notifications []Notification
}

// Notification counts the messages for one receiver with one result. Receiver tells no secret.
type Notification struct {
	Receiver, Result string
	Count            int64
}

// Source is what a scrape tells of a page that is fetched.
type Source struct {
	ID string
	// Checked is when it was last read; zero is left out.
	Checked time.Time
	// Failures counts the attempts to read it since.
	Failures int
}

// Metrics counts requests. Its methods may be called from several goroutines.
type Metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec

	mu     sync.RWMutex
	series map[request]series // found already: finding them by their labels costs more than counting
}

// request is what tells one request from another here: as few as there are routes, methods and statuses.
type request struct {
	route, method string
	status        int
}

type series struct {
	count   prometheus.Counter
	seconds prometheus.Observer
}

// New registers everything that is counted. read is called at each scrape; version is that of
// the program.
func New(registry prometheus.Registerer, version string, read func() Snapshot) *Metrics {
	m := &Metrics{
		series: map[request]series{},
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cyclecal_http_requests_total", Help: "Requests answered, by route pattern, method and status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "cyclecal_http_request_duration_seconds", Help: "Time to answer, by route pattern.",
			Buckets: []float64{.0001, .0005, .001, .005, .01, .05, .1, .5, 1, 5},
		}, []string{"route"}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "cyclecal_build_info", Help: "Always 1; the label tells the version.",
		ConstLabels: prometheus.Labels{"version": version},
	})
	info.Set(1)
	registry.MustRegister(m.requests, m.seconds, info, collector{read})
	return m
}

// Request counts one request. route is its pattern, never its path.
func (m *Metrics) Request(route, method string, status int, took time.Duration) {
	s := m.of(request{route, method, status})
	s.count.Inc()
	s.seconds.Observe(took.Seconds())
}

func (m *Metrics) of(r request) series {
	m.mu.RLock()
	s, ok := m.series[r]
	m.mu.RUnlock()
	if ok {
		return s
	}
	s = series{m.requests.WithLabelValues(r.route, r.method, strconv.Itoa(r.status)), m.seconds.WithLabelValues(r.route)}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.series[r] = s
	return s
}

// Handler serves what a registry holds in Prometheus's text format.
func Handler(gatherer prometheus.Gatherer) http.Handler {
	return promhttp.HandlerFor(gatherer, promhttp.HandlerOpts{})
}

var (
	nextRestart = prometheus.NewDesc("cyclecal_next_restart_timestamp_seconds",
		"When the next update that restarts comes.", []string{"track"}, nil)
	nextRelease = prometheus.NewDesc("cyclecal_next_release_timestamp_seconds",
		"When the next update of that kind comes.", []string{"track", "kind"}, nil)
	knownUntil = prometheus.NewDesc("cyclecal_history_known_until_timestamp_seconds",
		"The day of the newest fact about the track.", []string{"track"}, nil)
	revision = prometheus.NewDesc("cyclecal_snapshot_revision",
		"Revision of the data that is served.", nil, nil)
	confirmed = prometheus.NewDesc("cyclecal_store_confirmed_timestamp_seconds",
		"When the revision that is served was last known to be the newest in the database.", nil, nil)
	leftOut = prometheus.NewDesc("cyclecal_store_left_out_documents",
		"Stored documents that can't be served: corrupt, or at odds with others.", nil, nil)
	notifications = prometheus.NewDesc("cyclecal_notifications_total",
		"Messages by receiver and by result: sent, failed (and tried again), given_up.", []string{"receiver", "result"}, nil)
	sourceChecked = prometheus.NewDesc("cyclecal_source_last_success_timestamp_seconds",
		"When the source was last read.", []string{"source"}, nil)
	sourceFailures = prometheus.NewDesc("cyclecal_source_failures",
		"Attempts to read the source that have failed since.", []string{"source"}, nil)
	cacheAnswers = prometheus.NewDesc("cyclecal_cache_answers",
		"Finished answers that are kept.", nil, nil)
	cacheBytes = prometheus.NewDesc("cyclecal_cache_bytes",
		"Memory that they take.", nil, nil)
)

// collector reads the schedule at each scrape.
type collector struct{ read func() Snapshot }

func (c collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{nextRestart, nextRelease, knownUntil, revision, confirmed, leftOut, notifications, sourceChecked, sourceFailures, cacheAnswers, cacheBytes} {
		ch <- d
	}
}

func (c collector) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	at := func(d *prometheus.Desc, t time.Time, labels ...string) {
		if !t.IsZero() {
			gauge(d, float64(t.Unix()), labels...)
		}
	}
	s := c.read()
	gauge(revision, float64(s.Revision))
	at(confirmed, s.Confirmed)
	gauge(leftOut, float64(s.LeftOut))
	gauge(cacheAnswers, float64(s.CacheAnswers))
	gauge(cacheBytes, float64(s.CacheBytes))
	for _, n := range s.Notifications {
		ch <- prometheus.MustNewConstMetric(notifications, prometheus.CounterValue, float64(n.Count), n.Receiver, n.Result)
	}
	for _, source := range s.Sources {
		at(sourceChecked, source.Checked, source.ID)
		gauge(sourceFailures, float64(source.Failures), source.ID)
	}
	for _, t := range s.Tracks {
		at(nextRestart, t.NextRestart, t.ID)
		at(nextRelease, t.NextRestart, t.ID, "baseline")
		at(nextRelease, t.NextHotpatch, t.ID, "hotpatch")
		at(knownUntil, t.KnownUntil, t.ID)
	}
}
