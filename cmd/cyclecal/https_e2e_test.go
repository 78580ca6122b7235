//go:build e2e

package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/cycle/store/pgtest"
)

// testTLS serves https and HTTP/2, and takes a new pair of files without a restart.
func testTLS(t *testing.T, program built) {
	c := newTLSTest(t)
	p := program.serve(t, "--data-dir", t.TempDir(), "--tls-cert", c.certFile, "--tls-key", c.keyFile)
	c.address = strings.TrimPrefix(p.url, "https://")
	c.wantServed(t, "first")
	p.client.Transport = &http.Transport{TLSClientConfig: c.client, ForceAttemptHTTP2: true}
	defer p.client.CloseIdleConnections()
	protocol := func() string {
		t.Helper()
		answer, err := p.client.Get(p.url + "/api/v1/tracks")
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(answer.StatusCode, " ", answer.Proto, " ", answer.TLS.PeerCertificates[0].Subject.CommonName)
	}
	if got, want := protocol(), "200 HTTP/2.0 first"; got != want {
		t.Errorf("GET = %s, want %s", got, want)
	}
	c.write(t, c.second.cert, c.second.key)
	pgtest.Poll(t, "the second certificate", func() error {
		if got, err := c.served(t.Context()); err != nil || got != "second" {
			return fmt.Errorf("%q, %w", got, err)
		}
		return nil
	})
	if got, want := protocol(), "200 HTTP/2.0 first"; got != want { // it goes on as it began
		t.Errorf("GET on the connection of before = %s, want %s", got, want)
	}
	p.client.CloseIdleConnections()
	if got, want := protocol(), "200 HTTP/2.0 second"; got != want {
		t.Errorf("GET on a new connection = %s, want %s", got, want)
	}
	if conn, err := net.Dial("tcp", c.address); err == nil { // no fault of TLS ends the program
		_, _ = io.WriteString(conn, "GET / HTTP/1.0\r\n\r\n")
		conn.Close()
	}
	c.wantServed(t, "second")
}
