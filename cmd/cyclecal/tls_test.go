package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestCertificateIsReadAgain(t *testing.T) {
	c := newTLSTest(t)
	c.wantServed(t, "first")
	c.write(t, c.second.cert, c.second.key)
	c.wantServed(t, "first") // it was looked at less than a second ago
	c.clock.advance(time.Second)
	c.wantServed(t, "second")
	c.clock.advance(-time.Hour) // set back
	c.write(t, c.first.cert, c.first.key)
	c.wantServed(t, "first")
	c.wantLogged(t, "read again", 2)
}

func TestCertificateKeepsTheOldOne(t *testing.T) {
	half := func(data []byte) []byte { return data[:len(data)/2] }
	for name, breakIt := range map[string]func(*testing.T, *tlsTest){
		"another key":         func(t *testing.T, c *tlsTest) { c.write(t, c.first.cert, c.second.key) },
		"another certificate": func(t *testing.T, c *tlsTest) { c.write(t, c.second.cert, c.first.key) },
		"half a certificate":  func(t *testing.T, c *tlsTest) { c.write(t, half(c.second.cert), c.second.key) },
		"half a key":          func(t *testing.T, c *tlsTest) { c.write(t, c.second.cert, half(c.second.key)) },
		"empty files":         func(t *testing.T, c *tlsTest) { c.write(t, nil, nil) },
		"no key":              func(t *testing.T, c *tlsTest) { remove(t, c.keyFile) },
		"no files":            func(t *testing.T, c *tlsTest) { remove(t, c.certFile); remove(t, c.keyFile) },
	} {
		t.Run(name, func(t *testing.T) {
			c := newTLSTest(t)
			breakIt(t, c)
			for range 5 {
				c.clock.advance(time.Second)
				c.wantServed(t, "first")
				c.wantServed(t, "first")
			}
			c.wantLogged(t, "stays in use", 1)
			c.write(t, c.second.cert, c.second.key)
			c.clock.advance(time.Second)
			c.wantServed(t, "second")
			c.wantLogged(t, "stays in use", 1)
		})
	}
}

// TestCertificateTriesAgain has a file that becomes right without looking any different, as
// one does whose owner changes.
func TestCertificateTriesAgain(t *testing.T) {
	c := newTLSTest(t)
	broken := bytes.Clone(c.second.cert)
	broken[len(broken)/2] = '!'
	c.write(t, broken, c.second.key)
	c.clock.advance(time.Second)
	c.wantServed(t, "first")
	c.writes-- // the same time
	c.write(t, c.second.cert, c.second.key)
	c.clock.advance(time.Second)
	c.wantServed(t, "second")
}

// TestCertificateBehindLinks changes the pair as Kubernetes does: by a link to a folder.
func TestCertificateBehindLinks(t *testing.T) {
	c := newTLSTest(t)
	dir := filepath.Dir(c.certFile)
	for name, pair := range map[string]testPair{"v1": c.first, "v2": c.second} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		writeAt(t, filepath.Join(dir, name, "tls.crt"), pair.cert, 0) // of the same time
		writeAt(t, filepath.Join(dir, name, "tls.key"), pair.key, 0)
	}
	link(t, "v1", filepath.Join(dir, "data"))
	for _, file := range []string{c.certFile, c.keyFile} {
		remove(t, file)
		link(t, filepath.Join("data", filepath.Base(file)), file)
	}
	c.clock.advance(time.Second)
	c.wantServed(t, "first")
	link(t, "v2", filepath.Join(dir, "next"))
	if err := os.Rename(filepath.Join(dir, "next"), filepath.Join(dir, "data")); err != nil {
		t.Fatal(err)
	}
	c.clock.advance(time.Second)
	c.wantServed(t, "second")
}

