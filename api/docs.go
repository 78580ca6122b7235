package api

import (
	"fmt"

	"github.com/cyclecal/cyclecal/api/page"
	"github.com/cyclecal/cyclecal/cycle"
)

// docs shows the surface to people.
func (s *server) docs(*call) (result, error) {
	var list []page.Endpoint
	for _, rt := range s.list {
		e := page.Endpoint{Path: rt.path, Summary: rt.summary, Example: rt.example}
		for _, p := range rt.params {
			e.Params = append(e.Params, page.Param{Name: p.name, Doc: p.doc})
		}
		list = append(list, e)
	}
	body, err := page.Docs(list)
	return result{body: body, policy: page.Policy}, err
}

// asset serves what the pages load.
func (c *call) asset() (result, error) {
	body, ok := page.Asset(c.r.PathValue("file"))
	if !ok {
		return result{}, fmt.Errorf("file %q: %w", clip(c.r.PathValue("file")), cycle.ErrNotFound)
	}
	return result{body: body}, nil
}
