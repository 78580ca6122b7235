package main

import (
	"context"
	"fmt"
	"go/ast"
	"go/token"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/cyclecal/cyclecal/cycle/importer"
)

// forged are addresses that lead, or seem to lead, to what only this machine and its network reach.
var forged = []string{
	"https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://2130706433/", "https://0177.0.0.1/", "https://0x7f000001/", "https://127.1/",
	"https://169.254.169.254/latest/meta-data/", "https://metadata.google.internal/", "https://[fd00:ec2::254]/", "https://10.0.0.1/", "https://127.0.0.1.nip.io/", "https://intranet/",
	"http://learn.microsoft.com/", "https://learn.microsoft.com:8443/", "https://learn.microsoft.com@127.0.0.1/", "https://127.0.0.1#@learn.microsoft.com/", "https://user:pw@learn.microsoft.com/",
	"https://learn.microsoft.com.evil.example/", "https://learn.microsoft.com\\@evil.example/", "https://evil.example/https://learn.microsoft.com/", "https://learn.microsoft.com%2eevil.example/",
	"https://LEARN.MICROSOFT.COM.:443/", "https://learn.microsoft.com\u3002evil.example/", "https://ⓛearn.microsoft.com/", "https://raw.githubusercontent.com/MicrosoftDocs/../evil/x.md",
	"file:///etc/passwd", "ftp://learn.microsoft.com/", "gopher://127.0.0.1:6379/_FLUSHALL", "dict://127.0.0.1:11211/", "data://text/plain,x", "unix:///var/run/docker.sock", "https:///x", "://", "jar:https://learn.microsoft.com!/x",
}

// tryImport wants each refused by its text, before any name is looked up.
func tryImport(t *testing.T, _ *victim) {
	asked := resolving(t, netip.MustParseAddr("127.0.0.1"))
	for _, address := range forged {
		if code, stdout, stderr := carryOut(t, "import", "--parse", address); code == exitDone || strings.Contains(stdout, "root:") || strings.Contains(stderr, "pw@") {
			t.Errorf("import %s: exit code %d, want a refusal: %s%s", address, code, stdout, stderr)
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("%d names were looked up, want none", n)
	}
}

// trySync wants the server not even to start.
func trySync(t *testing.T, _ *victim) {
	for _, address := range forged {
		if code, _, stderr := carryOut(t, "serve", "--listen=127.0.0.1:0", "--data-dir", t.TempDir(), "--sync="+address); code != exitUsage || strings.Contains(stderr, "pw@") {
			t.Errorf("serve --sync=%s: exit code %d, want %d: %s", address, code, exitUsage, stderr)
		}
	}
}

// tryRebinding lets the name of a source lead to addresses that are not public: what counts is the address that is dialled.
func tryRebinding(t *testing.T, _ *victim) {
	for _, address := range []string{"127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fd00::1", "fe80::1", "2002:7f00:1::"} {
		asked := resolving(t, netip.MustParseAddr(address))
		_, err := importer.Fetch(t.Context(), "https://learn.microsoft.com/x", "test")
		if err == nil || !strings.Contains(err.Error(), "is not on the public internet") || asked.Load() == 0 {
			t.Errorf("a name that leads to %s: %v, want no connection", address, err)
		}
	}
}

// resolving lets every name lead to an address, until the test ends, and counts who asks.
func resolving(t *testing.T, address netip.Addr) *atomic.Int64 {
	t.Helper()
	asked := &atomic.Int64{}
	server, err := new(net.ListenConfig).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		for packet := make([]byte, 512); ; {
			n, from, err := server.ReadFrom(packet)
			if err != nil {
				return
			}
			asked.Add(1)
			_, _ = server.WriteTo(resolved(packet[:n], address), from)
		}
	}()
	before := net.DefaultResolver
	t.Cleanup(func() { net.DefaultResolver = before })
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
	return asked
}

// resolved answers a question for an address of that family.
func resolved(question []byte, address netip.Addr) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.Additionals = true, nil
	header := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class}
	switch {
	case q.Type == dnsmessage.TypeA && address.Is4():
		m.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AResource{A: address.As4()}}}
	case q.Type == dnsmessage.TypeAAAA && address.Is6():
		m.Answers = []dnsmessage.Resource{{Header: header, Body: &dnsmessage.AAAAResource{AAAA: address.As16()}}}
	}
	packed, _ := m.Pack() // what was unpacked
	return packed
}

