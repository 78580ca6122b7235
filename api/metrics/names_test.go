package metrics_test

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/cyclecal/cyclecal/api/metrics"
)

// everything returns a registry with a sample of each metric.
func everything() *prometheus.Registry {
	registry, m := served(metrics.Snapshot{
		Compiled: at(1), Confirmed: at(1), Documents: []metrics.Documents{{Kind: "rings"}},
		Tracks: []metrics.Track{{
			ID: "a", NextRestart: at(1), NextHotpatch: at(1), KnownUntil: at(1),
			Months: []metrics.Month{{Month: "2026-06", Kind: "baseline", PlannedKind: "hotpatch", Status: "released", At: at(1)}},
		}},
		Sources: []metrics.Source{{ID: "page", Checked: at(1)}}, Notifications: []metrics.Notification{{Receiver: "mail", Result: "sent"}},
	})
	m.Request("/", http.MethodGet, http.StatusOK, time.Second)
	m.Store("write", "ok", time.Second)
	return registry
}

// labelsOf returns the labels of each metric that is exported, in order.
func labelsOf(t *testing.T) map[string][]string {
	t.Helper()
	families, err := everything().Gather()
	if err != nil {
		t.Fatal(err)
	}
	exported := map[string][]string{}
	for _, f := range families {
		labels := []string{}
		for _, pair := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, pair.GetName())
		}
		exported[f.GetName()] = labels
	}
	return exported
}

// described counts the metrics that collectors say they have.
type described struct{ count int }

func (d *described) Register(c prometheus.Collector) error {
	d.MustRegister(c)
	return nil
}

func (d *described) MustRegister(list ...prometheus.Collector) {
	for _, c := range list {
		ch := make(chan *prometheus.Desc, 1000)
		c.Describe(ch)
		d.count += len(ch)
	}
}

func (d *described) Unregister(prometheus.Collector) bool { return false }

// The tests below see all that there is.
func TestEverything(t *testing.T) {
	var all described
	metrics.New(&all, "v1", func() metrics.Snapshot { return metrics.Snapshot{} })
	if got := len(labelsOf(t)); got != all.count {
		t.Errorf("everything() has %d metrics, want the %d that are registered", got, all.count)
	}
}

// The help lists each metric with its labels, and no other.
func TestHelpOfMetrics(t *testing.T) {
	text := fileOf(t, "../../cmd/cyclecal/help/metrics.md")
	told := map[string][]string{}
	for _, m := range regexp.MustCompile("(?m)^- `(cyclecal_\\w+)(?:\\{([^}]*)\\})?`").FindAllStringSubmatch(text, -1) {
		labels := strings.FieldsFunc(m[2], func(r rune) bool { return r == ',' || r == ' ' })
		slices.Sort(labels)
		told[m[1]] = append([]string{}, labels...)
	}
	if diff := cmp.Diff(labelsOf(t), told); diff != "" {
		t.Errorf("metrics.md (-exported +told):\n%s", diff)
	}
	for i, line := range strings.Split(text, "\n") {
		if len(line) > 80 {
			t.Errorf("metrics.md:%d has %d columns, want at most 80", i+1, len(line))
		}
	}
}

// The help tells of each alert, and of no other.
func TestHelpOfAlerts(t *testing.T) {
	alert := regexp.MustCompile(`Cyclecal[A-Z]\w+`)
	rules := regexp.MustCompile(`(?m)^ *- alert: (\w+)$`).FindAllStringSubmatch(rulesFile(t), -1)
	var want []string
	for _, m := range rules {
		want = append(want, m[1])
	}
	got := alert.FindAllString(fileOf(t, "../../cmd/cyclecal/help/metrics.md"), -1)
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, slices.Compact(got)); diff != "" || len(want) < 5 {
		t.Errorf("metrics.md (-rules +told):\n%s", diff)
	}
}

// Each alert has a test in which it fires and one in which it does not. promtool runs them, where it is.
func TestAlertsHaveTests(t *testing.T) {
	tests := fileOf(t, "../dashboards/prometheus-rules.test.yml")
	for _, m := range regexp.MustCompile(`(?m)^ *- alert: (\w+)$`).FindAllStringSubmatch(rulesFile(t), -1) {
		cases := regexp.MustCompile(`alertname: `+m[1]+`,?\s+eval_time: \w+[^\n]*?,?\s+exp_alerts: *(\[\])?`).FindAllStringSubmatch(tests, -1)
		silent := 0
		for _, c := range cases {
			if c[1] != "" {
				silent++
			}
		}
		if silent == 0 || silent == len(cases) {
			t.Errorf("%s has %d tests, %d of them without an alert: want one with and one without", m[1], len(cases), silent)
		}
	}
}

// Every metric that the alert rules name is exported, with the labels that they pick by.
func TestRulesNameMetrics(t *testing.T) {
	exported := labelsOf(t)
	own := slices.Concat(slices.Collect(maps.Values(exported))...)
	own = append(own, "job", "instance") // which Prometheus adds
	named := regexp.MustCompile(`\b(cyclecal_\w+)(?:\{([^}]*)\})?`).FindAllStringSubmatch(rulesFile(t), -1)
	if len(named) < 10 {
		t.Fatalf("the rules name %d metrics, want more", len(named))
	}
	for _, m := range named {
		name := m[1]
		for _, suffix := range []string{"_bucket", "_count", "_sum"} {
			if base, ok := strings.CutSuffix(name, suffix); ok && exported[base] != nil {
				name = base
			}
		}
		labels, ok := exported[name]
		if !ok {
			t.Errorf("the rules name %s, which is not exported", m[1])
		}
		for _, pick := range regexp.MustCompile(`(\w+)\s*[=!]`).FindAllStringSubmatch(m[2], -1) {
			if !slices.Contains(labels, pick[1]) {
				t.Errorf("the rules pick %s by %s, which it does not have: want one of %v", name, pick[1], labels)
			}
		}
	}
	for _, m := range regexp.MustCompile(`(?:by|on)\s*\(([^)]*)\)`).FindAllStringSubmatch(rulesFile(t), -1) {
		for label := range strings.SplitSeq(m[1], ",") {
			if !slices.Contains(own, strings.TrimSpace(label)) {
				t.Errorf("the rules group by %q, want one of %v", label, own)
			}
		}
	}
}

func rulesFile(t *testing.T) string {
	t.Helper()
	return fileOf(t, "../dashboards/prometheus-rules.yml")
}

func fileOf(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.FromSlash(path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
