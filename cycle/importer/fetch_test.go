package importer

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const learnPage = "https://learn.microsoft.com/en-us/windows/release-health/windows11-release-information"

// roundTrip answers requests without a network.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answering gives one answer to everything.
func answering(status int, header map[string]string, body io.Reader) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		a := &http.Response{StatusCode: status, Status: http.StatusText(status), Header: http.Header{}, Body: io.NopCloser(body), Request: r}
		for key, value := range header {
			a.Header.Set(key, value)
		}
		return a, nil
	}
}

func compressed(t *testing.T, r io.Reader) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.Copy(z, r); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestFetch(t *testing.T) {
	var got *http.Request
	fetcher := NewFetcher(roundTrip(func(r *http.Request) (*http.Response, error) {
		got = r
		return answering(http.StatusOK, map[string]string{"Content-Encoding": "gzip"}, bytes.NewReader(compressed(t, strings.NewReader("a page"))))(r)
	}), "cyclecal/test")
	page, err := fetcher.Fetch(t.Context(), learnPage, Validators{})
	if err != nil || string(page.Body) != "a page" {
		t.Fatalf("Fetch = %q, %v, want a page", page.Body, err)
	}
	if agent := got.Header.Get("User-Agent"); agent != "cyclecal/test" {
		t.Errorf("User-Agent %q, want cyclecal/test", agent)
	}
}

// What can't be had ends in an error, and soon: a bomb, an endless page, another page.
func TestFetchRefuses(t *testing.T) {
	for what, transport := range map[string]http.RoundTripper{
		"a bomb":           answering(http.StatusOK, map[string]string{"Content-Encoding": "gzip"}, bytes.NewReader(compressed(t, io.LimitReader(zeros{}, 2*MostBytes)))),
		"an endless page":  answering(http.StatusOK, nil, zeros{}),
		"broken gzip":      answering(http.StatusOK, map[string]string{"Content-Encoding": "gzip"}, strings.NewReader("a page")),
		"half of gzip":     answering(http.StatusOK, map[string]string{"Content-Encoding": "gzip"}, bytes.NewReader(compressed(t, strings.NewReader("a page"))[:20])),
		"another encoding": answering(http.StatusOK, map[string]string{"Content-Encoding": "br"}, strings.NewReader("a page")),
		"an image":         answering(http.StatusOK, map[string]string{"Content-Type": "image/png"}, strings.NewReader("a page")),
		"an error":         answering(http.StatusGone, nil, strings.NewReader("gone")),
		"another host":     answering(http.StatusFound, map[string]string{"Location": "https://example.com/"}, strings.NewReader("")),
		"no encryption":    answering(http.StatusFound, map[string]string{"Location": "http://learn.microsoft.com/"}, strings.NewReader("")),
		"this machine":     answering(http.StatusFound, map[string]string{"Location": "https://127.0.0.1/"}, strings.NewReader("")),
		"a circle":         answering(http.StatusFound, map[string]string{"Location": learnPage}, strings.NewReader("")),
		"no connection":    roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("no route") }),
	} {
		page, err := NewFetcher(transport, "cyclecal/test").Fetch(t.Context(), learnPage, Validators{})
		if err == nil || len(page.Body) > 0 {
			t.Errorf("%s: %d bytes, want an error", what, len(page.Body))
		} else if strings.Count(err.Error(), learnPage) > 1 && what != "a circle" {
			t.Errorf("%s: %v: the address twice", what, err)
		}
	}
}

