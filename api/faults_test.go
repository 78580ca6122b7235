package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/api"
)

// A thousand wrong names cost, and say, hardly more than a few.
func TestManyFaults(t *testing.T) {
	h := newHandler(t, api.Config{})
	var query strings.Builder
	for i := range 1_500 {
		fmt.Fprintf(&query, "a%d&", i)
	}
	for _, target := range []string{
		"/api/v1/schedule?" + query.String(),
		"/api/v1/schedule?" + strings.Repeat("track=x&", 700),
		"/calendars/all.ics?" + strings.Repeat("include=x&", 700),
	} {
		w := serve(t, h, target)
		if w.Code != http.StatusBadRequest {
			t.Fatalf("GET %.40s… = %d, want 400", target, w.Code)
		}
		var p struct {
			Errors []struct{ Parameter, Detail string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		if n := len(p.Errors); n < 2 || n > 20 || w.Body.Len() > 16<<10 {
			t.Errorf("GET %.40s… tells %d errors in %d bytes, want a few that say what is wrong", target, n, w.Body.Len())
		}
	}
}

// What is to come can't be looked back from; the day that it is somewhere already can.
func TestAsOfToCome(t *testing.T) {
	h := newHandler(t, api.Config{})
	for day, want := range map[string]int{
		"2026-11-21": http.StatusOK, "2026-11-22": http.StatusOK, "2026-11-23": http.StatusOK, // today is the 22nd
		"2026-11-24": http.StatusBadRequest, "2099-01-01": http.StatusBadRequest,
	} {
		w := serve(t, h, "/api/v1/schedule?from=2026-12&to=2026-12&as_of="+day)
		if w.Code != want {
			t.Errorf("as_of=%s = %d, want %d: %s", day, w.Code, want, w.Body)
		}
		if want == http.StatusOK && strings.Contains(w.Body.String(), `"unconfirmed"`) {
			t.Errorf("as_of=%s calls a month to come unconfirmed: %s", day, w.Body)
		}
	}
}

// However a question is spelled, the answer is the same bytes, rendered once.
func TestSpelling(t *testing.T) {
	s := snapshotOf(builtIn(t))
	h := newHandler(t, api.Config{Source: s})
	first := serve(t, h, "/api/v1/schedule?from=2026-01&to=2026-06&kind=baseline")
	again := serve(t, h, "/api/v1/schedule?kind=baseline&to=2026%2D06&from=2026-01")
	if got, want := again.Header().Get("ETag"), first.Header().Get("ETag"); got != want || got == "" {
		t.Errorf("ETag of another spelling = %q, want %q", got, want)
	}
	if again.Body.String() != first.Body.String() {
		t.Error("another spelling has another body")
	}
	if made := api.Measure(s, instant(t, today)).Cache.Misses; made != 1 {
		t.Errorf("it was rendered %d times, want once", made)
	}
}
