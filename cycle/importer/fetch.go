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
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// hosts are the hosts from which sources may be fetched, with what the paths must begin with.
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
// half a minute. It connects by https to the hosts of the sources alone, and never to this
// machine or to a private network, whatever a name or a redirect leads to. So it uses no
// proxy.
func Fetch(ctx context.Context, address, userAgent string) ([]byte, error) {
	page, err := NewFetcher(Transport(nil), userAgent).Fetch(ctx, address, Validators{})
	return page.Body, err
}

// CheckAddress returns an error for an address from which no [Fetcher] fetches. It names the
// addresses that are allowed.
func CheckAddress(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("address %q: want https:// and a host of the sources", address)
	}
	return checkAddress(u)
}

// Transport returns a transport that connects to public addresses alone: it refuses a name that
// leads to this machine or to a private network.
//
// With a proxy it connects to the proxy, wherever that is. Then only the proxy knows where a name
// leads to, and the list of hosts is the only protection.
func Transport(proxy *url.URL) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	t := &http.Transport{
		DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
		TLSHandshakeTimeout: 10 * time.Second, DisableKeepAlives: true,
		DisableCompression: true, // decompressed does it, with a limit
	}
	if proxy == nil {
		dialer.Control = publicOnly
		return t
	}
	t.Proxy = http.ProxyURL(proxy)
	return t
}

// Fetcher fetches sources. It may be used by several goroutines.
type Fetcher struct {
	client    *http.Client
	userAgent string
}

// NewFetcher returns a fetcher that uses a transport, such as that of [Transport], and sends that user agent.
func NewFetcher(transport http.RoundTripper, userAgent string) *Fetcher {
	return &Fetcher{userAgent: userAgent, client: &http.Client{
		Timeout: fetchTime, Transport: transport,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > mostRedirect {
				return fmt.Errorf("more than %d redirects", mostRedirect)
			}
			return checkAddress(r.URL)
		},
	}}
}

// Validators tell which form of a page a client has: RFC 9110, 8.8. The zero Validators tell nothing.
type Validators struct{ ETag, LastModified string }

// Page is what a [Fetcher] got.
type Page struct {
	Body       []byte
	Validators Validators
	// Unchanged says that the page is still the one that the validators tell of. Body is then nil.
	Unchanged bool
}

// StatusError is an answer without a page, such as 404.
type StatusError struct {
	Address, Status string
	// RetryAfter is how long the host asks to wait before the next request, 0 where it doesn't ask.
	RetryAfter time.Duration
}

// Error names the address and the status.
func (e *StatusError) Error() string { return e.Address + ": " + e.Status + ": want 200 OK" }

// detour matches what may lead a path elsewhere than to where it begins: dots, and what
// becomes dots when it is decoded, once or twice.
var detour = regexp.MustCompile(`(?i)\.\.|%2e|%25`)

// checkAddress is [CheckAddress] for an address that is parsed.
func checkAddress(u *url.URL) error {
	paths, known := hosts[strings.ToLower(u.Hostname())]
	inside := !detour.MatchString(u.EscapedPath()) && slices.ContainsFunc(paths, func(path string) bool { return strings.HasPrefix(u.EscapedPath()+"/", path) })
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
// The dialer calls it with the address that a name was resolved to.
func publicOnly(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	ip := at.Addr().Unmap()
	within := func(p netip.Prefix) bool { return p.Contains(ip) }
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.Is6() && !globalUnicast.Contains(ip) || slices.ContainsFunc(notPublic, within) {
		return fmt.Errorf("%s is not on the public internet", ip)
	}
	return nil
}

// globalUnicast is the part of IPv6 that is assigned for the public internet: RFC 4291, 2.4. Outside of it
// are addresses that embed one of IPv4 behind zeros, NAT64, discard-only and site-local addresses.
var globalUnicast = netip.MustParsePrefix("2000::/3")

// notPublic are the ranges that are not public, beside those that package netip knows. Of IPv4: shared,
// protocol assignments, documentation, relays of 6to4, benchmarks, reserved. Of IPv6: protocol
// assignments, among them Teredo, documentation and 6to4.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("3fff::/20"),
}

// Fetch returns the page at an address, under the limits of the function [Fetch]. With validators it
// asks for the page only if that has changed. It returns a [*StatusError] for an answer without a page.
func (f *Fetcher) Fetch(ctx context.Context, address string, known Validators) (Page, error) {
	if err := CheckAddress(address); err != nil {
		return Page{}, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Page{}, err
	}
	f.setHeader(r.Header, known)
	answer, err := f.client.Do(r)
	if err != nil {
		if inner, ok := errors.AsType[*url.Error](err); ok {
			err = inner.Err // the address is named below
		}
		return Page{}, fmt.Errorf("%s: %w", address, err)
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode == http.StatusNotModified && known != Validators{}:
		return Page{Validators: known, Unchanged: true}, nil
	case answer.StatusCode != http.StatusOK:
		return Page{}, &StatusError{Address: address, Status: statusOf(answer), RetryAfter: retryAfter(answer.Header)}
	}
	data, err := decompressed(answer)
	if err != nil {
		return Page{}, fmt.Errorf("%s: %w", address, err)
	}
	return Page{Body: data, Validators: Validators{validator(answer.Header, "ETag"), validator(answer.Header, "Last-Modified")}}, nil
}

func (f *Fetcher) setHeader(h http.Header, known Validators) {
	h.Set("User-Agent", f.userAgent)
	h.Set("Accept-Encoding", "gzip")
	// The security update guide answers XML unless it is asked for JSON.
	h.Set("Accept", "application/json, text/html, text/markdown;q=0.9, */*;q=0.5")
	if known.ETag != "" {
		h.Set("If-None-Match", known.ETag)
	}
	if known.LastModified != "" {
		h.Set("If-Modified-Since", known.LastModified)
	}
}

// statusOf returns the status in our words: the host's may be anything.
func statusOf(answer *http.Response) string {
	return strings.TrimSpace(fmt.Sprintf("%03d %s", answer.StatusCode, http.StatusText(answer.StatusCode)))
}

// validator returns a header if it can be kept and sent back, else "".
func validator(h http.Header, name string) string {
	const longest = 256
	value := h.Get(name)
	if len(value) > longest || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) {
		return ""
	}
	return value
}

// retryAfter reads Retry-After. RFC 9110, 10.2.3: it is a number of seconds, or a date, which is
// compared with the host's own clock in the header Date.
func retryAfter(h http.Header) time.Duration {
	const longest = 366 * 24 * time.Hour
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, longest)
	}
	until, err := http.ParseTime(value)
	at, bad := http.ParseTime(h.Get("Date"))
	if err != nil || bad != nil {
		return 0
	}
	return min(max(until.Sub(at), 0), longest)
}

// decompressed reads the body of an answer. The limit holds for the compressed bytes as well as
// for the decompressed ones.
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
