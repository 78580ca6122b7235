package api

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/cyclecal/cyclecal/api/auth"
	"github.com/cyclecal/cyclecal/api/page"
	"github.com/cyclecal/cyclecal/cycle"
)

// docs shows the surface to people.
func (s *server) docs(*call) (result, error) {
	var list []page.Endpoint
	for _, rt := range s.described() {
		e := page.Endpoint{Method: rt.method, Path: rt.path, Summary: rt.summary, Example: followable(rt)}
		if rt.needs > auth.Public {
			e.Role = rt.needs.String()
		}
		if !rt.private { // its parameters are stored
			for _, p := range rt.params {
				e.Params = append(e.Params, page.Param{Name: p.name, Doc: p.doc})
			}
		}
		list = append(list, e)
	}
	body, err := page.Docs(s.Topics, list)
	return result{body: body}, err
}

// described are the routes that /docs and the OpenAPI document describe: in a copy, its files.
func (s *server) described() []*route {
	if s.copy == nil {
		return s.list
	}
	var list []*route
	for _, rt := range s.list {
		if rt.notCopied() != "" {
			continue
		}
		file := *rt
		example, _, _ := strings.Cut(rt.example, "?")
		file.path, file.example, file.params, file.copied = "/"+fileName(rt, rt.path), "/"+fileName(rt, example), nil, true
		if s.copy.byName[file.example[1:]] == nil && !strings.Contains(example, "{") {
			file.example = file.path // of a track that this service has not
		}
		list = append(list, &file)
	}
	return list
}

// topic shows a text that explains something.
func (s *server) topic(c *call) (result, error) {
	name := c.r.PathValue("topic")
	i := slices.IndexFunc(s.Topics, func(t page.Topic) bool { return t.Name == name })
	if i < 0 {
		return result{}, fmt.Errorf("topic %q: %w: want one of %s", clip(name), cycle.ErrNotFound, strings.Join(s.topicNames(), ", "))
	}
	t := s.Topics[i]
	t.Text = s.addressed(t.Text)
	body, err := page.Help(t, s.Topics)
	return result{body: body}, err
}

func (s *server) topicNames() []string {
	names := make([]string, len(s.Topics))
	for i, t := range s.Topics {
		names[i] = t.Name
	}
	return names
}

// followable returns an address of the route that everybody can follow, or "".
func followable(rt *route) string {
	if rt.method != http.MethodGet || rt.needs > auth.Public || strings.Contains(rt.example, "{") {
		return ""
	}
	return rt.example
}
