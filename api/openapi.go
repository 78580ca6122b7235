package api

import (
	"net/http"
	"reflect"
	"regexp"
	"strings"

	"github.com/cyclecal/cyclecal/api/auth"
	"github.com/cyclecal/cyclecal/api/windows"
)

// openAPI describes the surface, made of the table of routes and the types of the rows, so that
// it can't tell anything else than they do.
func (s *server) openAPI(*call) (result, error) {
	paths := map[string]map[string]any{}
	for _, rt := range s.described() {
		if paths[rt.path] == nil {
			paths[rt.path] = map[string]any{}
		}
		paths[rt.path][strings.ToLower(rt.method)] = operation(rt)
	}
	body, err := writeJSON(map[string]any{
		"openapi": "3.1.0",
		"info": map[string]any{
			"title": "Cyclecal", "version": "1",
			"description": "Which Windows updates restart machines, and when. Days are calendar days, instants UTC, unknown values null.",
			"license":     map[string]any{"name": "Apache-2.0", "identifier": "Apache-2.0"},
		},
		"servers": []any{map[string]any{"url": s.serverURL()}},
		"paths":   paths,
		"components": map[string]any{"schemas": map[string]any{
			"Problem": schemaOf(reflect.TypeFor[problem]()),
			"Meta":    schemaOf(reflect.TypeFor[meta]()),
		}, "securitySchemes": map[string]any{
			"token": map[string]any{"type": "http", "scheme": "bearer", "description": "a token that an admin has made; roles are viewer, editor and admin"},
		}},
	})
	return result{body: body}, err
}

var (
	placeholder = regexp.MustCompile(`\{(\w+)\}`)

	problemResponse = map[string]any{
		"description": "what was wrong, and what would have been right (RFC 9457), as a page to browsers that ask for what is not data",
		"content": map[string]any{
			"application/problem+json": map[string]any{"schema": ref("Problem")},
			"text/html":                map[string]any{"schema": map[string]any{"type": "string"}},
		},
	}
	pathParams = map[string]string{
		"track":  "track id",
		"tracks": "one track id, several joined by commas, or all",
		"month":  "month, YYYY-MM",
		"build":  "OS build: 26100.3983, 10.0.26100.3983 or 26100.3983 (24H2)",
		"file":   "file name",
		"topic":  "topic, such as subscribe",
		"id":     "what the document is called: 1 to 64 of a-z, 0-9 and -; a release's is track.kb, a notice's track.month",
		"secret": "what was told once, when the feed was made or rotated",
	}
)

func ref(name string) map[string]any {
	return map[string]any{"$ref": "#/components/schemas/" + name}
}

// operation describes one route.
func operation(rt *route) map[string]any {
	params := append(append(pathParameters(rt), queryParameters(rt)...), conditions(rt)...)
	op := map[string]any{"summary": rt.summary, "operationId": operationID(rt), "parameters": params, "responses": responses(rt)}
	if body := requestBody(rt); body != nil {
		op["requestBody"] = body
	}
	if rt.needs > auth.Public {
		op["security"] = []any{map[string]any{"token": []any{}}}
		op["description"] = "Needs a token with the role " + rt.needs.String() + "."
	}
	return op
}

// pathParameters are the placeholders of a path.
func pathParameters(rt *route) []any {
	params := []any{}
	for _, name := range placeholder.FindAllStringSubmatch(rt.path, -1) {
		params = append(params, map[string]any{
			"name": name[1], "in": "path", "required": true, "description": pathParams[name[1]],
			"schema": map[string]any{"type": "string"},
		})
	}
	return params
}

// queryParameters are what may be asked in the query: nothing of a private feed, whose query is stored.
func queryParameters(rt *route) []any {
	if rt.private {
		return nil
	}
	var params []any
	for _, p := range rt.params {
		schema := any(p.schema)
		if p.repeat {
			schema = map[string]any{"type": "array", "items": p.schema}
		}
		one := map[string]any{"name": p.name, "in": "query", "description": p.doc, "schema": schema}
		if p.name == rt.wants {
			one["required"] = true
		}
		params = append(params, one)
	}
	return params
}

