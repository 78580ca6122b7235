//go:build e2e

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle/store"
	"github.com/cyclecal/cyclecal/cycle/store/pgtest"
)

// testPrometheus lets a real Prometheus scrape the program, with a token, and compares what it
// knows then with what the API tells.
func testPrometheus(t *testing.T, program built) {
	data := t.TempDir()
	readSources(t, data)
	p := program.serve(t, "--data-dir", data, "--public=false", "--sync", "--sync-proxy", "http://127.0.0.1:1")
	metrics := p.get(t, "/metrics").body
	check := exec.Command("promtool", "check", "metrics")
	check.Stdin = strings.NewReader(metrics)
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
	db := startPrometheus(t, strings.TrimPrefix(p.url, "http://"))
	pgtest.Poll(t, "three scrapes", func() error {
		found, err := db.query(t.Context(), `count_over_time(up{job="cyclecal"}[1m]) >= 3 and on (job) up == 1`)
		if err == nil && len(found) != 1 {
			err = fmt.Errorf("%v", found)
		}
		return err
	})
	t.Run("dashboard", func(t *testing.T) { testDashboard(t, db) })
	t.Run("next", func(t *testing.T) { testNextInPrometheus(t, p, db) })
	t.Run("months", func(t *testing.T) { testMonthsInPrometheus(t, p, db) })
	t.Run("alerts", func(t *testing.T) { testAlertsInPrometheus(t, p, db) })
}

// readSources makes a store in which every page was read an hour ago, so that none is fetched.
func readSources(t *testing.T, data string) {
	t.Helper()
	s, err := store.OpenSQLite(t.Context(), filepath.Join(data, "cyclecal.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, one := range defaultSources() {
		note, err := sourceState{Address: one.address, CheckedAt: time.Now().Add(-time.Hour), NextAt: time.Now().Add(5 * time.Hour)}.note()
		if err == nil {
			err = s.SetNote(t.Context(), noteOf(one), nil, note)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// promServer is one that runs, by its address.
type promServer string

// startPrometheus starts Debian's, with our rules. It ends with the test.
func startPrometheus(t *testing.T, target string) promServer {
	t.Helper()
	dir := t.TempDir()
	rules, err := filepath.Abs("../../api/dashboards/prometheus-rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf(`global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [%q]
scrape_configs:
  - job_name: cyclecal
    authorization: {credentials_file: %q}
    static_configs: [{targets: [%q]}]
`, rules, filepath.Join(dir, "token"), target)
	for file, text := range map[string]string{"prometheus.yml": text, "token": firstTestToken} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 { // somebody else may take the port
		db, err := runPrometheus(t, config, filepath.Join(dir, "data"))
		if err == nil {
			return db
		}
		t.Log(err)
	}
	t.Fatal("prometheus does not start")
	return ""
}

func runPrometheus(t *testing.T, config, data string) (promServer, error) {
	t.Helper()
	address := fmt.Sprint("127.0.0.1:", pgtest.Port(t))
	said := newScreen()
	cmd := exec.Command("prometheus", "--config.file="+config, "--storage.tsdb.path="+data, "--web.listen-address="+address)
	cmd.Stderr = said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		<-ended
	})
	db := promServer("http://" + address)
	var failed error
	pgtest.Poll(t, "prometheus", func() error {
		select {
		case <-ended:
			failed = fmt.Errorf("prometheus ended: %s", said)
			return nil
		default:
		}
		_, err := db.query(t.Context(), "up")
		return err
	})
	return db, failed
}

// series is what a query returns: values by labels, as JSON writes them.
type series struct {
	labels map[string]string
	value  float64
}

// query asks now.
func (db promServer) query(ctx context.Context, expr string) ([]series, error) {
	var answer struct {
		Result []struct {
			Metric map[string]string
			Value  [2]any
		}
	}
	if err := db.ask(ctx, "/api/v1/query?query="+url.QueryEscape(expr), &answer); err != nil {
		return nil, fmt.Errorf("%s: %w", expr, err)
	}
	var list []series
	for _, r := range answer.Result {
		text, _ := r.Value[1].(string)
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", expr, err)
		}
		list = append(list, series{r.Metric, value})
	}
	return list, nil
}

// ask reads the data of an answer.
func (db promServer) ask(ctx context.Context, path string, data any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, string(db)+path, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	var whole struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.Unmarshal(body, &whole); err != nil {
		return fmt.Errorf("%d %.200s: %w", answer.StatusCode, body, err)
	}
	if whole.Status != "success" {
		return errors.New(whole.Error)
	}
	return json.Unmarshal(whole.Data, data)
}

// must is query, where something must come. For some seconds nothing does after a scrape that took longer than one: a
// slow machine is asked again.
func (db promServer) must(t *testing.T, expr string) (list []series) {
	t.Helper()
	pgtest.Poll(t, expr, func() (err error) {
		if list, err = db.query(t.Context(), expr); err == nil && len(list) == 0 {
			err = errors.New("nothing came: want something")
		}
		return err
	})
	return list
}
