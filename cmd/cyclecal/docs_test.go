package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
	"golang.org/x/net/html"

	"github.com/cyclecal/cyclecal/api"
)

// document is a text that people read: the README or a topic.
type document struct {
	name, text string
	tree       ast.Node
}

// documentsToRead are the README and all topics.
func documentsToRead(t *testing.T) []document {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	list := []document{{name: "README.md", text: string(readme)}}
	for _, topic := range helpTopics(t) {
		list = append(list, document{name: "help/" + topic.Name + ".md", text: topic.Text})
	}
	markdown := goldmark.New(goldmark.WithExtensions(extension.Table))
	for i, d := range list {
		list[i].tree = markdown.Parser().Parse(text.NewReader([]byte(d.text)))
	}
	return list
}

func helpTopics(t *testing.T) []api.Topic {
	t.Helper()
	list, err := topics()
	if err != nil || len(list) < 8 {
		t.Fatalf("%d topics, %v: want 8 or more", len(list), err)
	}
	return list
}

// walk visits what a document is made of.
func (d document) walk(visit func(ast.Node)) {
	_ = ast.Walk(d.tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			visit(n)
		}
		return ast.WalkContinue, nil
	})
}

// blocks are the contents of the blocks of code in a language, "" for none.
func (d document) blocks(language string) []string {
	var list []string
	d.walk(func(n ast.Node) {
		switch b := n.(type) {
		case *ast.FencedCodeBlock:
			if string(b.Language([]byte(d.text))) != language {
				return
			}
		case *ast.CodeBlock:
			if language != "" {
				return
			}
		default:
			return
		}
		list = append(list, string(n.Lines().Value([]byte(d.text))))
	})
	return list
}

// inline are the pieces of code inside of sentences.
func (d document) inline() []string {
	var list []string
	d.walk(func(n ast.Node) {
		if c, ok := n.(*ast.CodeSpan); ok {
			list = append(list, (&topicText{source: []byte(d.text)}).words(c))
		}
	})
	return list
}

// A topic begins with its title, and no line is too long for a terminal: neither as
// it is written nor as it is shown. Code, tables and links in the source are as long as they are.
func TestTopicLines(t *testing.T) {
	for _, topic := range helpTopics(t) {
		if !strings.HasPrefix(topic.Text, "# "+topic.Title+"\n\n") || topic.Title == "" {
			t.Errorf("%s begins %.40q, want # and a title", topic.Name, topic.Text)
		}
		code := map[string]bool{}
		document := document{text: topic.Text, tree: goldmark.DefaultParser().Parse(text.NewReader([]byte(topic.Text)))}
		document.walk(func(n ast.Node) {
			if n.Kind() == ast.KindFencedCodeBlock || n.Kind() == ast.KindCodeBlock {
				for line := range strings.Lines(string(n.Lines().Value([]byte(topic.Text)))) {
					code[strings.TrimSpace(line)] = true
				}
			}
		})
		for from, written := range map[string]string{"as written": topic.Text, "in a terminal": textOf(topic.Text, func(s string) string { return s })} {
			for i, line := range strings.Split(written, "\n") {
				if len([]rune(line)) > textWidth && !code[strings.TrimSpace(line)] && !strings.HasPrefix(line, "|") {
					t.Errorf("%s %s, line %d has %d characters: %s", topic.Name, from, i+1, len([]rune(line)), line)
				}
			}
		}
	}
}

// A topic with lines that PowerShell does not understand says how they are written there.
func TestTopicPowerShell(t *testing.T) {
	shell := regexp.MustCompile(`(?m)^(export .*|(curl|cyclecal) .*( [>|] |"[^"]*\$[A-Z]).*)$`)
	found := 0
	for _, d := range documentsToRead(t)[1:] {
		line := shell.FindString(strings.Join(d.blocks(""), "\n"))
		if line == "" {
			continue
		}
		found++
		if !regexp.MustCompile(`\b[Ii]n\s+PowerShell\b`).MatchString(d.text) {
			t.Errorf("%s has the line %q, and does not tell of PowerShell", d.name, line)
		}
	}
	if found < 5 {
		t.Errorf("%d topics have lines for a POSIX shell alone, want 5 or more", found)
	}
}

// Every word of a topic is in the terminal and on the page, there with the server's own address.
func TestTopicWords(t *testing.T) {
	server := serveForTest(t, nil, "--listen=127.0.0.1:0")
	marks := regexp.MustCompile("(?m)^(```.*|[|:-]+)$|\\]\\([^)]*\\)|(?m)^[0-9]+\\. ") // fences, rules of tables, where links lead, numbers of lists
	for _, topic := range helpTopics(t) {
		root, err := html.Parse(strings.NewReader(wantAnswer(t, topic.Name, server.url+"/docs/"+topic.Name)))
		if err != nil {
			t.Fatal(err)
		}
		var shown strings.Builder
		for n := range articleIn(root).Descendants() {
			if n.Type == html.TextNode {
				shown.WriteString(n.Data + " ")
			}
		}
		text := marks.ReplaceAllString(topic.Text, " ")
		for where, x := range map[string]struct{ want, got string }{
			"the page":     {strings.ReplaceAll(text, documentServer, server.url), shown.String()},
			"the terminal": {text, textOf(topic.Text, func(s string) string { return s })},
		} {
			got := letters(x.got)
			for word, n := range letters(x.want) {
				if got[word] < n {
					t.Errorf("%s has %q %d times, want %d in %s", topic.Name, word, got[word], n, where)
				}
			}
		}
	}
}

