package api_test

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle"
)

var schemaPointer = strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D")

// schemas finds the schema of an answer in the served document.
type schemas struct {
	*jsonschema.Compiler
	description
}

func newSchemas(t testing.TB) schemas {
	t.Helper()
	d := describe(t)
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(d.raw))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	if err := compiler.AddResource("https://cal.example.com/openapi.json", doc); err != nil {
		t.Fatal(err)
	}
	return schemas{compiler, d}
}

// validate checks an answer of a route against the document.
func (s schemas) validate(t *testing.T, request string, answer reply) {
	t.Helper()
	route, method := answer.route, strings.ToLower(answer.Request.Method)
	media, _, _ := strings.Cut(answer.Header.Get("Content-Type"), ";")
	responses, status := s.Paths[route][method].Responses, strconv.Itoa(answer.StatusCode)
	if answer.StatusCode >= http.StatusBadRequest {
		status = "default"
	}
	if r, ok := responses[status]; ok && r.Content == nil && answer.body == "" {
		return
	}
	if _, ok := responses[status].Content[media]; !ok {
		t.Errorf("%s = %d %s: the document has no such answer of %s", request, answer.StatusCode, media, route)
		return
	}
	if !strings.HasSuffix(media, "json") {
		return
	}
	at := "/paths/" + schemaPointer.Replace(route) + "/" + method + "/responses/" + status + "/content/" + schemaPointer.Replace(media) + "/schema"
	compiled, err := s.Compile("https://cal.example.com/openapi.json#" + at)
	if err != nil {
		t.Fatalf("schema at %s: %v", at, err)
	}
	body, err := jsonschema.UnmarshalJSON(strings.NewReader(answer.body))
	if err != nil {
		t.Fatalf("%s = %.200s: %v", request, answer.body, err)
	}
	if err := compiled.Validate(body); err != nil {
		t.Errorf("%s: %v", request, err)
	}
}

// Every answer to a script is one that the document describes, the problems too.
func TestAnswersMatchTheDocument(t *testing.T) {
	all := newSchemas(t)
	for _, file := range scripts(t) {
		archive := readScript(t, file)
		c := fleetConfig(t)
		c.Now = newClock(t, nowOf(archive)).time
		s := newSite(t, c)
		for _, f := range archive.Files {
			q := parseRequest(t, f.Name)
			answer := s.send(q)
			encoded := answer.Header.Get("Content-Encoding") != ""
			if _, ok := all.Paths[answer.route]; ok && q.method != http.MethodHead && q.method != http.MethodOptions && answer.StatusCode != http.StatusNotModified && !encoded {
				all.validate(t, f.Name, answer)
			}
		}
	}
}

// Answers tell how old the sources are only where some are fetched, and as the document says.
func TestSourcesInAnswers(t *testing.T) {
	all := newSchemas(t)
	c := fleetConfig(t)
	ages := []api.SourceAge{{ID: "a", Name: "A <list>", CheckedOn: cycle.DateOf(2026, 11, 22)}, {ID: "b", Name: "a page", Stale: true}}
	c.Source = api.NewSnapshot(api.Contents{Revision: 1, Facts: builtIn(t), Sources: ages})
	s := newSite(t, c)
	for _, target := range []string{
		"GET /api/v1/next", "GET /api/v1/schedule", "GET /api/v1/tracks/windows-11-24h2",
		"GET /api/v1/eligibility?vbs=true", `POST /api/v1/eligibility | {"vbs":true}`,
	} {
		answer := s.send(parseRequest(t, target))
		all.validate(t, target, answer)
		want := `"sources":[{"source":"a","checked_on":"2026-11-22","stale":false},{"source":"b","checked_on":null,"stale":true}]}}`
		if !strings.Contains(answer.body, want) {
			t.Errorf("%s = %s, want it to end with %s", target, answer.body, want)
		}
	}
	want := "Sources: A &lt;list&gt; read on 22 Nov 2026, a page not read yet <b>(stale)</b>."
	if page := s.send(parseRequest(t, "GET /")); !strings.Contains(page.body, want) {
		t.Errorf("the page does not say %q", want)
	}
}

// Problems that belong to no route are problem documents as well.
func TestProblemsMatchTheDocument(t *testing.T) {
	all := newSchemas(t)
	s := newSite(t, api.Config{})
	compiled, err := all.Compile("https://cal.example.com/openapi.json#/components/schemas/Problem")
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []request{
		{method: "GET", target: "/nothing"},
		{method: "POST", target: "/api/v1/tracks"},
		{method: "GET", target: "/api/v1/tracks?" + strings.Repeat("x", 9000)},
		{method: "GET", target: "/api/v1/tracks?x=%ff&y=%zz"},
		{method: "GET", target: "/api/v1/tracks", headers: []string{"Accept: image/png"}},
	} {
		answer := s.send(q)
		body, err := jsonschema.UnmarshalJSON(strings.NewReader(answer.body))
		if err != nil {
			t.Fatalf("%s %.60s = %q: %v", q.method, q.target, answer.body, err)
		}
		if err := compiled.Validate(body); err != nil {
			t.Errorf("%s %.60s: %v", q.method, q.target, err)
		}
	}
}
