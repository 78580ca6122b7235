// Package page renders what people look at: the schedule, its documentation and
// its errors as HTML, and pictures of it as SVG. Templates, stylesheets and scripts
// are part of the program.
//
// Everything here is a pure function of the schedules and of what was asked for. No
// page loads anything from another host, and each can be read and used without a script,
// except those of the fleet and of devices: a script must send a token, or a list.
package page

import (
	"bytes"
	"embed"
	"html/template"
	"maps"
	"path"
	"slices"
	"sync"
)

//go:embed assets templates
var files embed.FS

// Policy is the Content-Security-Policy of every page.
const Policy = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Endpoint is a line of the documentation.
type Endpoint struct {
	Method  string
	Path    string
	Summary string
	Role    string // the role that a token needs, "" where no token is needed
	Example string // an address that a reader can follow, or ""
	Params  []Param
}

// Param is a query parameter of an endpoint.
type Param struct{ Name, Doc string }

// Docs renders the list of topics, and the documentation of the HTTP surface.
func Docs(topics []Topic, endpoints []Endpoint) ([]byte, error) {
	return render("docs.html", struct {
		Topics    []Topic
		Endpoints []Endpoint
	}{topics, endpoints})
}

// Fleet renders the page for those who have a token. It has no data and is the same for
// everybody: its script asks the service for what it shows.
func Fleet() ([]byte, error) { return render("fleet.html", nil) }

// Devices renders the page that places a list of devices. It has no data: its script sends
// the list to the service and shows the answer.
func Devices() ([]byte, error) { return render("devices.html", nil) }

// Fault is what an error page shows.
type Fault struct {
	Status int
	Title  string
	Detail string
	Links  []Link // where the reader may have wanted to go
}

// Link is an address with its text.
type Link struct {
	Href, Text string
	Here       bool // it leads to the page on which it stands
}

// Problem renders an error for people.
func Problem(f Fault) ([]byte, error) { return render("problem.html", f) }

// media are the media types of the assets. The table of the host may say something else.
var media = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

// Asset returns a file that pages load, and its media type.
// It returns false where there is no file of that name.
func Asset(name string) (body []byte, mediaType string, ok bool) {
	body, err := files.ReadFile("assets/" + name)
	return body, media[path.Ext(name)], err == nil
}

// Assets returns the names of these files.
func Assets() []string {
	list, _ := files.ReadDir("assets") // it is part of the program
	names := make([]string, len(list))
	for i, f := range list {
		names[i] = f.Name()
	}
	return names
}

// AssetMedias returns the media types of these files.
func AssetMedias() []string { return slices.Sorted(maps.Values(media)) }

// templates are parsed once, when the first page is rendered.
var templates = sync.OnceValues(func() (*template.Template, error) {
	return template.ParseFS(files, "templates/*.html")
})

func render(name string, data any) ([]byte, error) {
	t, err := templates()
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	if err := t.ExecuteTemplate(&buf, name, data); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}
