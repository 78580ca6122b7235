package page_test

import (
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/page"
)

// Who has no token yet must get the page on which to give it, also where everything
// else is closed. There is nothing in it that is not for everybody.
func TestFleetIsOpen(t *testing.T) {
	h, err := api.New(api.Config{
		Source: api.NewSnapshot(api.Contents{Revision: 1, Facts: history(t)}), Now: func() time.Time { return instant(t, today) },
		Log: slog.New(slog.DiscardHandler), Closed: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	closed := newSite(t)
	closed.Handler = h
	for _, address := range []string{"/fleet", "/assets/fleet.js", "/assets/fleet.css"} {
		if w := closed.open(t, address); w.Code != http.StatusOK || w.Body.String() != newSite(t).open(t, address).Body.String() {
			t.Errorf("%s of a closed service = %d, want what an open one answers", address, w.Code)
		}
	}
	if w := closed.open(t, "/"); w.Code != http.StatusUnauthorized {
		t.Errorf("/ of a closed service = %d, want 401", w.Code)
	}
}

// The token goes nowhere but into a header: no form can send it, and a policy holds.
func TestFleetKeepsToken(t *testing.T) {
	w := newSite(t).open(t, "/fleet")
	if got := w.Header().Get("Content-Security-Policy"); !strings.Contains(got, "connect-src 'self';") {
		t.Errorf("policy = %q, want one that lets the script ask this service, and no other", got)
	}
	doc := parse(t, w.Body.Bytes())
	token := doc.the(t, "#token")
	for name, want := range map[string]string{"type": "password", "autocomplete": "current-password", "name": ""} {
		if got := token.attr(name); got != want {
			t.Errorf("the token's %s = %q, want %q", name, got, want)
		}
	}
	for _, form := range doc.all("form") {
		if method := form.attr("method"); method != "post" && method != "dialog" {
			t.Errorf("form %q has the method %q, which writes its fields into the address", form.attr("id"), method)
		}
	}
}

// Without its script the page says what else does the same.
func TestFleetWithoutScript(t *testing.T) {
	got := parse(t, newSite(t).open(t, "/fleet").Body.Bytes()).the(t, "noscript")
	raw := got.FirstChild.Data // the parser takes it as a browser with scripts does
	for _, want := range []string{"JavaScript", "cyclecal feed create", `href="/docs"`} {
		if !strings.Contains(raw, want) {
			t.Errorf("noscript = %q, want %q in it", raw, want)
		}
	}
}

// Each field has a label, and every id that the page names is there.
func TestFleetLabels(t *testing.T) {
	doc := parse(t, newSite(t).open(t, "/fleet").Body.Bytes())
	labelled := map[string]bool{}
	for _, label := range doc.all("label") {
		labelled[label.attr("for")] = true
		for _, input := range label.all("input") {
			labelled[input.attr("id")] = true
		}
	}
	for n := range doc.Descendants() {
		e := element{n}
		if n.Type != html.ElementNode {
			continue
		}
		field := slices.Contains([]string{"input", "select", "textarea"}, n.Data)
		if field && !labelled[e.attr("id")] && !has(e, "hidden") {
			t.Errorf("<%s id=%q> has no label", n.Data, e.attr("id"))
		}
		for _, name := range []string{"for", "aria-describedby", "aria-labelledby", "data-copies"} {
			if id := e.attr(name); id != "" && len(doc.all("#"+id)) != 1 {
				t.Errorf("<%s %s=%q> names what is not there", n.Data, name, id)
			}
		}
	}
}

func has(e element, name string) bool {
	return slices.ContainsFunc(e.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// The script finds what it asks for, and makes no markup of what it was told. The token
// is not kept beyond the tab.
func TestFleetScript(t *testing.T) { checkScript(t, "/fleet", "fleet.js", "localStorage") }

// checkScript holds that the script of a page finds what it asks for, makes no markup of what it was told, and has
// none of some words more.
func checkScript(t *testing.T, address, name string, words ...string) {
	t.Helper()
	doc := parse(t, newSite(t).open(t, address).Body.Bytes())
	script, _, _ := page.Asset(name)
	asked := regexp.MustCompile(`\$\('([a-z-]+)'\)`).FindAllStringSubmatch(string(script), -1)
	if len(asked) < 5 {
		t.Errorf("%s asks for %d elements, want more", name, len(asked))
	}
	for _, found := range asked {
		if len(doc.all("#"+found[1])) != 1 {
			t.Errorf("%s asks for #%s, which is not there", name, found[1])
		}
	}
	for _, word := range append(words,
		"innerHTML", "outerHTML", "insertAdjacentHTML", "DOMParser", "document.write", "setHTML", "eval(", "cookie", "location", "history.",
	) {
		if strings.Contains(string(script), word) {
			t.Errorf("%s has %s", name, word)
		}
	}
}

// Other pages lead to it, and load nothing of it.
func TestFleetIsFound(t *testing.T) {
	s := newSite(t)
	for _, from := range []string{"/", "/tracks/" + windows11, "/docs", "/fleet"} {
		links := linksOf(parse(t, s.open(t, from).Body.Bytes()))
		if !slices.Contains(links, "/fleet") {
			t.Errorf("%s has no link to the fleet", from)
		}
		if got, want := slices.Contains(links, "/assets/fleet.js"), from == "/fleet"; got != want {
			t.Errorf("%s loads fleet.js: %v, want %v", from, got, want)
		}
	}
}

// What a first look at the fleet costs, compressed, without its data.
func TestFleetSize(t *testing.T) {
	checkSize(t, 16<<10, "/fleet", "/assets/page.css", "/assets/fleet.css", "/assets/fleet.js", "/assets/icon.svg")
}

// checkSize wants at most so many bytes for a page and what it loads, compressed.
func checkSize(t *testing.T, most int, addresses ...string) {
	t.Helper()
	s, size := newSite(t), 0
	for _, address := range addresses {
		n := gzipped(t, s.open(t, address).Body.Bytes())
		t.Logf("%6d B  %s", n, address)
		size += n
	}
	if size > most {
		t.Errorf("%s and what it loads have %d bytes, want at most %d", addresses[0], size, most)
	}
}
