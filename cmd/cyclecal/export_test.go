package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	calendar "github.com/emersion/go-ical"
	"golang.org/x/net/html"
)

const exportURL = "https://intranet.example.com/hotpatch"

// exportForTest runs the command as somebody would on the tests' day.
func exportForTest(t testing.TB, args ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "site")
	code, out := runExport(dir, args...)
	if code != exitDone {
		t.Fatalf("cyclecal export %q = %d, want 0: %s", args, code, out)
	}
	return dir
}

func runExport(dir string, args ...string) (code int, said string) {
	var out bytes.Buffer
	p := &program{getenv: func(string) string { return "" }, stdout: &out, stderr: &out, now: testClock}
	code = p.run(context.Background(), append([]string{"export", dir, "--base-url", exportURL}, args...))
	return code, out.String()
}

// tree is an export that was read: bodies by name.
type tree map[string][]byte

func readTree(t testing.TB, dir string) tree {
	t.Helper()
	all := tree{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			all[name], err = os.ReadFile(filepath.Join(dir, name))
		}
		return err
	})
	if err != nil || len(all) == 0 {
		t.Fatalf("%s has %d files: %v", dir, len(all), err)
	}
	return all
}

// TestExportedLinks follows every link of an export. With the tag e2e that is one of the whole history.
func TestExportedLinks(t *testing.T) {
	checkExport(t, 3_000, "--as-of", "2022-08-20", "--ring", "broad:9/5/2")
}

// checkExport holds that each link leads to a file, and to a part of it that is there, or to Microsoft
// (help also names others),
// and that there are that many links or more.
func checkExport(t *testing.T, least int, args ...string) {
	t.Helper()
	dir := exportForTest(t, args...)
	all := readTree(t, dir)
	ids := map[string]map[string]bool{}
	links := map[string][]string{} // of each page
	for name, body := range all {
		if path.Ext(name) == ".html" {
			links[name], ids[name] = linksOfPage(t, name, body)
		}
	}
	followed := 0
	for from, list := range links {
		for _, link := range list {
			followed++
			if fault := all.follow(from, link, ids); fault != "" {
				t.Errorf("%s: link %q %s", from, link, fault)
			}
		}
	}
	t.Logf("%d links on %d pages", followed, len(links))
	if followed < least {
		t.Errorf("%d links, want %d or more", followed, least)
	}
	all.checkFormats(t)
	all.checkAddresses(t)
}

// linksOfPage returns what a page leads to or loads, and its ids. Each a has its href: what only
// a service can answer is not there.
func linksOfPage(t *testing.T, name string, body []byte) (links []string, ids map[string]bool) {
	t.Helper()
	ids = map[string]bool{"": true}
	z := html.NewTokenizer(bytes.NewReader(body))
	for z.Next() != html.ErrorToken {
		token := z.Token()
		if token.Type != html.StartTagToken && token.Type != html.SelfClosingTagToken {
			continue
		}
		found := false
		for _, a := range token.Attr {
			switch a.Key {
			case "href", "src", "action":
				found = true
				links = append(links, a.Val)
			case "id":
				ids[a.Val] = true
			}
		}
		if token.Data == "form" || token.Data == "a" && !found {
			t.Errorf("%s has %s, want none", name, token)
		}
	}
	if z.Err() != io.EOF { //nolint:errorlint // as the tokenizer says it
		t.Errorf("%s: %v", name, z.Err())
	}
	return links, ids
}

// follow tells what is wrong with where a link leads, or "".
func (all tree) follow(from, link string, ids map[string]map[string]bool) string {
	u, err := url.Parse(link)
	switch {
	case err != nil:
		return err.Error()
	case u.Scheme == "webcal":
		u.Scheme = "https"
		return all.followAddress(u.String(), ids)
	case u.Host != "" && u.Scheme == "https" && (strings.HasSuffix(u.Hostname(), ".microsoft.com") || strings.HasPrefix(from, "docs/")):
		return "" // a fact's source, or what help names
	case u.Host != "" || u.Scheme != "" || u.RawQuery != "":
		return "is neither relative nor Microsoft's"
	}
	to := from
	if u.Path != "" {
		to = path.Join(path.Dir(from), u.Path)
	}
	return all.there(to, u.Fragment, ids)
}

