package auth

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Proxies are the networks whose X-Forwarded-For is believed. The zero Proxies are
// none.
type Proxies struct {
	networks []netip.Prefix
}

// ParseProxies reads addresses and prefixes that are joined by commas, such as
// "10.0.0.0/8, 127.0.0.1, ::1". An empty list is none.
func ParseProxies(list string) (Proxies, error) {
	var p Proxies
	if strings.TrimSpace(list) == "" {
		return p, nil
	}
	for item := range strings.SplitSeq(list, ",") {
		network, err := parseNetwork(strings.TrimSpace(item))
		if err != nil {
			return Proxies{}, err
		}
		p.networks = append(p.networks, network)
	}
	return p, nil
}

// parseNetwork reads an address or a prefix. IPv4-mapped ones become IPv4, as the addresses of
// clients do.
func parseNetwork(s string) (netip.Prefix, error) {
	network, err := netip.ParsePrefix(s)
	if address, bad := netip.ParseAddr(s); bad == nil && address.Zone() == "" {
		network, err = netip.PrefixFrom(address, address.BitLen()), nil
	}
	if err == nil && network.Addr().Is4In6() {
		network = netip.PrefixFrom(network.Addr().Unmap(), network.Bits()-96)
	}
	if err != nil || !network.IsValid() {
		return netip.Prefix{}, fmt.Errorf("invalid proxy %q: want an address or a prefix, such as 127.0.0.1, ::1 or 10.0.0.0/8", s)
	}
	return network, nil
}

func (p Proxies) trusts(address netip.Addr) bool {
	return slices.ContainsFunc(p.networks, func(n netip.Prefix) bool { return n.Contains(address) })
}

// Client returns the address that a request came from. That is the address of the connection or,
// if that is a trusted proxy, the rightmost entry of X-Forwarded-For that is not one. Each
// proxy appends the address that called it, so entries further left may be forged. If all are
// trusted it is the leftmost. An entry that is no address ends the search at the entry before it.
//
// The address has no zone, and is IPv4 where it was IPv4-mapped. It is the zero Addr for a
// connection without an address, such as a Unix socket's, which is never trusted.
func (p Proxies) Client(r *http.Request) netip.Addr {
	client := connection(r.RemoteAddr)
	if !p.trusts(client) { // by far the most
		return client
	}
	// RFC 9110, 5.3: several lines are one list, in their order.
	rest := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	for rest != "" && p.trusts(client) {
		comma := strings.LastIndexByte(rest, ',')
		entry, ok := parseForwarded(rest[comma+1:])
		if !ok {
			break
		}
		client, rest = entry, rest[:max(comma, 0)]
	}
	return client
}

// connection reads the address of RemoteAddr as net/http fills it in.
func connection(remote string) netip.Addr {
	pair, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	return pair.Addr().Unmap().WithZone("")
}

// parseForwarded reads an entry of X-Forwarded-For: an address, or with a port, as some
// proxies write it. A zone means nothing on another machine.
func parseForwarded(s string) (netip.Addr, bool) {
	s = strings.Trim(s, " \t")
	address, err := netip.ParseAddr(s)
	if err != nil {
		pair, bad := netip.ParseAddrPort(s)
		address, err = pair.Addr(), bad
	}
	if err != nil || address.Zone() != "" {
		return netip.Addr{}, false
	}
	return address.Unmap(), true
}
