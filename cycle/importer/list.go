package importer

import (
	"regexp"
	"strings"
)

// list reads the articles of one product after another.
type list struct {
	b        *builder
	base     string // what links are relative to
	hotpatch bool   // the list is one of hotpatch release notes
	heading  string
	product  product
	known    bool // the heading names a product of the cycle
	ignored  bool // the heading names a product that has no hotpatches
	items    int
}

// category begins the list of a product.
func (l *list) category(heading, place string) {
	l.heading, l.items = clean(heading), 0
	l.product, l.known = productNamed(heading)
	l.ignored = !l.known && !l.hotpatch && otherProduct.MatchString(l.heading)
	if !l.known && !l.ignored {
		l.b.report(place+l.heading, "product %q: want one of %s", l.heading, productTracks())
	}
}

// otherProduct matches the heading of an update history whose product has no part in the cycle.
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
