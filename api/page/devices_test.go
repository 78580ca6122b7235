package page_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/api/page"
)

// The script finds what it asks for, makes no markup of what it was told, and keeps nothing: neither
// the token nor the list.
func TestDevicesScript(t *testing.T) {
	doc := parse(t, newSite(t).open(t, "/devices").Body.Bytes())
	script, _, _ := page.Asset("devices.js")
	for _, found := range regexp.MustCompile(`\$\('([a-z-]+)'\)`).FindAllStringSubmatch(string(script), -1) {
		if len(doc.all("#"+found[1])) != 1 {
			t.Errorf("devices.js asks for #%s, which is not there", found[1])
		}
	}
	for _, word := range []string{
		"innerHTML", "outerHTML", "insertAdjacentHTML", "DOMParser", "document.write", "setHTML", "eval(", "Storage", "indexedDB", "cookie", "location", "history.",
	} {
		if strings.Contains(string(script), word) {
			t.Errorf("devices.js has %s", word)
		}
	}
}

// The token has no name by which a form could send it, each field has a label, and without the
// script the page says what else does the same.
func TestDevicesForm(t *testing.T) {
	w := newSite(t).open(t, "/devices")
	if got := w.Header().Get("Content-Security-Policy"); !strings.Contains(got, "connect-src 'self';") {
		t.Errorf("policy = %q, want one that lets the script ask this service, and no other", got)
	}
	doc := parse(t, w.Body.Bytes())
	if token := doc.the(t, "#token"); token.attr("type") != "password" || token.attr("name") != "" {
		t.Errorf("the token is %s %q, want a password without a name", token.attr("type"), token.attr("name"))
	}
	if method := doc.the(t, "#ask").attr("method"); method != "post" {
		t.Errorf("the form has the method %q, which writes its fields into the address", method)
	}
	var labelled []string
	for _, label := range doc.all("label") {
		labelled = append(labelled, label.attr("for"))
	}
	for _, input := range doc.all("input") {
		if !slices.Contains(labelled, input.attr("id")) && !has(input, "hidden") {
			t.Errorf("input %q has no label", input.attr("id"))
		}
	}
	if raw := doc.the(t, "noscript").FirstChild.Data; !strings.Contains(raw, "cyclecal devices FILE.csv") {
		t.Errorf("noscript = %q, want the command in it", raw)
	}
}

// What a first look costs, compressed.
func TestDevicesSize(t *testing.T) {
	const most = 12 << 10
	s := newSite(t)
	size := 0
	for _, address := range []string{"/devices", "/assets/page.css", "/assets/fleet.css", "/assets/devices.css", "/assets/devices.js", "/assets/icon.svg"} {
		size += gzipped(t, s.open(t, address).Body.Bytes())
	}
	if size > most {
		t.Errorf("the page and what it loads have %d bytes, want at most %d", size, most)
	}
}
