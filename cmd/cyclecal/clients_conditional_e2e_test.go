//go:build e2e

package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// manner is how a client asks whether a feed has changed, in its own bytes.
type manner struct {
	name    string
	version string // of HTTP
	method  string // of what asks whether it has changed
	headers string // always
	ifs     string // the conditions: %[1]s is the ETag, %[2]s Last-Modified
}

const (
	byBoth = "If-None-Match: %[1]s\r\nIf-Modified-Since: %[2]s\r\n"
	byTag  = "If-None-Match: %[1]s\r\n"
	byTime = "If-Modified-Since: %[2]s\r\n"
)

func manners() []manner {
	return []manner{
		{"Outlook", "1.1", "GET", "User-Agent: Microsoft.Exchange.Calendar\r\nAccept-Encoding: gzip\r\n", byBoth},
		{"Outlook for Windows", "1.1", "GET", "User-Agent: Mozilla/4.0 (compatible; ms-office; MSOffice 16)\r\nAccept-Encoding: gzip, deflate\r\nAccept: */*\r\n", byTime},
		{"Google", "1.1", "GET", "User-Agent: Google-Calendar-Importer\r\nAccept-Encoding: gzip, deflate, br\r\nConnection: keep-alive\r\n", byBoth},
		{"Apple", "1.1", "GET", "User-Agent: macOS/15.1 (24B83) dataaccessd/1.0\r\nAccept: text/calendar, */*;q=0.5\r\nAccept-Encoding: gzip, deflate\r\n", byBoth},
		{"Thunderbird", "1.1", "GET", "User-Agent: Mozilla/5.0 Thunderbird/140.0\r\nAccept: text/calendar,text/plain;q=0.8,*/*;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n", byBoth},
		{"curl --etag-compare", "1.1", "GET", "User-Agent: curl/8.14.1\r\nAccept: */*\r\n", byTag},
		{"curl --time-cond", "1.1", "GET", "User-Agent: curl/8.14.1\r\nAccept: */*\r\n", byTime},
		{"curl --compressed", "1.1", "GET", "User-Agent: curl/8.14.1\r\nAccept-Encoding: deflate, gzip, br, zstd\r\n", byTag},
		{"a cache with a weak tag", "1.1", "GET", "Via: 1.1 cache\r\nAccept-Encoding: gzip;q=1.0, identity; q=0.5\r\n", "If-None-Match: W/%[1]s\r\n"},
		{"a cache with several tags", "1.1", "GET", "Accept-Encoding: identity\r\n", "If-None-Match: \"old\", W/%[1]s, \"older\"\r\nIf-Modified-Since: %[2]s\r\n"},
		{"a client that asks for the head", "1.1", "HEAD", "Accept-Encoding: gzip\r\n", byBoth},
		{"a client of HTTP/1.0", "1.0", "GET", "", byTime},
		{"a client that closes", "1.1", "GET", "Connection: close\r\n", byTag},
	}
}

// TestConditionalRequests asks as clients do, byte by byte: nothing comes where nothing has changed, and
// everything where something has, even within the second of the answer before.
func TestConditionalRequests(t *testing.T) {
	s, tick := serveTicking(t)
	private := "/feeds/" + put(t, s, "feeds/asked", `{"title":"Asked","tracks":["windows-11-24h2"]}`) + ".ics"
	for i, m := range manners() {
		for _, path := range []string{"/calendars/windows-11-24h2.ics", private} {
			change := func() {
				put(t, s, "notices/windows-11-24h2.2026-12", fmt.Sprintf(`{"track":"windows-11-24h2","month":"2026-12","kind":"baseline","known_on":"2026-11-20","reason":"%d %d"}`, i, len(path)))
			}
			m.ask(t, s, path, tick, change)
		}
	}
}

