package page_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/api/page"
)

// someTopics have what Markdown may have, and what it should not.
var someTopics = []page.Topic{
	{Name: "subscribe", Title: "Another <topic>", Text: "# Another <topic>\n\n## Part two\n\nText.\n"},
	{Name: "some", Title: "Some topic", Text: `# Some topic

A *word*, ` + "`code <b>`" + `, a [part](subscribe.md#part-two), [here](#second), a [page](/fleet) and [Microsoft](https://learn.microsoft.com/),
[run](javascript:alert), ` + "`tool --dry-run a-very-long-name-without-an-end <b-c>`" + ` and <b onclick="alert(1)">bold</b>.

<script>alert(1)</script>

<iframe src="https://example.com/"></iframe>

## First & "quoted" ` + "`code`" + `

| Left | Right |
|:-----|------:|
| 1 <i>  | ` + "`2`" + ` |

## Second

` + "```" + `
curl '<here>' & exit
` + "```" + `

### Second

- one
- two
`},
}

// A topic is made of what its Markdown says, and of no HTML that stands in it.
func TestTopicPage(t *testing.T) {
	w := newSite(t).open(t, "/docs/some")
	if w.Code != http.StatusOK {
		t.Fatalf("/docs/some = %d %s", w.Code, w.Body)
	}
	doc := parse(t, w.Body.Bytes())
	for selector, want := range map[string]string{
		"h1": "Some topic", "article h2": `First & "quoted" code|Second`, "article h3": "Second", "article th": "Left|Right", "article td": "1|2",
		"article pre": "curl '<here>' & exit", "article li": "one|two", "article em": "word",
		"article p code":      "code <b>|tool --dry-run a-very-long-name-without-an-end <b-c>",
		"article p code span": "--dry-run|<b-c>", // no line ends inside of these
		"script":              "", "iframe": "", "article b": "", "article i": "",
	} {
		if got := strings.Join(doc.texts(selector), "|"); got != want {
			t.Errorf("%s = %q, want %q", selector, got, want)
		}
	}
	var links []string
	for _, a := range doc.all("article p a") {
		links = append(links, a.attr("href"))
	}
	if got, want := strings.Join(links, " "), "/docs/subscribe#part-two #second /fleet https://learn.microsoft.com/ "; got != want {
		t.Errorf("links = %q, want %q", got, want)
	}
	for _, a := range doc.all("aside a") {
		if here := a.attr("aria-current") == "page"; here != (a.text() == "Some topic") {
			t.Errorf("the list marks %q: %v, want this topic alone", a.text(), here)
		}
	}
}

// A topic that is not there is a 404 that lists those there are.
func TestNoTopic(t *testing.T) {
	w := newSite(t).open(t, "/docs/nope")
	if body := w.Body.String(); w.Code != http.StatusNotFound || !strings.Contains(body, "subscribe, some") {
		t.Errorf("/docs/nope = %d %s, want 404 and the topics", w.Code, body)
	}
}
