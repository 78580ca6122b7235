package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

const source = "https://github.com/cyclecal/cyclecal"

// reading is what people read of an archive: README.md and the topics of help that it leads to.
func (b *build) reading() ([]file, error) {
	names, err := filepath.Glob(filepath.Join(b.clone, "cmd", "cyclecal", "help", "*.md"))
	if err != nil {
		return nil, err
	}
	var files []file
	for _, name := range append(names, filepath.Join(b.clone, "README.md")) {
		body, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if filepath.Base(name) == "README.md" {
			files = append(files, file{"README.md", 0o644, []byte(b.readme(string(body)))})
			continue
		}
		files = append(files, file{"help/" + filepath.Base(name), 0o644, body})
	}
	return files, deadLink(files)
}

// readme is that of the repository for those who have the program and not its source: what is only there, it links to.
func (b *build) readme(text string) string {
	tree := source + "/tree/" + b.version
	folder := regexp.MustCompile("`((?:api|cmd|cycle)/[^`*]*)/([^`/]*)`")
	sections := strings.SplitAfter(text, "\n## ")
	for i, s := range sections {
		title, _, _ := strings.Cut(s, "\n")
		switch title {
		case "Start":
			s = "Start\n\n```\ncyclecal serve    # then open http://127.0.0.1:8080\ncyclecal help     # the commands and the topics\n```\n\n## "
		case "How it is made":
			s = "Source\n\nThe source, its tests and the files of facts: " + tree + "\n\nApache-2.0.\n"
		}
		s = strings.ReplaceAll(s, "](cmd/cyclecal/help/", "](help/")
		sections[i] = folder.ReplaceAllString(s, "[`$1/$2`]("+tree+"/$1)")
	}
	return strings.Join(sections, "")
}

// deadLink refuses a link to a file that is not among these.
func deadLink(files []file) error {
	there := map[string]bool{}
	for _, f := range files {
		there[f.name] = true
	}
	link := regexp.MustCompile(`\]\(([^)#\s]+)`)
	for _, f := range files {
		for _, m := range link.FindAllStringSubmatch(string(f.body), -1) {
			to := m[1]
			if !strings.Contains(to, "://") && !there[path.Join(path.Dir(f.name), to)] {
				return fmt.Errorf("%s leads to %s, which is not in the archive", f.name, to)
			}
		}
	}
	return nil
}