// serveTicking serves with a clock that goes on when it is told to.
func serveTicking(t *testing.T) (*testServer, func(time.Duration)) {
	t.Helper()
	var passed atomic.Int64
	clock := func() time.Time { return testClock().Add(time.Duration(passed.Load())) }
	env := map[string]string{"CYCLECAL_ADMIN_TOKEN": firstTestToken}
	s, err := startServer(context.Background(), func(name string) string { return env[name] }, clock, "--listen=127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop() })
	return s, func(d time.Duration) { passed.Add(int64(d)) }
}

func (m manner) ask(t *testing.T, s *testServer, path string, tick func(time.Duration), change func()) {
	t.Helper()
	first := m.send(t, s, "GET", path, "")
	if first.status != http.StatusOK || !wholeFeed(first.body) {
		t.Fatalf("%s: the first answer is %d %.200s, want a whole calendar", m.name, first.status, first.body)
	}
	tick(1200 * time.Millisecond)
	again := m.send(t, s, "GET", path, "") // whose Last-Modified is of a second that has passed
	ifs := fmt.Sprintf(m.ifs, again.header.Get("ETag"), again.header.Get("Last-Modified"))
	for range 2 {
		m.expectNothing(t, m.send(t, s, m.method, path, ifs), again)
	}
	tick(100 * time.Millisecond)
	change()
	got := m.send(t, s, m.method, path, ifs)
	if got.status != http.StatusOK || got.header.Get("ETag") == again.header.Get("ETag") {
		t.Errorf("%s: after a change %d with the ETag %s, want 200 and another than %s", m.name, got.status, got.header.Get("ETag"), again.header.Get("ETag"))
	}
	full := m.send(t, s, "GET", path, ifs)
	if full.status != http.StatusOK || !wholeFeed(full.body) || full.body == again.body || full.header.Get("ETag") != got.header.Get("ETag") {
		t.Errorf("%s: after a change %d and %.200s, want another whole calendar", m.name, full.status, full.body)
	}
}

// expectNothing compares a 304 with the 200 that it stands for: RFC 9110, 15.4.5.
func (m manner) expectNothing(t *testing.T, got, was answered) {
	t.Helper()
	if got.status != http.StatusNotModified || got.body != "" {
		t.Errorf("%s: unchanged is %d with %d bytes, want 304 and none", m.name, got.status, len(got.body))
	}
	for _, name := range []string{"ETag", "Cache-Control", "Vary", "Last-Modified"} {
		if g, w := strings.Join(got.header[http.CanonicalHeaderKey(name)], ", "), strings.Join(was.header[http.CanonicalHeaderKey(name)], ", "); g != w || g == "" {
			t.Errorf("%s: the 304 has %s: %q, want %q as the 200 had", m.name, name, g, w)
		}
	}
	for _, name := range []string{"Content-Length", "Content-Encoding", "Content-Type", "Transfer-Encoding"} {
		if got.header.Get(name) != "" {
			t.Errorf("%s: the 304 has %s: %s, want none", m.name, name, got.header.Get(name))
		}
	}
}

// send writes a request byte by byte, and holds the answer to its length: nothing may follow it but
// the answer to what was asked next on the same connection.
func (m manner) send(t *testing.T, s *testServer, method, path, ifs string) answered {
	t.Helper()
	host := strings.TrimPrefix(s.url, "http://")
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	request := fmt.Sprintf("%s %s HTTP/%s\r\nHost: %s\r\n%s%s\r\n", method, path, m.version, host, m.headers, ifs)
	last := m.version == "1.0" || strings.Contains(m.headers, "close")
	if !last {
		request += "GET /healthz HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"
	}
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(c)
	if err != nil {
		t.Fatalf("%s: %v", m.name, err)
	}
	from := bufio.NewReader(bytes.NewReader(all))
	answer := readAnswer(t, from, method)
	if !last {
		if next := readAnswer(t, from, "GET"); next.status != http.StatusOK || next.body != `{"status":"ok"}`+"\n" {
			t.Errorf("%s: what follows on the connection is %d %s, want that all is well", m.name, next.status, next.body)
		}
	}
	if rest, err := io.ReadAll(from); err != nil || len(rest) > 0 {
		t.Errorf("%s: %d bytes (%.100q) follow the answer, %v", m.name, len(rest), rest, err)
	}
	return answer
}

func readAnswer(t *testing.T, from *bufio.Reader, method string) answered {
	t.Helper()
	answer, err := http.ReadResponse(from, &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var body io.Reader = answer.Body
	if answer.Header.Get("Content-Encoding") == "gzip" && method != "HEAD" && answer.StatusCode == http.StatusOK {
		if body, err = gzip.NewReader(body); err != nil {
			t.Fatal(err)
		}
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{answer.StatusCode, answer.Header, string(text)}
}
