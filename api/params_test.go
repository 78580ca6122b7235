package api_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/api"
)

// sample returns a value that the document says is right.
func sample(t *testing.T, s schema) string {
	t.Helper()
	switch {
	case s.Items != nil:
		return sample(t, *s.Items)
	case s.Example != nil:
		text, ok := s.Example.(string)
		if !ok {
			t.Fatalf("example %v: want a string", s.Example)
		}
		return text
	case len(s.Enum) > 0:
		return s.Enum[0]
	case s.Format == "date":
		return "2026-06-10"
	case s.Minimum != nil:
		return strconv.Itoa(*s.Minimum)
	case strings.Contains(s.Pattern, "a-z0-9-"):
		return "windows-11-24h2"
	}
	t.Fatalf("schema %+v tells no value", s)
	return ""
}

// A route takes each parameter that it documents, in the way that the document says.
func TestDocumentedParameters(t *testing.T) {
	s := newSite(t, fleetConfig(t))
	for path, operations := range describe(t).Paths {
		for _, p := range operations["get"].Parameters {
			if p.In != "query" || p.Name == "cursor" {
				continue // a cursor comes from an answer: TestCursor
			}
			target := pathOf(path) + "?" + p.Name + "=" + url.QueryEscape(sample(t, p.Schema))
			if p.Name == "to" {
				target += "&from=2026-01" // else it would come before this month
			}
			for _, other := range operations["get"].Parameters {
				if other.In == "query" && other.Required && other.Name != p.Name {
					target += "&" + other.Name + "=" + url.QueryEscape(sample(t, other.Schema))
				}
			}
			if answer := s.get(target, asAdmin); answer.StatusCode != http.StatusOK {
				t.Errorf("GET %s = %d %s, want 200", target, answer.StatusCode, answer.body)
			}
			if p.Required {
				if answer := s.get(pathOf(path), asAdmin); answer.StatusCode != http.StatusBadRequest || !strings.Contains(answer.body, `"`+p.Name+`"`) {
					t.Errorf("GET %s = %d %s, want 400 that names %s", path, answer.StatusCode, answer.body, p.Name)
				}
			}
			again := target + "&" + p.Name + "=x"
			if answer := s.get(again, asAdmin); answer.StatusCode != http.StatusBadRequest || !strings.Contains(answer.body, `"`+p.Name+`"`) {
				t.Errorf("GET %s = %d %s, want 400 that names %s", again, answer.StatusCode, answer.body, p.Name)
			}
		}
	}
}

// A route refuses each parameter that it does not document, and lists those that it does.
func TestUndocumentedParameters(t *testing.T) {
	s := newSite(t, fleetConfig(t))
	paths := describe(t).Paths
	known := map[string]bool{"limits": true, "Track": true, "": true}
	for _, operations := range paths {
		for _, p := range operations["get"].Parameters {
			known[p.Name] = true
		}
	}
	for path, operations := range paths {
		if path == "/metrics" || operations["get"].OperationID == "" {
			continue // it looks at nothing of a request, or is no GET
		}
		own := map[string]bool{}
		var list []string
		for _, p := range operations["get"].Parameters {
			if p.In == "query" {
				own[p.Name] = true
				list = append(list, p.Name)
			}
		}
		for name := range known {
			if own[name] {
				continue
			}
			target := pathOf(path) + "?" + name + "=2026"
			if answer := s.get(target, asAdmin); answer.StatusCode != http.StatusBadRequest || !strings.Contains(answer.body, strings.Join(list, ", ")) {
				t.Errorf("GET %s = %d %s, want 400 that lists %v", target, answer.StatusCode, answer.body, list)
			}
		}
	}
}

// A page tells what it shows: that it looks back, and the ring of which one number was given.
func TestPageTellsWhatItShows(t *testing.T) {
	h := newHandler(t, api.Config{})
	for target, want := range map[string]string{
		"/?as_of=2026-05-20":                 "As it was known on Wednesday, 20 May 2026",
		"/tracks/windows-11-24h2?deferral=1": "every device restarted by <b>Wed 13 Jan 2027</b>",
		"/tracks/windows-11-24h2?deadline=2": "every device restarted by <b>Thu 14 Jan 2027</b>",
		"/tracks/windows-11-24h2?grace=3":    "every device restarted by <b>Fri 15 Jan 2027</b>",
	} {
		if body := serve(t, h, target).Body.String(); !strings.Contains(body, want) {
			t.Errorf("GET %s: want %q in it", target, want)
		}
	}
}

// Of a track whose every month restarts no planned hotpatch could hold.
func TestStatsWithoutHotpatches(t *testing.T) {
	facts := builtIn(t)[:1]
	rule := &facts[0].Track.Rule
	rule.BaselineMonths = nil
	for m := time.January; m <= time.December; m++ {
		rule.BaselineMonths = append(rule.BaselineMonths, m)
	}
	w := serve(t, newHandler(t, api.Config{Source: snapshotOf(facts)}), "/api/v1/stats")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"held_share":null`) {
		t.Errorf("stats = %d %s, want a share that nobody knows", w.Code, w.Body)
	}
}

// Pages of rows, joined, are the rows of one page, whatever their size.
func TestCursor(t *testing.T) {
	s := newSite(t, api.Config{})
	query := "/api/v1/schedule?from=2026-01&to=2026-12&kind=baseline&ring=a:1&ring=b:2"
	checkPages(t, s, query, rows(t, s.get(query)), "1", "7", "30")
}

// checkPages holds that the pages of an answer, joined, are its rows, with each of the limits.
func checkPages(t *testing.T, s *site, query string, whole []any, limits ...string) {
	t.Helper()
	for _, limit := range limits {
		var got []any
		next, pages := query+"&limit="+limit, 0
		for next != "" && pages <= len(whole) {
			answer := s.get(next)
			got = append(got, rows(t, answer)...)
			next, _, _ = strings.Cut(strings.TrimPrefix(answer.Header.Get("Link"), "<"), ">")
			pages++
		}
		if diff := cmp.Diff(whole, got); diff != "" {
			t.Errorf("limit %s in %d pages (-want +got):\n%s", limit, pages, diff)
		}
	}
}
