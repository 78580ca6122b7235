package main

import (
	"context"
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// first is what the first release says of itself: its commits are how it was made, and change nothing for anybody.
//
//go:embed first.md
var first string

// changelog is what the commits since the version before say to users, by the part that they begin with.
func (b *build) changelog(ctx context.Context) (file, error) {
	heading := fmt.Sprintf("# %s, %s\n\n", b.version, b.at.Format("2006-01-02"))
	text := first
	if before, err := b.git(ctx, b.root, "describe", "--tags", "--abbrev=0", "--match", "v*", "--exclude", b.version, b.commit); err == nil {
		out, err := b.git(ctx, b.root, "log", "--no-merges", "--reverse", "--format=%s", before+".."+b.commit)
		if err != nil {
			return file{}, err
		}
		text = changed(before, strings.Split(out, "\n"))
	}
	return file{"CHANGELOG.md", 0o644, []byte(heading + text)}, nil
}

// userPart is a part of the program as users know it, with the parts of the repository that belong to it.
type userPart struct {
	heading string
	parts   []string // how subjects begin: a folder that has no line of its own belongs to the one that it is in
}

// userParts are all of which users see something: what begins with another part, or with none, is left out.
func userParts() []userPart {
	return []userPart{
		{"The cycle and its history", []string{"cycle", "cycle/catalog", "catalog"}},
		{"Calendars and the API", []string{"api", "api/ics", "ics"}},
		{"Pages", []string{"api/page", "page"}},
		{"Devices and eligibility", []string{"api/devices", "devices"}},
		{"Restart windows for other tools", []string{"api/windows", "windows"}},
		{"Metrics and dashboards", []string{"api/metrics", "api/dashboards", "metrics", "dashboards"}},
		{"Who may read and write", []string{"api/auth", "auth"}},
		{"Commands and settings", []string{"cmd", "cmd/cyclecal", "cyclecal"}},
		{"Help", []string{"help"}},
		{"What is read from Microsoft", []string{"importer", "cycle/importer"}},
		{"Fleet files and the store", []string{"resource", "cycle/resource", "store", "cycle/store"}},
		{"Installation and releases", []string{"deploy", "release", "cmd/release"}},
	}
}

// inner finds subjects that are about the code and its tests: "hold" and "prove" are how tests begin.
func inner() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(bench|expect|fuzz|hold|kill the|lint|prove|refactor|soak|try)\b` +
		`|\b(tests?|tested|testers|testdata|linters?|refactor\w*|allocations?|80 columns|what a review found|soak|attack(s|ed)?|fakes?|browser|README)\b` +
		`|\b(a file for each|(put|cut|part) .*(subject|files?|functions?)|one piece of code|in (one piece|one place|files of their own|a file of its own))\b`)
}

// second finds what a subject says of another part: "; cmd: read it".
func second() *regexp.Regexp { return regexp.MustCompile(`; [A-Za-z][a-zA-Z/, ]*: .*$`) }

// changed lists the changes since a version: each under the first heading that its subject begins with, and once.
func changed(before string, subjects []string) string {
	lines := map[string][]string{}
	plain := strings.NewReplacer("<", "&lt;", "&", "&amp;", "[", `\[`, "`", "\\`", "*", `\*`, "_", `\_`)
	for _, s := range subjects {
		part, text, _ := strings.Cut(s, ": ")
		text = second().ReplaceAllString(text, "")
		heading, line := headingOf(part), "- "+plain.Replace(text)+"\n"
		if heading != "" && !inner().MatchString(text) && !slices.Contains(lines[heading], line) {
			lines[heading] = append(lines[heading], line)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "What changed since %s for those who use it.\n", before)
	for _, p := range userParts() {
		if len(lines[p.heading]) > 0 {
			fmt.Fprintf(&b, "\n## %s\n\n%s", p.heading, strings.Join(lines[p.heading], ""))
		}
	}
	if len(lines) == 0 {
		b.WriteString("\nNothing: only how it is made and tested.\n")
	}
	return b.String()
}

// headingOf returns what users know the part as that comes first in "api/page, cmd", or "".
func headingOf(parts string) string {
	part, _, _ := strings.Cut(strings.ToLower(parts), ",")
	for part = strings.TrimSpace(part); part != ""; {
		for _, p := range userParts() {
			if slices.Contains(p.parts, part) {
				return p.heading
			}
		}
		up := strings.LastIndexByte(part, '/')
		part = part[:max(up, 0)]
	}
	return ""
}
