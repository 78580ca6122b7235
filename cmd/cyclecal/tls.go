package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// certificate serves the certificate and key of a pair of files, and reads them again
// when they change, so that a renewal needs no restart. If a pair does not load, because it is
// half written or does not match, the one before stays in use.
type certificate struct {
	certFile, keyFile string
	now               func() time.Time
	log               *slog.Logger

	current atomic.Pointer[tls.Certificate]

	mu      sync.Mutex // guards what follows; held by the one handshake that looks for changes
	checked time.Time
	seen    pairInfo // the files at the last attempt to load them
	fault   string   // why that attempt failed, or ""
}

// newCertificate loads the pair, and returns an error that says which file is wrong.
func newCertificate(certFile, keyFile string, now func() time.Time, log *slog.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, now: now, log: log, checked: now()}
	c.seen = c.stat()
	pair, err := loadPair(certFile, keyFile)
	if err != nil {
		return nil, err
	}
	c.current.Store(pair)
	return c, nil
}

// tlsConfig returns what a server needs to speak TLS, and HTTP/2, with that certificate.
func tlsConfig(cert *certificate) *tls.Config {
	return &tls.Config{
		GetCertificate: cert.GetCertificate,
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"h2", "http/1.1"}, // as net/http has them
	}
}

// GetCertificate is what [tls.Config] asks at each handshake. One of them looks for
// changes, once a second at most; the others don't wait for it. It never returns an error.
func (c *certificate) GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	if c.mu.TryLock() {
		c.refresh()
		c.mu.Unlock()
	}
	return c.current.Load(), nil
}

// refresh loads the pair if it has changed. If that fails it tries again every second, as a
// file may become readable without any visible change.
func (c *certificate) refresh() {
	now := c.now()
	if since := now.Sub(c.checked); since >= 0 && since < time.Second { // a clock may be set back
		return
	}
	c.checked = now
	seen := c.stat() // before it is read: what changes meanwhile differs the next time
	changed := !seen.same(c.seen)
	if !changed && c.fault == "" {
		return
	}
	c.seen = seen
	pair, err := loadPair(c.certFile, c.keyFile)
	if err != nil {
		c.keep(err, changed)
		return
	}
	c.fault = ""
	c.current.Store(pair)
	c.log.Info("certificate: read again", "file", c.certFile, "expires", pair.Leaf.NotAfter)
}

// keep says why the files are not used, once per change.
func (c *certificate) keep(err error, changed bool) {
	if changed || err.Error() != c.fault {
		c.log.Warn("certificate: the files changed and can't be used; the one before stays in use", "error", err)
	}
	c.fault = err.Error()
}

// pairInfo is what a pair of files looks like from outside. A file that isn't there is
// nil.
type pairInfo [2]os.FileInfo

// stat follows links, since that is how Kubernetes changes a secret: it points a link
// to another folder.
func (c *certificate) stat() pairInfo {
	var p pairInfo
	for i, name := range []string{c.certFile, c.keyFile} {
		if info, err := os.Stat(name); err == nil {
			p[i] = info
		}
	}
	return p
}

func (p pairInfo) same(q pairInfo) bool {
	return sameFile(p[0], q[0]) && sameFile(p[1], q[1])
}

func sameFile(a, b os.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime())
}

// loadPair reads a certificate and its key, and says which file is wrong.
func loadPair(certFile, keyFile string) (*tls.Certificate, error) {
	certs, first, err := readPEM(certFile, "CERTIFICATE")
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", unreadable(err, "want PEM, the server's own certificate first and then those that issued it"))
	}
	leaf, err := x509.ParseCertificate(first.Bytes)
	if err != nil {
		return nil, fmt.Errorf("certificate: %s: %w: want the server's own certificate first, whole", certFile, err)
	}
	key, _, err := readPEM(keyFile, "PRIVATE KEY")
	if err != nil {
		return nil, fmt.Errorf("key: %w", unreadable(err, "want PEM, the certificate's private key, unencrypted"))
	}
	pair, err := tls.X509KeyPair(certs, key)
	if err != nil {
		return nil, fmt.Errorf("key: %s: %w: want the private key, unencrypted, of the first certificate in %s", keyFile, err, certFile)
	}
	pair.Leaf = leaf
	return &pair, nil
}

// readPEM reads a file, and returns with it the first block of that type, such as
// EC PRIVATE KEY for PRIVATE KEY. The package tls would not name the file that has none.
func readPEM(name, kind string) ([]byte, *pem.Block, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, nil, err
	}
	var others []string
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if strings.HasSuffix(block.Type, kind) {
			return data, block, nil
		}
		others = append(others, block.Type)
	}
	if len(others) > 0 {
		return nil, nil, fmt.Errorf("%s has %s and no %s", name, strings.Join(others, ", "), kind)
	}
	return nil, nil, fmt.Errorf("%s is no PEM, or not all of it", name)
}