// requestBody describes what is sent, nil where nothing is.
func requestBody(rt *route) map[string]any {
	body := func(description, media string, schema map[string]any) map[string]any {
		return map[string]any{
			"required": true, "description": description, "content": map[string]any{media: map[string]any{"schema": schema}},
		}
	}
	switch {
	case rt.upload != "":
		return body("what the answer is computed from; nothing of it is stored", rt.upload, map[string]any{"type": "string"})
	case rt.takes != nil:
		return body("at most 1 MiB", mediaJSON, rt.takes)
	case rt.method == http.MethodPut:
		return body("the document; cyclecal schema prints the schema of each kind", mediaJSON, map[string]any{"type": "object"})
	}
	return nil
}

// conditions are the headers of a write.
func conditions(rt *route) []any {
	if rt.change == nil {
		return nil
	}
	header := func(name, doc string) any {
		return map[string]any{"name": name, "in": "header", "description": doc, "schema": map[string]any{"type": "string"}}
	}
	list := []any{
		header("If-Match", "the ETag that the document must have, or * for any; 412 where it has another"),
		header("Idempotency-Key", "a request repeated with the same key within a day is carried out once; a secret that it made ends, and the repetition tells a new one"),
	}
	if rt.method == http.MethodPut {
		list = append(list, header("If-None-Match", "* where the document must not be there yet"))
	}
	return list
}

// responses describes the answers of a route, by their status.
func responses(rt *route) map[string]any {
	ok := map[string]any{"description": rt.summary, "content": contentOf(rt)}
	if rt.copied { // of whoever serves files nothing else is known
		return map[string]any{"200": ok}
	}
	if rt.probe == nil && rt.compute == nil {
		ok["headers"] = map[string]any{"ETag": map[string]any{"description": "strong", "schema": map[string]any{"type": "string"}}}
	}
	all := map[string]any{"200": ok, "default": problemResponse}
	switch {
	case rt.method == http.MethodDelete:
		delete(all, "200")
		all["204"] = map[string]any{"description": "it is gone"}
	case rt.method == http.MethodPut:
		all["201"] = ok
	case rt.method == http.MethodGet && rt.probe == nil:
		all["304"] = map[string]any{"description": "If-None-Match or If-Modified-Since matched"}
	}
	return all
}

// contentOf describes the body of an answer, by its media type.
func contentOf(rt *route) map[string]any {
	content := map[string]any{}
	add := func(media string, schema map[string]any) {
		media, _, _ = strings.Cut(media, ";")
		content[media] = map[string]any{"schema": schema}
	}
	text, object := map[string]any{"type": "string"}, map[string]any{"type": "object"}
	if rt.medias == nil {
		add(rt.media, bodySchema(rt))
	}
	for _, media := range rt.medias {
		if media == mediaJSON {
			add(media, object)
			continue
		}
		add(media, text)
	}
	if has(rt.params, paramOutput.name) {
		add(mediaList, text)
	}
	if has(rt.params, paramFormat.name) {
		for _, media := range windows.Medias() {
			add(media, text)
		}
		add(mediaJSON, map[string]any{"anyOf": []any{bodySchema(rt), map[string]any{
			"type": "object", "required": []string{"configurations"}, "additionalProperties": false,
			"properties": map[string]any{"configurations": map[string]any{"type": "array", "items": object}},
		}}})
	}
	return content
}

// operationID makes a name of a path: "/api/v1/tracks/{track}" becomes
// "getTracksTrack", the page of the same name "showTracksTrack".
func operationID(rt *route) string {
	var b strings.Builder
	path, data := strings.CutPrefix(rt.path, apiPath)
	verb := strings.ToLower(rt.method)
	if !data {
		verb = "show"
	}
	b.WriteString(verb)
	for word := range strings.FieldsFuncSeq(path, func(r rune) bool { return strings.ContainsRune("/{}.", r) }) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}
