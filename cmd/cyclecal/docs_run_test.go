package main

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// follower does what a document says, in a folder with the files of testdata/docs and
// beside a server.
type follower struct {
	*testing.T
	server string
	env    map[string]string
}

const (
	documentToken  = "the-admin-token-of-the-documents"
	documentServer = "http://127.0.0.1:8080"
)

// TestDocuments follows the README and each topic: commands, requests and fleet files, from the
// first to the last. What goes to other hosts, or would not end, is only read.
func TestDocuments(t *testing.T) {
	files, err := filepath.Abs("testdata/docs")
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	for _, d := range documentsToRead(t) {
		t.Run(d.name, func(t *testing.T) {
			folder := t.TempDir()
			if err := os.CopyFS(folder, os.DirFS(files)); err != nil {
				t.Fatal(err)
			}
			t.Chdir(folder)
			f := follower{T: t, env: map[string]string{
				"XDG_DATA_HOME": filepath.Join(folder, "data"), "CYCLECAL_ADMIN_TOKEN": documentToken, "CYCLECAL_TOKEN": documentToken,
			}}
			f.server = serveForTest(t, f.env, "--listen=127.0.0.1:0").url
			here := strings.NewReplacer(documentServer, f.server, "/var/lib/cyclecal", filepath.Join(folder, "data", "cyclecal"))
			for _, block := range d.blocks("yaml") { // "# fleet.yaml" says what a file is called
				if name := regexp.MustCompile(`^# ([a-z-]+\.yaml)\b`).FindStringSubmatch(block); name != nil {
					f.write(name[1], []byte(block))
				}
			}
			for _, language := range []string{"", "sh", "console"} {
				for _, block := range d.blocks(language) {
					done += f.block(here.Replace(block))
				}
			}
		})
	}
	if done < 60 {
		t.Errorf("%d commands and requests were found in the documents, want 60 or more", done)
	}
}

func (f *follower) write(name string, body []byte) {
	f.Helper()
	if err := os.WriteFile(name, body, 0o600); err != nil {
		f.Fatal(err)
	}
}

// block follows the lines of a block, and returns how many it understood.
func (f *follower) block(block string) int {
	f.Helper()
	n := 0
	lines := strings.Split(strings.ReplaceAll(block, "\\\n", " "), "\n")
	for i, line := range lines {
		n++
		switch command, shown := strings.CutPrefix(line, "$ "); {
		case shown:
			want := lines[i+1:]
			if next := slices.IndexFunc(want, func(s string) bool { return strings.HasPrefix(s, "$ ") }); next >= 0 {
				want = want[:next]
			}
			if got := f.command(command); got != strings.Join(want, "\n") {
				f.Errorf("%s prints\n%s\nwant what the document shows:\n%s", command, got, strings.Join(want, "\n"))
			}
		case strings.HasPrefix(line, "cyclecal "):
			f.command(line)
		case strings.HasPrefix(line, "curl "):
			f.request(line)
		case strings.HasPrefix(line, f.server) && !strings.Contains(line, "$"): // with what another program fills in
			wantAnswer(f.T, f.Name(), line)
		case strings.HasPrefix(line, "export "):
			for _, word := range shellWords(line, f.env)[1:] {
				if name, value, set := strings.Cut(word, "="); set && !strings.Contains(value, "(") { // not of $(…): those have a value
					f.env[name] = value
				}
			}
		default:
			n--
		}
	}
	return n
}

// command runs a command line and returns what it prints.
func (f *follower) command(line string) string {
	f.Helper()
	first, _, piped := strings.Cut(line, " | ")
	if _, second, _ := strings.Cut(line, " | "); strings.HasPrefix(second, "cyclecal ") {
		if fault := unknownCommand(shellWords(second, f.env)[1:]); fault != "" {
			f.Errorf("%s: %s", line, fault)
		}
	}
	args := slices.DeleteFunc(shellWords(first, f.env)[1:], func(s string) bool { return s == "&" })
	into := ""
	if i := slices.Index(args, ">"); i >= 0 && i+1 < len(args) {
		args, into = args[:i], args[i+1]
	}
	if fault := unknownCommand(args); fault != "" {
		f.Errorf("%s: %s", line, fault)
		return ""
	}
	if f.elsewhere(args) {
		return ""
	}
	var stdout, stderr bytes.Buffer
	p := &program{getenv: func(name string) string { return f.env[name] }, stdout: &stdout, stderr: &stderr, now: testClock}
	code := p.run(f.Context(), args)
	if code != exitDone && (code != exitDiffers || !slices.Contains(args, "--dry-run")) {
		f.Errorf("%s: exit code %d: %s", line, code, &stderr)
	}
	if stdout.Len() == 0 && stderr.Len() == 0 && !piped && !slices.Contains(args, "--dry-run") && args[0] != "apply" {
		f.Errorf("%s prints nothing", line)
	}
	if into != "" {
		f.write(into, stdout.Bytes())
	}
	return stdout.String()
}

