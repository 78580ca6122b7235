package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// changelog is what the commits since the version before say, by the part that they begin with.
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
	for _, part := range slices.Sorted(maps.Keys(parts)) {
		fmt.Fprintf(&text, "\n## %s\n\n", part)
		for _, line := range parts[part] {
			fmt.Fprintf(&text, "- %s\n", line)
		}
	}
	return file{"CHANGELOG.md", 0o644, []byte(text.String())}, nil
}

// changes sorts subjects such as "api, cmd: serve annotations" by the part that comes first.
func changes(subjects []string) map[string][]string {
	parts := map[string][]string{}
	plain := strings.NewReplacer("<", "&lt;", "&", "&amp;", "[", `\[`, "`", "\\`", "*", `\*`, "_", `\_`)
	for _, s := range subjects {
		if s == "" {
			continue
		}
		part, text, ok := strings.Cut(s, ": ")
		if !ok || strings.ContainsFunc(part, func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789/, .-", r) }) {
			part, text = "other", s
		}
		first, _, _ := strings.Cut(part, ",")
		parts[first] = append(parts[first], plain.Replace(text))
	}
	return parts
}
