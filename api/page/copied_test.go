package page_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/api/page"
	"github.com/cyclecal/cyclecal/cycle"
)

// A link leads to where the copy has its target, what works only on the live site is taken out, and what is nowhere is an error.
func TestCopied(t *testing.T) {
	place := func(target string) (string, error) {
		switch target {
		case "/a?b=c&d":
			return `x"y/index.html#p`, nil
		case "/live":
			return "", nil
		}
		return "", errors.New("nothing is at " + target)
	}
	day, err := cycle.ParseDate("2026-11-22")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ in, want, wrong string }{
		{in: `<A HREF="https://e.com">x</A><a href="#p">&amp;<br/>`, want: `<A HREF="https://e.com">x</A><a href="#p">&amp;<br/>`},
		{in: `<a class="q" href="/a?b=c&amp;d">x</a>`, want: `<a class="q" href="x&#34;y/index.html#p">x</a>`},
		{in: `<a id="i" href="/live">x</a>`, want: `<a id="i">x</a>`},
		{in: `1<a href="/live" rel="next">x <b>y</b></a>2`, want: `12`},
		{in: `<svg viewBox="0 0 1 1"><path d="M0 0"/></svg><pre> &lt; </pre>`, want: `<svg viewBox="0 0 1 1"><path d="M0 0"/></svg><pre> &lt; </pre>`},
		{in: `1<div data-live><div><input></div><a href="/nope">y</a></div>2`, want: `12`},
		{in: `1<form action="/nope" data-live="Not <here>."><input></form>2`, want: `1<p class="note">Not &lt;here&gt;.</p>2`},
		{in: `<main><p>`, want: "<main>\n<p id=\"made\" class=\"banner\">A copy of <time datetime=\"2026-11-22\">Sunday, 22 November 2026</time>: " +
			"days are counted from then, and what became known later is not in it.</p>\n<p>"},
		{in: `<a href="/nope">x</a>`, wrong: "nothing is at /nope"},
		{in: `<script src="/live"></script>`, wrong: "<script> needs /live"},
		{in: `<form action="/live">`, wrong: "<form> needs /live"},
		{in: `<p data-live>x`, wrong: "does not end"},
	} {
		got, err := page.Copied([]byte(tt.in), day, place)
		switch {
		case tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)):
			t.Errorf("Copied(%s) = %s, %v, want an error with %q", tt.in, got, err, tt.wrong)
		case tt.wrong == "" && (err != nil || string(got) != tt.want):
			t.Errorf("Copied(%s) = %s, %v, want %s", tt.in, got, err, tt.want)
		}
	}
}
