package main

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// attack is a row of the table: what a stranger, or an editor, tries, and what must hold.
type attack struct {
	name  string
	door  string // where it comes in
	sent  string
	holds string
	try   func(*testing.T, *victim)
}

// attacks is the table of what hostile people send. Each row is a test against "cyclecal serve" as
// it is run: with its limits, its log, its store and its tokens. Those that need a clock or a
// network of their own start another. The order matters for the last one only, which reads the log
// of all before.
var attacks = []attack{
	{"calendar injection", "every text of every document", "line ends, BEGIN:VEVENT, controls, marks, 100 KB", "refused, or feeds keep their components and properties", tryTexts},
	{"calendar injection by parameters", "every parameter of every route", "the same", "400 in a few bytes", tryParameters},
	{"HTML injection", "every text of every document", "elements, attributes, templates, addresses", "pages, pictures, Atom, CSV and metrics keep their shape", tryMarkup},
	{"injection into messages", "the reason and the source of a notice", "the same, mentions of all", "each receiver gets as many lines, and no mark", tryMessages},
	{"header injection", "paths, parameters and headers that come back in headers", "CR, LF, NUL, quotes", "no header of the sender's", tryHeaders},
	{"terminal escapes", "an answer of a server, the name of a file", "ESC and C1 controls", "none reaches the terminal", tryTerminal},
	{"log injection", "paths, methods, agents", "line ends, ESC, marks", "one line of JSON for each request", tryLog},
	{"path tricks", "every route", "..%2f, //, \\, %00, long", "4xx, no redirect, no file", tryPaths},
	{"request smuggling", "a raw connection", "two lengths, odd codings, folded and spaced headers", "refused, and nothing after it is answered", trySmuggling},
	{"a body that nobody reads", "a raw connection", "a request within the body of another", "one answer, and the end", tryHiddenRequests},
	{"another host", "the request line and Host", "http://evil.example", "no answer tells of it, kept or not", tryOtherHost},
	{"slow headers", "a raw connection", "a line every second", "cut off", trySlowHeaders},
	{"slow bodies", "a raw connection", "a byte every second", "cut off", trySlowBody},
	{"huge bodies", "PUT and POST", "2 MiB, with and without a length", "413", tryHugeBodies},
	{"huge and many headers", "every route", "40 KB, 3,000 names, 2 MB", "431", tryHugeHeaders},
	{"hash flooding", "names of parameters, of JSON and of CSV", "up to 100,000", "a few faults in a small answer", tryManyNames},
	{"cache flooding", "values of parameters", "as_of, from, tz, ring, spellings by the thousand", "memory in its bound, the popular answer a hit", tryCacheFlood},
	{"YAML bombs", "cyclecal apply", "aliases, depth, numbers, names twice", "exit code 2", tryYAMLBombs},
	{"JSON bombs", "PUT and POST", "depth, numbers, names twice", "400 with a small answer", tryJSONBombs},
	{"decompression bombs", "bodies that say gzip", "4 MiB in 4 KB", "415, never decompressed", tryZippedBodies},
	{"hostile backups", "cyclecal restore", "endless lines, other formats, changed bytes", "refused whole, the store as it was", tryBackups},
	{"forged requests by import", "cyclecal import URL", "private names, odd addresses, schemes, userinfo", "refused before or at the connection", tryImport},
	{"forged requests by --sync", "cyclecal serve --sync", "the same", "refused at the start", trySync},
	{"rebinding of names", "the resolver", "a source's name that leads to private addresses", "no connection", tryRebinding},
	{"redirects of --notify", "a receiver", "302 to another address", "not followed; the operator's own address may be private", tryNotifyRedirect},
	{"guessed tokens", "Authorization, private feeds", "wrong, empty, near, long", "401 or 404, then 429; the right one still counts", tryGuesses},
	{"timing of secrets", "the source of the program", "-", "secrets are compared by hash, in constant time, in one place", tryTiming},
	{"clickjacking", "every route", "a frame", "X-Frame-Options and frame-ancestors on every answer", tryFrames},
	{"cross-site writes", "every route that writes", "Origin, Sec-Fetch-Site, forms, preflights", "no cookie, no credentials, no method or header allowed", tryCrossSite},
	{"secrets in what is told", "log, metrics, /readyz, pages, API, backup", "all of the above", "no secret anywhere", trySecrets},
}

