package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// license adds the licences to what a program is made of. One that has none, or one that is not known here, ends the
// release: somebody has to read it first.
func (b *build) license(ctx context.Context, m *made) error {
	for i, mod := range m.modules {
		var err error
		if m.modules[i], err = b.licensed(ctx, mod); err != nil {
			return err
		}
	}
	root, err := output(ctx, b.clone, b.environment(host()), "go", "env", "GOROOT")
	if err != nil {
		return err
	}
	standard := module{path: "std", version: strings.TrimPrefix(m.goVersion, "go")}
	standard.ids, standard.texts, err = licenses(root)
	m.modules = append([]module{standard}, m.modules...)
	return err
}

// licensed returns a module with its licences.
func (b *build) licensed(ctx context.Context, mod module) (module, error) {
	out, err := output(ctx, b.clone, b.environment(host()), "go", "mod", "download", "-json", mod.path+"@"+mod.version)
	if err != nil {
		return mod, err
	}
	var at struct{ Dir string }
	if err := json.Unmarshal([]byte(out), &at); err != nil {
		return mod, err
	}
	if mod.ids, mod.texts, err = licenses(at.Dir); err != nil {
		return mod, fmt.Errorf("%s %s: %w", mod.path, mod.version, err)
	}
	return mod, nil
}

// withRoots returns what an image is made of: a program, and the certificates beside it.
func (b *build) withRoots(ctx context.Context, m *made) (*made, error) {
	mod, err := roots()
	if err != nil {
		return nil, err
	}
	if mod, err = b.licensed(ctx, mod); err != nil {
		return nil, err
	}
	return &made{m.version, m.goVersion, append(slices.Clip(m.modules), mod)}, nil
}

// licenses returns the licences of a folder, and all texts that have to go with the program.
func licenses(dir string) (ids []string, texts []file, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	named := regexp.MustCompile(`(?i)^(LICEN[CS]E|COPYING|NOTICE)|-LICEN[CS]E$`)
	for _, e := range entries {
		if e.IsDir() || !named.MatchString(e.Name()) || strings.Contains(e.Name(), "LOGO") {
			continue
		}
		body, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, nil, err
		}
		texts = append(texts, file{name: e.Name(), body: body})
		if id := licenseOf(string(body)); id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	if len(ids) == 0 {
		return nil, nil, fmt.Errorf("no licence that is known here in %s", dir)
	}
	return ids, texts, nil
}

// licenseOf is the SPDX identifier of a text, by sentences that no other licence has, or "".
func licenseOf(text string) string {
	text = strings.ToLower(strings.Join(strings.Fields(strings.NewReplacer("#", "", "*", "", `"`, "", "“", "", "”", "").Replace(text)), " "))
	has := func(s string) bool { return strings.Contains(text, s) }
	switch {
	case has("apache license version 2.0, january 2004"):
		return "Apache-2.0"
	case has("mozilla public license version 2.0"):
		return "MPL-2.0"
	case has("redistributions of source code must retain") && (has("to endorse or promote products") || has("neither the name")):
		return "BSD-3-Clause"
	case has("redistributions of source code must retain"):
		return "BSD-2-Clause"
	case has("permission is hereby granted, free of charge, to any person obtaining a copy") && has("shall be included in all copies"):
		return "MIT"
	case has("permission to use, copy, modify, and/or distribute this software for any purpose with or without fee"),
		has("permission to use, copy, modify, and distribute this software for any purpose with or without fee"):
		return "ISC"
	case has("this software is provided 'as-is', without any express or implied warranty") && has("must not be misrepresented"):
		return "Zlib"
	case has("the author disclaims copyright to this source code"), has("in the public domain"):
		return "blessing"
	}
	return ""
}

// thirdParties is one text with the licences of all that is in a program.
func thirdParties(m *made) file {
	var b strings.Builder
	b.WriteString("What cyclecal is made of, and the licences of it.\n")
	for _, mod := range m.modules {
		fmt.Fprintf(&b, "\n%s\n%s %s (%s)\n", strings.Repeat("=", 80), mod.path, mod.version, strings.Join(mod.ids, ", "))
		for _, text := range mod.texts {
			fmt.Fprintf(&b, "\n--- %s\n\n%s\n", text.name, strings.TrimRight(strings.ReplaceAll(string(text.body), "\r\n", "\n"), "\n"))
		}
	}
	return file{"THIRD-PARTY-LICENSES.txt", 0o644, []byte(b.String())}
}
