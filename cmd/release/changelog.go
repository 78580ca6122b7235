package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// changelog is what the commits since the version before say to users, by the part that they begin with.
func (b *build) changelog(ctx context.Context) (file, error) {
	span := b.commit
	before, err := b.git(ctx, b.root, "describe", "--tags", "--abbrev=0", "--match", "v*", "--exclude", b.version, b.commit)
	if err == nil {
		span = before + ".." + b.commit
	}
	out, err := b.git(ctx, b.root, "log", "--no-merges", "--reverse", "--format=%s", span)
	if err != nil {
		return file{}, err
	}
	var text strings.Builder
	fmt.Fprintf(&text, "# %s, %s\n", b.version, b.at.Format("2006-01-02"))
	parts := changes(strings.Split(out, "\n"))
	for _, p := range userParts() {
		if len(parts[p.heading]) == 0 {
			continue
		}
		fmt.Fprintf(&text, "\n## %s\n\n", p.heading)
		for _, line := range parts[p.heading] {
			fmt.Fprintf(&text, "- %s\n", line)
		}
	}
	return file{"CHANGELOG.md", 0o644, []byte(text.String())}, nil
}

// userPart is a part of the program as users know it, with the parts of the repository that belong to it.
type userPart struct {
	heading string
	parts   []string
}

const otherPart = "Other"

func userParts() []userPart {
	return []userPart{
		{"Cycles, history and what is stored", []string{"cycle", "catalog", "importer", "resource", "store"}},
		{"Feeds, pages and the API", []string{"api", "page", "ics", "auth", "windows", "devices", "metrics", "dashboards"}},
		{"Commands and their help", []string{"cmd", "help"}},
		{"What is published", []string{"release", "deploy"}},
		{otherPart, nil},
	}
}

// inner are the parts of the repository of which users see nothing.
func inner() []string {
	return []string{"bench", "ci", "fuzz", "go.mod", "lint", "merge", "readme", "test", "tests", "wip"}
}

// changes groups subjects such as "api, cmd: serve annotations" by the part as users know it, of which the first counts.
func changes(subjects []string) map[string][]string {
	parts := map[string][]string{}
	plain := strings.NewReplacer("<", "&lt;", "&", "&amp;", "[", `\[`, "`", "\\`", "*", `\*`, "_", `\_`)
	for _, s := range subjects {
		part, text := split(s)
		if s == "" || slices.Contains(inner(), part) {
			continue
		}
		heading := otherPart
		for _, p := range userParts() {
			if slices.Contains(p.parts, part) {
				heading = p.heading
			}
		}
		if heading == otherPart {
			text = s
		}
		parts[heading] = append(parts[heading], plain.Replace(text))
	}
	return parts
}

// split returns the first part with which a subject begins, or the top folder of that, and the text after the parts.
func split(subject string) (part, text string) {
	before, text, ok := strings.Cut(subject, ": ")
	if !ok {
		before, _, _ = strings.Cut(subject, " ") // Merge …
	}
	first, _, _ := strings.Cut(before, ",")
	top, _, _ := strings.Cut(first, "/")
	return strings.ToLower(strings.TrimSpace(top)), text
}
