package page_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// element is an element of a page, to be asked what a reader would ask.
type element struct{ *html.Node }

func parse(t testing.TB, body []byte) element {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return element{root}
}

// all returns the elements inside that a path of simple selectors leads to: "#year a.next".
func (e element) all(path string) []element {
	first, rest, more := strings.Cut(path, " ")
	var list []element
	for n := range e.Descendants() {
		if n.Type != html.ElementNode || !(element{n}).is(first) {
			continue
		}
		if !more {
			list = append(list, element{n})
			continue
		}
		for _, inner := range (element{n}).all(rest) {
			if !slices.Contains(list, inner) {
				list = append(list, inner)
			}
		}
	}
	return list
}

// is reports whether the element is the tag, #id, .class or tag.class.
func (e element) is(selector string) bool {
	if id, ok := strings.CutPrefix(selector, "#"); ok {
		return e.attr("id") == id
	}
	tag, class, _ := strings.Cut(selector, ".")
	return (tag == "" || e.Data == tag) && (class == "" || slices.Contains(strings.Fields(e.attr("class")), class))
}

func (e element) attr(name string) string {
	for _, a := range e.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text is what the element says, each run of white space as one space.
func (e element) text() string {
	var b strings.Builder
	for n := range e.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// texts is what each of the elements says.
func (e element) texts(path string) []string {
	list := []string{}
	for _, inner := range e.all(path) {
		list = append(list, inner.text())
	}
	return list
}

// the returns the only element that the path leads to.
func (e element) the(t testing.TB, path string) element {
	t.Helper()
	list := e.all(path)
	if len(list) != 1 {
		t.Fatalf("%d elements are %q, want 1", len(list), path)
	}
	return list[0]
}