// tryNotifyRedirect tells a receiver that sends on to somebody else. The receiver itself may be on a private
// network: only who starts the program names it, no document and no client can.
func tryNotifyRedirect(t *testing.T, _ *victim) {
	var other, told atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { other.Add(1) }))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			told.Add(1)
			http.Redirect(w, r, elsewhere.URL, status)
		}))
		for _, address := range []string{server.URL + "/hush", "teams+" + server.URL + "/hush"} {
			if err := parsed(t, address).send(t.Context(), sample); err == nil || strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), "redirects are not followed") {
				t.Errorf("%d of %s: %v, want that it is not followed", status, address, err)
			}
		}
		server.Close()
	}
	if other.Load() != 0 || told.Load() != 10 {
		t.Errorf("the receivers were told %d times, and who they named %d times; want 10 and never", told.Load(), other.Load())
	}
}

// tryGuesses tries secrets at another server, as the address must wait afterwards.
func tryGuesses(t *testing.T, x *victim) {
	x = x.other()
	token, feed := x.secrets["the admin token"], x.secrets["the secret of /api/v1/feeds/attacked"]
	for _, guess := range []string{token[:len(token)-1], token + "x", strings.ToUpper(token), token[1:], "x", strings.Repeat("x", 256), feed} {
		if a := x.ask(t, http.MethodGet, "/api/v1/rings", "", "Authorization", "Bearer "+guess); a.status != http.StatusUnauthorized || strings.Contains(a.body, guess+" ") {
			t.Errorf("Bearer %s = %d %s, want 401 without it", guess, a.status, a.body)
		}
	}
	for _, header := range []string{"", "Bearer", "Bearer ", "Basic " + token, token, "Bearer " + token + ", Bearer x", "Bearer " + token + "\tx", "Token " + token} {
		if a := x.ask(t, http.MethodGet, "/api/v1/rings", "", "Authorization", header); a.status != http.StatusUnauthorized {
			t.Errorf("Authorization %q = %d, want 401", header, a.status)
		}
	}
	for _, guess := range []string{feed[1:], feed + "A", strings.ToLower(feed), token} {
		if a := x.ask(t, http.MethodGet, "/feeds/"+guess+".ics", ""); a.status != http.StatusNotFound {
			t.Errorf("/feeds/%s.ics = %d, want 404", guess, a.status)
		}
	}
	last := gotAnswer{}
	for n := range 100 {
		last = x.ask(t, http.MethodGet, "/api/v1/rings", "", "Authorization", fmt.Sprintf("Bearer guess%d", n), "X-Forwarded-For", fmt.Sprintf("192.0.2.%d", n))
	}
	if last.status != http.StatusTooManyRequests || last.header.Get("Retry-After") == "" {
		t.Errorf("the 100th guess = %d, want 429 with Retry-After", last.status)
	}
	if got := x.see(t, "/api/v1/rings").status; got != http.StatusOK {
		t.Errorf("the right token from the same address = %d, want 200", got)
	}
}

// secretName is what a variable or field may be called that holds a secret, or what is kept of one.
var secretName = regexp.MustCompile(`(?i)(secret|token|password|bearer|credential|sum)$`)

// tryTiming holds by the source that no secret is compared byte by byte: Keys.Find alone compares, by crypto/subtle.
func tryTiming(t *testing.T, _ *victim) {
	subtle := map[string]int{}
	for file, tree := range sourcesOfModule(t) {
		if !strings.HasPrefix(file, "api/") && !strings.HasPrefix(file, "cmd/") && !strings.HasPrefix(file, "cycle/store/") {
			continue
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BinaryExpr:
				if (n.Op == token.EQL || n.Op == token.NEQ) && isSecret(n.X) && isSecret(n.Y) {
					t.Errorf("%s compares two secrets by %s: want auth.Keys", file, n.Op)
				}
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "ConstantTimeCompare" {
					subtle[file]++
				} else if ok && (f.Sel.Name == "Equal" || f.Sel.Name == "EqualFold" || f.Sel.Name == "Compare") && len(n.Args) == 2 && isSecret(n.Args[0]) && isSecret(n.Args[1]) {
					t.Errorf("%s compares two secrets by %s: want auth.Keys", file, f.Sel.Name)
				}
			}
			return true
		})
	}
	if want := map[string]int{"api/auth/secret.go": 1}; !maps.Equal(subtle, want) {
		t.Errorf("ConstantTimeCompare is called in %v, want %v", subtle, want)
	}
}

