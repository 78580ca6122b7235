package main

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// httpURL reads an address of http or https with a host, and without a query or a fragment.
func httpURL(s string) (u *url.URL, ok bool) {
	u, err := url.Parse(s)
	return u, err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") && u.RawQuery == "" && u.Fragment == ""
}

// checkBaseURL checks the address at which clients reach a server, and returns it in ASCII without a path.
func checkBaseURL(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	u, ok := httpURL(s)
	if !ok || u.User != nil || strings.Trim(u.Path, "/") != "" {
		return "", usageError{fmt.Errorf("--base-url %q: want http:// or https:// and a host, without a path, such as https://cal.example.com", s)}
	}
	host, err := plainHost(u)
	if err != nil {
		return "", usageError{fmt.Errorf("--base-url %q: %w", s, err)}
	}
	return u.Scheme + "://" + host, nil
}

// folderURL checks the address of a folder, and returns it without a slash at its end.
func folderURL(s string) (string, error) {
	u, ok := httpURL(s)
	if !ok || u.ForceQuery || u.User != nil || strings.Contains(s, "#") {
		return "", usageError{fmt.Errorf("--base-url %q: want the address at which the files will be found, http:// or https://, a host and maybe a folder, such as https://intranet.example.com/hotpatch", s)}
	}
	host, err := plainHost(u)
	if err != nil {
		return "", usageError{fmt.Errorf("--base-url %q: %w", s, err)}
	}
	return strings.TrimRight((&url.URL{Scheme: u.Scheme, Host: host, Path: u.Path, RawPath: u.RawPath}).String(), "/"), nil
}

var (
	// hostName has underscores too: no registry sells them, but names of containers have them.
	hostName = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$`)
	// numericEnd makes a name an IPv4 address to browsers (URL Standard, "ends in a number").
	numericEnd = regexp.MustCompile(`(^|\.)[0-9]+$`)
)

// plainHost returns the host and the port of an address in a form that needs no escaping, as the address
// is put into scripts, commands and queries that people run.
func plainHost(u *url.URL) (string, error) {
	port := u.Port()
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return "", fmt.Errorf("invalid port %q: want 1 to 65535", port)
		}
		port = strconv.FormatUint(n, 10)
	}
	host, err := plainName(u.Hostname())
	if err != nil {
		return "", err
	}
	switch {
	case port != "":
		return net.JoinHostPort(host, port), nil
	case strings.Contains(host, ":"):
		return "[" + host + "]", nil
	}
	return host, nil
}

// plainName returns a name in letters, digits and hyphens, or an address.
func plainName(name string) (string, error) {
	if strings.Contains(name, ":") || numericEnd.MatchString(name) {
		address, err := netip.ParseAddr(name)
		if err != nil || address.Zone() != "" {
			return "", fmt.Errorf("invalid host %q: want a name, or an address such as 192.0.2.1 or [2001:db8::1]", name)
		}
		return address.String(), nil
	}
	// Not strict: hostName says which ASCII is taken.
	names := idna.New(idna.MapForLookup(), idna.BidiRule(), idna.VerifyDNSLength(true), idna.StrictDomainName(false))
	ascii, err := names.ToASCII(name)
	again, bad := names.ToASCII(ascii) // it accepts bytes that are no UTF-8, but refuses what it made of them
	if err != nil || bad != nil || again != ascii || !hostName.MatchString(ascii) || numericEnd.MatchString(ascii) {
		return "", fmt.Errorf("invalid host %q: want a name of letters, digits, hyphens and dots, such as cal.example.com", name)
	}
	return ascii, nil
}
