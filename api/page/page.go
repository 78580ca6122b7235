// Package page renders what people look at as HTML, with templates and a stylesheet that are
// part of the program. Everything here is a pure function; no page loads anything from
// another host, and none needs a script to be read.
package page

import (
	"bytes"
	"embed"
	"html/template"
)

//go:embed assets templates
var files embed.FS

// Policy is the Content-Security-Policy of every page.
const Policy = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Endpoint is a line of the documentation.
type Endpoint struct {
	Path    string
	Summary string
	Example string // an address that can be followed
	Params  []Param
}

// Param is a query parameter of an endpoint.
type Param struct{ Name, Doc string }

// Docs renders the documentation of the HTTP surface.
func Docs(endpoints []Endpoint) ([]byte, error) {
	return render("docs.html", endpoints)
}

// Asset returns a file that pages load. It returns false where there is none of that name.
func Asset(name string) ([]byte, bool) {
	body, err := files.ReadFile("assets/" + name)
	return body, err == nil
}

func render(name string, data any) ([]byte, error) {
	t, err := template.ParseFS(files, "templates/"+name)
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	if err := t.Execute(&buf, data); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