// TestCertificateUnderLoad changes the pair between handshakes, of which none may fail.
func TestCertificateUnderLoad(t *testing.T) {
	c := newTLSTest(t)
	var clients sync.WaitGroup
	var done atomic.Int64
	for range 4 {
		clients.Go(func() {
			for range 40 {
				if name, err := c.served(t.Context()); err != nil || name != "first" && name != "second" {
					t.Errorf("a handshake during changes = %q, %v, want first or second", name, err)
				}
				done.Add(1)
			}
		})
	}
	for i := 0; done.Load() < 150; i++ {
		pair := []testPair{c.second, c.first}[i%2]
		c.write(t, pair.cert, nil) // as one who writes the files one by one
		c.clock.advance(time.Second)
		c.write(t, pair.cert, pair.key)
		c.clock.advance(time.Second)
	}
	clients.Wait()
	c.write(t, c.second.cert, c.second.key)
	c.clock.advance(time.Second)
	c.wantServed(t, "second")
}

func TestCertificateErrors(t *testing.T) {
	first, second := makePair(t, "first"), makePair(t, "second")
	torn := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("torn")})
	locked := pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: []byte("locked")})
	for _, tt := range []struct {
		name      string
		cert, key []byte // nil: no such file
		want      []string
	}{
		{"no certificate", nil, first.key, []string{"certificate: open tls.crt: ", "want PEM, the server's own certificate first"}},
		{"no key", first.cert, nil, []string{"key: open tls.key: ", "want PEM, the certificate's private key, unencrypted"}},
		{"certificate of text", []byte("hello"), first.key, []string{"certificate: tls.crt is no PEM", "want PEM"}},
		{"empty key", first.cert, []byte{}, []string{"key: tls.key is no PEM", "want PEM"}},
		{"swapped", first.key, first.cert, []string{"certificate: tls.crt has PRIVATE KEY and no CERTIFICATE", "want PEM"}},
		{"two certificates", first.cert, first.cert, []string{"key: tls.key has CERTIFICATE and no PRIVATE KEY", "want PEM"}},
		{"torn certificate", torn, first.key, []string{"certificate: tls.crt: x509: ", "want the server's own certificate first, whole"}},
		{"encrypted key", first.cert, locked, []string{"key: tls.key: tls: ", "want the private key, unencrypted, of the first certificate in tls.crt"}},
		{"another's key", first.cert, second.key, []string{"key: tls.key: tls: private key does not match", "of the first certificate in tls.crt"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for name, data := range map[string][]byte{"tls.crt": tt.cert, "tls.key": tt.key} {
				if data != nil {
					writeAt(t, name, data, 0)
				}
			}
			_, err := newCertificate("tls.crt", "tls.key", testClock, slog.New(slog.DiscardHandler))
			if err == nil {
				t.Fatal("newCertificate = no error, want one")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("newCertificate = %v, want %q in it", err, want)
				}
			}
		})
	}
}

// TestCertificateMayBeExpired: whether to trust it is for clients to say.
func TestCertificateMayBeExpired(t *testing.T) {
	c := newTLSTest(t)
	c.clock.advance(50 * 365 * 24 * time.Hour)
	c.wantServed(t, "first")
	c.wantLogged(t, "", 0)
}

