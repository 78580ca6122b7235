package api

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/cyclecal/cyclecal/cycle"
)

// dashboards are a Grafana dashboard and recipes for other tools, made to be taken as they are.
//
//go:embed dashboards
var dashboards embed.FS

// assumedAddress stands in the files where ours belongs.
const assumedAddress = "http://127.0.0.1:8080"

// plainAddress is an address that needs no escaping in any of their languages.
var plainAddress = regexp.MustCompile(`^https?://[A-Za-z0-9._:\[\]-]+$`)

// dashboard serves one of them, with the address of this service in it where it is known.
func (c *call) dashboard() (result, error) {
	name := c.r.PathValue("file")
	body, err := dashboards.ReadFile("dashboards/" + name)
	if err != nil || strings.Contains(name, ".test.") {
		return result{}, fmt.Errorf("file %q: %w: want one of %s", clip(name), cycle.ErrNotFound, strings.Join(dashboardFiles(), ", "))
	}
	if plainAddress.MatchString(c.site.BaseURL) {
		body = bytes.ReplaceAll(body, []byte(assumedAddress), []byte(c.site.BaseURL))
	}
	return result{body: body, media: dashboardMedia(name), filename: name}, nil
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
	entries, err := dashboards.ReadDir("dashboards")
	if err != nil {
		return nil
	}
	var names []string
	for _, entry := range entries {
		if !strings.Contains(entry.Name(), ".test.") { // for promtool
			names = append(names, entry.Name())
		}
	}
	return names
}
