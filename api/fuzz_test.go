package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/api"
)

// fuzzed is a service with little memory, so that hardly anything is asked twice of it.
func fuzzed(f *testing.F) http.Handler {
	f.Helper()
	snapshot := api.NewSnapshot(fleetContents(f))
	snapshot.KeepAtMost(1 << 20)
	return newHandler(f, api.Config{Source: snapshot, Documents: keeper{}})
}

// answered sends a request as it is, however wrong, and holds that the answer is a
// whole one: never a fault of ours, and a problem document where it is not a 200.
func answered(t *testing.T, h http.Handler, path, query string) int {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.URL = &url.URL{Path: path, RawQuery: query}
	r.RequestURI = path + "?" + query
	r.Header.Set("Authorization", "Bearer "+adminSecret)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code == http.StatusOK {
		return w.Code
	}
	var problem struct {
		Title, Detail string
		Status        int
	}
	err := json.Unmarshal(w.Body.Bytes(), &problem)
	if w.Code < 400 || w.Code >= 500 || err != nil || problem.Status != w.Code || problem.Title == "" || problem.Detail == "" {
		t.Errorf("GET %q?%q = %d %q, want a 200 or a problem document of the client's fault: %v", path, query, w.Code, w.Body, err)
	}
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("GET %q?%q = %d %s, want application/problem+json", path, query, w.Code, got)
	}
	return w.Code
}

// FuzzQuery sends any query to any route. It is answered, or refused as a whole.
func FuzzQuery(f *testing.F) {
	h := fuzzed(f)
	for n, query := range []string{
		"", "ring=pilot:1/2/2&tz=Asia/Tokyo", "from=2026-01&to=2026-12&kind=baseline&restart=true&limit=1&cursor=2026-01.windows-11-24h2",
		"from=2026-13;to=x", "%zz=%ff&=&&", "at=2026-06-09T17:00:00Z&as_of=0001-01-01", "past=600&ahead=0&alarm=P1DT6H&style=timed&include=cumulative,component",
		"tz=../../etc/passwd", "from=9999-12&to=9999-12&tz=Pacific/Kiritimati", "type=component&out_of_band=false", "year=2026&month=2026-06&deferral=30",
	} {
		for offset := range uint8(6) {
			f.Add(uint8(n)*6+offset, query)
		}
	}
	paths := api.Routes(f)
	f.Fuzz(func(t *testing.T, n uint8, query string) {
		path := pathOf(paths[int(n)%len(paths)])
		if code := answered(t, h, path, query); code != 200 && code != http.StatusBadRequest && code != http.StatusRequestURITooLong && code != http.StatusMethodNotAllowed {
			t.Errorf("GET %s?%q = %d, want 200, 400, 405 or 414", path, query, code)
		}
	})
}

// FuzzPath sends any path.
func FuzzPath(f *testing.F) {
	h := fuzzed(f)
	for _, path := range api.Routes(f) {
		f.Add(pathOf(path))
	}
	for _, path := range []string{"/", "//", "/\xff", "/a\nb", "/calendars/.ics", "/calendars/a,,b.ics", "/tracks/..", "/assets/../page.go", "/api/v1/tracks/a/months/0000-00"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		if path == "" || path[0] != '/' {
			path = "/" + path
		}
		answered(t, h, path, "")
	})
}

// FuzzConditions sends any conditions and any body with a write. It is carried out, or refused
// for what is wrong with it.
func FuzzConditions(f *testing.F) {
	h := newHandler(f, fleetConfig(f))
	f.Add(`"2"`, "", "k", "application/json", "{}")
	f.Add(`W/"2", "3-gzip",*`, "*", "\x7f", "text/plain; charset=latin1", "null")
	f.Fuzz(func(t *testing.T, match, none, key, media, body string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, "/api/v1/rings/pilot", strings.NewReader(body))
		r.Header = http.Header{
			"Authorization": {"Bearer " + editorSecret}, "If-Match": {match}, "If-None-Match": {none}, "Idempotency-Key": {key}, "Content-Type": {media},
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK && (w.Code < 400 || w.Code >= 500) {
			t.Errorf("PUT with %q, %q, %q, %q: %d %s, want 200 or a fault of the client's", match, none, key, media, w.Code, w.Body)
		}
	})
}

// FuzzHeaders asks by any headers for what is there: all get the same, as it is or compressed, or are told that
// they have it, or that they take nothing that there is.
func FuzzHeaders(f *testing.F) {
	h := fuzzed(f)
	want := httptest.NewRecorder()
	h.ServeHTTP(want, httptest.NewRequestWithContext(f.Context(), http.MethodGet, "/api/v1/tracks", nil))
	f.Add("gzip", "", "", "*/*", "abc")
	f.Add("gzip;q=0, *;q=1", `W/"a", *`, "Sun, 22 Nov 2026 00:00:00 GMT", "application/json;q=0.1, text/*;q=0", "a b")
	f.Add("x-gzip ; Q = 0.000", want.Header().Get("Etag"), "x", ",;,=", strings.Repeat("x", 65))
	f.Fuzz(func(t *testing.T, encoding, none, since, accept, id string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/tracks", nil)
		r.Header = http.Header{"Accept-Encoding": {encoding}, "If-None-Match": {none}, "If-Modified-Since": {since}, "Accept": {accept}, "X-Request-Id": {id}}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		body := w.Body.String()
		if w.Header().Get("Content-Encoding") == "gzip" {
			body = gunzip(t, body)
		}
		switch w.Code {
		case http.StatusOK:
			if body != want.Body.String() {
				t.Errorf("%v gets another body: %.200q", r.Header, body)
			}
		case http.StatusNotModified:
			if body != "" || !strings.Contains(none, "*") && !strings.Contains(none, strings.Trim(w.Header().Get("Etag"), `"`)) {
				t.Errorf("%v = 304 with the tag %s and %d bytes", r.Header, w.Header().Get("Etag"), len(body))
			}
		default:
			if w.Code != http.StatusNotAcceptable && w.Code != http.StatusRequestHeaderFieldsTooLarge {
				t.Errorf("%v = %d %s", r.Header, w.Code, body)
			}
		}
		if got := w.Header().Get("X-Request-Id"); got == "" || len(got) > 64 || strings.ContainsAny(got, " \r\n\x00\"") {
			t.Errorf("X-Request-Id of %q = %q", id, got)
		}
	})
}
