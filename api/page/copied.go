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

// Copied returns a page as a file of a copy that was made on that day. Each link within the site
// becomes what place returns for it; where that is "" only a service can answer, and the text stays
// without a link. Elements with the attribute data-live need a service: they are replaced by the
// value of the attribute. Everything else stays as it is, byte for byte.
// It returns the error of place, if that has one for a link.
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

// telling are what a tag has in it that may have to be changed.
var telling = [][]byte{[]byte(" href="), []byte(" src="), []byte(" action="), []byte(" data-live"), []byte("<main")}

// tag copies one tag.
func (c *copier) tag() error {
	raw := slices.Clone(c.z.Raw()) // the tokenizer reuses its buffer
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

// paging reports whether a link leads to the page before or after, so that its text is of no use alone.
func paging(t html.Token) bool {
	return slices.ContainsFunc(t.Attr, func(a html.Attribute) bool { return a.Key == "rel" && (a.Val == "prev" || a.Val == "next") })
}

// leaveOut skips an element to its end, and writes a note instead if there is one.
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
