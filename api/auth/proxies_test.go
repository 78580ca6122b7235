package auth_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/api/auth"
)

func TestParseProxies(t *testing.T) {
	for _, tt := range []struct {
		list    string
		trusted string // an address that is one of them
		other   string // one that is not
		err     string // what is wrong, or ""
	}{
		{"", "", "127.0.0.1", ""},
		{"  ", "", "127.0.0.1", ""},
		{"127.0.0.1", "127.0.0.1", "127.0.0.2", ""},
		{"10.0.0.0/8,127.0.0.1,::1", "10.255.0.1", "11.0.0.1", ""},
		{" 10.0.0.0/8 , ::1 ", "::1", "::2", ""},
		{"10.1.2.3/8", "10.255.0.1", "11.0.0.1", ""}, // bits of the host say nothing
		{"2001:db8::/32", "2001:db8:1::1", "2001:db9::1", ""},
		{"fe80::/10", "fe80::1%eth0", "ff80::1", ""}, // of the connection the zone is left out
		{"::ffff:10.0.0.1", "10.0.0.1", "10.0.0.2", ""},
		{"::ffff:10.0.0.0/104", "10.9.9.9", "11.0.0.1", ""},
		{"10.0.0.0/8", "::ffff:10.0.0.1", "::ffff:11.0.0.1", ""},
		{"0.0.0.0/0", "192.0.2.1", "::1", ""},
		{"::/0", "::1", "192.0.2.1", ""},
		{"::ffff:0.0.0.0/95", "", "", "::ffff:0.0.0.0/95"}, // IPv4, and what is no such thing
		{"10.0.0.0/33", "", "", "10.0.0.0/33"},
		{"localhost", "", "", "localhost"},
		{"127.0.0.1:80", "", "", "127.0.0.1:80"},
		{"[::1]", "", "", "[::1]"},
		{"fe80::1%eth0", "", "", "fe80::1%eth0"},
		{"127.0.0.1,,::1", "", "", ""},
		{"127.0.0.1,", "", "", ""},
		{"127.0.0.1 ::1", "", "", "127.0.0.1 ::1"},
	} {
		p, err := auth.ParseProxies(tt.list)
		if tt.trusted == "" && tt.other == "" {
			want := `invalid proxy "` + tt.err + `": want an address or a prefix, such as 127.0.0.1, ::1 or 10.0.0.0/8`
			if errText(err) != want {
				t.Errorf("ParseProxies(%q) = %v, want %s", tt.list, err, want)
			}
			continue
		}
		if err != nil {
			t.Errorf("ParseProxies(%q) = %v, want no error", tt.list, err)
		}
		client := netip.MustParseAddr("203.0.113.7")
		if got := p.Client(request(tt.trusted, client.String())); tt.trusted != "" && got != client {
			t.Errorf("of %q, %s is not trusted: Client = %v", tt.list, tt.trusted, got)
		}
		if got := p.Client(request(tt.other, client.String())); got == client {
			t.Errorf("of %q, %s is trusted, want that it is not", tt.list, tt.other)
		}
	}
}

