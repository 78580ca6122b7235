package page

import (
	"bytes"
	"html/template"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Topic is a text that explains something.
type Topic struct {
	// Name is its address below /docs.
	Name string
	// Title is its first line, without the mark of a heading.
	Title string
	// Text is Markdown with tables. A link to another topic is one to its file, "name.md".
	Text string
}

// topicView is what the template of a topic shows.
type topicView struct {
	Title  string
	Body   template.HTML
	Parts  []Link
	Topics []Link
}

// Help renders a topic, with links to the others. HTML in its text is left out.
func Help(t Topic, all []Topic) ([]byte, error) {
	markdown := goldmark.New(
		goldmark.WithExtensions(extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone))), // else by style=
		goldmark.WithParserOptions(parser.WithAutoHeadingID()),
		goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(headings{}, 1), util.Prioritized(codes{}, 1))),
	)
	source := []byte(t.Text)
	tree := markdown.Parser().Parse(text.NewReader(source))
	linkTopics(tree)
	var body bytes.Buffer
	if err := markdown.Renderer().Render(&body, source, tree); err != nil {
		return nil, err
	}
	v := topicView{Title: t.Title, Body: template.HTML(body.String()), Parts: partsOf(tree, source)} // goldmark escapes
	for _, other := range all {
		v.Topics = append(v.Topics, Link{Href: "/docs/" + other.Name, Text: other.Title, Here: other.Name == t.Name})
	}
	return render("topic.html", v)
}

// linkTopics makes links to files links to pages.
func linkTopics(tree ast.Node) {
	_ = ast.Walk(tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		link, ok := n.(*ast.Link)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		file, part, parted := strings.Cut(string(link.Destination), "#")
		if name, topic := strings.CutSuffix(file, ".md"); topic && !strings.Contains(name, "/") {
			if file = "/docs/" + name; parted {
				file += "#" + part
			}
			link.Destination = []byte(file)
		}
		return ast.WalkContinue, nil
	})
}

// partsOf returns the headings of the second level.
func partsOf(tree ast.Node, source []byte) []Link {
	var list []Link
	for n := tree.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok && h.Level == 2 {
			list = append(list, Link{Href: "#" + idOf(h), Text: wordsIn(h, source)})
		}
	}
	return list
}

func idOf(h *ast.Heading) string {
	id, _ := h.AttributeString("id")
	value, _ := id.([]byte)
	return string(value)
}

// wordsIn is what a reader sees of a node.
func wordsIn(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			b.Write(t.Value(source))
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// headings renders headings with a link to themselves, for readers who want to share one.
type headings struct{}

// RegisterFuncs replaces goldmark's own function for headings.
func (headings) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindHeading, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		h, ok := n.(*ast.Heading)
		if !ok {
			return ast.WalkContinue, nil
		}
		tag := "h" + strconv.Itoa(h.Level)
		switch {
		case h.Level == 1 && entering:
			_, _ = w.WriteString("<h1>")
		case h.Level == 1:
			_, _ = w.WriteString("</h1>\n")
		case entering:
			id := template.HTMLEscapeString(idOf(h))
			_, _ = w.WriteString("<" + tag + ` id="` + id + `"><a href="#` + id + `">`)
		default:
			_, _ = w.WriteString("</a></" + tag + ">\n")
		}
		return ast.WalkContinue, nil
	})
}

// codes renders code within sentences and in blocks. Browsers break lines after hyphens, which would separate
// an option from its hyphens, so words with hyphens are kept whole unless they are too long for a narrow table.
type codes struct{}

// longestWhole is how many bytes a word may have that is kept whole.
const longestWhole = 24

// RegisterFuncs replaces goldmark's own functions for code.
func (codes) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindCodeSpan, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		words := strings.Split(strings.ReplaceAll(wordsIn(n, source), "\n", " "), " ")
		for i, word := range words {
			words[i] = template.HTMLEscapeString(word)
			if strings.Contains(word, "-") && len(word) <= longestWhole {
				words[i] = "<span>" + words[i] + "</span>"
			}
		}
		_, _ = w.WriteString("<code>" + strings.Join(words, " ") + "</code>")
		return ast.WalkSkipChildren, nil
	})
	r.Register(ast.KindFencedCodeBlock, block)
}

// block writes a block of code that can be focused, and so be scrolled with the keyboard.
func block(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	_, _ = w.WriteString(`<pre tabindex="0"><code>`)
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		_, _ = w.WriteString(template.HTMLEscapeString(string(line.Value(source))))
	}
	_, _ = w.WriteString("</code></pre>\n")
	return ast.WalkContinue, nil
}