// A page that does not come ends after half a minute, and with the context.
func TestFetchTimeout(t *testing.T) {
	never := roundTrip(func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	synctest.Test(t, func(t *testing.T) {
		if _, err := NewFetcher(never, "cyclecal/test").Fetch(t.Context(), learnPage, Validators{}); err == nil {
			t.Error("no error, want one after half a minute")
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := NewFetcher(never, "cyclecal/test").Fetch(ctx, learnPage, Validators{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that the context ended", err)
	}
}

func TestCheckAddress(t *testing.T) {
	for address, want := range map[string]bool{
		learnPage: true,
		"https://support.microsoft.com/en-us/servicing/os/windows-11/toc.json":              true,
		"https://api.msrc.microsoft.com/cvrf/v3.0/cvrf/2026-Aug":                            true,
		"https://raw.githubusercontent.com/MicrosoftDocs/windows-itpro-docs/public/page.md": true,
		"https://learn.microsoft.com:443/":                                                  true,
		"https://learn.microsoft.com:8443/":                                                 false,
		"http://learn.microsoft.com/":                                                       false,
		"https://learn.microsoft.com.example.com/":                                          false,
		"https://learn.microsoft.com@example.com/":                                          false,
		"https://user:secret@learn.microsoft.com/":                                          false,
		"https://raw.githubusercontent.com/somebody/page.md":                                false,
		"https://raw.githubusercontent.com/MicrosoftDocs-like/page.md":                      false,
		"https://raw.githubusercontent.com/MicrosoftDocs/%2e%2e/somebody/page.md":           false,
		"https://raw.githubusercontent.com/MicrosoftDocs/%252e%252e/somebody/page.md":       false,
		"https://raw.githubusercontent.com/MicrosoftDocs/.%2E/somebody/page.md":             false,
		"https://learn.microsoft.com/en-us/%2e/page":                                        false,
		"https://learn.microsoft.com/en-us/100%25":                                          false,
		"https://api.msrc.microsoft.com/other":                                              false,
		"https://[::1]/":                                                                    false,
		"https://localhost/":                                                                false,
		"file:///etc/passwd":                                                                false,
		"https:///page":                                                                     false,
		"https://support.microsoft.com\u3002example.com/":                                   false,
		"https://SUPPORT.microsoft.com/":                                                    true,
		"gopher://learn.microsoft.com/":                                                     false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if err := checkAddress(u); (err == nil) != want || err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("checkAddress(%s) = %v, want allowed: %v", address, err, want)
		}
	}
}

// No connection goes to an address that is not public, whatever name it had.
func TestPublicOnly(t *testing.T) {
	for address, want := range map[string]bool{
		"13.107.246.40:443": true, "[2620:1ec:bdf::40]:443": true,
		"127.0.0.1:443": false, "10.0.0.1:443": false, "172.16.0.1:443": false, "192.168.0.1:443": false, "169.254.169.254:80": false,
		"0.0.0.0:443": false, "100.64.0.1:443": false, "192.0.0.1:443": false, "198.18.0.1:443": false, "224.0.0.1:443": false, "255.255.255.255:443": false,
		"[::1]:443": false, "[::]:443": false, "[fe80::1]:443": false, "[fe80::1%eth0]:443": false, "[fc00::1]:443": false, "[ff02::1]:443": false,
		"[::ffff:127.0.0.1]:443": false, "[::ffff:10.0.0.1]:443": false, "[64:ff9b::7f00:1]:443": false, "[2002:7f00:1::]:443": false,
		"[fec0::1]:443": false, "[64:ff9b:1::7f00:1]:443": false, "[::7f00:1]:443": false, "[::ffff:0:127.0.0.1]:443": false, "[100::1]:443": false,
		"[2001::7f00:1]:443": false, "[2001:db8::1]:443": false, "[3fff::1]:443": false, "[5f00::1]:443": false,
		"192.88.99.1:443": false, "192.0.2.1:443": false, "198.51.100.1:443": false, "203.0.113.1:443": false,
		"[2603:1030::1]:443": true, "[2a01:111::1]:443": true, "[2001:4860:4860::8888]:443": true, "192.88.98.1:443": true,
		"nonsense": false,
	} {
		if err := publicOnly("tcp", address, nil); (err == nil) != want {
			t.Errorf("publicOnly(%s) = %v, want allowed: %v", address, err, want)
		}
	}
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	transport := Transport(nil)
	for _, host := range []string{"127.0.0.1", "localhost"} {
		conn, err := transport.DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
		if err == nil {
			conn.Close()
			t.Errorf("dialled %s, want an error", host)
		}
	}
}

// local returns a fetcher whose every connection leads to a server on this machine, which
// answers for learn.microsoft.com; stall is how long it is waited for.
func local(t *testing.T, stall time.Duration, handler http.HandlerFunc) *Fetcher {
	t.Helper()
	server := httptest.NewTLSServer(handler)
	t.Cleanup(server.Close)
	transport := Transport(nil)
	transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", server.Listener.Addr().String())
	}
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, ServerName: "example.com", MinVersion: tls.VersionTLS12}
	fetcher := NewFetcher(transport, "cyclecal/test")
	fetcher.client.Timeout = stall
	return fetcher
}

// hijacked answers with bytes that no honest server sends, and hangs up.
func hijacked(w http.ResponseWriter, raw string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, raw)
}

// A server that redirects elsewhere, stalls, cuts off or lies gives an error, soon, and no page.
func TestFetchHostileServers(t *testing.T) {
	for what, handler := range map[string]http.HandlerFunc{
		"a redirect to no source": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://example.com/", http.StatusFound)
		},
		"a redirect to metadata": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://169.254.169.254/", http.StatusFound)
		},
		"a loop":                    func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path+"/on", http.StatusFound) },
		"a stall before the header": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"a stall in the body": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "<html>")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
			panic(http.ErrAbortHandler) // to return would end the page in order
		},
		"less than was promised": func(w http.ResponseWriter, _ *http.Request) {
			hijacked(w, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<html>")
		},
		"a chunk that is cut off": func(w http.ResponseWriter, _ *http.Request) {
			hijacked(w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n<html>")
		},
		"two lengths": func(w http.ResponseWriter, _ *http.Request) {
			hijacked(w, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nContent-Length: 1000\r\n\r\n<html>")
		},
		"no length at all": func(w http.ResponseWriter, _ *http.Request) {
			hijacked(w, "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n<html>")
		},
		"an endless header": func(w http.ResponseWriter, _ *http.Request) {
			hijacked(w, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 11<<20))
		},
		"a bomb": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(compressed(t, io.LimitReader(zeros{}, 2*MostBytes)))
		},
		"304 to who has nothing": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			stall := time.Minute
			if strings.Contains(what, "stall") {
				stall = 100 * time.Millisecond
			}
			page, err := local(t, stall, handler).Fetch(t.Context(), learnPage, Validators{})
			if err == nil || len(page.Body) > 0 || page.Unchanged {
				t.Errorf("%d bytes, want an error", len(page.Body))
			}
		})
	}
}

