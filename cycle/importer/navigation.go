package importer

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// hotpatchBase is where the hotpatch release notes are kept; the links of their
// navigation lead below it, whatever page it was saved from.
const hotpatchBase = "https://support.microsoft.com/en-us/servicing/os/hotpatch/"

// ParseNavigation reads the navigation that every page of the hotpatch release notes
// has, with the classes of either of its markups: a category for each product, and
// in it the titles of what came.
func ParseNavigation(r io.Reader, name string) (Document, error) {
	return read(r, name, readNavigation)
}

func readNavigation(data []byte, name string) (Document, error) {
	b := newBuilder(name, ReleaseNotes)
	root, err := parseHTML(data)
	if err != nil {
		b.refuse("page", "%v", err)
		return b.finish()
	}
	l := &list{b: b, base: hotpatchBase, hotpatch: true}
	l.walk(root)
	return b.finish()
}

// walk reads the categories and articles below a node, in their order.
func (l *list) walk(n *html.Node) {
	for child := range n.ChildNodes() {
		place := fmt.Sprintf("%s, item %d", l.heading, l.items+1)
		switch {
		case isCategory(child) || isArticle(child):
			if holdsItem(child) {
				l.b.refuse(place, "<%s> with items inside of it: want a whole page", child.Data)
				return
			}
			if isCategory(child) {
				l.category(textOf(child), "")
			} else {
				l.article(place, textOf(child), linkOf(child))
			}
		case slices.ContainsFunc(child.Attr, hasItemClass):
			l.b.refuse(place, "<%s> with a broken class: want a whole page", child.Data)
			return
		default:
			l.walk(child)
		}
	}
}

func isCategory(n *html.Node) bool {
	return hasClass(n, "learnRenderLeftNavCategoryTitle", "supLeftNavCategoryTitle")
}

func isArticle(n *html.Node) bool {
	return hasClass(n, "learnRenderLeftNavArticle", "supLeftNavArticle")
}

// holdsItem finds what a lost end puts into an item: whatever comes after it.
func holdsItem(n *html.Node) bool {
	for d := range n.Descendants() {
		if slices.ContainsFunc(d.Attr, hasItemClass) {
			return true
		}
	}
	return false
}

var navigationClass = regexp.MustCompile(`(?i)LeftNav(Article|CategoryTitle)(\W|$)`)

// hasItemClass finds a class of the navigation, also as a lost quote leaves it: its
// item would be missing, or be of the product before.
func hasItemClass(a html.Attribute) bool {
	return navigationClass.MatchString(a.Key) || a.Key == "class" && navigationClass.MatchString(a.Val)
}

// list reads the articles of one product after another.
type list struct {
	b        *builder
	base     string // what links are relative to
	hotpatch bool   // of hotpatch release notes
	heading  string
	product  product
	known    bool // whether the heading is that of a product of the cycle
	ignored  bool // a product that has no hotpatches
	items    int
}

// category begins the list of a product.
func (l *list) category(heading, place string) {
	l.heading, l.items = clean(heading), 0
	l.product, l.known = productNamed(heading)
	l.ignored = !l.known && !l.hotpatch && otherProduct.MatchString(l.heading)
	if !l.known && !l.ignored {
		l.b.report(place+l.heading, "product %q: want one of %s", l.heading, strings.Join(productTracks(), ", "))
	}
}

// otherProduct is the heading of an update history that has no part in the cycle.
var otherProduct = regexp.MustCompile(`(?i)^windows\b`)

// article takes the next title of the list.
func (l *list) article(place, text, href string) {
	l.items++
	if l.ignored {
		return
	}
	if l.heading == "" {
		l.b.report(place, "%q below no product", clean(text))
		return
	}
	if !l.known || clean(text) == l.heading {
		return
	}
	t, release, err := readTitle(text, l.hotpatch)
	if err != nil {
		l.b.report(place, "%v", err)
		return
	}
	if !release {
		return
	}
	address := readAddress(l.base, strings.TrimLeft(href, "./"))
	if strings.HasPrefix(href, "/") || strings.Contains(href, "://") {
		address = readAddress(l.base, href)
	}
	if address == "" && href != "" {
		l.b.report(place, "link %q: want an address", href)
	}
	row, err := t.row(l.product, address)
	if err != nil {
		l.b.report(place, "%v", err)
		return
	}
	l.b.add(place, row)
}
