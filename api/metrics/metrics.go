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

// Metrics counts requests and what the store did. Its methods may be called from several goroutines.
type Metrics struct {
	requests   *prometheus.CounterVec
	seconds    *prometheus.HistogramVec
	operations *prometheus.CounterVec
	waited     *prometheus.HistogramVec

	mu     sync.RWMutex
	series map[request]series // those in use: looking them up by their labels costs more than counting
}

// request is what requests are counted by. There are only so many routes, methods and statuses.
type request struct {
	route, method string
	status        int
}

type series struct {
	count   prometheus.Counter
	seconds prometheus.Observer
}

// buckets bound the times that are counted together, in seconds.
var buckets = []float64{.0001, .0005, .001, .005, .01, .05, .1, .5, 1, 5}

// New registers all metrics. The function read is called at each scrape; version is the version of
// the program.
func New(registry prometheus.Registerer, version string, read func() Snapshot) *Metrics {
	m := &Metrics{
		series: map[request]series{},
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cyclecal_http_requests_total", Help: "Requests answered, by route pattern, method and status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "cyclecal_http_request_duration_seconds", Help: "Time to answer, by route pattern.",
			Buckets: buckets,
		}, []string{"route"}),
		operations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cyclecal_store_operations_total",
			Help: "What the store was asked for, by result: ok, refused (as for a lost race) or failed.",
		}, []string{"operation", "result"}),
		waited: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "cyclecal_store_operation_duration_seconds",
			Help:    "Time that the store took; with the operation write until the commit was acknowledged.",
			Buckets: buckets,
		}, []string{"operation"}),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "cyclecal_build_info", Help: "Always 1; the label tells the version.",
		ConstLabels: prometheus.Labels{"version": version},
	})
	info.Set(1)
	registry.MustRegister(m.requests, m.seconds, m.operations, m.waited, info, collector{read})
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

// Store counts one operation of the store with its result: "ok", "refused" or "failed".
func (m *Metrics) Store(operation, result string, took time.Duration) {
	m.operations.WithLabelValues(operation, result).Inc()
	m.waited.WithLabelValues(operation).Observe(took.Seconds())
}

// Handler serves the metrics of a registry in Prometheus's text format. It gathers them at most once
// a second, since with 1,000 tracks that takes 40 ms, and anybody may ask.
func Handler(gatherer prometheus.Gatherer, now func() time.Time) http.Handler {
	k := &kept{Gatherer: gatherer, now: now}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		promhttp.HandlerFor(k.current(), promhttp.HandlerOpts{}).ServeHTTP(w, r)
	})
}

// kept keeps what was gathered for a second.
type kept struct {
	prometheus.Gatherer
	now func() time.Time

	mu   sync.Mutex
	at   time.Time
	once prometheus.GathererFunc
}

func (k *kept) current() prometheus.Gatherer {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	if age := now.Sub(k.at); k.once == nil || age < 0 || age >= time.Second {
		k.once, k.at = sync.OnceValues(k.Gather), now
	}
	return k.once
}
