package api_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/metrics"
)

// grafana is what a test needs of a dashboard.
type grafana struct {
	Inputs   []grafanaInput `json:"__inputs"`
	Requires []struct {
		Type, ID string
	} `json:"__requires"`
	Panels []struct {
		ID         int
		Type       string
		Title      string
		Datasource grafanaSource
		GridPos    struct{ X, Y, W, H int }
		Targets    []grafanaTarget
	}
	Templating struct {
		List []struct {
			Name, Type string
			Datasource grafanaSource
			Query      json.RawMessage
		}
	}
	Annotations struct {
		List []struct {
			BuiltIn    int
			Name       string
			Datasource grafanaSource
			Target     grafanaTarget
			Mappings   map[string]struct{ Source, Value string }
		}
	}
}

type grafanaInput struct{ Name, Type, PluginID string }

type grafanaSource struct{ Type, UID string }

type grafanaTarget struct {
	Datasource   grafanaSource
	Expr         string
	Type         string
	Source       string
	Format       string
	Parser       string
	RootSelector string `json:"root_selector"`
	URL          string
	URLOptions   struct{ Method string } `json:"url_options"`
	Columns      []struct{ Selector, Text, Type string }
}

const (
	infinity     = "yesoreyeram-infinity-datasource"
	infinityUID  = "${DS_INFINITY}"
	assumed      = "http://127.0.0.1:8080"
	dashboardURL = "/dashboards/grafana.json"
)

