package importer

import (
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
)

// ParseFeed reads a saved Atom feed of an update history; Microsoft no longer publishes them.
// Its error is as that of [Parse].
func ParseFeed(r io.Reader, name string) (Document, error) { return read(r, name, readFeed) }

type atomFeed struct {
	XMLName xml.Name `xml:"feed"`
	Title   string   `xml:"title"`
	Entries []struct {
		Title string     `xml:"title"`
		Links []atomLink `xml:"link"`
	} `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

func readFeed(data []byte, name string) (Document, error) {
	b := newBuilder(name, Feed)
	var feed atomFeed
	if err := xml.Unmarshal(data, &feed); err != nil {
		b.refuse("feed", "%v", err)
		return b.finish()
	}
	list := feedProducts(feed.Title)
	if len(list) == 0 {
		b.refuse("feed title", "%q: want a product of the cycle", clean(feed.Title))
	}
	for i, entry := range feed.Entries {
		place := fmt.Sprintf("entry %d", i+1)
		t, release, err := readTitle(entry.Title, hotpatchWord.MatchString(feed.Title))
		if err != nil {
			b.report(place, "%v", err)
			continue
		}
		if !release {
			continue
		}
		for _, p := range list {
			// In a feed of several products the builds of an entry tell which of them it is about.
			if len(list) > 1 && p.build(t.builds) == "" {
				continue
			}
			row, err := t.row(p, addressOf(entry.Links))
			if err != nil {
				b.report(place, "%v", err)
				continue
			}
			b.add(place, row)
		}
	}
	return b.finish()
}

// addressOf returns the address of an entry's article.
func addressOf(links []atomLink) string {
	address := ""
	for _, link := range links {
		if link.Rel == "" || link.Rel == "alternate" {
			address = readAddress(link.Href, link.Href)
		}
	}
	return address
}

var familyTitle = regexp.MustCompile(`(?i)^windows 11\b`)

// feedProducts returns the products that a feed is about: one, or all of Windows 11.
func feedProducts(title string) []product {
	title = clean(title)
	if p, ok := productNamed(title); ok {
		return []product{p}
	}
	if !familyTitle.MatchString(title) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(products), func(p product) bool { return p.family != "windows11" })
}