// followAddress does so for an address under the base URL.
func (all tree) followAddress(address string, ids map[string]map[string]bool) string {
	u, err := url.Parse(address)
	name, ours := strings.CutPrefix(u.Scheme+"://"+u.Host+u.Path, exportURL+"/")
	if err != nil || !ours || u.RawQuery != "" {
		return "is not below " + exportURL
	}
	return all.there(name, u.Fragment, ids)
}

func (all tree) there(name, fragment string, ids map[string]map[string]bool) string {
	switch {
	case all[name] == nil:
		return "leads to no file"
	case ids != nil && !ids[name][fragment] && fragment != "":
		return "leads to a part that is not there"
	}
	return ""
}

// checkFormats lets parsers of others read each file.
func (all tree) checkFormats(t *testing.T) {
	t.Helper()
	for name, body := range all {
		var err error
		switch ext := path.Ext(name); ext {
		case ".json":
			err = json.Unmarshal(body, new(any))
		case ".csv":
			_, err = csv.NewReader(bytes.NewReader(body)).ReadAll()
		case ".ics":
			_, err = calendar.NewDecoder(bytes.NewReader(body)).Decode()
		case ".atom", ".svg":
			err = xml.Unmarshal(body, new(struct{}))
		case ".html", ".css", ".js":
		default:
			if name != sumsName {
				t.Errorf("%s ends with %q, which no host knows", name, ext)
			}
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// checkAddresses follows the absolute addresses in feeds and in what pages have to copy.
func (all tree) checkAddresses(t *testing.T) {
	t.Helper()
	address := regexp.MustCompile(regexp.QuoteMeta(exportURL) + `[^\s"'<>)\]\\&]*`)
	for name, body := range all {
		if name == manifestName {
			continue
		}
		body = bytes.ReplaceAll(body, []byte("\r\n "), nil) // unfolds a calendar
		found := address.FindAllString(string(body), -1)
		if path.Ext(name) == ".ics" && len(found) != 1 {
			t.Errorf("%s tells the addresses %q, want its own", name, found)
		}
		for _, a := range found {
			if a == exportURL { // Power Query has the rest apart, and OpenAPI
				continue
			}
			if fault := all.followAddress(a, nil); fault != "" || path.Ext(name) == ".ics" && a != exportURL+"/"+name {
				t.Errorf("%s: address %s %s", name, a, fault)
			}
		}
	}
}

// The same facts on the same day give the same bytes, whatever the machine, and nothing is written twice.
func TestExportRepeats(t *testing.T) {
	const early = "--as-of=2021-06-01"
	one := exportForTest(t, early)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	t.Setenv("TZ", "Pacific/Kiritimati")
	other := exportForTest(t, early)
	a, b := readTree(t, one), readTree(t, other)
	for name, body := range a {
		if !bytes.Equal(body, b[name]) {
			t.Errorf("%s differs", name)
		}
	}
	if len(a) != len(b) {
		t.Errorf("%d and %d files, want as many", len(a), len(b))
	}
	old := time.Unix(1_000_000_000, 0)
	for name := range a {
		if err := os.Chtimes(filepath.Join(one, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	if code, said := runExport(one, early); code != exitDone || !strings.Contains(said, ": 0 written, 0 removed, ") {
		t.Errorf("again: %d %s, want nothing written", code, said)
	}
	// The next day most is the same.
	if code, said := runExport(one, "--as-of=2021-06-02"); code != exitDone {
		t.Fatalf("the next day: %d %s", code, said)
	}
	touched := 0
	for name, body := range readTree(t, one) {
		info, err := os.Stat(filepath.Join(one, name))
		if err != nil {
			t.Fatal(err)
		}
		if same := bytes.Equal(body, a[name]); same != info.ModTime().Equal(old) {
			t.Errorf("%s is the same: %v, and was touched: %v", name, same, !info.ModTime().Equal(old))
		} else if !same {
			touched++
		}
	}
	if touched == 0 || touched == len(a) {
		t.Errorf("%d of %d files changed in a day, want some", touched, len(a))
	}
}