// A page that was there is asked for by its validators, through a redirect too.
func TestFetchUnchanged(t *testing.T) {
	fetcher := local(t, time.Minute, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/new") {
			http.Redirect(w, r, "https://support.microsoft.com/new", http.StatusMovedPermanently)
			return
		}
		w.Header().Set("ETag", `"1"`)
		http.ServeContent(w, r, "page.html", time.Unix(1e9, 0), strings.NewReader("<html>"))
	})
	page, err := fetcher.Fetch(t.Context(), learnPage, Validators{})
	if err != nil || string(page.Body) != "<html>" || page.Validators != (Validators{`"1"`, "Sun, 09 Sep 2001 01:46:40 GMT"}) {
		t.Fatalf("Fetch = %q %+v, %v, want the page and its validators", page.Body, page.Validators, err)
	}
	for _, known := range []Validators{page.Validators, {ETag: `"1"`}, {LastModified: page.Validators.LastModified}} {
		if page, err := fetcher.Fetch(t.Context(), learnPage, known); err != nil || !page.Unchanged || page.Validators != known {
			t.Errorf("with %+v: %+v, %v, want it unchanged", known, page, err)
		}
	}
	if page, err := fetcher.Fetch(t.Context(), learnPage, Validators{ETag: `"0"`}); err != nil || page.Unchanged {
		t.Errorf("with another tag: %+v, %v, want the page", page, err)
	}
}

// A host that wants to be left alone says for how long, in seconds or as a date.
func TestRetryAfter(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"": 0, "120": 2 * time.Minute, "soon": 0, "-1": 0, "1.5": 0, "2000000000": 366 * 24 * time.Hour, "9e99": 0,
		"Mon, 09 Nov 2026 12:10:00 GMT": 10 * time.Minute, "Mon, 09 Nov 2026 11:00:00 GMT": 0,
	} {
		fetcher := NewFetcher(answering(http.StatusTooManyRequests, map[string]string{"Retry-After": value, "Date": "Mon, 09 Nov 2026 12:00:00 GMT"}, http.NoBody), "cyclecal/test")
		_, err := fetcher.Fetch(t.Context(), learnPage, Validators{})
		if status, ok := errors.AsType[*StatusError](err); !ok || status.RetryAfter != want || !strings.Contains(err.Error(), "429 Too Many Requests") {
			t.Errorf("Retry-After %q: %v, want 429 and %v", value, err, want)
		}
	}
}

// What can't be sent back as a header is no validator.
func TestValidator(t *testing.T) {
	for value, want := range map[string]string{`W/"1"`: `W/"1"`, "\"\x01\"": "", "\"ü\"": "", strings.Repeat("x", 257): ""} {
		if got := validator(http.Header{"Etag": {value}}, "ETag"); got != want {
			t.Errorf("validator(%q) = %q, want %q", value, got, want)
		}
	}
}

// Through a proxy the list of hosts still holds, before and on a redirect; the connection is the proxy's.
func TestFetchProxy(t *testing.T) {
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.Host+" "+r.Header.Get("Proxy-Authorization"))
		w.WriteHeader(http.StatusForbidden)
	}))
	defer proxy.Close()
	u, err := url.Parse(strings.Replace(proxy.URL, "http://", "http://me:secret@", 1))
	if err != nil {
		t.Fatal(err)
	}
	fetcher := NewFetcher(Transport(u), "cyclecal/test")
	for _, address := range []string{learnPage, "https://example.com/", "http://learn.microsoft.com/"} {
		if _, err := fetcher.Fetch(t.Context(), address, Validators{}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want an error without the password", address, err)
		}
	}
	if len(asked) != 1 || asked[0] != "CONNECT learn.microsoft.com:443 Basic bWU6c2VjcmV0" {
		t.Errorf("the proxy was asked %q, want for the page alone", asked)
	}
}
