package page_test

import (
	"slices"
	"strings"
	"testing"
)

// The script finds what it asks for, makes no markup of what it was told, and keeps nothing: neither
// the token nor the list.
func TestDevicesScript(t *testing.T) {
	checkScript(t, "/devices", "devices.js", "Storage", "indexedDB")
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
	checkSize(t, 12<<10, "/devices", "/assets/page.css", "/assets/fleet.css", "/assets/devices.css", "/assets/devices.js", "/assets/icon.svg")
}
