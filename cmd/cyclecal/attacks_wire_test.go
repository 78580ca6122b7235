package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// raw sends bytes as they are over a connection of its own, and returns all that comes back until the server ends it.
func (x *victim) raw(t *testing.T, sent string) string {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(x.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(2 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(conn, sent)    // the server may hang up before it has read all
	_ = conn.(*net.TCPConn).CloseWrite() //nolint:errcheck // it is one
	var got bytes.Buffer
	if _, err := io.Copy(&got, conn); err != nil && got.Len() == 0 && !strings.Contains(err.Error(), "reset") {
		t.Errorf("%.100q: %v", sent, err)
	}
	return got.String()
}

// statuses are those of all answers.
func statuses(answers string) []string {
	var list []string
	for line := range strings.Lines(answers) {
		if version, rest, ok := strings.Cut(line, " "); ok && strings.HasPrefix(version, "HTTP/1.") {
			list = append(list, rest[:min(3, len(rest))])
		}
	}
	return list
}

// What follows a request, and would be another's.
const smuggled = "GET /api/v1/tokens HTTP/1.1\r\nHost: x\r\nX: "

// trySmuggling sends what two servers might read in two ways. Each gets one answer, which refuses it.
func trySmuggling(t *testing.T, x *victim) {
	put := "PUT /api/v1/rings/attacked HTTP/1.1\r\nHost: x\r\nAuthorization: " + x.bearer() + "\r\n"
	get := "GET /healthz HTTP/1.1\r\nHost: x\r\n"
	for what, sent := range map[string]string{
		"two lengths":                    put + "Content-Length: 2\r\nContent-Length: 60\r\n\r\n{}" + smuggled,
		"two lengths in one":             put + "Content-Length: 2, 60\r\n\r\n{}" + smuggled,
		"a signed length":                put + "Content-Length: +2\r\n\r\n{}" + smuggled,
		"a negative length":              put + "Content-Length: -2\r\n\r\n{}" + smuggled,
		"a length in hexadecimal":        put + "Content-Length: 0x2\r\n\r\n{}" + smuggled,
		"a huge length":                  put + "Content-Length: 99999999999999999999\r\n\r\n{}" + smuggled,
		"an unknown coding":              put + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + smuggled,
		"two codings":                    put + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + smuggled,
		"chunked twice":                  put + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
		"a coding with a vertical tab":   put + "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n" + smuggled,
		"a name with a space":            put + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + smuggled,
		"a name with a space before it":  "GET /healthz HTTP/1.1\r\n Transfer-Encoding: chunked\r\nHost: x\r\n\r\n" + smuggled,
		"a name with a NUL":              get + "X\x00: y\r\n\r\n" + smuggled,
		"a value with a NUL":             get + "X: a\x00b\r\n\r\n" + smuggled,
		"a line without a colon":         get + "Transfer-Encoding\r\n\r\n" + smuggled,
		"no name":                        get + ": x\r\n\r\n" + smuggled,
		"two hosts":                      get + "Host: y\r\n\r\n" + smuggled,
		"no host":                        "GET /healthz HTTP/1.1\r\n\r\n" + smuggled,
		"HTTP/0.9":                       "GET /healthz\r\n\r\n" + smuggled,
		"HTTP/1.1 in small letters":      "GET /healthz http/1.1\r\nHost: x\r\n\r\n" + smuggled,
		"HTTP/3":                         "GET /healthz HTTP/3.0\r\nHost: x\r\n\r\n" + smuggled,
		"two spaces":                     "GET  /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + smuggled,
		"a target with a space":          "GET /healthz /x HTTP/1.1\r\nHost: x\r\n\r\n" + smuggled,
		"a method that is none":          "G(T /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + smuggled,
		"a chunk with a signed length":   put + "Transfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n" + smuggled,
		"a chunk without its end":        put + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n" + smuggled,
		"a chunk of a huge length":       put + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n0\r\n\r\n" + smuggled,
		"a chunk that ends with LF":      put + "Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n" + smuggled,
		"a length beside a coding":       put + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
		"a coding beside a length":       put + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + smuggled,
		"a coding in HTTP/1.0":           strings.Replace(put, "1.1", "1.0", 1) + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled,
		"an expectation that is unknown": put + "Expect: 200-ok\r\nContent-Length: 2\r\n\r\n{}" + smuggled,
	} {
		got := statuses(x.raw(t, sent))
		if len(got) != 1 || got[0][0] != '4' && got[0][0] != '5' || got[0] == "500" {
			t.Errorf("%s: answers %v, want one that refuses it", what, got)
		}
	}
}

// tryHiddenRequests hides a request in the body of another, where the one may be right.
func tryHiddenRequests(t *testing.T, x *victim) {
	for what, tt := range map[string]struct {
		sent string
		want []string
	}{
		"in a GET":     {fmt.Sprintf("GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n", len(smuggled)+4, smuggled), []string{"200"}},
		"in a DELETE":  {fmt.Sprintf("DELETE /api/v1/rings/x HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n", len(smuggled)+4, smuggled), []string{"401"}},
		"in a bad PUT": {fmt.Sprintf("PUT /api/v1/rings/x HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n", len(smuggled)+4, smuggled), []string{"401"}},
		"in no route":  {fmt.Sprintf("POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n", len(smuggled)+4, smuggled), []string{"404"}},
		"in a chunk":   {fmt.Sprintf("GET /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(smuggled), smuggled), []string{"200"}},
		// RFC 9112, 6.3: who takes the coding alone must hang up afterwards, as who stood before may have taken the length.
		"after a coding": {"POST /api/v1/eligibility HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" + smuggled + "\r\n\r\n", []string{"200"}},
		"in a fold":      {"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: a\r\n " + strings.TrimSuffix(smuggled, "X: ") + "\r\n", []string{"400"}},
		"in an upgrade":  {"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: upgrade, close\r\nUpgrade: h2c\r\n\r\n" + smuggled, []string{"200"}},
		"as HTTP/2":      {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + smuggled, nil},
		"who asks next": {
			"GET /api/v1/rings HTTP/1.1\r\nHost: x\r\nAuthorization: " + x.bearer() + "\r\n\r\nGET /api/v1/rings HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
			[]string{"200", "401"},
		},
	} {
		got := statuses(x.raw(t, tt.sent))
		if tt.want == nil && len(got) == 1 && got[0] != "200" {
			continue // refused in whatever words
		}
		if !slices.Equal(got, tt.want) && (tt.want == nil || len(tt.want) != 1 || len(got) != 1 || got[0] != "400") {
			t.Errorf("%s: answers %v, want %v", what, got, tt.want)
		}
	}
}

// tryOtherHost asks for what is kept by another name, and then by the right one.
func tryOtherHost(t *testing.T, x *victim) {
	for _, path := range []string{"/api/v1/schedule?limit=1&from=2024-01", "/calendars/attacked.ics?past=3", "/", "/tracks/attacked", "/api/v1/changes.atom", "/docs", "/openapi.json", "/nothing"} {
		for _, head := range []string{"GET http://evil.example" + path + " HTTP/1.1\r\nHost: x", "GET " + path + " HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nForwarded: host=evil.example"} {
			if got := x.raw(t, head+"\r\nConnection: close\r\n\r\n"); strings.Contains(strings.ReplaceAll(got, "evil.example"+path, ""), "evil.example") || len(statuses(got)) != 1 {
				t.Errorf("%q: the answer tells of it:\n%.400s", head, got)
			}
		}
		if a := x.see(t, path); strings.Contains(fmt.Sprint(a.header)+a.body, "evil.example") {
			t.Errorf("GET %s tells of another's host", path)
		}
	}
}

// trySlowHeaders sends a header that never ends, a line every second.
func trySlowHeaders(t *testing.T, _ *victim) {
	drip(t, "GET / HTTP/1.1\r\nHost: localhost\r\n", func(n int) string { return fmt.Sprintf("X-Line-%d: more\r\n", n) })
}

// trySlowBody sends a body that never ends, a byte every second, to who reads it.
func trySlowBody(t *testing.T, _ *victim) {
	drip(t, "PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n", func(int) string { return "x" })
}

// drip holds that the server hangs up before a minute has passed.
func drip(t *testing.T, begin string, more func(n int) string) {
	inMemory(t, func(t *testing.T, network *memoryNetwork) {
		ctx, cancel := context.WithCancel(t.Context())
		ended := serveInMemory(ctx, network, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			http.NotFound(w, r)
		}))
		conn, err := network.dial()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		go func() { _, _ = io.Copy(io.Discard, conn) }()
		_, err = io.WriteString(conn, begin)
		lines := 0
		for ; err == nil && lines < 60; lines++ {
			time.Sleep(time.Second) // of the bubble's clock
			_, err = io.WriteString(conn, more(lines))
		}
		if err == nil {
			t.Errorf("the server still listens after %d pieces, one a second", lines)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("serveUntil = %v, want nil", err)
		}
	})
}

// tryHugeBodies sends more than is taken, with its length told, and without.
func tryHugeBodies(t *testing.T, x *victim) {
	huge := `{"x":"` + strings.Repeat("x", 2<<20) + `"}`
	for _, target := range []string{"PUT /api/v1/rings/attacked", "PUT /api/v1/tracks/attacked", "POST /api/v1/eligibility"} {
		method, path, _ := strings.Cut(target, " ")
		head := method + " " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: " + x.bearer() + "\r\n"
		for _, sent := range []string{
			head + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(huge)) + huge,
			head + fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(huge), huge),
		} {
			if got := statuses(x.raw(t, sent)); len(got) > 1 || len(got) == 1 && got[0] != "413" {
				t.Errorf("%s of 2 MiB = %v, want 413", target, got)
			}
		}
		// A length that is only told costs nothing: who may not write is not waited for.
		if got := statuses(x.raw(t, method+" /api/v1/rings/x HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")); method == "PUT" && !slices.Equal(got, []string{"401"}) {
			t.Errorf("%s of 99 GB = %v, want 401", target, got)
		}
	}
	if got := x.see(t, "/api/v1/rings/attacked").status; got != http.StatusOK {
		t.Errorf("after all of them GET = %d, want 200", got)
	}
}

