package importer

import (
	"fmt"
	"io"
	"regexp"
	"slices"

	"golang.org/x/net/html"
)

// hotpatchBase is where the hotpatch release notes are kept; the links of their
// navigation lead below it, whatever page it was saved from.
const hotpatchBase = "https://support.microsoft.com/en-us/servicing/os/hotpatch/"

// ParseNavigation reads the navigation that every page of the hotpatch release notes
// has, in its old and in its new markup: a category for each product, and in it the
// titles of the releases. Its error is as that of [Parse].
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

// holdsItem reports whether there is an item within an item, as happens where the end of one is missing.
func holdsItem(n *html.Node) bool {
	for d := range n.Descendants() {
		if slices.ContainsFunc(d.Attr, hasItemClass) {
			return true
		}
	}
	return false
}

var navigationClass = regexp.MustCompile(`(?i)LeftNav(Article|CategoryTitle)(\W|$)`)

// hasItemClass reports whether an attribute has a class of the navigation, also one that is broken by a
// missing quote: its item would be missing, or would belong to the product before.
func hasItemClass(a html.Attribute) bool {
	return navigationClass.MatchString(a.Key) || a.Key == "class" && navigationClass.MatchString(a.Val)
}