func isSecret(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return secretName.MatchString(e.Name)
	case *ast.SelectorExpr:
		return secretName.MatchString(e.Sel.Name)
	case *ast.SliceExpr:
		return isSecret(e.X)
	}
	return false
}

// tryFrames asks every route, whatever it answers.
func tryFrames(t *testing.T, x *victim) {
	asked := 0
	for path := range x.paths(t) {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions} {
			if method == http.MethodPost && strings.HasSuffix(path, "/rotate") {
				continue
			}
			a := x.ask(t, method, placed(path, x), "", "Authorization", x.bearer(), "Accept", "text/html, */*")
			policy := a.header.Get("Content-Security-Policy")
			if a.header.Get("X-Frame-Options") != "DENY" || !strings.Contains(policy, "frame-ancestors 'none'") || !strings.Contains(policy, "default-src 'none'") ||
				strings.Contains(policy, "unsafe") || a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("%s %s = %d may be framed, sniffed or referred from: %v", method, path, a.status, a.header)
			}
			asked++
		}
	}
	if asked < 200 {
		t.Errorf("%d answers were seen, want those of every route", asked)
	}
}

// tryCrossSite asks as a page of another site does. Nothing is ambient, so it can't ask with anybody's right.
func tryCrossSite(t *testing.T, x *victim) {
	site := []string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Referer", "https://evil.example/", "Cookie", "token=" + x.secrets["the admin token"]}
	for path, operations := range x.paths(t) {
		for method := range operations {
			method, path := strings.ToUpper(method), placed(path, x)
			for _, media := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"} {
				a := x.ask(t, method, path, "{}", append([]string{"Content-Type", media}, site...)...)
				if method != http.MethodGet && path != "/api/v1/eligibility" && a.status != http.StatusUnauthorized { // which stores nothing
					t.Errorf("%s %s from another site = %d, want 401", method, path, a.status)
				}
				checkNothingAmbient(t, method+" "+path, a)
			}
			preflight := x.ask(t, http.MethodOptions, path, "", "Origin", "https://evil.example", "Access-Control-Request-Method", method, "Access-Control-Request-Headers", "authorization, content-type")
			checkNothingAmbient(t, "OPTIONS "+path, preflight)
			allowed := strings.ToLower(preflight.header.Get("Access-Control-Allow-Headers"))
			if strings.Contains(allowed, "authorization") || strings.Contains(allowed, "content-type") || strings.Contains(allowed, "*") ||
				preflight.header.Get("Access-Control-Allow-Methods") != "GET, HEAD" {
				t.Errorf("OPTIONS %s allows another site %v", path, preflight.header)
			}
		}
	}
	for _, path := range []string{"/api/v1/rings", "/api/v1/documents", "/api/v1/tokens", "/api/v1/next?ring=attacked"} {
		a := x.ask(t, http.MethodGet, path, "", append([]string{"Authorization", x.bearer()}, site...)...)
		if a.status != http.StatusOK || a.header.Get("Access-Control-Allow-Origin") != "" || !strings.Contains(a.header.Get("Cache-Control"), "private") && !strings.Contains(a.header.Get("Cache-Control"), "no-store") {
			t.Errorf("GET %s with a token = %d %v, want it for no other site and no shared cache", path, a.status, a.header)
		}
	}
}

func checkNothingAmbient(t *testing.T, what string, a gotAnswer) {
	t.Helper()
	if a.header.Get("Set-Cookie") != "" || a.header.Get("Access-Control-Allow-Credentials") != "" || a.header.Get("Www-Authenticate") != "" && !strings.HasPrefix(a.header.Get("Www-Authenticate"), "Bearer") {
		t.Errorf("%s = %d %v, want no cookie and no credentials", what, a.status, a.header)
	}
}