func dashboardOf(t testing.TB, h http.Handler) grafana {
	t.Helper()
	var g grafana
	if err := json.Unmarshal(serve(t, h, dashboardURL).Body.Bytes(), &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// infinityTargets are all queries of the dashboard that Infinity runs, by what they are for.
func (g grafana) infinityTargets(t testing.TB) map[string]grafanaTarget {
	t.Helper()
	all := map[string]grafanaTarget{}
	for _, p := range g.Panels {
		for _, target := range p.Targets {
			if target.Datasource != p.Datasource {
				t.Errorf("panel %q asks %v by a query for %v, want the same", p.Title, p.Datasource, target.Datasource)
			}
			if target.Datasource.Type == infinity {
				all["panel "+p.Title] = target
			}
		}
	}
	for _, v := range g.Templating.List {
		if v.Type == "query" {
			var query struct {
				QueryType     string
				InfinityQuery grafanaTarget
			}
			if err := json.Unmarshal(v.Query, &query); err != nil || query.QueryType != "infinity" {
				t.Errorf("variable %s: query %s, want one of Infinity: %v", v.Name, v.Query, err)
			}
			all["variable "+v.Name] = query.InfinityQuery
		}
	}
	for _, a := range g.Annotations.List {
		if a.BuiltIn == 0 {
			all["annotation "+a.Name] = a.Target
		}
	}
	return all
}

// interpolated puts values for variables as Grafana does; tracks is what ${track:csv} becomes.
func interpolated(t testing.TB, s, tracks string) string {
	t.Helper()
	s = strings.NewReplacer(
		"${base_url}", assumed, "${track:csv}", tracks, "${ring}", "broad:9/5/2",
		"${__from:date:YYYY}", "2026", "${__from}", "1767254400000", "${__to}", "1798790399999",
	).Replace(s)
	if strings.Contains(s, "$") {
		t.Errorf("%s has a variable that the dashboard does not", s)
	}
	return s
}

// Every URL of the dashboard answers with rows, and every field that it names is one of theirs, of
// the type that it says.
func TestGrafanaFields(t *testing.T) {
	h := newHandler(t, api.Config{})
	targets := dashboardOf(t, h).infinityTargets(t)
	var ids []string
	for _, row := range rowsOf[struct{ ID string }](t, h, "/api/v1/tracks") {
		ids = append(ids, row.ID)
	}
	for name, target := range targets {
		if target.Datasource != (grafanaSource{infinity, infinityUID}) || target.Type != "json" || target.Source != "url" || target.Parser != "backend" ||
			target.Format != "table" || target.RootSelector != "" || target.URLOptions.Method != http.MethodGet || !strings.HasPrefix(target.URL, "${base_url}/") {
			t.Errorf("%s: %+v, want a GET of JSON at ${base_url} by Infinity's own parser", name, target)
		}
		for _, tracks := range []string{strings.Join(ids, ","), "windows-11-24h2"} {
			address := strings.TrimPrefix(interpolated(t, target.URL, tracks), assumed)
			if _, err := url.Parse(address); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			w := serve(t, h, address)
			var list []map[string]any
			if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || w.Code != http.StatusOK || len(list) == 0 {
				t.Errorf("%s: GET %s = %d %.200s, want rows: %v", name, address, w.Code, w.Body, err)
			}
			for _, column := range target.Columns {
				checkColumn(t, name+", "+column.Text, list, column.Selector, column.Type)
			}
		}
	}
	if len(targets) < 8 {
		t.Errorf("%d queries, want tables, a variable and annotations", len(targets))
	}
}

// mayBeNull are the fields that may be unknown of every row: those of a release that is still to come.
var mayBeNull = []string{"kb", "build", "url", "note"}

// checkColumn checks that each row has the field, that some know it, and that it is of Infinity's type.
func checkColumn(t *testing.T, name string, list []map[string]any, selector, kind string) {
	t.Helper()
	known := 0
	for _, row := range list {
		value, there := row[selector]
		if !there {
			t.Errorf("%s: no field %q in %v", name, selector, row)
			return
		}
		if value == nil {
			continue
		}
		known++
		ok := false
		switch kind {
		case "string":
			_, ok = value.(string)
		case "number", "timestamp_epoch":
			_, ok = value.(float64)
		case "boolean":
			_, ok = value.(bool)
		case "timestamp":
			s, _ := value.(string)
			_, err := time.Parse(time.RFC3339, s)
			ok = err == nil
		case "date":
			s, _ := value.(string)
			_, err := time.Parse(time.DateOnly, s)
			ok = err == nil
		}
		if !ok {
			t.Errorf("%s: %s is %v, want %s", name, selector, value, kind)
		}
	}
	if known == 0 && !slices.Contains(mayBeNull, selector) {
		t.Errorf("%s: %s is null in all %d rows, want something to show", name, selector, len(list))
	}
}

// The names that Grafana gives to the fields of an annotation are those of the answer, and its mapping.
func TestGrafanaAnnotations(t *testing.T) {
	h := newHandler(t, api.Config{})
	want := []string{"tags", "text", "time", "timeEnd", "title"}
	for _, a := range dashboardOf(t, h).Annotations.List {
		if a.BuiltIn == 1 {
			continue
		}
		var columns []string
		for _, c := range a.Target.Columns {
			columns = append(columns, c.Text)
			if c.Text != c.Selector || (c.Type == "timestamp_epoch") != strings.HasPrefix(c.Text, "time") {
				t.Errorf("annotation %s: column %+v, want the field under its own name, times as such", a.Name, c)
			}
		}
		slices.Sort(columns)
		if mapped := slices.Sorted(maps.Keys(a.Mappings)); !slices.Equal(columns, want) || !slices.Equal(mapped, want) {
			t.Errorf("annotation %s: columns %v, mapped %v, want %v", a.Name, columns, mapped, want)
		}
		for name, m := range a.Mappings {
			if m.Source != "field" || m.Value != name {
				t.Errorf("annotation %s: %s is mapped to %+v, want the field of that name", a.Name, name, m)
			}
		}
	}
}

// The dashboard can be imported: each data source that it uses is asked for, each plugin is named,
// each variable is defined, and panels do not lie upon each other.
func TestGrafanaImport(t *testing.T) {
	h := newHandler(t, api.Config{})
	g := dashboardOf(t, h)
	inputs, required := map[grafanaSource]bool{}, map[string]bool{}
	for _, in := range g.Inputs {
		inputs[grafanaSource{in.PluginID, "${" + in.Name + "}"}] = in.Type == "datasource"
	}
	for _, r := range g.Requires {
		required[r.Type+" "+r.ID] = true
	}
	used := map[[2]int]string{}
	ids := map[int]bool{}
	for _, p := range g.Panels {
		if !inputs[p.Datasource] || !required["datasource "+p.Datasource.Type] || !required["panel "+p.Type] || ids[p.ID] || len(p.Targets) == 0 {
			t.Errorf("panel %d %q: source %v, type %s, %d targets, want a source that is asked for, plugins that are required, an id of its own", p.ID, p.Title, p.Datasource, p.Type, len(p.Targets))
		}
		ids[p.ID] = true
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other, taken := used[[2]int{x, y}]; taken || x >= 24 {
					t.Fatalf("panel %q lies at %d, %d: there is %q", p.Title, x, y, other)
				}
				used[[2]int{x, y}] = p.Title
			}
		}
	}
	defined := map[string]bool{"__from": true, "__to": true, "__rate_interval": true, "DS_INFINITY": true, "DS_PROMETHEUS": true}
	for _, v := range g.Templating.List {
		defined[v.Name] = true
	}
	for _, name := range regexp.MustCompile(`\$\{?(\w+)`).FindAllStringSubmatch(serve(t, h, dashboardURL).Body.String(), -1) {
		if !defined[name[1]] && name[1] != "__all" {
			t.Errorf("variable %s is not defined", name[1])
		}
	}
}

