package main

import (
	"archive/tar"
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

// sample is a build without a repository.
func sample() *build {
	return &build{version: "v1.2.3", number: "1.2.3", commit: strings.Repeat("ab", 20), at: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
}

// Arguments that are not understood are errors, and help is none.
func TestUsage(t *testing.T) {
	for _, args := range [][]string{nil, {"1.2.3"}, {"v1.2"}, {"v1.2.3", "a", "b"}, {"v01.2.3"}, {"--platforms", "plan9/386", "v1.2.3"}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("release %q = nil, want an error", args)
		}
	}
	var out, fault bytes.Buffer
	if err := run(t.Context(), []string{"--help"}, &out, &fault); err != nil || !strings.HasPrefix(out.String(), "usage: release ") || fault.Len() > 0 {
		t.Errorf("release --help = %v, %s, %s; want the usage alone", err, &out, &fault)
	}
}

// TestReadme holds that who has unpacked an archive finds what its README names, and needs no source.
func TestReadme(t *testing.T) {
	b := sample()
	b.clone = filepath.Join("..", "..")
	files, err := b.reading()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, f := range files {
		names[f.name] = string(f.body)
	}
	text := names["README.md"]
	if names["help/deploy.md"] == "" || !strings.Contains(text, "](help/deploy.md)") || !strings.HasSuffix(text, "\nApache-2.0.\n") {
		t.Errorf("README.md leads to no help, or does not end with the licence:\n%s", text)
	}
	for _, bad := range []string{"go run", "go install", "](api/", "](cmd/", ".ci/"} {
		if strings.Contains(text, bad) {
			t.Errorf("README.md has %q, which is of the source", bad)
		}
	}
	inSource := regexp.MustCompile("(.)`((?:api|cmd|cycle)/[^`]+)`(.{0,99})")
	found := inSource.FindAllStringSubmatch(text, -1)
	for _, m := range found {
		link := "](https://github.com/cyclecal/cyclecal/tree/v1.2.3/" + strings.TrimSuffix(m[2], "/*.csv") + ")"
		if m[1] != "[" || !strings.HasPrefix(m[3], link) {
			t.Errorf("README.md has %s, which is not in the archive, without the link %s", m[0], link)
		}
	}
	if len(found) == 0 {
		t.Error("README.md names no file of the source: it did, where the facts are")
	}
	if err := deadLink([]file{{"README.md", 0, []byte("![a](help/a.png)")}, {"help/b.md", 0, []byte("[c](https://example.com/c)")}}); err == nil {
		t.Error("a link to a file that is not there is taken, want an error")
	}
}

// The licence of the library is what it says of itself; that of ours and of Go are known.
func TestLicenses(t *testing.T) {
	ours, _, err := licenses(filepath.Join("..", ".."))
	if diff := cmp.Diff([]string{"Apache-2.0"}, ours); diff != "" || err != nil {
		t.Errorf("licences of the repository: %v (-want +got):\n%s", err, diff)
	}
	for text, want := range map[string]string{
		"# The MIT License\n\nPermission is hereby granted, free of charge, to any person\nobtaining a copy … shall be included in all\ncopies": "MIT",
		"Redistributions of source code must retain the above … Neither the name of":                                                            "BSD-3-Clause",
		"Redistributions of source code must retain the above copyright notice":                                                                 "BSD-2-Clause",
		"Permission to use, copy, modify, and/or distribute this software for any\npurpose with or without fee is hereby granted":               "ISC",
		"All rights reserved. Ask our lawyers.": "",
	} {
		if got := licenseOf(text); got != want {
			t.Errorf("licenseOf(%.40q…) = %q, want %q", text, got, want)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "LICENSE"), []byte("Ask our lawyers."), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := licenses(dir); err == nil {
		t.Error("a licence that nobody knows is taken, want an error")
	}
}

// TestChanged holds a changelog to what users meet: the parts that they know, in words that are about the program.
func TestChanged(t *testing.T) {
	got := changed("v1.1.0", []string{
		"api, cmd: serve `<b>`", "api/page: show it", "cmd: take settings", "", "Start: of all", "store: a: b", "compile less",
		"ci: run", ".ci: run", "bench: close", "test: wait", "README: say", "readme, cmd: say", "Merge main", "wip", "fuzz what was not", "release: cut",
		"api, cmd: what the linters say", "importer: fewer rounds in the plain tests", "help: keep to 80 columns", "cmd: put one subject into one file",
		"api: hold that lists may take long", "page: show it", "api/auth: compare secrets", "api/ics: a method after its type; cmd: read it", "cycle/other: know more",
	})
	const want = "What changed since v1.1.0 for those who use it.\n" +
		"\n" +
		"## The cycle and its history\n" +
		"\n" +
		"- know more\n" +
		"\n" +
		"## Calendars and the API\n" +
		"\n" +
		"- serve \\`&lt;b>\\`\n" +
		"- a method after its type\n" +
		"\n" +
		"## Pages\n" +
		"\n" +
		"- show it\n" +
		"\n" +
		"## Who may read and write\n" +
		"\n" +
		"- compare secrets\n" +
		"\n" +
		"## Commands and settings\n" +
		"\n" +
		"- take settings\n" +
		"\n" +
		"## Fleet files and the store\n" +
		"\n" +
		"- a: b\n" +
		"\n" +
		"## Installation and releases\n" +
		"\n" +
		"- cut\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if got := changed("v1.1.0", []string{"test: wait"}); !strings.Contains(got, "Nothing") {
		t.Errorf("changes of tests alone: %q, want to be told that there are none", got)
	}
}

// Of two builds of a release, the file that differs is named.
func TestDifferences(t *testing.T) {
	a, b := file{"a", 0, []byte("1")}, file{"b", 0, []byte("2")}
	if err := differences([]file{a, b}, []file{a, b}); err != nil {
		t.Errorf("the same = %v, want nil", err)
	}
	b.body = []byte("3")
	if err := differences([]file{a, {"b", 0, []byte("2")}}, []file{a, b}); err == nil || !strings.Contains(err.Error(), "b differs") {
		t.Errorf("another b = %v, want it named", err)
	}
}

// TestWinget reads the manifests as YAML, and holds what winget requires of each.
func TestWinget(t *testing.T) {
	b := sample()
	archive := file{"cyclecal_1.2.3_windows_arm64.zip", 0o644, []byte("zip")}
	made := b.winget([]file{{"cyclecal_1.2.3_linux_arm64.tar.gz", 0o644, nil}, archive})
	required := map[string][]string{
		"version":   {"PackageIdentifier", "PackageVersion", "DefaultLocale", "ManifestType", "ManifestVersion"},
		"installer": {"PackageIdentifier", "PackageVersion", "InstallerType", "NestedInstallerType", "NestedInstallerFiles", "Installers", "ManifestType", "ManifestVersion"},
		"defaultLocale": {
			"PackageIdentifier", "PackageVersion", "PackageLocale", "Publisher", "PackageName", "License", "ShortDescription", "ManifestType", "ManifestVersion",
		},
	}
	for _, f := range made {
		var m map[string]any
		if err := yaml.Unmarshal(f.body, &m); err != nil {
			t.Fatalf("%s: %v", f.name, err)
		}
		kind, _ := m["ManifestType"].(string)
		for _, key := range required[kind] {
			if m[key] == nil {
				t.Errorf("%s has no %s", f.name, key)
			}
		}
		delete(required, kind)
		if kind == "installer" {
			want := []any{map[string]any{
				"Architecture":    "arm64",
				"InstallerUrl":    "https://github.com/cyclecal/cyclecal/releases/download/v1.2.3/cyclecal_1.2.3_windows_arm64.zip",
				"InstallerSha256": "4A70FE9AA6436E02C2DEA340FBD1E352E4EF2D8CE6CA52AD25D4B95471FC8BF2",
			}}
			if diff := cmp.Diff(want, m["Installers"]); diff != "" {
				t.Errorf("installers (-want +got):\n%s", diff)
			}
		}
	}
	if len(required) > 0 {
		t.Errorf("no manifest of %v", required)
	}
	if got := b.winget(nil); got != nil {
		t.Errorf("without an archive for Windows there are %d manifests, want none", len(got))
	}
}

// TestRootFiles reads the roots as a program in the image would, and who owns what.
func TestRootFiles(t *testing.T) {
	b := sample()
	b.clone = filepath.Join("..", "..")
	own, err := b.ours([]byte("program"), &made{modules: []module{{path: "example.com/m", texts: []file{{name: "LICENSE", body: []byte("Ask nobody.")}}}}})
	if err != nil {
		t.Fatal(err)
	}
	body, err := tarred(rootFiles(own), b.at)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for r := tar.NewReader(bytes.NewReader(body)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got[h.Name] = h.Uid
		switch {
		case strings.HasSuffix(h.Name, ".crt"):
			checkRoots(t, r)
		case strings.HasPrefix(h.Name, "licenses/") && h.Typeflag == tar.TypeReg:
			checkLicense(t, h.Name, r)
		}
	}
	want := map[string]int{
		"cyclecal": 0, "data/": 65532, "etc/": 0, "etc/group": 0, "etc/passwd": 0, "etc/ssl/": 0, "etc/ssl/certs/": 0, "etc/ssl/certs/ca-certificates.crt": 0, "tmp/": 0,
		"licenses/": 0, "licenses/LICENSE": 0, "licenses/THIRD-PARTY-LICENSES.txt": 0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files and owners (-want +got):\n%s", diff)
	}
}

// checkLicense holds that our licence is that of the repository, and that those of others have their texts.
func checkLicense(t *testing.T, name string, r io.Reader) {
	t.Helper()
	body, err := io.ReadAll(r)
	want := map[string]string{"licenses/LICENSE": "Apache License", "licenses/THIRD-PARTY-LICENSES.txt": "example.com/m"}[name]
	if err != nil || !strings.Contains(string(body), want) {
		t.Errorf("%s without %q: %v", name, want, err)
	}
}

func checkRoots(t *testing.T, r io.Reader) {
	t.Helper()
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for block, rest := pem.Decode(body); block != nil; block, rest = pem.Decode(rest) {
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil || !c.IsCA {
			t.Errorf("a root that is none: %v", err)
			continue
		}
		names[c.Subject.CommonName] = true
	}
	// Those under which Microsoft's pages are.
	for _, name := range []string{"DigiCert Global Root G2", "Microsoft RSA Root Certificate Authority 2017"} {
		if !names[name] {
			t.Errorf("%d roots without %s", len(names), name)
		}
	}
}
