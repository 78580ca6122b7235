//go:build e2e

package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/cycle/store/pgtest"
)

// testDashboard asks what the dashboard asks. Nothing of it may come back empty.
func testDashboard(t *testing.T, db promServer) {
	text, err := os.ReadFile("../../api/dashboards/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var board any
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	queries := exprs(board)
	if len(queries) == 0 {
		t.Fatal("the dashboard asks Prometheus nothing")
	}
	variable := regexp.MustCompile(`\$(\w+)|\$\{(\w+)(?::\w+)?\}|\[\[(\w+)\]\]`)
	values := map[string]string{"__rate_interval": "10s", "__interval": "10s", "__range": "1h", "track": "windows-11-24h2"}
	for _, query := range queries {
		asked := variable.ReplaceAllStringFunc(query, func(s string) string {
			m := variable.FindStringSubmatch(s)
			value, ok := values[m[1]+m[2]+m[3]]
			if !ok {
				t.Errorf("%s: no value for %s: want one of %v", query, s, slices.Sorted(maps.Keys(values)))
			}
			return value
		})
		db.must(t, asked)
	}
}

// exprs returns the queries of a dashboard for Prometheus: whatever is called expr.
func exprs(v any) []string {
	var list []string
	switch v := v.(type) {
	case map[string]any:
		for key, item := range v {
			if text, ok := item.(string); ok && key == "expr" {
				list = append(list, text)
				continue
			}
			list = append(list, exprs(item)...)
		}
	case []any:
		for _, item := range v {
			list = append(list, exprs(item)...)
		}
	}
	return list
}

// apiRow is what the API tells of a track and of a month of it.
type apiRow struct {
	Track, Month, Kind, Status string
	PlannedKind                string     `json:"planned_kind"`
	ReleaseAt                  time.Time  `json:"release_at"`
	NextRestartAt              *time.Time `json:"next_restart_at"`
	NextReleaseAt              *time.Time `json:"next_release_at"`
	NextReleaseKind            string     `json:"next_release_kind"`
}

func rowsOf(t *testing.T, p *process, path string) []apiRow {
	t.Helper()
	var answer struct{ Data []apiRow }
	if err := json.Unmarshal([]byte(p.get(t, path).body), &answer); err != nil {
		t.Fatal(err)
	}
	return answer.Data
}

// testNextInPrometheus: the next restarts and releases are those of /api/v1/next.
func testNextInPrometheus(t *testing.T, p *process, db promServer) {
	restarts, releases := map[string]float64{}, map[string]float64{}
	for _, r := range rowsOf(t, p, "/api/v1/next") {
		if r.NextRestartAt != nil {
			restarts[r.Track] = float64(r.NextRestartAt.Unix())
		}
		if r.NextReleaseAt != nil {
			releases[r.Track+" "+r.NextReleaseKind] = float64(r.NextReleaseAt.Unix())
		}
	}
	gotRestarts, gotReleases := map[string]float64{}, map[string]float64{}
	for _, s := range db.must(t, "cyclecal_next_restart_timestamp_seconds") {
		gotRestarts[s.labels["track"]] = s.value
	}
	for _, s := range db.must(t, "cyclecal_next_release_timestamp_seconds == on (track) group_left () min by (track) (cyclecal_next_release_timestamp_seconds)") {
		gotReleases[s.labels["track"]+" "+s.labels["kind"]] = s.value
	}
	if diff := cmp.Diff(restarts, gotRestarts); diff != "" || len(restarts) == 0 {
		t.Errorf("next restarts (-API +Prometheus):\n%s", diff)
	}
	if diff := cmp.Diff(releases, gotReleases); diff != "" || len(releases) == 0 {
		t.Errorf("next releases (-API +Prometheus):\n%s", diff)
	}
}

// testMonthsInPrometheus: the months are those of /api/v1/schedule.
func testMonthsInPrometheus(t *testing.T, p *process, db promServer) {
	got, months := map[string]string{}, []string{}
	for _, s := range db.must(t, "cyclecal_month_info * on (track, month) group_left () cyclecal_month_release_timestamp_seconds") {
		l := s.labels
		got[l["track"]+" "+l["month"]] = fmt.Sprintln(l["kind"], l["planned_kind"], l["status"], int64(s.value))
		months = append(months, l["month"])
	}
	want := map[string]string{}
	for _, r := range rowsOf(t, p, "/api/v1/schedule?from="+slices.Min(months)+"&to="+slices.Max(months)) {
		want[r.Track+" "+r.Month] = fmt.Sprintln(r.Kind, r.PlannedKind, r.Status, r.ReleaseAt.Unix())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("months (-API +Prometheus):\n%s", diff)
	}
}

// testAlertsInPrometheus: every rule can be evaluated, and those about the history say what the API does.
func testAlertsInPrometheus(t *testing.T, p *process, db promServer) {
	pgtest.Poll(t, "every rule evaluated", func() error {
		var answer struct {
			Groups []struct {
				Rules []struct{ Name, Health, LastError string }
			}
		}
		if err := db.ask(t.Context(), "/api/v1/rules", &answer); err != nil {
			return err
		}
		rules := 0
		for _, group := range answer.Groups {
			for _, rule := range group.Rules {
				rules++
				if rule.Health != "ok" {
					return fmt.Errorf("%s is %s: %s", rule.Name, rule.Health, rule.LastError)
				}
			}
		}
		if rules == 0 {
			return fmt.Errorf("no rules in %v", answer)
		}
		return nil
	})
	now := time.Now()
	month := func(n int) string {
		return time.Date(now.Year(), now.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
	}
	behind, unlike := map[string]bool{}, map[string]bool{}
	for _, r := range rowsOf(t, p, "/api/v1/schedule?from="+month(-12)+"&to="+month(12)) {
		if r.Status == "unconfirmed" && now.Sub(r.ReleaseAt) > 72*time.Hour {
			behind[r.Track] = true
		}
		if r.Kind != r.PlannedKind && now.Sub(r.ReleaseAt) < 21*24*time.Hour {
			unlike[r.Track+" "+r.Month] = true
		}
	}
	pgtest.Poll(t, "the alerts that the schedule gives reason for", func() error {
		gotBehind, gotUnlike := map[string]bool{}, map[string]bool{}
		firing, err := db.query(t.Context(), `ALERTS{alertstate="firing"}`)
		for _, s := range firing {
			switch s.labels["alertname"] {
			case "CyclecalHistoryBehind":
				gotBehind[s.labels["track"]] = true
			case "CyclecalPlanChanged":
				gotUnlike[s.labels["track"]+" "+s.labels["month"]] = true
			case "CyclecalRestartWithin7Days":
			default:
				return fmt.Errorf("%v fires, without a reason", s.labels)
			}
		}
		if diff := cmp.Diff(behind, gotBehind) + cmp.Diff(unlike, gotUnlike); err == nil && diff != "" {
			err = fmt.Errorf("(-API +alerts):\n%s", diff)
		}
		return err
	})
}

// TestRules runs what promtool says of the alert rules, and their own tests.
func TestRules(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"check", "rules", "--lint=all", "--lint-fatal", "../../api/dashboards/prometheus-rules.yml"},
		{"test", "rules", "../../api/dashboards/prometheus-rules.test.yml"},
	} {
		if out, err := exec.Command("promtool", args...).CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}
