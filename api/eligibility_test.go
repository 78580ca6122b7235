package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle"
)

const eligibilityPath = "/api/v1/eligibility"

// judged sends facts and returns what came back.
func judged(t testing.TB, h http.Handler, target, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

type verdictRow struct {
	Index          int
	Track, Verdict string
	Requirements   []struct{ ID, State string }
}

func verdicts(t testing.TB, w *httptest.ResponseRecorder) []verdictRow {
	t.Helper()
	var answer struct {
		Data []verdictRow
		Meta struct {
			AsOf string `json:"as_of"`
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK || answer.Meta.AsOf == "" {
		t.Fatalf("%d %.300s: %v, want rows and what they are of", w.Code, w.Body, err)
	}
	return answer.Data
}

// As many devices as may be asked about are, each by its place; one more, or none, is too many.
func TestEligibilityOfMany(t *testing.T) {
	h := newHandler(t, api.Config{})
	many := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat(`{"vbs":false},`, n), ",") + "]" }
	w := judged(t, h, eligibilityPath+"?track=windows-11-24h2", many(1000))
	rows := verdicts(t, w)
	if len(rows) != 1000 {
		t.Fatalf("%d rows, want 1000", len(rows))
	}
	for i, row := range rows {
		if row.Index != i || row.Verdict != "not" {
			t.Fatalf("row %d is %+v, want index %d and a verdict of not", i, row, i)
		}
	}
	for _, n := range []int{0, 1001} {
		if w := judged(t, h, eligibilityPath, many(n)); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), fmt.Sprintf("%d devices: want 1 to 1000", n)) {
			t.Errorf("%d devices = %d %s, want 400", n, w.Code, w.Body)
		}
	}
	if w := judged(t, h, eligibilityPath, `{"version":"`+strings.Repeat("x", 1<<20)+`"}`); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("more than 1 MiB = %d %.200s, want 413", w.Code, w.Body)
	}
	if w := judged(t, h, eligibilityPath, "["+strings.TrimSuffix(strings.Repeat(`{"a":1,"b":2},`, 900), ",")+"]"); w.Code != http.StatusBadRequest || w.Body.Len() > 16<<10 {
		t.Errorf("1800 faults = %d, %d bytes, want a 400 that tells a few", w.Code, w.Body.Len())
	}
}

// A question in the query and the same in the body have the same answer.
func TestEligibilityByQuery(t *testing.T) {
	h := newHandler(t, api.Config{})
	asked := serve(t, h, eligibilityPath+"?product=windows-11&version=24H2&vbs=true").Body.String()
	sent := judged(t, h, eligibilityPath, `{"product": "windows-11", "version": "24H2", "vbs": true, "edition": null}`).Body.String()
	if asked != sent {
		t.Errorf("GET = %.300s\nPOST = %.300s", asked, sent)
	}
}

// Nothing of what is sent or asked is kept or logged.
func TestEligibilityIsForgotten(t *testing.T) {
	var lines bytes.Buffer
	snapshot := snapshotOf(builtIn(t))
	h := newHandler(t, api.Config{Source: snapshot, Log: slog.New(slog.NewTextHandler(&lines, nil))})
	judged(t, h, eligibilityPath, `{"build": "26100.4242"}`)
	judged(t, h, eligibilityPath, `{"build": "26100.4242", "colour": 1}`)
	serve(t, h, eligibilityPath+"?build=26100.4242")
	serve(t, h, "/eligible?build=26100.4242")
	if strings.Contains(lines.String(), "4242") || lines.Len() == 0 {
		t.Errorf("the log has %s, want lines without the facts", &lines)
	}
	if n, _ := snapshot.Kept(); n != 0 {
		t.Errorf("%d answers are kept, want none", n)
	}
}

// Where everything needs a token, this does too.
func TestEligibilityIsPublicLikeTheSchedule(t *testing.T) {
	c := fleetConfig(t)
	c.Closed = true
	h := newHandler(t, c)
	if w := judged(t, h, eligibilityPath, "{}"); w.Code != http.StatusUnauthorized {
		t.Errorf("without a token = %d, want 401", w.Code)
	}
}

// Tracks of which no requirements are known are not in the answer, and without any there is none.
func TestEligibilityWithoutRequirements(t *testing.T) {
	h := newHandler(t, api.Config{Requirements: []cycle.Requirement{}})
	if rows := verdicts(t, judged(t, h, eligibilityPath, "{}")); len(rows) != 0 {
		t.Errorf("%d rows, want none", len(rows))
	}
}

// FuzzEligibility sends any body. It is judged, or refused for what is wrong with it, at a place
// that the body has.
func FuzzEligibility(f *testing.F) {
	h := newHandler(f, api.Config{})
	for _, body := range []string{
		"{}", "[]", "[{}]", "null", "1", `""`, "", `{"product":"windows-11","vbs":true,"build":"26100.1","baseline":"2026-06"}`, `[{"vbs":null},{"vbs":[1]},3]`,
		`{"vbs":true,"vbs":false}`, `{"a":{"b":[{"c":"}"}]}}`, `{"\u0000~/\ud800":1}`, "\ufeff{}", `{"build":"26100.99999999999"}`, `[[{}]]`, `{"baseline":"9999-12"}`,
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		w := judged(t, h, eligibilityPath, body)
		if w.Code == http.StatusOK {
			for _, row := range verdicts(t, w) {
				if len(row.Requirements) == 0 || row.Track == "" || row.Verdict != "eligible" && row.Verdict != "not" && row.Verdict != "unknown" {
					t.Errorf("%q: %+v, want a verdict with its requirements", body, row)
				}
			}
			return
		}
		var problem struct {
			Detail string
			Errors []struct{ Pointer, Detail string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || w.Code != http.StatusBadRequest && w.Code != http.StatusRequestEntityTooLarge || problem.Detail == "" {
			t.Errorf("%q = %d %s: %v, want a 400 that says why", body, w.Code, w.Body, err)
		}
	})
}

// What a thousand devices of which hardly anything is known cost: every requirement of every track.
func BenchmarkEligibility(b *testing.B) {
	h := newHandler(b, api.Config{})
	body := "[" + strings.TrimSuffix(strings.Repeat(`{"vbs":true},`, 1000), ",") + "]"
	size := 0
	for b.Loop() {
		size = judged(b, h, eligibilityPath, body).Body.Len()
	}
	b.ReportMetric(float64(size)/1000, "B/device")
}
