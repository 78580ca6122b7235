package api

import (
	"cmp"
	"embed"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// dashboards are a Grafana dashboard, and recipes and rules for other tools.
//
//go:embed dashboards
var dashboards embed.FS

// assumedAddress is the address that the files, and the texts of help, have in place of this service's.
const assumedAddress = "http://127.0.0.1:8080"

// plainAddress matches an address that needs no escaping in any of the files' languages.
var plainAddress = regexp.MustCompile(`^https?://[A-Za-z0-9._:\[\]-]+$`)

// dashboard serves one of them, with the address of this service in it where it is known.
func (c *call) dashboard() (result, error) {
	name, names := c.r.PathValue("file"), dashboardFiles()
	if !slices.Contains(names, name) {
		return result{}, fmt.Errorf("file %q: %w: want one of %s", clip(name), cycle.ErrNotFound, strings.Join(names, ", "))
	}
	body, err := dashboards.ReadFile("dashboards/" + name)
	return result{body: []byte(c.site.addressed(string(body))), media: dashboardMedia(name), filename: name}, err
}

// addressed puts the address of this service into a text, if it is known. A copy is files, and has no
// address that a tool could ask.
func (s *server) addressed(text string) string {
	if s.copy != nil || !plainAddress.MatchString(s.BaseURL) {
		return text
	}
	return strings.ReplaceAll(text, assumedAddress, s.BaseURL)
}

func dashboardMedia(name string) string {
	media := map[string]string{".json": mediaJSON, ".yml": "application/yaml"}[path.Ext(name)]
	return cmp.Or(media, "text/plain; charset=utf-8")
}

// dashboardMedias are the media types of them all.
func dashboardMedias() []string {
	var list []string
	for _, name := range dashboardFiles() {
		list = append(list, dashboardMedia(name))
	}
	return list
}

// dashboardFiles lists what there is.
func dashboardFiles() []string {
	entries, _ := dashboards.ReadDir("dashboards") // it is part of the program
	var names []string
	for _, entry := range entries {
		if !strings.Contains(entry.Name(), ".test.") { // for promtool
			names = append(names, entry.Name())
		}
	}
	return names
}
