package page

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"github.com/cyclecal/cyclecal/cycle"
)

// Copied makes a file of a page, made on that day. Each link becomes what place says of it;
// where that is "" only a service can answer, and the text stays without a link. Elements
// with the attribute data-live need a service: they are left out, and its value is said instead.
// Everything else stays as it is, byte for byte.
// It returns an error for a link that place has an error for.
func Copied(body []byte, day cycle.Date, place func(target string) (string, error)) ([]byte, error) {
	c := copier{z: html.NewTokenizer(bytes.NewReader(body)), place: place, day: day}
	c.out.Grow(len(body))
	for {
		switch kind := c.z.Next(); {
		case kind == html.ErrorToken && errors.Is(c.z.Err(), io.EOF):
			return c.out.Bytes(), nil
		case kind == html.ErrorToken:
			return nil, c.z.Err()
		case kind == html.StartTagToken || kind == html.SelfClosingTagToken:
			if err := c.tag(); err != nil {
				return nil, err
			}
		default:
			c.out.Write(c.z.Raw())
		}
	}
}

type copier struct {
	z     *html.Tokenizer
	out   bytes.Buffer
	place func(string) (string, error)
	day   cycle.Date
}

// telling are the attributes for which a tag is looked at more closely.
var telling = [][]byte{[]byte(" href="), []byte(" src="), []byte(" action="), []byte(" data-live"), []byte("<main")}

// tag copies one tag.
func (c *copier) tag() error {
	raw := slices.Clone(c.z.Raw()) // which the next call writes over
	if !slices.ContainsFunc(telling, func(word []byte) bool { return bytes.Contains(raw, word) }) {
		c.out.Write(raw)
		return nil
	}
	t := c.z.Token()
	if i := slices.IndexFunc(t.Attr, func(a html.Attribute) bool { return a.Key == "data-live" }); i >= 0 {
		return c.leaveOut(t.Data, t.Attr[i].Val)
	}
	for i := 0; i < len(t.Attr); i++ {
		a := &t.Attr[i]
		if a.Key != "href" && a.Key != "src" && a.Key != "action" || !strings.HasPrefix(a.Val, "/") {
			continue
		}
		to, err := c.place(a.Val)
		switch {
		case err != nil:
			return err
		case to != "":
			a.Val = to
		case paging(t):
			return c.leaveOut(t.Data, "")
		case t.Data != "a":
			return fmt.Errorf("<%s> needs %s, which only a service has", t.Data, a.Val)
		default:
			t.Attr = slices.Delete(t.Attr, i, i+1)
			i--
		}
	}
	c.out.WriteString(t.String())
	if t.Data == "main" {
		fmt.Fprintf(&c.out, "\n<p id=\"made\" class=\"banner\">A copy of <time datetime=\"%s\">%s</time>: "+
			"days are counted from then, and what became known later is not in it.</p>\n", c.day, longDay(c.day))
	}
	return nil
}

// paging reports whether a link says no more than where it leads.
func paging(t html.Token) bool {
	return slices.ContainsFunc(t.Attr, func(a html.Attribute) bool { return a.Key == "rel" && (a.Val == "prev" || a.Val == "next") })
}

// leaveOut goes on behind an element.
func (c *copier) leaveOut(name, instead string) error {
	if instead != "" {
		c.out.WriteString(`<p class="note">` + html.EscapeString(instead) + "</p>")
	}
	for depth := 1; depth > 0; {
		kind := c.z.Next()
		if kind == html.ErrorToken {
			return fmt.Errorf("<%s data-live> does not end", name)
		}
		if tag, _ := c.z.TagName(); string(tag) != name {
			continue
		}
		switch kind {
		case html.StartTagToken:
			depth++
		case html.EndTagToken:
			depth--
		}
	}
	return nil
}
