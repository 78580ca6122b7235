package api_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/api"
)

// description is what a test needs of the served OpenAPI document.
type description struct {
	OpenAPI    string                           `json:"openapi"`
	Info       struct{ Title, Version string }  `json:"info"`
	Paths      map[string]map[string]operation  `json:"paths"`
	Components struct{ Schemas map[string]any } `json:"components"`
	raw        []byte
}

type operation struct {
	Summary     string
	OperationID string
	Parameters  []parameter
	Responses   map[string]response
}

type parameter struct {
	Name, In, Description string
	Required              bool
	Schema                schema
}

type response struct {
	Description string
	Content     map[string]struct{ Schema any }
}

type schema struct {
	Type            string
	Format, Pattern string
	Example         any
	Minimum         *int
	Enum            []string
	Items           *schema
}

func describe(t testing.TB) description {
	t.Helper()
	answer := newSite(t, api.Config{}).get("/openapi.json")
	d := description{raw: []byte(answer.body)}
	if err := json.Unmarshal(d.raw, &d); err != nil {
		t.Fatalf("/openapi.json: %v", err)
	}
	if len(d.Paths) == 0 {
		t.Fatalf("/openapi.json = %.200s, want a document with paths", answer.body)
	}
	return d
}

// TestRoutes holds the surface: what is served is what is described, and both are
// what testdata/routes.txt lists. UPDATE=1 rewrites the list.
func TestRoutes(t *testing.T) {
	d := describe(t)
	paths := slices.Sorted(maps.Keys(d.Paths))
	got := strings.Join(paths, "\n") + "\n"
	checkFile(t, "testdata/routes.txt", got)
	if diff := cmp.Diff(api.Routes(t), paths); diff != "" {
		t.Errorf("paths of /openapi.json (-router +got):\n%s", diff)
	}
}

// Each route is reached under its described path, and each is asked by a script.
func TestRoutesAreReached(t *testing.T) {
	s := newSite(t, fleetConfig(t))
	asked := map[string]bool{}
	for _, file := range scripts(t) {
		for _, f := range readScript(t, file).Files {
			q := parseRequest(t, f.Name)
			if answer := s.send(q); answer.StatusCode < 300 {
				asked[q.method+" "+answer.route] = true
			}
		}
	}
	for path, operations := range describe(t).Paths {
		for method := range operations {
			method = strings.ToUpper(method)
			if answer := s.ask(method, pathOf(path), asAdmin); answer.route != path {
				t.Errorf("%s %s reached route %s, want %s", method, pathOf(path), answer.route, path)
			}
			if !asked[method+" "+path] {
				t.Errorf("no script gets what it wants of %s %s, want one in testdata", method, path)
			}
		}
	}
}

// The document has what OpenAPI 3.1 requires: versions, unique operation ids, every
// placeholder a required path parameter, parameters with schemas, answers with
// descriptions, references that lead somewhere.
func TestDocument(t *testing.T) {
	d := describe(t)
	if !regexp.MustCompile(`^3\.1\.\d+$`).MatchString(d.OpenAPI) || d.Info.Title == "" || d.Info.Version == "" {
		t.Errorf("openapi %q, title %q, version %q, want 3.1.x and neither empty", d.OpenAPI, d.Info.Title, d.Info.Version)
	}
	ids := map[string]string{}
	for path, op := range d.operations() {
		if !strings.Contains(path, " /") {
			t.Errorf("operation %s, want one at a path that begins with /", path)
		}
		if other, twice := ids[op.OperationID]; twice || op.OperationID == "" || op.Summary == "" {
			t.Errorf("operation of %s: id %q (also of %q), summary %q, want its own id and a summary", path, op.OperationID, other, op.Summary)
		}
		ids[op.OperationID] = path
		checkParameters(t, path, op.Parameters)
		for status, r := range op.Responses {
			if r.Description == "" || !regexp.MustCompile(`^([1-5]\d\d|default)$`).MatchString(status) {
				t.Errorf("%s: response %q: description %q, want a status and a description", path, status, r.Description)
			}
		}
	}
	for _, ref := range regexp.MustCompile(`"\$ref":"#/components/schemas/([^"]*)"`).FindAllSubmatch(d.raw, -1) {
		if _, ok := d.Components.Schemas[string(ref[1])]; !ok {
			t.Errorf("reference to schema %s, which is not there", ref[1])
		}
	}
}

// operations are all of the document by method and path.
func (d description) operations() map[string]operation {
	all := map[string]operation{}
	for path, operations := range d.Paths {
		for method, op := range operations {
			all[method+" "+path] = op
		}
	}
	return all
}

func checkParameters(t *testing.T, path string, parameters []parameter) {
	t.Helper()
	var inPath []string
	seen := map[string]bool{}
	for _, p := range parameters {
		if seen[p.In+p.Name] || p.Description == "" || p.Schema.Type == "" || !slices.Contains([]string{"path", "query", "header"}, p.In) {
			t.Errorf("%s: parameter %+v, want it once, in path, query or header, with a description and a type", path, p)
		}
		seen[p.In+p.Name] = true
		if p.In == "path" {
			inPath = append(inPath, "{"+p.Name+"}")
		}
		if p.Required != (p.In == "path") && p.In != "query" { // TestDocumentedParameters leaves those out
			t.Errorf("%s: parameter %s in %s: required = %v", path, p.Name, p.In, p.Required)
		}
	}
	if want := regexp.MustCompile(`\{\w+\}`).FindAllString(path, -1); !slices.Equal(inPath, want) {
		t.Errorf("%s: path parameters %v, want %v", path, inPath, want)
	}
}