// exported are the labels of each metric of a service that has something of everything.
func exported(t testing.TB) map[string][]string {
	t.Helper()
	registry, at := prometheus.NewRegistry(), instant(t, today)
	counter := metrics.New(registry, "test", func() metrics.Snapshot {
		return metrics.Snapshot{
			Tracks:  []metrics.Track{{ID: "windows-11-24h2", NextRestart: at, NextHotpatch: at, KnownUntil: at, Months: []metrics.Month{{Month: "2026-06", At: at}}}},
			Sources: []metrics.Source{{ID: "a", Checked: at}}, Confirmed: at,
		}
	})
	counter.Request("/", http.MethodGet, http.StatusOK, time.Second)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, family := range families {
		var labels []string
		for _, label := range family.GetMetric()[0].GetLabel() {
			labels = append(labels, label.GetName())
		}
		all[family.GetName()] = labels
	}
	return all
}

// Every metric that the dashboard asks Prometheus for is exported, with the labels that it names.
func TestGrafanaMetrics(t *testing.T) {
	all := exported(t)
	selector := regexp.MustCompile(`(cyclecal_\w+)(?:\{([^}]*(?:\$\{[^}]*\}[^}]*)*)\})?`)
	matcher := regexp.MustCompile(`(\w+)\s*(?:=~|!~|!=|=)\s*"`)
	grouped := regexp.MustCompile(`by \(([^)]*)\)|\{\{(\w+)\}\}`)
	seen := 0
	for _, p := range dashboardOf(t, newHandler(t, api.Config{})).Panels {
		for _, target := range p.Targets {
			for _, use := range selector.FindAllStringSubmatch(target.Expr, -1) {
				seen++
				labels, ok := all[use[1]]
				if !ok {
					t.Errorf("panel %q: no metric %s is exported", p.Title, use[1])
				}
				var named []string
				for _, m := range matcher.FindAllStringSubmatch(use[2], -1) {
					named = append(named, m[1])
				}
				for _, by := range grouped.FindAllStringSubmatch(target.Expr, -1) {
					named = append(named, strings.FieldsFunc(by[1]+by[2], func(r rune) bool { return r == ',' || r == ' ' })...)
				}
				for _, label := range named {
					if !slices.Contains(labels, label) {
						t.Errorf("panel %q: %s has no label %s, want one of %v", p.Title, use[1], label, labels)
					}
				}
			}
		}
	}
	if seen < 6 {
		t.Errorf("%d metrics are asked for, want those of restarts, months, sources, history and requests", seen)
	}
}