// TestAttacks tries each of them.
func TestAttacks(t *testing.T) {
	x := newVictim(t)
	x.other = sync.OnceValue(func() *victim {
		hush := map[string]string{"a receiver": "http://127.0.0.1:1/hush-receiver", "a proxy's password": "hush-proxy"}
		other := newVictim(t, "CYCLECAL_NOTIFY", hush["a receiver"], "CYCLECAL_SYNC", "true", "CYCLECAL_SYNC_PROXY", "http://me:"+hush["a proxy's password"]+"@127.0.0.1:1")
		maps.Copy(other.secrets, hush)
		return other
	})
	for _, a := range attacks {
		t.Run(a.name, func(t *testing.T) { a.try(t, x) })
	}
}

// victim is a server that is attacked.
type victim struct {
	*testServer
	dataDir string
	secrets map[string]string // what must never be told, by what it is
	other   func() *victim    // a server with receivers and a proxy, at which guesses may be made
	client  *http.Client      // one that follows no redirect and keeps nothing
}

const (
	attackedTrack = "attacked" // has documents of every kind
	attackedMonth = "2026-05"
)

// newVictim starts a server with a document of each kind; env are pairs of its environment.
func newVictim(t *testing.T, env ...string) *victim {
	t.Helper()
	x := &victim{
		dataDir: t.TempDir(), secrets: map[string]string{"the admin token": "hush+admin+01234567890123456789012345678901="},
		client: &http.Client{
			Transport:     &http.Transport{DisableCompression: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	t.Cleanup(x.client.CloseIdleConnections)
	set := map[string]string{"CYCLECAL_ADMIN_TOKEN": x.secrets["the admin token"], "CYCLECAL_BASE_URL": "https://cal.example.com"}
	for i := 0; i+1 < len(env); i += 2 {
		set[env[i]] = env[i+1]
	}
	x.testServer = serveForTest(t, set, "--listen=127.0.0.1:0", "--log-format=json", "--data-dir="+x.dataDir)
	for _, d := range attackedDocuments() {
		if a := x.put(t, d.path(), d.fields); a.status != http.StatusCreated {
			t.Fatalf("PUT %s = %d %s, want 201", d.path(), a.status, a.body)
		} else if secret, ok := a.json(t)["secret"].(string); ok {
			x.secrets["the secret of "+d.path()] = secret
		}
	}
	return x
}

// gotAnswer is an answer, read whole.
type gotAnswer struct {
	status int
	header http.Header
	body   string
}

// json returns an answer that is an object.
func (a gotAnswer) json(t *testing.T) map[string]any {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(a.body), &object); err != nil {
		t.Fatalf("%d %.300q: %v", a.status, a.body, err)
	}
	return object
}

// ask sends a request; headers are pairs.
func (x *victim) ask(t *testing.T, method, path, body string, headers ...string) gotAnswer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, x.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := x.client.Do(r)
	if err != nil {
		t.Fatalf("%s %.100s: %v", method, path, err)
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatalf("%s %.100s: %v", method, path, err)
	}
	return gotAnswer{answer.StatusCode, answer.Header, string(read)}
}

// bearer is the header of the administrator.
func (x *victim) bearer() string { return "Bearer " + x.secrets["the admin token"] }

// see asks as the administrator.
func (x *victim) see(t *testing.T, path string) gotAnswer {
	t.Helper()
	return x.ask(t, http.MethodGet, path, "", "Authorization", x.bearer())
}

// put writes a document as the administrator.
func (x *victim) put(t *testing.T, path string, fields map[string]any) gotAnswer {
	t.Helper()
	body, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return x.ask(t, http.MethodPut, path, string(body), "Authorization", x.bearer(), "Content-Type", "application/json")
}

// carryOut runs a command, and returns its exit code and what it printed.
func carryOut(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	out, err := newScreen(), newScreen()
	p := &program{getenv: func(string) string { return "" }, stdout: out, stderr: err, now: testClock}
	code = p.run(t.Context(), args)
	return code, out.String(), err.String()
}

// fileOf writes a file and returns its name.
func fileOf(t *testing.T, name, text string) string {
	t.Helper()
	name = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
