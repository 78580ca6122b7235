package api_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle"
)

// targets are one of each sort of answer.
var targets = []string{
	"/api/v1/tracks", "/api/v1/tracks/windows-server-2025", "/api/v1/schedule", "/api/v1/schedule.csv",
	"/api/v1/tracks/windows-11-24h2/months/2026-06?ring=pilot:1/2/2", "/api/v1/next?ring=pilot:1/2/2", "/api/v1/releases.csv",
	"/api/v1/state", "/calendars/all.ics", "/docs", "/assets/page.css", "/dashboards/grafana.json", "/api/v1/annotations?from=2026-05&to=2026-07", "/api/v1/schedule?shape=rows",
	"/", "/tracks/windows-11-24h2?deferral=1&deadline=2&grace=2", "/tracks/windows-11-24h2/badge.svg", "/tracks/windows-11-24h2/year.svg",
}

// RFC 9110, 8.8.3.3: each encoding has a strong ETag of its own; both hold the same bytes.
func TestETagOfEachEncoding(t *testing.T) {
	s := newSite(t, api.Config{})
	strong := regexp.MustCompile(`^"[!#-~]+"$`)
	for _, target := range targets {
		plain, zipped := s.get(target), s.get(target, "Accept-Encoding: gzip")
		for _, answer := range []reply{plain, zipped} {
			if tag := answer.Header.Get("ETag"); !strong.MatchString(tag) || answer.StatusCode != http.StatusOK {
				t.Errorf("GET %s = %d with ETag %s, want 200 and a strong one", target, answer.StatusCode, tag)
			}
			if got := answer.Header.Get("Vary"); got != "Accept-Encoding" {
				t.Errorf("GET %s: Vary = %q, want Accept-Encoding", target, got)
			}
			if answer.ContentLength != int64(len(answer.body)) {
				t.Errorf("GET %s: Content-Length = %d, want %d", target, answer.ContentLength, len(answer.body))
			}
		}
		if zipped.Header.Get("Content-Encoding") == "" {
			if len(plain.body) >= 1024 {
				t.Errorf("GET %s: %d bytes without gzip", target, len(plain.body))
			}
			continue
		}
		if plain.Header.Get("ETag") == zipped.Header.Get("ETag") {
			t.Errorf("GET %s: gzip has the ETag of the plain form, %s", target, plain.Header.Get("ETag"))
		}
		if got := gunzip(t, zipped.body); got != plain.body {
			t.Errorf("GET %s: gzip holds %d other bytes than the plain form's %d", target, len(got), len(plain.body))
		}
	}
}

func gunzip(t *testing.T, s string) string {
	t.Helper()
	z, err := gzip.NewReader(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// gzip comes only when it was asked for.
func TestGzipWhenAskedFor(t *testing.T) {
	s := newSite(t, api.Config{})
	for accept, want := range map[string]string{
		"gzip": "gzip", "GZIP": "gzip", "x-gzip": "gzip", "gzip;q=0.1": "gzip", "br, gzip": "gzip", "deflate , gzip ; q=1": "gzip", "gzip;q=x": "gzip",
		"gzip, identity;q=0": "gzip",
		"":                   "", "identity": "", "*": "", "*;q=0": "", "gzip;q=0": "", "gzip; q=0.000": "", "gzip;Q=0": "", "br": "", "gzipped": "",
		"gzip;q=0, identity": "", "notgzip, br;q=1": "",
	} {
		answer := s.get("/api/v1/tracks", "Accept-Encoding: "+accept)
		if got := answer.Header.Get("Content-Encoding"); got != want || answer.StatusCode != http.StatusOK {
			t.Errorf("Accept-Encoding %q = %d %q, want 200 %q", accept, answer.StatusCode, got, want)
		}
	}
	if got := s.get("/api/v1/tracks").Header.Get("Content-Encoding"); got != "" {
		t.Errorf("without Accept-Encoding: Content-Encoding = %q, want none", got)
	}
}

// RFC 9110, 13.1 and 13.2.2: If-None-Match compares weakly, takes lists and *, and
// wins over If-Modified-Since.
func TestConditions(t *testing.T) {
	s := newSite(t, api.Config{})
	for _, target := range targets {
		answer := s.get(target)
		tag, modified := answer.Header.Get("ETag"), answer.Header.Get("Last-Modified")
		for _, tt := range []struct {
			headers []string
			want    int
		}{
			{[]string{"If-None-Match: " + tag}, 304},
			{[]string{"If-None-Match: W/" + tag}, 304},
			{[]string{`If-None-Match: "a", ` + tag + `, "b"`}, 304},
			{[]string{`If-None-Match: "a"`, "If-None-Match: " + tag}, 304},
			{[]string{"If-None-Match: *"}, 304},
			{[]string{`If-None-Match: "a"`}, 200},
			{[]string{"If-None-Match: "}, 200},
			{[]string{"If-None-Match: " + strings.Trim(tag, `"`)}, 200},
			{[]string{"If-Modified-Since: " + modified}, 304},
			{[]string{"If-Modified-Since: Mon, 01 Jan 2001 00:00:00 GMT"}, 200},
			{[]string{"If-Modified-Since: " + strings.Replace(modified, "GMT", "+0000", 1)}, 200},
			{[]string{`If-None-Match: "a"`, "If-Modified-Since: " + modified}, 200},
			{[]string{"If-None-Match: " + tag, "If-Modified-Since: Mon, 01 Jan 2001 00:00:00 GMT"}, 304},
		} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				got := s.ask(method, target, tt.headers...)
				if got.StatusCode != tt.want || (got.body != "") != (tt.want == 200 && method == http.MethodGet) {
					t.Errorf("%s %s with %q = %d, %d bytes, want %d", method, target, tt.headers, got.StatusCode, len(got.body), tt.want)
				}
				if got.Header.Get("ETag") != tag || got.Header.Get("Cache-Control") == "" {
					t.Errorf("%s %s with %q: ETag %s, Cache-Control %q, want %s and one",
						method, target, tt.headers, got.Header.Get("ETag"), got.Header.Get("Cache-Control"), tag)
				}
			}
		}
	}
}

