package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// gauge returns a number that the server tells of itself.
func (x *victim) gauge(t *testing.T, name string) float64 {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(x.see(t, "/metrics").body))
	if err != nil || families[name] == nil {
		t.Fatalf("/metrics has no %s: %v", name, err)
	}
	m := families[name].Metric[0]
	return m.GetCounter().GetValue() + m.GetGauge().GetValue()
}

// tryManyNames sends names that are nobody's: each might be a fault, or meet the others in a map.
func tryManyNames(t *testing.T, x *victim) {
	names := func(most int, form, sep string) string {
		list := make([]string, most)
		for i := range list {
			list[i] = fmt.Sprintf(form, i)
		}
		return strings.Join(list, sep)
	}
	for what, a := range map[string]gotAnswer{
		"a query of 100,000":    x.see(t, "/api/v1/schedule?"+names(100_000, "n%d", "&")),
		"a query of 1,500":      x.see(t, "/api/v1/schedule?"+names(1500, "%d", "&")),
		"a query of one name":   x.see(t, "/api/v1/schedule?"+names(600, "track=x%d", "&")),
		"an object of 20,000":   x.ask(t, http.MethodPut, "/api/v1/rings/attacked", "{"+names(20_000, `"n%d":1`, ",")+"}", "Authorization", x.bearer()),
		"one name 20,000 times": x.ask(t, http.MethodPut, "/api/v1/rings/attacked", "{"+names(20_000, `"grace":%d`, ",")+"}", "Authorization", x.bearer()),
		"a list of 20,000":      x.ask(t, http.MethodPut, "/api/v1/rings/attacked", `{"tracks":[`+names(20_000, `"n%d"`, ",")+"]}", "Authorization", x.bearer()),
		"a device of 20,000":    x.ask(t, http.MethodPost, "/api/v1/eligibility", "{"+names(20_000, `"n%d":1`, ",")+"}"),
		"100,000 devices":       x.ask(t, http.MethodPost, "/api/v1/eligibility", "["+names(100_000, "{}", ",")[:299_999]+"]"),
		"a form of 20,000":      x.ask(t, http.MethodGet, "/eligible?"+names(1000, "n%d", "&"), ""),
		"CSV of 20,000 columns": x.ask(t, http.MethodPost, "/api/v1/devices", names(20_000, "n%d", ",")+"\n", "Content-Type", "text/csv", "Authorization", x.bearer()),
	} {
		if a.status < 400 || a.status >= 500 || len(a.body) > 256<<10 { // a document tells up to 1,000 faults
			t.Errorf("%s: %d and %d bytes, want a small 4xx", what, a.status, len(a.body))
		}
	}
}

