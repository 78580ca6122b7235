package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// parserName is what functions are called that read what others wrote.
var parserName = regexp.MustCompile(`^(Parse|Decode|Unmarshal)([A-Z]|$)`)

// TestEveryParserIsFuzzed holds that each exported parser is called by a fuzz target.
func TestEveryParserIsFuzzed(t *testing.T) {
	fuzzed, parsers := fuzzedNames(t), 0
	for file, tree := range sourcesOfModule(t) {
		for _, d := range tree.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !parserName.MatchString(f.Name.Name) {
				continue
			}
			parsers++
			called := path.Base(path.Dir(file)) + "." + f.Name.Name
			if f.Recv != nil {
				called = "." + f.Name.Name
			}
			if !fuzzed[called] {
				t.Errorf("%s: no fuzz target calls %s", file, f.Name.Name)
			}
		}
	}
	if parsers < 20 {
		t.Errorf("%d parsers were found, want all", parsers)
	}
}

// fuzzedNames are those that fuzz targets mention, as package.Name, and methods as .Name.
func fuzzedNames(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for file, tree := range testsOfModule(t) {
		own := path.Base(path.Dir(filepath.ToSlash(file))) + "."
		for _, d := range tree.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(f.Name.Name, "Fuzz") {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.Ident:
					names[own+n.Name] = true
				case *ast.SelectorExpr:
					names["."+n.Sel.Name] = true
					if of, ok := n.X.(*ast.Ident); ok {
						names[of.Name+"."+n.Sel.Name] = true
					}
				}
				return true
			})
		}
	}
	return names
}

// testsOfModule returns the tests, by their path in the module.
func testsOfModule(t *testing.T) map[string]*ast.File {
	t.Helper()
	dir, files := rootOfModule(t), map[string]*ast.File{}
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, "_test.go") {
			return err
		}
		tree, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		files[rel] = tree
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// FuzzSettings reads what an operator may give as addresses: what is taken leads where it says, and no error moves a cursor.
func FuzzSettings(f *testing.F) {
	for _, s := range []string{"", "default", "https://learn.microsoft.com/a,default", "https://cal.example.com/", "http://u:p@h", "https://münchen.de:80", "https://a$(id)", "http://[::1]:1", "http://\xfc0", "https://h/?q", "127.0.0.1:8080", "https://\x1b[31m", "1", "httPs://leArn.miCrosoft.Com"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		sources, err := parseSources(s)
		for _, one := range sources {
			if !strings.HasPrefix(one.address, "https://") || one.id == "" || strings.ContainsFunc(one.id, func(r rune) bool { return r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
				t.Errorf("parseSources(%q) has %+v", s, one)
			}
		}
		base, bad := checkBaseURL(s)
		if again, err := checkBaseURL(base); bad == nil && (err != nil || again != base || base != "" && !regexp.MustCompile(`^https?://[a-z0-9_.:\[\]-]+$`).MatchString(base)) {
			t.Errorf("checkBaseURL(%q) = %q, which is read as %q, %v", s, base, again, err)
		}
		for _, err := range []error{err, bad} {
			if err != nil && strings.ContainsFunc(plainLines(err.Error()), func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
				t.Errorf("%q is refused by %q", s, err)
			}
		}
	})
}
