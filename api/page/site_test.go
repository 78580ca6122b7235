package page_test

import (
	"bytes"
	"compress/gzip"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/page"
	"github.com/cyclecal/cyclecal/cycle/catalog"
)

func queryOf(t *testing.T, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

// site is the service that the pages are part of.
type site struct {
	http.Handler
	seen map[string]*httptest.ResponseRecorder
}

func newSite(t *testing.T) *site {
	t.Helper()
	requirements, err := catalog.Requirements()
	if err != nil {
		t.Fatal(err)
	}
	h, err := api.New(api.Config{
		Requirements: requirements, Topics: someTopics,
		Source: api.NewSnapshot(api.Contents{Revision: 1, Facts: history(t)}), Now: func() time.Time { return instant(t, today) },
		BaseURL: "https://cal.example.com", Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return &site{h, map[string]*httptest.ResponseRecorder{}}
}

// open asks as a browser does.
func (s *site) open(t *testing.T, address string) *httptest.ResponseRecorder {
	t.Helper()
	if w := s.seen[address]; w != nil {
		return w
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	r.Header.Set("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	s.seen[address] = w
	return w
}

// ways are pages of every kind.
func ways(t *testing.T) []string {
	t.Helper()
	list := []string{
		"/", "/fleet", "/devices", "/?year=2022", "/?year=2024", "/?year=2027", "/?month=2026-06", "/docs", "/docs/some", "/eligible", eligibleArm, "/nothing/here", "/tracks/nope", "/?tz=Mars",
		"/?deferral=9&deadline=5&grace=2&tz=Asia/Tokyo", "/?as_of=2026-05-20", "/tracks/" + server2022 + "?year=2022",
		"/tracks/" + windows11 + "?month=2026-03&deferral=6&deadline=2&grace=2&as_of=2026-09-14&tz=Europe/Berlin",
	}
	for _, f := range history(t) {
		list = append(list, "/tracks/"+f.Track.ID)
	}
	return list
}

// Every link of every page leads somewhere: to an answer, to a part of a page that is
// there, or to Microsoft.
func TestLinks(t *testing.T) {
	s := newSite(t)
	for _, from := range ways(t) {
		base, err := url.Parse(from)
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range linksOf(parse(t, s.open(t, from).Body.Bytes())) {
			to, err := base.Parse(link)
			if err != nil {
				t.Errorf("%s: link %q: %v", from, link, err)
				continue
			}
			if fault := s.follow(t, to); fault != "" {
				t.Errorf("%s: link %q %s", from, link, fault)
			}
		}
	}
	t.Logf("%d addresses followed", len(s.seen))
}

func linksOf(doc element) []string {
	var list []string
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, a := range n.Attr {
			if a.Key == "href" || a.Key == "src" || a.Key == "action" {
				list = append(list, a.Val)
			}
		}
	}
	return list
}

// follow tells what is wrong with where a link leads.
func (s *site) follow(t *testing.T, to *url.URL) string {
	t.Helper()
	switch {
	case to.Scheme == "webcal" && to.Host == "cal.example.com":
	case to.Host != "":
		if to.Scheme != "https" || !strings.HasSuffix(to.Hostname(), ".microsoft.com") {
			return "leads to another host than Microsoft's"
		}
		return ""
	}
	w := s.open(t, to.RequestURI())
	if w.Code != http.StatusOK {
		return "answers " + http.StatusText(w.Code) + ": " + w.Body.String()[:min(w.Body.Len(), 300)]
	}
	if to.Fragment != "" && len(parse(t, w.Body.Bytes()).all("#"+to.Fragment)) != 1 {
		return "leads to a part that is not there"
	}
	return ""
}

// No page has anything inline that its policy forbids, or loads from elsewhere.
func TestNothingInline(t *testing.T) {
	s := newSite(t)
	for _, from := range ways(t) {
		w := s.open(t, from)
		if got := w.Header().Get("Content-Security-Policy"); got != page.Policy || strings.Contains(got, "unsafe") {
			t.Errorf("%s: policy = %q, want %q", from, got, page.Policy)
		}
		for n := range parse(t, w.Body.Bytes()).Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			e := element{n}
			if n.Data == "style" || n.Data == "iframe" || n.Data == "base" || n.Data == "script" && (e.attr("src") == "" || e.text() != "") {
				t.Errorf("%s has <%s>", from, n.Data)
			}
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || a.Key == "src" && !strings.HasPrefix(a.Val, "/assets/") {
					t.Errorf("%s: <%s %s=%q>", from, n.Data, a.Key, a.Val)
				}
			}
		}
	}
}

// Ids are unique, and what is named by one is there.
func TestIDs(t *testing.T) {
	s := newSite(t)
	for _, from := range ways(t) {
		doc := parse(t, s.open(t, from).Body.Bytes())
		ids := map[string]int{}
		for n := range doc.Descendants() {
			if id := (element{n}).attr("id"); id != "" {
				ids[id]++
			}
		}
		for id, n := range ids {
			if n > 1 {
				t.Errorf("%s: %d elements have the id %q", from, n, id)
			}
		}
		for n := range doc.Descendants() {
			if id := (element{n}).attr("aria-labelledby"); id != "" && ids[id] == 0 {
				t.Errorf("%s: <%s> is labelled by %q, which is not there", from, n.Data, id)
			}
		}
		if titles := doc.texts("title"); len(titles) != 1 || titles[0] == "" {
			t.Errorf("%s: titles = %q, want one", from, titles)
		}
		if h1 := doc.texts("h1"); len(h1) != 1 {
			t.Errorf("%s: h1 = %q, want one", from, h1)
		}
	}
}

// What pages load names no other host.
func TestAssets(t *testing.T) {
	elsewhere := regexp.MustCompile(`@import|\burl\(|(?i)https?://[^"' )]*|//[a-z0-9-]+\.[a-z]`)
	for _, name := range []string{"page.css", "page.js", "eligible.css", "fleet.css", "fleet.js", "devices.css", "devices.js", "topic.css", "icon.svg"} {
		body, media, ok := page.Asset(name)
		if !ok || media == "" {
			t.Fatalf("Asset(%s) = %q, %v", name, media, ok)
		}
		for _, found := range elsewhere.FindAllString(string(body), -1) {
			if found != "http://www.w3.org/2000/svg" {
				t.Errorf("%s names %q", name, found)
			}
		}
	}
	for _, name := range []string{"", ".", "nope.css", "../templates/layout.html", "page.css/"} {
		if _, _, ok := page.Asset(name); ok {
			t.Errorf("Asset(%q) is there, want none", name)
		}
	}
}

// What a first look at a page costs, compressed.
func TestSizes(t *testing.T) {
	const most = 100 << 10
	s := newSite(t)
	assets := 0
	for _, name := range []string{"page.css", "page.js", "icon.svg"} {
		n := gzipped(t, s.open(t, "/assets/"+name).Body.Bytes())
		t.Logf("%6d B  /assets/%s", n, name)
		assets += n
	}
	for _, from := range ways(t) {
		body := s.open(t, from).Body.Bytes()
		n := gzipped(t, body)
		t.Logf("%6d B of %d, %d in all  %s", n, len(body), n+assets, from)
		if n+assets > most {
			t.Errorf("%s and what it loads have %d bytes, want at most %d", from, n+assets, most)
		}
	}
}

func gzipped(t *testing.T, body []byte) int {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}