// tryCacheFlood asks for thousands of different answers. Those who ask for what all ask for get it from memory.
func tryCacheFlood(t *testing.T, x *victim) {
	const popular = "/calendars/all.ics"
	x.see(t, popular)
	day, month := cycle.DateOf(2026, 11, 21), cycle.MonthOf(2026, 1)
	// All of these are right, and each is another answer.
	forms := []func(n int) string{
		func(n int) string { return "/api/v1/tracks?as_of=" + day.AddDays(-n).String() },
		func(n int) string { m := month.AddMonths(n).String(); return "/api/v1/schedule?from=" + m + "&to=" + m },
		func(n int) string {
			return fmt.Sprintf("/api/v1/next?ring=r%d:%d/%d/%d&track=windows-11-24h2", n, n%30, n%29, n%7)
		},
		func(n int) string {
			return "/api/v1/state?track=attacked&at=" + url.QueryEscape(fmt.Sprintf("2026-06-09T17:%02d:%02dZ", n/60%60, n%60))
		},
		func(n int) string {
			return "/tracks/attacked/badge.svg?tz=" + url.QueryEscape([]string{"UTC", "Asia/Tokyo", "Europe/Berlin"}[n%3]) + "&as_of=" + day.AddDays(-n).String()
		},
		func(n int) string {
			return "/api/v1/tracks/attacked?as_of=2026-11-21" + strings.Repeat("&", n%50) // a spelling
		},
	}
	hits, asked := x.gauge(t, "cyclecal_cache_hits_total"), 0.0
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for n := range 100 {
		for _, form := range forms {
			if a := x.ask(t, http.MethodGet, form(n), ""); a.status != http.StatusOK {
				t.Fatalf("GET %s = %d %s", form(n), a.status, a.body)
			}
		}
		if n%10 == 0 {
			x.see(t, popular)
			asked++
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	const most = 64 << 20 // as the README says
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > most {
		t.Errorf("the heap has grown by %d bytes, want at most %d", grown, most)
	}
	if got := x.gauge(t, "cyclecal_cache_bytes"); got > most || got == 0 {
		t.Errorf("answers take %v bytes, want some and at most %d", got, most)
	}
	if got := x.gauge(t, "cyclecal_cache_hits_total") - hits; got < asked {
		t.Errorf("%v hits, want at least the %v of the popular answer", got, asked)
	}
	misses := x.gauge(t, "cyclecal_cache_misses_total")
	x.see(t, popular)
	if got := x.gauge(t, "cyclecal_cache_misses_total"); got != misses {
		t.Error("the popular answer was dropped")
	}
}

// tryYAMLBombs applies files that are small, and would be large or deep.
func tryYAMLBombs(t *testing.T, _ *victim) {
	laughs := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for n := 1; n < 12; n++ {
		laughs += fmt.Sprintf("a%d: &a%d [%s]\n", n, n, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", n-1), 10), ","))
	}
	for what, text := range map[string]string{
		"laughs": laughs + "rings: *a11\n", "itself": "rings: &a [*a]\n", "merges": "a: &a {b: 1}\nrings: [{<<: [*a,*a,*a,*a], id: x}]\n",
		"flow depth": "rings: " + strings.Repeat("[", 100_000), "map depth": "rings: " + strings.Repeat("{a: ", 20_000), "block depth": strings.Repeat("- ", 100_000),
		"a number": "rings: [{id: x, deferral: " + strings.Repeat("9", 10_000) + "}]", "an exponent": "rings: [{id: x, deferral: 1e999999999}]",
		"names twice": "rings: [{id: x, id: y}]\nrings: []\n", "documents": strings.Repeat("---\nrings: []\n", 1_000), "many": "rings: [" + strings.Repeat("x,", 201_000) + "]",
		"a tag": "rings: [!!python/object/apply:os.system ['true']]\n", "binary": "rings: !!binary " + strings.Repeat("A", 1000), "a directive": "%YAML 9.9\n---\nrings: []\n",
		"2 MiB": "rings: # " + strings.Repeat("x", 2<<20), "anchors": "rings: [" + strings.Repeat("&a x,", 5_000) + "]", "no UTF-8": "rings: \xff\xfe", "NUL": "rings: \x00",
		"JSON depth": `{"rings":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}",
	} {
		if code, _, stderr := carryOut(t, "apply", "-f", fileOf(t, "fleet.yaml", text), "--dry-run", "--data-dir", t.TempDir()); code != exitUsage || len(stderr) > 256<<10 {
			t.Errorf("%s: exit code %d and %d bytes, want %d in a few:\n%.300s", what, code, len(stderr), exitUsage, stderr)
		}
	}
}

// tryJSONBombs sends documents that are deep, or have numbers that no program should count to.
func tryJSONBombs(t *testing.T, x *victim) {
	for what, body := range map[string]string{
		"depth": strings.Repeat("[", 500_000), "closed depth": strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000), "objects": strings.Repeat(`{"a":`, 100_000),
		"a number": `{"deferral":` + strings.Repeat("9", 500_000) + "}", "an exponent": `{"deferral":1e999999999}`, "a name twice": `{"deferral":1,"deferral":2}`,
		"a text": `{"window":"` + strings.Repeat(`\u0000`, 100_000) + `"}`, "null": "null", "nothing": "", "two": "{}{}", "UTF-16": "\xff\xfe{\x00}\x00", "a mark": "\xef\xbb\xbf{}",
		"__proto__": `{"__proto__":{"deferral":1}}`, "a surrogate": `{"id":"\ud800"}`,
	} {
		for _, target := range []string{"PUT /api/v1/rings/attacked", "POST /api/v1/eligibility"} {
			method, path, _ := strings.Cut(target, " ")
			if a := x.ask(t, method, path, body, "Authorization", x.bearer(), "Content-Type", "application/json"); a.status != http.StatusBadRequest || len(a.body) > 16<<10 {
				t.Errorf("%s of %s = %d and %d bytes, want 400 in a few: %.200s", target, what, a.status, len(a.body), a.body)
			}
		}
	}
}

// tryZippedBodies sends what is said to be compressed: nothing here takes it.
func tryZippedBodies(t *testing.T, x *victim) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	if _, err := z.Write(make([]byte, 4<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for path, operations := range x.paths(t) {
		for method := range operations {
			if method != "put" && method != "post" || strings.HasSuffix(path, "/rotate") {
				continue
			}
			media := "application/json"
			if path == "/api/v1/devices" {
				media = "text/csv"
			}
			for _, coding := range []string{"gzip", "deflate", "br", "gzip, gzip"} {
				a := x.ask(t, strings.ToUpper(method), placed(path, x), bomb.String(), "Authorization", x.bearer(), "Content-Type", media, "Content-Encoding", coding)
				if a.status != http.StatusUnsupportedMediaType {
					t.Errorf("%s %s in %s = %d, want 415: %.200s", method, path, coding, a.status, a.body)
				}
			}
		}
	}
}

// tryBackups restores what is no copy, or a changed one, over a store that must stay as it is.
func tryBackups(t *testing.T, x *victim) {
	dir := t.TempDir()
	good := filepath.Join(dir, "good")
	if code, _, stderr := carryOut(t, "backup", good, "--data-dir", x.dataDir); code != exitDone {
		t.Fatalf("backup: %d %s", code, stderr)
	}
	copied, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := carryOut(t, "restore", good, "--data-dir", dir); code != exitDone {
		t.Fatalf("restore: %d %s", code, stderr)
	}
	_, before, _ := carryOut(t, "backup", "-", "--data-dir", dir)
	lines := strings.SplitAfter(string(copied), "\n")
	for what, text := range map[string]string{
		"an endless line": lines[0] + strings.Repeat("x", 20<<20), "nothing": "", "zeros": string(make([]byte, 4096)), "a zip": "PK\x03\x04" + string(copied), "gzip": "\x1f\x8b\x08" + string(copied),
		"cut short": string(copied[:len(copied)/2]), "no end": strings.Join(lines[:len(lines)-2], ""), "more": string(copied) + "{}\n", "a changed byte": strings.Replace(string(copied), `"kind":"rings"`, `"kind":"tokens"`, 1),
		"a line twice": strings.Join(append([]string{lines[0], lines[1]}, lines[1:]...), ""), "a later format": strings.Replace(string(copied), `"version":1`, `"version":999999`, 1),
		"a revision of no store": strings.Replace(string(copied), `"revision":`, `"revision":9`, 1), "depth": lines[0] + strings.Repeat("[", 1<<20) + "\n", "SQL": "'; DROP TABLE documents; --\n",
	} {
		if code, _, stderr := carryOut(t, "restore", fileOf(t, "copy", text), "--force", "--data-dir", dir); code == exitDone || len(stderr) > 4096 || strings.Contains(stderr, "panic") {
			t.Errorf("%s: exit code %d, want a short refusal: %.300s", what, code, stderr)
		}
	}
	if _, after, stderr := carryOut(t, "backup", "-", "--data-dir", dir); after != before || after == "" {
		t.Errorf("after all of them the store is another: %s", stderr)
	}
	tryForeignFile(t)
}

// tryForeignFile serves from files that are no store of ours, or that have what no door takes.
func tryForeignFile(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	for _, text := range []string{"SQLite format 3\x00" + strings.Repeat("\xff", 8192), strings.Repeat("x", 8192)} {
		if err := os.WriteFile(filepath.Join(dir, "cyclecal.db"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, _, stderr := carryOut(t, "serve", "--listen=127.0.0.1:0", "--data-dir", dir); code != exitFailed || strings.Contains(stderr, "panic") {
			t.Errorf("a file of %.20q: exit code %d, %s", text, code, stderr)
		}
	}
	dir = t.TempDir()
	s, err := store.OpenSQLite(t.Context(), filepath.Join(dir, "cyclecal.db"))
	if err != nil {
		t.Fatal(err)
	}
	body := `{"id":"evil","name":"a\r\nBEGIN:VEVENT","first_month":"2026-01","rule":{"baseline_months":[1],"release_day":"last day","release_time":"10:00","time_zone":"UTC"}}`
	if _, err := s.Write(t.Context(), store.Batch{Who: "x", At: testClock(), Writes: []store.Write{{Kind: "tracks", ID: "evil", Body: []byte(body), Match: store.Any}}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	served := serveForTest(t, nil, "--listen=127.0.0.1:0", "--data-dir", dir)
	_, _, feed := get(t, served.url+"/calendars/all.ics")
	_, _, ready := get(t, served.url+"/readyz")
	if strings.Contains(feed, "evil") || !strings.Contains(ready, `"left_out":1`) {
		t.Errorf("a track that no door takes is served: %s", ready)
	}
}