// tryHugeHeaders sends more of them than is taken.
func tryHugeHeaders(t *testing.T, x *victim) {
	many := ""
	for n := range 3000 {
		many += fmt.Sprintf("X-%d: 0123456789\r\n", n)
	}
	for what, headers := range map[string]string{
		"one of 40 KB": "X: " + strings.Repeat("x", 40<<10) + "\r\n", "one of 2 MB": "X: " + strings.Repeat("x", 2<<20) + "\r\n",
		"3,000": many, "a name of 40 KB": strings.Repeat("x", 40<<10) + ": x\r\n",
		"a cookie of 40 KB": "Cookie: " + strings.Repeat("a=b;", 10<<10) + "\r\n",
	} {
		// Of 2 MB the connection may be gone before the answer is read.
		if got := statuses(x.raw(t, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"+headers+"\r\n")); !slices.Equal(got, []string{"431"}) && (len(got) > 0 || len(headers) < 1<<20) {
			t.Errorf("%s: %v, want 431", what, got)
		}
	}
	if a := x.see(t, "/"+strings.Repeat("a/", 5000)); a.status != http.StatusRequestURITooLong {
		t.Errorf("a path of 10 KB = %d, want 414", a.status)
	}
}

// tryPaths asks for what is not there, in every spelling.
func tryPaths(t *testing.T, x *victim) {
	for _, path := range []string{
		"/assets/../../../../etc/passwd", "/assets/..%2f..%2f..%2fetc%2fpasswd", "/assets/%2e%2e/%2e%2e/etc/passwd", `/assets/..\..\..\etc\passwd`, "/assets/..%5c..%5cgo.mod",
		"/assets//etc/passwd", "/assets/%00", "/assets/page.css%00.html", "/assets/page.css/", "//evil.example/", "//evil.example/%2f..", `/\evil.example`, "/%5cevil.example", "/.//evil.example",
		"/%2e%2e/%2e%2e/etc/passwd", "/tracks/..%2f..%2ffleet", "/calendars/..%2fall.ics", "/calendars/all.ics/..", "/calendars/.ics", "/calendars/all,all.ics", "/calendars/all%0d%0aX:y.ics",
		"/feeds/.ics", "/feeds/..%2fall.ics", "/feeds/%2e.ics", "/api/v1/rings/..%2ftokens", "/api/v1/rings/%2e%2e", "/api/v1//rings", "/api/v1/rings;x=y", "/api/v1/rings/", "/API/V1/RINGS",
		"/api/v1/tracks/attacked%2fmonths%2f2026-13", "/tracks/attacked%00", "/tracks/%ff%fe", "/tracks/%c0%ae%c0%ae/x", "/tracks/attacked%E2%80%AE", "/" + strings.Repeat("a/../", 1000),
		"/debug/pprof/", "/.git/config", "/cyclecal.db", "/.env", "/metrics/../api/v1/tokens", "/healthz%20", "/healthz%3f",
	} {
		for _, headers := range []string{"", "Accept: text/html\r\n", "X-Original-URL: /api/v1/tokens\r\nX-Rewrite-URL: /api/v1/tokens\r\nX-HTTP-Method-Override: PUT\r\n"} {
			got := x.raw(t, "GET "+path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"+headers+"\r\n")
			list := statuses(got)
			if len(list) != 1 || list[0][0] != '4' || strings.Contains(got, "root:") || strings.Contains(got, "\nLocation:") || strings.Contains(got, "module ") {
				t.Errorf("GET %.80s %q = %v, want 4xx, no file and no redirect", path, headers, list)
			}
		}
	}
	for _, head := range []string{"GET /%zz HTTP/1.1", "GET /% HTTP/1.1", "GET %2f HTTP/1.1", "GET * HTTP/1.1", "GET evil.example:80 HTTP/1.1", "CONNECT evil.example:443 HTTP/1.1", "TRACE / HTTP/1.1", "OPTIONS * HTTP/1.1", "BREW / HTTP/1.1"} {
		if got := x.raw(t, head+"\r\nHost: x\r\nConnection: close\r\nX-Secret: hush\r\n\r\n"); len(statuses(got)) != 1 || strings.Contains(got, "hush") || statuses(got)[0] == "500" || strings.Contains(got, "\nLocation:") {
			t.Errorf("%s = %.200q, want one answer that says nothing", head, got)
		}
	}
}

// tryHeaders sends line ends wherever something comes back in a header.
func tryHeaders(t *testing.T, x *victim) {
	const end = "%0d%0aX-Evil:%20yes%0d%0a%0d%0a<script>"
	for _, path := range []string{
		"/calendars/attacked" + end + ".ics", "/api/v1/tracks/" + end, "/api/v1/schedule?limit=1&from=2024-01&cursor=" + end, "/api/v1/schedule?limit=1&tz=UTC" + end, "/tracks/" + end, "/" + end,
		"/assets/" + end, "/api/v1/rings/" + end, "/feeds/" + end + ".ics", "/api/v1/builds/" + end + ".csv",
	} {
		for _, method := range []string{"GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "X"} {
			got := x.raw(t, method+" "+path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\nAuthorization: "+x.bearer()+
				"\r\nOrigin: http://e\"\\x\r\nX-Request-Id: a b\tc\r\nIf-None-Match: \"\xff\r\nAccept-Encoding: gzip;q=\x80\r\n\r\n")
			head, _, _ := strings.Cut(got, "\r\n\r\n")
			if len(statuses(head)) != 1 || strings.Contains(strings.ToLower(head), "\nx-evil") || strings.Contains(head, "a b\tc") || strings.Contains(head, `http://e"`) {
				t.Errorf("%s %s: headers\n%s", method, path, head)
			}
		}
	}
	// The next page is told in a header: it has the cursor and the query of the request.
	if a := x.see(t, "/api/v1/schedule?limit=1&from=2024-01&tz=Europe%2FBerlin"); len(a.header["Link"]) != 1 || strings.ContainsAny(a.header.Get("Link"), "\r\n") {
		t.Errorf("Link = %q, want one", a.header["Link"])
	}
}

// tryLog asks for lines in the log.
func tryLog(t *testing.T, x *victim) {
	asked := 0
	for _, text := range []string{"%0a%7b%22msg%22:%22request%22%7d", "%0d%0alevel=ERROR", "%1b%5b31m", "%e2%80%a8%e2%80%a9%c2%85", "%e2%80%aex", "%ff%00%22%5c", strings.Repeat("/a", 4000)} {
		for _, agent := range []string{"agent", "a\" level=ERROR \\n {\"msg\":\"request\"}", "a\xffb\tc\u0085d\u2028e\u202ef", strings.Repeat("long ", 5000)} {
			asked++
			x.raw(t, "GET /marked"+text+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nUser-Agent: "+agent+"\r\n\r\n")
		}
	}
	if !x.stderr.waitUntil(func(text string) bool { return strings.Count(text, "/marked") >= asked }) || loggedAs(t, x.stderr.String(), "/marked") != asked {
		t.Errorf("%d requests made %d lines in the log, want one each", asked, loggedAs(t, x.stderr.String(), "/marked"))
	}
}

// loggedAs counts the requests whose path begins so, and holds that each line of the log is whole, and short.
func loggedAs(t *testing.T, log, path string) int {
	t.Helper()
	count := 0
	for text := range strings.Lines(log) {
		var line struct{ Msg, Path string }
		if err := json.Unmarshal([]byte(text), &line); err != nil || len(text) > 2000 {
			t.Fatalf("line %.300q of the log, %d bytes: %v", text, len(text), err)
		}
		checkTerminal(t, "the log", text)
		if line.Msg == "request" && strings.HasPrefix(line.Path, path) {
			count++
		}
	}
	return count
}
