package importer

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// parseHTML reads a page. It refuses one that was cut off: its last cell or title
// may be half of what it was.
func parseHTML(data []byte) (*html.Node, error) {
	if err := whole(data); err != nil {
		return nil, err
	}
	return html.Parse(bytes.NewReader(data))
}

// whole returns an error for a page whose end is missing. A browser would close the elements that are still
// open; here an open link or table means that the page was cut off.
func whole(data []byte) error {
	opened, closed := tags{}, tags{}
	z := html.NewTokenizer(bytes.NewReader(data))
	read := 0
	for n := 1; ; n++ {
		kind := z.Next()
		raw := z.Raw()
		read += len(raw)
		if kind == html.ErrorToken {
			break
		}
		name, _ := z.TagName()
		if isTag(kind) && bytes.IndexByte(raw[1:], '<') >= 0 && (bytes.IndexByte(name, '<') >= 0 || slices.Contains(ours, string(name))) {
			return fmt.Errorf("%q has no end: want a whole page", raw[:min(len(raw), 40)])
		}
		switch kind {
		case html.StartTagToken:
			opened.see(string(name), n)
		case html.EndTagToken:
			closed.see(string(name), n)
		default:
		}
	}
	if read < len(data) || !bytes.HasSuffix(bytes.TrimRight(data, " \t\r\n\x00"), []byte(">")) {
		return errors.New("it ends within a tag or a text: want a whole page")
	}
	return compareTags(opened, closed)
}

// tags are how often tags of a name were seen, and where the last one was.
type tags map[string]struct{ count, last int }

func (t tags) see(name string, n int) {
	tag := t[name]
	tag.count, tag.last = tag.count+1, n
	t[name] = tag
}

func compareTags(opened, closed tags) error {
	counted := []string{"table", "a"}
	if opened["html"].count > 0 { // </html> shows that the page is whole, even where its authors forgot some </a>
		counted = []string{"table", "html", "body"}
	}
	for _, name := range counted {
		if opened[name].count != closed[name].count {
			return fmt.Errorf("%d <%s> and %d </%[2]s>: want a whole page", opened[name].count, name, closed[name].count)
		}
	}
	for _, name := range []string{"tr", "td", "li"} {
		// A page that closes none of them leaves it to the browser.
		if closed[name].count > 0 && opened[name].last > closed[name].last {
			return fmt.Errorf("the last <%s> has no end: want a whole page", name)
		}
	}
	return nil
}

// ours are the elements from which facts are read. A tag of theirs in which a quote is missing
// swallows what follows, up to the next quote.
var ours = []string{"table", "tbody", "tr", "td", "th", "div", "ul", "li", "a"}

func isTag(kind html.TokenType) bool {
	return kind == html.StartTagToken || kind == html.EndTagToken || kind == html.SelfClosingTagToken
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasClass(n *html.Node, classes ...string) bool {
	return slices.ContainsFunc(strings.Fields(attribute(n, "class")), func(class string) bool { return slices.Contains(classes, class) })
}

// textOf returns all text in a node.
func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		switch {
		case d.Type == html.TextNode:
			b.WriteString(d.Data)
		case d.Type == html.ElementNode && d.Data == "br":
			b.WriteByte(' ')
		}
	}
	return clean(b.String())
}

// elements returns the elements of those names below a node, in their order.
func elements(n *html.Node, names ...string) []*html.Node {
	var list []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && slices.Contains(names, d.Data) {
			list = append(list, d)
		}
	}
	return list
}

// linkOf returns where the first link in a node leads to.
func linkOf(n *html.Node) string {
	for _, a := range elements(n, "a") {
		return attribute(a, "href")
	}
	return ""
}