func TestTLSConfig(t *testing.T) {
	c := newTLSTest(t)
	for _, tt := range []struct {
		version uint16
		ok      bool
	}{{tls.VersionTLS11, false}, {tls.VersionTLS12, true}, {tls.VersionTLS13, true}} {
		config := c.client.Clone()
		config.MinVersion, config.MaxVersion = tt.version, tt.version
		conn, err := (&tls.Dialer{Config: config}).DialContext(t.Context(), "tcp", c.address)
		if (err == nil) != tt.ok {
			t.Errorf("a handshake of %s = %v, want that it works: %v", tls.VersionName(tt.version), err, tt.ok)
		}
		if err == nil {
			conn.Close()
		}
	}
	transport := &http.Transport{TLSClientConfig: c.client, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	answer, err := (&http.Client{Transport: transport}).Get("https://" + c.address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.ProtoMajor != 2 || answer.StatusCode != http.StatusNoContent {
		t.Errorf("GET = %s %s, want 204 by HTTP/2", answer.Proto, answer.Status)
	}
}

// tlsTest is a server with a pair of files, of which first is there at the start.
type tlsTest struct {
	first, second     testPair
	certFile, keyFile string
	clock             *handClock
	log               *screen
	address           string
	client            *tls.Config // trusts both
	writes            int
}

func newTLSTest(t *testing.T) *tlsTest {
	t.Helper()
	dir := t.TempDir()
	c := &tlsTest{
		first: makePair(t, "first"), second: makePair(t, "second"),
		certFile: filepath.Join(dir, "tls.crt"), keyFile: filepath.Join(dir, "tls.key"),
		clock: new(handClock), log: newScreen(),
		client: &tls.Config{RootCAs: x509.NewCertPool(), ServerName: "localhost", Time: testClock, MinVersion: tls.VersionTLS12},
	}
	c.client.RootCAs.AppendCertsFromPEM(c.first.cert)
	c.client.RootCAs.AppendCertsFromPEM(c.second.cert)
	c.write(t, c.first.cert, c.first.key)
	cert, err := newCertificate(c.certFile, c.keyFile, c.clock.now, slog.New(slog.NewTextHandler(c.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	c.address = serveTLS(t, tlsConfig(cert))
	return c
}

// serveTLS answers 204 until the test ends, and returns where.
func serveTLS(t *testing.T, config *tls.Config) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := newServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	}), slog.New(slog.DiscardHandler))
	server.TLSConfig = config
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.ServeTLS(listener, "", "") })
	t.Cleanup(func() {
		_ = server.Close()
		serving.Wait()
	})
	return listener.Addr().String()
}

// served returns the name in the certificate that a handshake shows.
func (c *tlsTest) served(ctx context.Context) (string, error) {
	conn, err := (&tls.Dialer{Config: c.client}).DialContext(ctx, "tcp", c.address)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	secure, ok := conn.(*tls.Conn)
	if !ok {
		return "", fmt.Errorf("a connection of %T", conn)
	}
	return secure.ConnectionState().PeerCertificates[0].Subject.CommonName, nil
}

func (c *tlsTest) wantServed(t *testing.T, want string) {
	t.Helper()
	if got, err := c.served(t.Context()); got != want || err != nil {
		t.Errorf("a handshake shows %q, %v, want %q", got, err, want)
	}
}

// wantLogged holds how many lines have that in them.
func (c *tlsTest) wantLogged(t *testing.T, text string, want int) {
	t.Helper()
	got := 0
	for line := range strings.Lines(c.log.String()) {
		if strings.Contains(line, text) {
			got++
		}
	}
	if got != want {
		t.Errorf("%d lines say %q, want %d:\n%s", got, text, want, c.log)
	}
}

// write writes both files, at a time of their own: the clock of a file system may be coarse.
func (c *tlsTest) write(t *testing.T, cert, key []byte) {
	t.Helper()
	c.writes++
	writeAt(t, c.certFile, cert, c.writes)
	writeAt(t, c.keyFile, key, c.writes)
}

func writeAt(t *testing.T, name string, data []byte, second int) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	at := testClock().Add(time.Duration(second) * time.Second)
	if err := os.Chtimes(name, at, at); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, name string) {
	t.Helper()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Fatal(err) // Windows allows it to few: run this as one of them
	}
}

// handClock is set by hand, and may be read meanwhile.
type handClock struct{ offset atomic.Int64 }

func (c *handClock) now() time.Time          { return testClock().Add(time.Duration(c.offset.Load())) }
func (c *handClock) advance(d time.Duration) { c.offset.Add(int64(d)) }

type testPair struct{ cert, key []byte }

// makePair makes a certificate of localhost that vouches for itself.
func makePair(t *testing.T, name string) testPair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{"localhost"},
		NotBefore: testClock().AddDate(-1, 0, 0), NotAfter: testClock().AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return testPair{
		cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}),
		key:  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
	}
}