// The ETag of one encoding says nothing of the other.
func TestConditionOfTheOtherEncoding(t *testing.T) {
	s := newSite(t, api.Config{})
	plain, zipped := s.get("/api/v1/tracks"), s.get("/api/v1/tracks", "Accept-Encoding: gzip")
	for _, tt := range []struct {
		tag, accept string
		want        int
	}{
		{plain.Header.Get("ETag"), "gzip", 200},
		{zipped.Header.Get("ETag"), "identity", 200},
		{plain.Header.Get("ETag"), "identity", 304},
		{zipped.Header.Get("ETag"), "gzip", 304},
	} {
		got := s.get("/api/v1/tracks", "If-None-Match: "+tt.tag, "Accept-Encoding: "+tt.accept)
		if got.StatusCode != tt.want || got.Header.Get("Content-Encoding") == "gzip" && got.StatusCode == 304 {
			t.Errorf("If-None-Match %s with Accept-Encoding %s = %d %v, want %d", tt.tag, tt.accept, got.StatusCode, got.Header, tt.want)
		}
	}
}

// HEAD tells what GET would, without the body.
func TestHead(t *testing.T) {
	s := newSite(t, api.Config{})
	for _, target := range append([]string{"/healthz", "/readyz", "/nothing", "/api/v1/tracks?x=1"}, targets...) {
		get, head := s.get(target), s.ask(http.MethodHead, target)
		if head.StatusCode != get.StatusCode || head.body != "" {
			t.Errorf("HEAD %s = %d, %d bytes, want %d and none", target, head.StatusCode, len(head.body), get.StatusCode)
		}
		for _, name := range []string{"Content-Type", "ETag", "Last-Modified", "Cache-Control", "Content-Length", "Vary"} {
			if head.Header.Get(name) != get.Header.Get(name) {
				t.Errorf("HEAD %s: %s = %q, want %q", target, name, head.Header.Get(name), get.Header.Get(name))
			}
		}
	}
}

// source is a snapshot that can be replaced.
type source struct{ now *api.Snapshot }

func (s *source) Snapshot() *api.Snapshot { return s.now }

// A client that has the answer of the snapshot before is told that it has changed,
// by either condition.
func TestNewSnapshot(t *testing.T) {
	facts := builtIn(t)
	src, c := &source{snapshotOf(facts)}, newClock(t, today)
	h := newHandler(t, api.Config{Source: src, Now: c.time})
	targets := []string{"/api/v1/schedule?from=2026-06&to=2026-06", "/api/v1/releases?as_of=2026-11-20", "/calendars/all.ics"}
	for _, target := range targets {
		old := serve(t, h, target)
		src.now = api.NewSnapshot(api.Contents{Revision: 2, Facts: withNotice(facts)})
		c.set(c.time().Add(time.Second)) // a Last-Modified has no more than seconds
		for _, condition := range []string{
			"If-None-Match: " + old.Header().Get("ETag"), "If-Modified-Since: " + old.Header().Get("Last-Modified"),
		} {
			got := serve(t, h, target, condition)
			if got.Code != http.StatusOK || got.Body.String() == old.Body.String() {
				t.Errorf("GET %s with %s after a new snapshot = %d, want 200 and another body", target, condition, got.Code)
			}
		}
		src.now = snapshotOf(facts)
	}
}

// withNotice adds a fact that has been known for long, as a late editor would.
func withNotice(facts []cycle.Facts) []cycle.Facts {
	changed := append([]cycle.Facts(nil), facts...)
	day := cycle.DateOf(2026, 11, 20)
	f := &changed[0]
	f.Notices = append(slices.Clip(f.Notices), cycle.Notice{
		Track: f.Track.ID, Month: day.Month().AddMonths(1), Kind: cycle.Baseline, KnownOn: day, Reason: "Announced",
	})
	f.Releases = append(slices.Clip(f.Releases), cycle.Release{
		Track: f.Track.ID, Month: day.Month(), KB: "KB5999999", Type: cycle.TypeHotpatch, Date: day, KnownOn: day,
	})
	return changed
}