// trySecrets looks for the secrets in all that is told: of this server, after all the attacks, and of one that has
// receivers and a proxy.
func trySecrets(t *testing.T, x *victim) {
	x.checkTold(t)
	x.other().checkTold(t)
}

// checkTold looks for the server's secrets in all that it tells.
func (x *victim) checkTold(t *testing.T) {
	t.Helper()
	token, feed := x.secrets["the admin token"], x.secrets["the secret of /api/v1/feeds/attacked"]
	for _, path := range []string{"/feeds/" + feed, "/feeds/" + feed + ".ics?x=" + token, "/Feeds/" + feed + ".ics", "/" + token, "/api/v1/schedule?" + token + "=" + feed, "/calendars/" + feed + ".ics"} {
		x.ask(t, http.MethodGet, path, "", "User-Agent", "x", "Referer", "https://x/feeds/"+feed+".ics")
	}
	told := map[string]string{}
	for _, path := range []string{"/metrics", "/readyz", "/healthz", "/", "/fleet", "/docs", "/openapi.json", "/api/v1/audit", "/api/v1/audit.csv", "/api/v1/feeds", "/api/v1/tokens", "/api/v1/documents", "/api/v1/next"} {
		told[path] = x.see(t, path).body
	}
	private := x.ask(t, http.MethodGet, "/feeds/"+feed+".ics", "")
	told["a private feed"] = fmt.Sprint(private.header) + private.body
	_, told["a backup"], _ = carryOut(t, "backup", "-", "--data-dir", x.dataDir)
	x.stop() // which writes the log to its end
	told["the log"], told["standard output"] = x.stderr.String(), x.stdout.String()
	loggedAs(t, told["the log"], "/")
	for _, where := range slices.Sorted(maps.Keys(told)) {
		if told[where] == "" {
			t.Errorf("%s tells nothing", where)
		}
		for what, secret := range x.secrets {
			if strings.Contains(told[where], secret) {
				t.Errorf("%s tells %s", where, what)
			}
		}
	}
}

// tryTerminal answers a command with what a terminal would carry out.
func tryTerminal(t *testing.T, _ *victim) {
	const evil = "\x1b]0;evil\x07\x1b[31m\x9b2J\u009b2J\u202eevil\u202c"
	for what, answer := range map[string]string{
		"a status":   "HTTP/1.1 500 " + evil + "\r\nContent-Length: 0\r\n\r\n",
		"a redirect": "HTTP/1.1 302 " + evil + "\r\nLocation: https://x/" + evil + "\r\nContent-Length: 0\r\n\r\n",
		"a problem":  "HTTP/1.1 400 x\r\nContent-Type: application/problem+json\r\nConnection: close\r\n\r\n" + `{"detail":"\u001b[31m\u009b2J\u202ex","errors":[{"pointer":"\u001b","detail":"\u001b[2J"}]}`,
		"no answer":  "HTTP/1.1 " + evil + "\r\n\r\n",
		"a header":   "HTTP/1.1 200 OK\r\nX" + evil + ": x\r\n\r\n",
		"a row": "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" +
			`{"data":[{"track_name":"\u001b[31m\u009b2J\u202ex","next_release_date":"\u001b]0;x\u0007"}],"meta":{"known_until":"\u001b[31m"}}`,
		"no JSON": "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" + evil,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			defer conn.Close()
			_, _ = io.WriteString(conn, answer)
		}))
		for _, line := range []string{"next", "state", "releases", "changes", "stats", "eligible --product windows-11", "build 26100.1", "month 2026-06", "year 2026"} {
			_, stdout, stderr := carryOut(t, append(strings.Fields(line), "--server", server.URL)...)
			checkTerminal(t, line+" of "+what, stdout+stderr)
		}
		server.Close()
	}
	for _, args := range [][]string{{evil}, {"next", "--track", evil}, {"apply", "-f", evil}, {"import", evil}, {"devices", evil}, {"restore", evil}, {"month", evil}, {"next", "--server", "http://" + evil}} {
		_, stdout, stderr := carryOut(t, append(args, "--data-dir", t.TempDir())...)
		checkTerminal(t, strings.Join(args, " "), stdout+stderr)
	}
}
