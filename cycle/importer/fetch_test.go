package importer

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
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
	client := newClient(roundTrip(func(r *http.Request) (*http.Response, error) {
		got = r
		return answering(http.StatusOK, map[string]string{"Content-Encoding": "gzip"}, bytes.NewReader(compressed(t, strings.NewReader("a page"))))(r)
	}))
	data, err := fetch(t.Context(), client, learnPage, "cyclecal/test")
	if err != nil || string(data) != "a page" {
		t.Fatalf("fetch = %q, %v, want a page", data, err)
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
		data, err := fetch(t.Context(), newClient(transport), learnPage, "cyclecal/test")
		if err == nil || len(data) > 0 {
			t.Errorf("%s: %d bytes, want an error", what, len(data))
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
		if _, err := fetch(t.Context(), newClient(never), learnPage, "cyclecal/test"); err == nil {
			t.Error("no error, want one after half a minute")
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := fetch(ctx, newClient(never), learnPage, "cyclecal/test"); !errors.Is(err, context.Canceled) {
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
	transport, ok := newClient(nil).Transport.(*http.Transport)
	if !ok {
		t.Fatal("another transport than that of package http")
	}
	for _, host := range []string{"127.0.0.1", "localhost"} {
		conn, err := transport.DialContext(t.Context(), "tcp", net.JoinHostPort(host, port))
		if err == nil {
			conn.Close()
			t.Errorf("dialled %s, want an error", host)
		}
	}
}