// What a proxy forwarded is believed only when the proxy is trusted.
func TestClient(t *testing.T) {
	const proxy = "10.0.0.1"
	for _, tt := range []struct {
		remote    string
		forwarded []string
		want      string
	}{
		{"192.0.2.1", nil, "192.0.2.1"},
		{"192.0.2.1", []string{"203.0.113.7"}, "192.0.2.1"}, // spoofed
		{"2001:db8::1", []string{"203.0.113.7"}, "2001:db8::1"},
		{proxy, nil, proxy},
		{proxy, []string{""}, proxy},
		{proxy, []string{"203.0.113.7"}, "203.0.113.7"},
		{"::ffff:10.0.0.1", []string{"203.0.113.7"}, "203.0.113.7"},
		{proxy, []string{"::ffff:203.0.113.7"}, "203.0.113.7"},
		{proxy, []string{" 203.0.113.7\t"}, "203.0.113.7"},
		{proxy, []string{"203.0.113.7:567"}, "203.0.113.7"},
		{proxy, []string{"2001:db8::5"}, "2001:db8::5"},
		{proxy, []string{"[2001:db8::5]:567"}, "2001:db8::5"},
		// What the client sent itself stands to the left of what the proxies added.
		{proxy, []string{"198.51.100.1, 203.0.113.7"}, "203.0.113.7"},
		{proxy, []string{"198.51.100.1, 203.0.113.7, 10.0.0.2, 10.0.0.3"}, "203.0.113.7"},
		{proxy, []string{"198.51.100.1", "203.0.113.7, 10.0.0.2", "10.0.0.3"}, "203.0.113.7"},
		{proxy, []string{"10.0.0.9, 203.0.113.7"}, "203.0.113.7"},
		{proxy, []string{"garbage, 203.0.113.7"}, "203.0.113.7"},
		// All are trusted: the request began within.
		{proxy, []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		// Garbage ends the walk.
		{proxy, []string{"203.0.113.7, unknown"}, proxy},
		{proxy, []string{"203.0.113.7, unknown, 10.0.0.2"}, "10.0.0.2"},
		{proxy, []string{"203.0.113.7,,10.0.0.2"}, "10.0.0.2"},
		{proxy, []string{"203.0.113.7", "", "10.0.0.2"}, "10.0.0.2"},
		{proxy, []string{"203.0.113.7,"}, proxy},
		{proxy, []string{",203.0.113.7"}, "203.0.113.7"},
		{proxy, []string{"203.0.113.7, fe80::1%eth0"}, proxy},
		{proxy, []string{"203.0.113.7, [fe80::1%eth0]:5"}, proxy},
		{proxy, []string{"203.0.113.7, 10.0.0.2:99999"}, proxy},
		{proxy, []string{"203.0.113.7, 10.0.0.0/8"}, proxy},
		{proxy, []string{"203.0.113.7, 010.0.0.2"}, proxy},
	} {
		p, err := auth.ParseProxies("10.0.0.0/8")
		if err != nil {
			t.Fatal(err)
		}
		want := netip.MustParseAddr(tt.want)
		if got := p.Client(request(tt.remote, tt.forwarded...)); got != want {
			t.Errorf("Client(from %s, X-Forwarded-For: %q) = %v, want %v", tt.remote, tt.forwarded, got, want)
		}
		var none auth.Proxies
		direct := netip.MustParseAddr(tt.remote).Unmap()
		if got := none.Client(request(tt.remote, tt.forwarded...)); got != direct {
			t.Errorf("with no proxies Client(from %s, X-Forwarded-For: %q) = %v, want %v", tt.remote, tt.forwarded, got, direct)
		}
	}
}

// TestClientWithoutAddress has connections of a Unix socket, and of no one.
func TestClientWithoutAddress(t *testing.T) {
	p, err := auth.ParseProxies("0.0.0.0/0,::/0")
	if err != nil {
		t.Fatal(err)
	}
	for _, remote := range []string{"", "@", "/run/socket", "192.0.2.1"} {
		r := request("192.0.2.1", "203.0.113.7")
		r.RemoteAddr = remote
		if got := p.Client(r); got.IsValid() {
			t.Errorf("Client(from %q) = %v, want the zero Addr", remote, got)
		}
	}
}

// FuzzClient holds that the client is the connection or an entry of the header, and always
// the connection where there are no proxies or it is none of them.
func FuzzClient(f *testing.F) {
	f.Add("10.0.0.0/8", "10.0.0.1:80", "203.0.113.7, 10.0.0.2", "10.0.0.3")
	f.Add("::1,127.0.0.1", "[::1]:80", "1.2.3.4:567", "[::1]:5")
	f.Add("", "10.0.0.1:80", "203.0.113.7", "")
	f.Add("0.0.0.0/0,::/0", "[fe80::1%eth0]:80", "::ffff:1.2.3.4, fe80::1%eth0", ",,")
	f.Fuzz(func(t *testing.T, list, remote, line1, line2 string) {
		r := &http.Request{RemoteAddr: remote, Header: http.Header{"X-Forwarded-For": {line1, line2}}}
		var none auth.Proxies
		direct := none.Client(r)
		if pair, err := netip.ParseAddrPort(remote); err == nil && direct != pair.Addr().Unmap().WithZone("") {
			t.Errorf("with no proxies Client(from %q) = %v", remote, direct)
		}
		p, err := auth.ParseProxies(list)
		if err != nil {
			return
		}
		got := p.Client(r)
		if got == direct {
			return
		}
		if without := p.Client(&http.Request{RemoteAddr: remote}); without != direct {
			t.Errorf("without the header Client(from %q) = %v, want %v", remote, without, direct)
		}
		if !isEntry(got, line1+","+line2) || got.Zone() != "" || got.Is4In6() {
			t.Errorf("Client(from %q, X-Forwarded-For: %q, %q) = %v, want the connection or an entry", remote, line1, line2, got)
		}
	})
}

// isEntry returns whether the address is one of a list.
func isEntry(address netip.Addr, list string) bool {
	for entry := range strings.SplitSeq(list, ",") {
		entry = strings.TrimSpace(entry)
		if pair, err := netip.ParseAddrPort(entry); err == nil && pair.Addr().Unmap() == address {
			return true
		}
		if a, err := netip.ParseAddr(entry); err == nil && a.Unmap() == address {
			return true
		}
	}
	return false
}

// request is one from an address, with these lines of X-Forwarded-For.
func request(remote string, forwarded ...string) *http.Request {
	r := &http.Request{Header: http.Header{}}
	if a, err := netip.ParseAddr(remote); err == nil {
		r.RemoteAddr = netip.AddrPortFrom(a, 40000).String()
	}
	for _, line := range forwarded {
		r.Header.Add("X-Forwarded-For", line)
	}
	return r
}
