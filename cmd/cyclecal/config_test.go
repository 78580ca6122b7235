package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

// serveSettings are the flags of serve, as people see them who have not set any.
func serveSettings() *pflag.FlagSet {
	var f serveFlags
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	f.add(flags, func(name string) string {
		return map[string]string{"XDG_DATA_HOME": "~/.local/share"}[name]
	})
	return flags
}

// TestConfigHelp holds the settings in help/config.md to those that there are. UPDATE=1 rewrites them.
func TestConfigHelp(t *testing.T) {
	const begin, end = "## The settings\n", "\n## "
	file := filepath.Join("help", "config.md")
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(body), begin)
	got, after, more := strings.Cut(rest, end)
	if !ok || !more {
		t.Fatalf("%s has no section %q with one behind it", file, begin)
	}
	want := settingsHelp(serveSettings())
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(before+begin+want+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got), UPDATE=1 rewrites it:\n%s", file, diff)
	}
}

func settingsHelp(flags *pflag.FlagSet) string {
	var b strings.Builder
	flags.VisitAll(func(f *pflag.Flag) {
		value, about := pflag.UnquoteUsage(f)
		if value == "" {
			about = "true or false: " + about
		}
		if f.DefValue != "" {
			about += fmt.Sprintf(". By default %#q", filepath.ToSlash(f.DefValue))
		}
		fmt.Fprintf(&b, "\n- `%s`, `%s`", f.Name, variable(f.Name))
		if f.Name == "config" {
			fmt.Fprint(&b, " (not in the file)")
		}
		line := "\n "
		for word := range strings.FieldsSeq(about) {
			if len(line)+1+len(word) > len("\n")+80 {
				b.WriteString(line)
				line = "\n "
			}
			line += " " + word
		}
		b.WriteString(line)
	})
	return b.String() + "\n"
}

// Each example in the help is taken as it is.
func TestConfigExamples(t *testing.T) {
	body, err := os.ReadFile(filepath.Join("help", "config.md"))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(body), "```")
	examples := 0
	for i := 1; i < len(parts); i += 2 {
		text, ok := strings.CutPrefix(parts[i], "yaml\n")
		if !ok {
			continue
		}
		examples++
		flags := serveSettings()
		c := configFile{name: "example.yaml", flags: flags, from: origins{}, seen: map[string]int{}}
		if err := c.read([]byte(text)); err != nil || len(c.from) == 0 {
			t.Errorf("an example sets %d flags: %v\n%s", len(c.from), err, text)
		}
	}
	if examples == 0 {
		t.Error("help/config.md has no example of a file")
	}
}

