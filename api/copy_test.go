package api_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle"
)

// copyDay is early: most tracks are yet to come, so that a copy is small.
const copyDay = "2022-08-20T07:00:00Z"

func copyConfig(t testing.TB) api.Config {
	t.Helper()
	return api.Config{
		Source: snapshotOf(builtIn(t)), Now: newClock(t, copyDay).time,
		BaseURL: "https://files.example.com/hotpatch", Log: slog.New(slog.DiscardHandler),
		Topics: topics,
	}
}

func newCopy(t testing.TB, c api.Config, rings ...cycle.Ring) *api.Copy {
	t.Helper()
	x, err := api.NewCopy(c, rings)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestCopied holds which routes a copy has, by testdata/copied.txt: a number of files, or the reason
// why it has none. UPDATE=1 rewrites it.
func TestCopied(t *testing.T) {
	c := copyConfig(t)
	c.Metrics = http.NotFoundHandler()
	got := strings.Join(api.CopiedRoutes(t, newCopy(t, c)), "\n") + "\n"
	checkFile(t, "testdata/copied.txt", got)
}

// Where a copy tells an address: there it has that of a file.
var addresses = regexp.MustCompile(`(?m)^SOURCE;.*\r\n( .*\r\n)*| href="[^"]*"`)

// Every file is what a service answers at that instant, but for addresses.
func TestCopyIsTheService(t *testing.T) {
	c := copyConfig(t)
	x, h := newCopy(t, c, cycle.Ring{Name: "broad", Deferral: 9, Deadline: 5, Grace: 2}), newHandler(t, c)
	seen := map[string]int{}
	for _, name := range x.Names() {
		if strings.HasPrefix(name, "tracks/") && !strings.HasPrefix(name, "tracks/windows-server-2022-azure-edition/") {
			continue // one track's pages tell as much as all, in less time
		}
		body, err := x.File(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		target, media := api.CopiedFrom(t, x, name)
		w := serve(t, h, target)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != media && media != "*/*" {
			t.Fatalf("%s: GET %s = %d %s, want 200 %s", name, target, w.Code, w.Header().Get("Content-Type"), media)
		}
		got, want := string(body), w.Body.String()
		switch media, _, _ := strings.Cut(media, ";"); {
		case name == "openapi.json", name == "docs/index.html": // they describe the files
			continue
		case media == "text/html":
			got, want = said(t, got), said(t, want)
			fallthrough
		default:
			seen[media]++
			if got, want := addresses.ReplaceAllString(got, ""), addresses.ReplaceAllString(want, ""); got != want {
				t.Errorf("%s (-service +copy):\n%s", name, cmp.Diff(want, got))
			}
		}
	}
	for _, media := range []string{"text/html", "application/json", "text/csv", "text/calendar", "image/svg+xml", "application/atom+xml", "*/*"} {
		if seen[media] == 0 {
			t.Errorf("no file of %s was compared, want some", media)
		}
	}
}

// said is the text of a page that a service and a copy share: without what is for one of them, and
// without the addresses to subscribe to and to query.
func said(t *testing.T, page string) string {
	t.Helper()
	tree, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	var read func(*html.Node)
	read = func(n *html.Node) {
		for _, a := range n.Attr {
			if a.Key == "data-live" || a.Key == "rel" && a.Val == "next" || a.Key == "id" && a.Val == "made" || a.Key == "class" && strings.HasPrefix(a.Val, "copy") || n.Data == "p" && a.Val == "note" {
				return
			}
		}
		if n.Type == html.TextNode {
			text.WriteString(strings.Join(strings.Fields(n.Data), " ") + "\n")
		}
		for c := range n.ChildNodes() {
			read(c)
		}
	}
	read(tree)
	return regexp.MustCompile(`\n+`).ReplaceAllString(text.String(), "\n")
}

// The OpenAPI document of a copy describes its files: each is at a path of it, and each of its paths
// has files.
func TestCopyIsDescribed(t *testing.T) {
	x := newCopy(t, copyConfig(t))
	body, err := x.File(t.Context(), "openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Servers []struct{ URL string }
		Paths   map[string]map[string]operation
	}
	if err := json.Unmarshal(body, &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Servers) != 1 || d.Servers[0].URL != "https://files.example.com/hotpatch" {
		t.Errorf("servers = %v, want the address of the copy", d.Servers)
	}
	names := x.Names()
	for path, methods := range d.Paths {
		is := regexp.MustCompile("^" + regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(regexp.QuoteMeta(path[1:]), `[^/]+`) + "$")
		before := len(names)
		names = slices.DeleteFunc(names, is.MatchString)
		if len(names) == before {
			t.Errorf("%s describes no file", path)
		}
		for method, op := range methods {
			if method != "get" || slices.ContainsFunc(op.Parameters, func(p parameter) bool { return p.In != "path" }) {
				t.Errorf("%s %s: parameters %v, want get, without a query", method, path, op.Parameters)
			}
		}
	}
	for _, name := range names {
		if !regexp.MustCompile(`(^|/)(years|months|rings)/[0-9-]+/index\.html$`).MatchString(name) {
			t.Errorf("%s is not described", name)
		}
	}
}

// Every fact of the history is in a copy: each release, each notice, and each month to the end of
// the year that 18 months reach.
func TestCopyIsWhole(t *testing.T) {
	c := copyConfig(t)
	c.Now = newClock(t, today).time
	facts := builtIn(t)
	for i := range 26 { // rows are not cut off where a service would begin another page
		more := cycle.Facts{Track: facts[0].Track}
		more.Track.ID, more.Track.FirstMonth, more.Track.LastMonth = fmt.Sprintf("own-%d", i), cycle.MonthOf(2012, 1), cycle.Month{}
		facts = append(facts, more)
	}
	c.Source = api.NewSnapshot(api.Contents{Facts: facts})
	releases, notices, months := 0, 0, 0
	for _, f := range facts {
		last := cycle.MonthOf(2028, 12)
		if !f.Track.LastMonth.IsZero() && f.Track.LastMonth.Before(last) {
			last = f.Track.LastMonth
		}
		releases, notices, months = releases+len(f.Releases), notices+len(f.Notices), months+f.Track.FirstMonth.MonthsUntil(last)+1
	}
	x := newCopy(t, c)
	for name, want := range map[string]int{"releases": releases, "notices": notices, "schedule": months} {
		body, err := x.File(t.Context(), "api/v1/"+name+".csv")
		if err != nil {
			t.Fatal(err)
		}
		list, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
		if err != nil || len(list)-1 != want {
			t.Errorf("%s.csv has %d rows, want %d: %v", name, len(list)-1, want, err)
		}
	}
}

// A copy refuses what would make no sense as files.
func TestCopyRefuses(t *testing.T) {
	c := copyConfig(t)
	facts := builtIn(t)
	for _, id := range []string{"../../etc", "aux", "lpt1"} { // the last two are devices of Windows
		facts[0].Track.ID = id
		c.Source = api.NewSnapshot(api.Contents{Facts: facts})
		if _, err := api.NewCopy(c, nil); err == nil || !strings.Contains(err.Error(), "every system takes") {
			t.Errorf("NewCopy(track %s) = %v, want an error on the name", id, err)
		}
	}
	if _, err := newCopy(t, copyConfig(t)).File(t.Context(), "nope.json"); err == nil {
		t.Error("File(nope.json) = no error, want one")
	}
}
