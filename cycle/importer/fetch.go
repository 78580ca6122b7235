package importer

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// hosts are where sources may be fetched from, with what their paths begin with.
var hosts = map[string][]string{
	"learn.microsoft.com":       {"/"},
	"support.microsoft.com":     {"/"},
	"api.msrc.microsoft.com":    {"/cvrf/"},
	"raw.githubusercontent.com": {"/MicrosoftDocs/"},
}

const (
	fetchTime    = 30 * time.Second
	mostRedirect = 5
)

// Fetch returns what is at an address, decompressed: at most [MostBytes], within
// half a minute. It asks the hosts of the sources alone, by https, and no address of
// this machine or of a private network, whatever a name or a redirect leads to; so
// it uses no proxy either.
func Fetch(ctx context.Context, address, userAgent string) ([]byte, error) {
	return fetch(ctx, newClient(nil), address, userAgent)
}

// newClient returns the client of a fetch; roots are nil but in tests.
func newClient(transport http.RoundTripper) *http.Client {
	if transport == nil {
		dialer := &net.Dialer{Timeout: 10 * time.Second, Control: publicOnly}
		transport = &http.Transport{
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
			TLSHandshakeTimeout: 10 * time.Second, DisableKeepAlives: true,
			DisableCompression: true, // undone here, with its limit
		}
	}
	return &http.Client{
		Timeout: fetchTime, Transport: transport,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > mostRedirect {
				return fmt.Errorf("more than %d redirects", mostRedirect)
			}
			return checkAddress(r.URL)
		},
	}
}

// checkAddress wants an address of a source.
func checkAddress(u *url.URL) error {
	paths, known := hosts[strings.ToLower(u.Hostname())]
	inside := !strings.Contains(u.Path, "..") && slices.ContainsFunc(paths, func(path string) bool { return strings.HasPrefix(u.EscapedPath()+"/", path) })
	if u.Scheme != "https" || !known || !inside || u.User != nil || u.Port() != "" && u.Port() != "443" {
		var names []string
		for host, paths := range hosts {
			for _, path := range paths {
				names = append(names, "https://"+host+path)
			}
		}
		slices.Sort(names)
		return fmt.Errorf("address %q: want one of %s", u.Redacted(), strings.Join(names, ", "))
	}
	return nil
}

// publicOnly refuses a connection to an address that is not on the public internet.
// It sees what is really dialled, after any name was looked up.
func publicOnly(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	ip := at.Addr().Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return fmt.Errorf("%s is not on the public internet", ip)
	}
	return nil
}

// notPublic are the ranges beside those that package netip knows: shared, protocol
// assignments, benchmarks, reserved; and what embeds an address of IPv4.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32"),
}

func fetch(ctx context.Context, client *http.Client, address, userAgent string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if err := checkAddress(u); err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", userAgent)
	r.Header.Set("Accept-Encoding", "gzip")
	// The security update guide answers XML unless it is asked for JSON.
	r.Header.Set("Accept", "application/json, text/html, text/markdown;q=0.9, */*;q=0.5")
	answer, err := client.Do(r)
	if err != nil {
		if inner, ok := errors.AsType[*url.Error](err); ok {
			err = inner.Err // the address is said already
		}
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s: want 200 OK", address, answer.Status)
	}
	data, err := decompressed(answer)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	return data, nil
}

// decompressed reads the body of an answer. The limit holds for what comes out, and
// so for what goes in.
func decompressed(answer *http.Response) ([]byte, error) {
	if kind, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type")); err == nil && (strings.HasPrefix(kind, "image/") || strings.HasPrefix(kind, "video/")) {
		return nil, fmt.Errorf("%s: want a page or a document", kind)
	}
	body := io.LimitReader(answer.Body, MostBytes+1)
	switch encoding := strings.ToLower(answer.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
	case "gzip":
		z, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		body = z
	default:
		return nil, fmt.Errorf("encoding %q: want gzip or none", encoding)
	}
	return readAll(body)
}
