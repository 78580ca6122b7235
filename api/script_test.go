package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// A script asks and says what is answered. A line "now: INSTANT" of its comment sets
// the clock. The name of a file is the request, "PUT /path?query | Header: value | {body}", or a "body\n" as Go quotes it, and
// its content the answer: status and media type, some headers, an empty line, the
// body. A body "…" is held elsewhere. {x*9} stands for nine x.
//
// UPDATE=1 go test ./api rewrites the answers; read what changed.

// shown are the headers of an answer that a script holds.
var shown = []string{
	"Allow", "Cache-Control", "Connection", "Content-Disposition", "Location", "Www-Authenticate", "Content-Encoding", "Last-Modified", "Link", "Retry-After", "Vary",
	"Access-Control-Allow-Methods", "Access-Control-Allow-Headers", "Access-Control-Max-Age",
}

const heldElsewhere = "…\n"

func TestScripts(t *testing.T) {
	for _, file := range scripts(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive := readScript(t, file)
			c := fleetConfig(t)
			c.Now = newClock(t, nowOf(archive)).time
			s := newSite(t, c)
			for i, f := range archive.Files {
				got := transcript(t, s, f)
				if os.Getenv("UPDATE") != "" {
					archive.Files[i].Data = []byte(got)
				} else if diff := cmp.Diff(string(f.Data), got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", f.Name, diff)
				}
			}
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// checkFile wants what a file has. UPDATE=1 rewrites it.
func checkFile(t *testing.T, file, got string) {
	t.Helper()
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func scripts(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("scripts in testdata: %v, %v", files, err)
	}
	return files
}

func readScript(t testing.TB, file string) *txtar.Archive {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return archive
}

func nowOf(archive *txtar.Archive) string {
	for line := range strings.Lines(string(archive.Comment)) {
		if now, ok := strings.CutPrefix(line, "now: "); ok {
			return strings.TrimSpace(now)
		}
	}
	return today
}

// request is what the name of a file in a script asks.
type request struct {
	method, target, body string
	headers              []string
}

func parseRequest(t testing.TB, name string) request {
	t.Helper()
	parts := strings.Split(repeated(t, name), " | ")
	method, target, ok := strings.Cut(parts[0], " ")
	if !ok || !strings.HasPrefix(target, "/") {
		t.Fatalf("request %q: want METHOD /path | Header: value", name)
	}
	q := request{method: method, target: target, headers: parts[1:]}
	if n := len(q.headers); n > 0 && strings.HasPrefix(q.headers[n-1], "{") {
		q.body, q.headers = q.headers[n-1], q.headers[:n-1]
	} else if n > 0 && strings.HasPrefix(q.headers[n-1], `"`) {
		body, err := strconv.Unquote(q.headers[n-1])
		if err != nil {
			t.Fatalf("request %q: %v", name, err)
		}
		q.body, q.headers = body, q.headers[:n-1]
	}
	return q
}

var repetition = regexp.MustCompile(`\{(.)\*(\d+)\}`)

func repeated(t testing.TB, s string) string {
	t.Helper()
	return repetition.ReplaceAllStringFunc(s, func(part string) string {
		m := repetition.FindStringSubmatch(part)
		n, err := strconv.Atoi(m[2])
		if err != nil {
			t.Fatal(err)
		}
		return strings.Repeat(m[1], n)
	})
}

// transcript asks, and writes the answer down as a script holds it.
func transcript(t testing.TB, s *site, f txtar.File) string {
	t.Helper()
	q := parseRequest(t, f.Name)
	answer := s.send(q)
	var b strings.Builder
	fmt.Fprintln(&b, strings.TrimSpace(strconv.Itoa(answer.StatusCode)+" "+answer.Header.Get("Content-Type")))
	for _, name := range slices.Sorted(slices.Values(shown)) {
		for _, value := range answer.Header.Values(name) {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	body := readable(t, answer)
	if strings.HasSuffix("\n"+string(f.Data), "\n"+heldElsewhere) && body != "" {
		body = heldElsewhere
	}
	if body != "" {
		b.WriteString("\n" + body)
	}
	return b.String()
}

// readable makes a body of lines that a diff can show.
func readable(t testing.TB, answer reply) string {
	t.Helper()
	body := answer.body
	if strings.Contains(answer.Header.Get("Content-Type"), "json") && answer.Header.Get("Content-Encoding") == "" && body != "" {
		var b bytes.Buffer
		if err := json.Indent(&b, []byte(body), "", "  "); err != nil {
			t.Fatalf("%v in %q", err, body)
		}
		body = b.String()
	}
	if answer.Header.Get("Content-Encoding") != "" {
		return heldElsewhere
	}
	return strings.ReplaceAll(body, "\r\n", "\n")
}