// articleIn is what a page shows of a topic itself.
func articleIn(root *html.Node) *html.Node {
	for n := range root.Descendants() {
		if n.Data == "article" {
			return n
		}
	}
	return root
}

// letters counts the words of a text, without the marks around them.
func letters(s string) map[string]int {
	counts := map[string]int{}
	for _, word := range regexp.MustCompile(`[\pL\pN]+`).FindAllString(s, -1) {
		counts[word]++
	}
	return counts
}

// Each link of the README and of a topic leads to a file, a topic, a heading or a page that is there.
func TestDocumentLinks(t *testing.T) {
	server := serveForTest(t, nil, "--listen=127.0.0.1:0")
	for _, d := range documentsToRead(t) {
		d.walk(func(n ast.Node) {
			var to string
			switch n := n.(type) {
			case *ast.Link:
				to = string(n.Destination)
			case *ast.Image:
				to = string(n.Destination)
			}
			file, part, _ := strings.Cut(to, "#")
			switch {
			case to == "" || strings.HasPrefix(to, "https://"): // nobody asks other hosts in a test
			case strings.HasPrefix(to, "/"):
				wantAnswer(t, d.name, server.url+to)
			case d.name == "README.md":
				if _, err := os.Stat(filepath.Join("..", "..", file)); err != nil {
					t.Errorf("%s links to %s: %v", d.name, to, err)
				}
			default:
				topic := strings.TrimSuffix(file, ".md")
				if file == "" {
					topic = strings.TrimSuffix(filepath.Base(d.name), ".md")
				}
				body := wantAnswer(t, d.name, server.url+"/docs/"+topic)
				if part != "" && !strings.Contains(body, `id="`+part+`"`) {
					t.Errorf("%s links to %s, which has no such heading", d.name, to)
				}
			}
		})
	}
}

// wantAnswer returns what an address answers, if it does.
func wantAnswer(t *testing.T, from, address string) string {
	t.Helper()
	status, _, body := get(t, address)
	if status != http.StatusOK {
		t.Errorf("%s: %s = %d: %.300s", from, address, status, body)
	}
	return body
}

// What sentences name is there: commands with their flags, and addresses of a server.
func TestDocumentNames(t *testing.T) {
	server := serveForTest(t, nil, "--listen=127.0.0.1:0")
	address := regexp.MustCompile(`^/(api/v1|calendars|tracks|docs|dashboards|assets|fleet|devices|eligible|healthz|readyz|metrics|openapi.json)\b[a-z0-9/._?=&:-]*$`)
	for _, d := range documentsToRead(t) {
		for _, code := range d.inline() {
			switch {
			case strings.HasPrefix(code, "cyclecal "):
				if fault := unknownCommand(shellWords(code, nil)[1:]); fault != "" {
					t.Errorf("%s: `%s`: %s", d.name, code, fault)
				}
			case address.MatchString(code):
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.url+code, nil)
				if err != nil {
					t.Fatal(err)
				}
				answer, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				answer.Body.Close()
				if !slices.Contains([]int{http.StatusOK, http.StatusUnauthorized, http.StatusMethodNotAllowed}, answer.StatusCode) {
					t.Errorf("%s: `%s` answers %s", d.name, code, answer.Status)
				}
			}
		}
	}
}

// unknownCommand tells what of a command line is not there, "" where all of it is. Capitals
// stand for what the reader fills in.
func unknownCommand(args []string) string {
	root := (&program{getenv: func(string) string { return "" }, stdout: io.Discard, stderr: io.Discard, now: testClock}).root()
	if args[0] == "help" {
		if name := strings.Join(args[1:], " "); name != "" && !slices.Contains(helpNames(root, nil), name) && strings.ToUpper(name) != name {
			return "there is no help on " + name
		}
		return ""
	}
	words := slices.DeleteFunc(slices.Clone(args), func(s string) bool { return strings.HasPrefix(s, "-") && s != "-" })
	cmd, _, err := root.Find(words)
	if err != nil || cmd == root && len(words) > 0 {
		return "there is no such command"
	}
	for _, arg := range args {
		name, _, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		long, short := strings.HasPrefix(arg, "--"), len(arg) == 2 && arg[0] == '-'
		if long && findFlag(cmd, name) == nil || short && cmd.Flags().ShorthandLookup(name) == nil {
			return "there is no flag " + arg
		}
	}
	return ""
}

func findFlag(cmd *cobra.Command, name string) *pflag.Flag {
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	return cmd.Flags().Lookup(name)
}

// The README is read in five minutes.
func TestReadmeLength(t *testing.T) {
	const most = 1300
	if n := len(strings.Fields(documentsToRead(t)[0].text)); n > most {
		t.Errorf("README.md has %d words, want at most %d: longer text is for cmd/cyclecal/help", n, most)
	}
}