// TestConfigLists holds that what can be a list is a setting.
func TestConfigLists(t *testing.T) {
	flags := serveSettings()
	for name := range separators() {
		if f := flags.Lookup(name); f == nil || f.Value.Type() != "string" {
			t.Errorf("%s can be a list, but is no setting of text", name)
		}
	}
	c := configFile{name: "c", flags: flags, from: origins{}, seen: map[string]int{}}
	if err := c.read([]byte("notify: [https://a.example, https://b.example]\nsync: true\ntrusted-proxies: [10.0.0.0/8, 192.0.2.1/32]\n")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"notify": "https://a.example https://b.example", "sync": usualSources, "trusted-proxies": "10.0.0.0/8,192.0.2.1/32",
	} {
		if got := flags.Lookup(name).Value.String(); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
}

// What is often mistaken is told in words of the mistake.
func TestConfigHints(t *testing.T) {
	for text, want := range map[string]string{
		"listen: 8080\n": `c:1:9: listen: want HOST:PORT, such as "127.0.0.1:8080"`,
		"sync: true\ntrusted-proxies:\n\t- 10.0.0.0/8\n": "c:3:1: no YAML: found character that cannot start any token: the line begins with a tab, and YAML wants spaces",
		"trusted-proxies:\n  - a\n\t- b\n":               "c:3:1: no YAML: found a tab character that violates indentation: the line begins with a tab",
		`data-dir: "C:\Users\me"`:                        "want single quotes, such as 'C:\\ProgramData",
		`data-dir: "C:\Cyclecal"`:                        "want single quotes",
		`data-dir: "C:\ProgramData"`:                     "c:1:11: data-dir: want no character that can't be seen: a \\ in double quotes", // U+2029
		`data-dir: "C:\new"`:                             "want single quotes",
		`data-dir: 'C:\ProgramData'`:                     "",
		`data-dir: C:\ProgramData`:                       "",
		`data-dir: "C:\\Program Data"`:                   "",
		"trusted-proxies: [\n":                           "want lines such as listen: 127.0.0.1:8080",
	} {
		c := configFile{name: "c", flags: serveSettings(), from: origins{}, seen: map[string]int{}}
		if err := c.read([]byte(text)); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// The laws of a distance: none to itself, the same both ways, and for short words that of its definition. A way round
// may be shorter, since what was swapped is not changed again ("021", "01", "10"), but never by more than a half.
func FuzzDistance(f *testing.F) {
	f.Add("base_url", "base-url", "listen")
	f.Add("021", "10", "01")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if max(len(a), len(b), len(c)) > 40 {
			return
		}
		ab, ba, ac, cb := distance(a, b), distance(b, a), distance(a, c), distance(c, b)
		if (ab == 0) != (a == b) || ab != ba || ab > 2*(ac+cb) || ab > max(len(a), len(b)) {
			t.Errorf("distance(%q, %q) = %d, %d the other way, %d by %q", a, b, ab, ba, ac+cb, c)
		}
		if max(len(a), len(b)) > 6 {
			return
		}
		if want := edits(a, b); ab != want {
			t.Errorf("distance(%q, %q) = %d, want %d", a, b, ab, want)
		}
	})
}

// edits tries every way to make b of a.
func edits(a, b string) int {
	if min(len(a), len(b)) == 0 {
		return max(len(a), len(b))
	}
	least := edits(a[1:], b[1:])
	if a[0] != b[0] {
		least = 1 + min(least, edits(a[1:], b), edits(a, b[1:]))
	}
	if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
		least = min(least, 1+edits(a[2:], b[2:]))
	}
	return least
}

// FuzzConfig holds that no file ends the program, and that each fault has a place in one line.
func FuzzConfig(f *testing.F) {
	f.Add([]byte("listen: 127.0.0.1:0\nsync: [a, b]\n"))
	f.Add([]byte("? [a]\n: b\n"))
	f.Add([]byte("a: &x {b: *x}\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		c := configFile{name: "c", flags: serveSettings(), from: origins{}, seen: map[string]int{}}
		err := c.read(body)
		if (err == nil) != (len(c.faults) == 0) || slices.ContainsFunc(c.faults, func(err error) bool {
			return !strings.HasPrefix(err.Error(), "c:") || strings.ContainsAny(err.Error(), "\n\r\x1b")
		}) {
			t.Errorf("read(%q) = %v, faults %q", body, err, c.faults)
		}
	})
}

// An address to listen on is one to ask.
func TestLoopback(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:8080": "127.0.0.1:8080", ":8080": "127.0.0.1:8080", "0.0.0.0:80": "127.0.0.1:80",
		"[::]:8080": "[::1]:8080", "192.0.2.1:80": "192.0.2.1:80", "cal.example.com:80": "cal.example.com:80",
	} {
		if got, err := loopback(listen); got != want || err != nil {
			t.Errorf("loopback(%s) = %q, %v, want %q", listen, got, err, want)
		}
	}
	for _, listen := range []string{"127.0.0.1:0", "8080", "", "host:http"} {
		if got, err := loopback(listen); err == nil {
			t.Errorf("loopback(%q) = %q, want an error", listen, got)
		}
	}
}

// What is asked is an address that can be asked: one of a link has a zone (RFC 6874).
func TestWhereReady(t *testing.T) {
	for listen, want := range map[string]string{
		"0.0.0.0:8080": "http://127.0.0.1:8080/readyz", "[::]:8080": "http://[::1]:8080/readyz", "[fe80::1%eth0]:80": "http://[fe80::1%25eth0]:80/readyz",
	} {
		p := &program{getenv: func(name string) string { return map[string]string{"CYCLECAL_LISTEN": listen}[name] }}
		_, got, _, err := p.whereReady("", "")
		if _, bad := http.NewRequestWithContext(t.Context(), http.MethodGet, got, http.NoBody); got != want || err != nil || bad != nil {
			t.Errorf("%s is asked at %q, %v, %v; want %s", listen, got, err, bad, want)
		}
	}
}
