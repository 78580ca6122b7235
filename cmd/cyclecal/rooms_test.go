package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const modulePath = "github.com/cyclecal/cyclecal"

// rooms says what each package may import of ours: "…/" stands for a folder and
// all below it. A new package comes with its row.
var rooms = map[string][]string{
	"cycle":              {},
	"cycle/store":        {"cycle"},
	"cycle/store/pgtest": {},
	"cycle/catalog":      {"cycle"},
	"cycle/resource":     {"cycle"},
	"cycle/importer":     {"cycle"},
	"api":                {"cycle", "api/"},
	"api/devices":        {"cycle"},
	"api/ics":            {"cycle"},
	"api/page":           {"cycle"},
	"api/auth":           {},
	"api/metrics":        {},
	"api/windows":        {"cycle"},
	"cmd/":               {"cycle", "cycle/", "api", "api/", "cmd/"},
}

// TestRooms holds who may import what, and that nothing but a program reads the clock.
func TestRooms(t *testing.T) {
	seen := 0
	for file, tree := range sourcesOfModule(t) {
		seen++
		room := path.Dir(file)
		allowed, ok := rowOf(room)
		if !ok {
			t.Errorf("%s: package %s has no row in the table of rooms", file, room)
			continue
		}
		for _, spec := range tree.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatalf("%s: import %s: %v", file, spec.Path.Value, err)
			}
			if fault := forbiddenImport(room, allowed, name); fault != "" {
				t.Errorf("%s imports %q: %s", file, name, fault)
			}
		}
		if word := clockWord(tree); word != "" && !strings.HasPrefix(room, "cmd/") {
			t.Errorf("%s uses time.%s: the clock is read in cmd only", file, word)
		}
	}
	if seen == 0 {
		t.Error("no source was found, want those of the module")
	}
}

// TestForbiddenImport shows that the table can say no.
func TestForbiddenImport(t *testing.T) {
	for _, tt := range []struct {
		room, imported string
		want           bool
	}{
		{"cycle", "time", false},
		{"cycle", modulePath + "/api", true},
		{"cycle", "github.com/go-chi/chi/v5", true},
		{"cycle/catalog", modulePath + "/cycle", false},
		{"cycle/catalog", modulePath + "/cycle/store", true},
		{"api", modulePath + "/api/ics", false},
		{"api", modulePath + "/cycle/store", true},
		{"api/ics", "github.com/arran4/golang-ical", false},
		{"api/page", "github.com/arran4/golang-ical", true},
		{"api/ics", modulePath + "/api", true},
		{"api/auth", modulePath + "/cycle", true},
		{"cmd/cyclecal", modulePath + "/cycle/store", false},
		{"cmd/cyclecal", "github.com/arran4/golang-ical", true},
	} {
		allowed, ok := rowOf(tt.room)
		if got := forbiddenImport(tt.room, allowed, tt.imported); !ok || (got != "") != tt.want {
			t.Errorf("forbiddenImport(%s, %s) = %q, want a fault: %v", tt.room, tt.imported, got, tt.want)
		}
	}
	if _, ok := rowOf("cycle/util"); ok {
		t.Error("rowOf(cycle/util) = a row, want none")
	}
}

// TestClockWord shows that the clock is found under any name.
func TestClockWord(t *testing.T) {
	for src, want := range map[string]string{
		"package p; import \"time\"; var x = time.Now()":               "Now",
		"package p; import \"time\"; var x = time.Now":                 "Now",
		"package p; import t \"time\"; var x = t.Since(t.Time{})":      "Since",
		"package p; import . \"time\"; var x = Now()":                  ".",
		"package p; import \"time\"; var x = time.UTC":                 "",
		"package p; import time \"example.org/t\"; var x = time.Now()": "",
	} {
		tree, err := parser.ParseFile(token.NewFileSet(), "p.go", src, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := clockWord(tree); got != want {
			t.Errorf("clockWord(%s) = %q, want %q", src, got, want)
		}
	}
}

// rowOf returns the row of a package: its own, or that of a folder it lies in.
func rowOf(room string) ([]string, bool) {
	for key, allowed := range rooms {
		if roomCovers(key, room) {
			return allowed, true
		}
	}
	return nil, false
}

func roomCovers(key, name string) bool {
	return key == name || strings.HasSuffix(key, "/") && strings.HasPrefix(name, key)
}

// forbiddenImport says what is wrong with an import, or "".
func forbiddenImport(room string, allowed []string, imported string) string {
	if ours, ok := strings.CutPrefix(imported, modulePath+"/"); ok {
		if slices.ContainsFunc(allowed, func(key string) bool { return roomCovers(key, ours) }) {
			return ""
		}
		return "of ours it may import no more than " + strings.Join(allowed, ", ")
	}
	first, _, _ := strings.Cut(imported, "/")
	switch {
	case room == "cycle" && strings.Contains(first, "."):
		return "the model needs the standard library only"
	case imported == "github.com/arran4/golang-ical" && room != "api/ics":
		return "calendars are written in api/ics only"
	}
	return ""
}

// clockWord returns the word by which a file reads the clock, or "".
func clockWord(tree *ast.File) string {
	name := ""
	for _, spec := range tree.Imports {
		if spec.Path.Value == `"time"` {
			name = "time"
			if spec.Name != nil {
				name = spec.Name.Name
			}
		}
	}
	if name == "" || name == "." {
		return name
	}
	found := ""
	ast.Inspect(tree, func(n ast.Node) bool {
		if word, ok := n.(*ast.SelectorExpr); ok {
			x, ok := word.X.(*ast.Ident)
			if ok && x.Name == name && slices.Contains([]string{"Now", "Since", "Until"}, word.Sel.Name) {
				found = word.Sel.Name
			}
		}
		return true
	})
	return found
}

// sourcesOfModule returns the Go files that are no tests, by
// their path in the module.
func sourcesOfModule(t *testing.T) map[string]*ast.File {
	t.Helper()
	dir := rootOfModule(t)
	files := map[string]*ast.File{}
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		base := entry.Name()
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != dir && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata"):
			return filepath.SkipDir // as the go command does
		case entry.IsDir() || !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go"):
			return nil
		}
		tree, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		files[filepath.ToSlash(rel)] = tree
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// rootOfModule returns the folder of the module, which has go.mod.
func rootOfModule(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test's folder")
		}
		dir = filepath.Dir(dir)
	}
}
