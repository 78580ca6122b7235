package api

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/cyclecal/cyclecal/api/auth"
	"github.com/cyclecal/cyclecal/cycle"
)

// resource is one kind of document on the surface.
type resource struct {
	kind, one     string
	param         string    // the placeholder of its id in the path
	reads, writes auth.Role // the roles that may
	secret        bool      // it has a secret
}

var resources = []resource{
	{kind: "tracks", one: "track", param: "track", writes: auth.Editor},
	{kind: "releases", one: "release", param: "id", writes: auth.Editor},
	{kind: "notices", one: "notice", param: "id", writes: auth.Editor},
	{kind: "rings", one: "ring", param: "id", reads: auth.Viewer, writes: auth.Editor},
	{kind: "freezes", one: "freeze", param: "id", reads: auth.Viewer, writes: auth.Editor},
	{kind: "feeds", one: "private feed", param: "id", reads: auth.Admin, writes: auth.Admin, secret: true},
	{kind: "tokens", one: "token", param: "id", reads: auth.Admin, writes: auth.Admin, secret: true},
}

// documentRow is a stored document in a list.
type documentRow struct {
	Kind     string          `json:"kind" enum:"tracks,releases,notices,rings,freezes,feeds,tokens"`
	ID       string          `json:"id"`
	Version  int64           `json:"version" doc:"the revision that wrote it"`
	Document json.RawMessage `json:"document" doc:"the document in its canonical form"`
}

// documentList lists the stored documents that the bearer may see.
func (c *call) documentList() (result, error) {
	rows := []documentRow{}
	for _, kind := range resources {
		if c.role < kind.reads {
			continue
		}
		for _, d := range c.snapshot.Documents[kind.kind] {
			if d.Version > 0 {
				rows = append(rows, documentRow{d.kind, d.id, d.Version, d.JSON})
			}
		}
	}
	return result{data: rows}, nil
}

// document shows one document.
func (c *call) document(kind resource) (result, error) {
	id := c.r.PathValue(kind.param)
	d, ok := c.snapshot.document(kind.kind, id)
	if !ok {
		return result{}, fmt.Errorf("%s %q: %w: %s/%s lists those there are", kind.one, clip(id), cycle.ErrNotFound, apiPath, kind.kind)
	}
	return d.result()
}

// result is a pure function of the document, so that its version is the ETag.
func (d Document) result() (result, error) {
	body, err := writeJSON(documentAnswer{Data: d.JSON, Meta: documentMeta{d.Version}})
	tag := d.tag()
	if d.Version == 0 { // a fact of the ground may differ in the next version of the program
		tag += "-"
	}
	return result{body: body, tag: tag}, err
}

// tag is the version as an ETag, without its quotes.
func (d Document) tag() string { return strconv.FormatInt(d.Version, 10) }

// documentAnswer is how one document is answered.
type documentAnswer struct {
	Data   json.RawMessage `json:"data"`
	Meta   documentMeta    `json:"meta"`
	Secret string          `json:"secret,omitempty"`
	URL    string          `json:"url,omitempty"`
}

// withSecret returns the answer with its secret in its data too.
func (a documentAnswer) withSecret() (documentAnswer, error) {
	if a.Secret == "" {
		return a, nil
	}
	told, err := json.Marshal(struct {
		Secret string `json:"secret"`
		URL    string `json:"url,omitempty"`
	}{a.Secret, a.URL})
	if err != nil {
		return documentAnswer{}, err
	}
	// Both are objects, and neither is empty.
	a.Data = slices.Concat(a.Data[:len(a.Data)-1], []byte(","), told[1:])
	return a, nil
}

type documentMeta struct {
	Revision int64 `json:"revision" doc:"the revision that wrote the document, which is its version; 0 for a fact of the built-in history"`
}

// noticeList lists the notices of all tracks, as known on a day.
func (c *call) noticeList() (result, error) {
	tracks, view := c.q.tracks(c.snapshot), c.asOf()
	rows := []noticeRow{}
	for _, s := range view.of(tracks) {
		for _, n := range s.Notices() {
			rows = append(rows, viewNotice(n))
		}
	}
	return result{data: rows, view: view}, nil
}

// listed answers with the documents of a kind.
func listed[T any](kind string) func(*call) (result, error) {
	return func(c *call) (result, error) {
		list, err := documentRows[T](c, kind)
		return result{data: list}, err
	}
}

// documentRows returns the documents of a kind as rows of a list.
func documentRows[T any](c *call, kind string) ([]T, error) {
	list := []T{}
	for _, d := range c.snapshot.Documents[kind] {
		var row T
		if err := json.Unmarshal(d.JSON, &row); err != nil {
			return nil, fmt.Errorf("%s %q: %w", d.kind, d.id, err)
		}
		list = append(list, row)
	}
	return list, nil
}

// feedList lists the private feeds and who has fetched them, never their secrets.
func (c *call) feedList() (result, error) {
	list, err := documentRows[feedRow](c, "feeds")
	if err != nil {
		return result{}, err
	}
	if c.site.Documents == nil {
		return result{data: list}, nil
	}
	fetches, err := c.site.Documents.Fetches(c.r.Context())
	if err != nil {
		return result{}, err
	}
	for i := range list {
		list[i].fetched(fetches[list[i].ID])
	}
	return result{data: list}, nil
}

// fetched sums up who has fetched a feed.
func (row *feedRow) fetched(by []Fetch) {
	row.FetchedBy = []fetchRow{}
	for _, f := range by {
		row.FetchedBy = append(row.FetchedBy, fetchRow(f))
		row.Fetches += f.Count
		if row.LastFetchedOn == nil || f.Day > *row.LastFetchedOn {
			row.LastFetchedOn, row.LastFetchedBy = &f.Day, &f.Client
		}
	}
}