// elsewhere reports whether a command would not end, changes the machine, or asks another host. Its flags are checked.
func (f *follower) elsewhere(args []string) bool {
	if slices.Contains([]string{"serve", "service", "healthcheck"}, args[0]) {
		root := (&program{getenv: func(string) string { return "" }, stdout: io.Discard, stderr: io.Discard, now: testClock}).root()
		cmd, rest, err := root.Find(args)
		if err == nil {
			err = cmd.ParseFlags(rest)
		}
		if err != nil || cmd.Flags().NArg() > 0 {
			f.Errorf("cyclecal %q: %v, %d arguments", args, err, cmd.Flags().NArg())
		}
		return true
	}
	for i, arg := range args {
		if arg == "-" || arg == "--server" && args[i+1] != f.server || arg == "--database" || args[0] == "import" && strings.HasPrefix(arg, "https://") {
			return true
		}
	}
	return false
}

// request asks the server as curl would.
func (f *follower) request(line string) {
	f.Helper()
	first, _, _ := strings.Cut(line, " | ")
	r, err := http.NewRequestWithContext(f.Context(), http.MethodGet, f.server, nil)
	if err != nil {
		f.Fatal(err)
	}
	words := shellWords(first, f.env)[1:]
	if to := slices.Index(words, ">"); to >= 0 {
		words = words[:to]
	}
	for i := 0; i < len(words); i++ {
		value := ""
		if strings.HasPrefix(words[i], "-") && strings.Contains("-H -d -T -X -o", words[i]) && i+1 < len(words) {
			i++
			value = words[i]
		}
		switch words[i-min(len(value), 1)] {
		case "-H":
			name, header, _ := strings.Cut(value, ": ")
			r.Header.Set(name, header)
		case "-X":
			r.Method = value
		case "-d":
			f.send(r, http.MethodPost, []byte(value))
			if r.Header.Get("Content-Type") == "" {
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			}
		case "-T":
			body, err := os.ReadFile(value)
			if err != nil {
				f.Errorf("%s: %v", line, err)
			}
			f.send(r, http.MethodPut, body)
		case "-o", "-s", "-f", "-fsS", "-sS", "-OJ", "-O":
		default:
			if r.URL, err = r.URL.Parse(words[i]); err != nil || !strings.HasPrefix(words[i], "http") {
				f.Errorf("%s: %q is no address: teach this test what it means", line, words[i])
				return
			}
		}
	}
	if !strings.HasPrefix(r.URL.String(), f.server) {
		return // to another host
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		f.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode >= http.StatusMultipleChoices {
		f.Errorf("%s = %s, %v: %.500s", line, answer.Status, err, body)
	}
}

// send gives a request a body, and its method unless it has one.
func (f *follower) send(r *http.Request, method string, body []byte) {
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if r.Method == http.MethodGet {
		r.Method = method
	}
}

// shellWords splits a command line as a shell does, as far as the documents need it.
func shellWords(line string, env map[string]string) []string {
	var words []string
	word, inWord := "", false
	end := func() {
		if inWord {
			words = append(words, word)
		}
		word, inWord = "", false
	}
	expand := func(s string) string { return os.Expand(s, func(name string) string { return env[name] }) }
	for _, part := range regexp.MustCompile(`'[^']*'|"[^"]*"|\s+|[^\s'"]+`).FindAllString(line, -1) {
		switch {
		case strings.TrimSpace(part) == "":
			end()
			continue
		case part[0] == '#' && !inWord:
			return words
		case part[0] == '\'':
			word += part[1 : len(part)-1]
		case part[0] == '"':
			word += expand(part[1 : len(part)-1])
		default:
			word += expand(part)
		}
		inWord = true
	}
	end()
	return words
}
