package api

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/go-chi/chi/v5"

	"github.com/cyclecal/cyclecal/api/page"
	"github.com/cyclecal/cyclecal/cycle"
)

// Copy is the public site as files, for hosts that only serve files. Each file is the answer of a
// route; in pages, links lead to files. It may be used by several goroutines.
type Copy struct {
	server   *server
	snapshot *Snapshot
	day      cycle.Date
	rings    []cycle.Ring // the rings that the pages calculate
	named    []cycle.Ring // the rings that were asked for by name
	byTarget map[string]*copied
	byName   map[string]*copied
}

// copied is one file: an answer and where it lies.
type copied struct {
	name   string
	route  *route
	path   string
	values map[string]string // of the path's placeholders
	query  url.Values
	ring   string // the days of the ring that a page calculates, 9/5/2, or ""
}

// NewCopy lists the files of a copy, which has pages and feeds for each of the rings too. The clock of
// the configuration should stand still, so that all files are made at the same instant.
// It returns an error for a route of which it isn't known whether it belongs in a copy.
func NewCopy(c Config, rings []cycle.Ring) (*Copy, error) {
	s, err := newServer(c)
	if err != nil {
		return nil, err
	}
	x := &Copy{
		server: s, snapshot: c.Source.Snapshot(), named: rings, rings: page.Rings(rings),
		byTarget: map[string]*copied{}, byName: map[string]*copied{},
	}
	s.copy = x
	x.day = cycle.DateIn(s.Now(), s.zone)
	for _, rt := range s.list {
		if rt.notCopied() != "" {
			continue
		}
		if err := x.addRoute(rt); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// Names returns the names of all files, with slashes, in order.
func (x *Copy) Names() []string { return slices.Sorted(maps.Keys(x.byName)) }

// File returns the contents of a file.
// Its error matches cycle.ErrNotFound if the copy has no file of that name.
func (x *Copy) File(ctx context.Context, name string) ([]byte, error) {
	f, ok := x.byName[name]
	if !ok {
		return nil, fmt.Errorf("%s: %w", name, cycle.ErrNotFound)
	}
	body, err := x.body(ctx, f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return body, nil
}

func (x *Copy) body(ctx context.Context, f *copied) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, (&url.URL{Path: f.path, RawQuery: f.query.Encode()}).String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	for name, value := range f.values {
		r.SetPathValue(name, value)
	}
	a, err := x.server.fill(f.route, r, reader{}, x.snapshot, x.server.Now())
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(a.header, func(f field) bool { return f.name == "Link" }) {
		return nil, errors.New("the answer goes on on another page: want one that is whole")
	}
	if f.route.media != mediaHTML {
		return a.plain.body, nil
	}
	return page.Copied(a.plain.body, x.day, func(target string) (string, error) { return x.link(f, target) })
}

// link returns the relative address of what a link in a file leads to, "" where only a service can answer.
func (x *Copy) link(from *copied, target string) (string, error) {
	u, err := url.Parse(target)
	if err != nil {
		return "", err
	}
	to := x.find(u, from.ring)
	switch {
	case to != nil:
		return relative(from.name, to.name) + (&url.URL{Fragment: u.Fragment}).String(), nil
	case !x.server.mux.Match(chi.NewRouteContext(), http.MethodGet, u.Path):
		return "", fmt.Errorf("link to %s, where nothing is", target)
	}
	return "", nil
}

// address returns the path of the file that has the answer of a target, or the target itself if there
// is none.
func (x *Copy) address(target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return target
	}
	to := x.find(u, "")
	if to == nil && strings.HasPrefix(u.Path, apiPath) {
		to = x.byTarget[u.Path] // the file without parameters has everything
	}
	if to == nil {
		return target
	}
	return (&url.URL{Path: "/" + to.name, Fragment: u.Fragment}).String()
}

// find returns the file of a target, or nil. There are no files for a ring's days in another year or
// month, as these would be too many: from a page that calculates a ring, a link to a year or a month
// leads to the page without the ring, and a link to another ring leads to the page without year and month.
func (x *Copy) find(u *url.URL, ring string) *copied {
	if f := x.byName[strings.TrimPrefix(u.Path, "/")]; f != nil && u.RawQuery == "" {
		return f
	}
	query := u.Query()
	if !query.Has("deferral") && !query.Has("year") && !query.Has("month") {
		return x.byTarget[targetOf(u.Path, query)]
	}
	asked := url.Values{}
	shown := query.Get("deferral") + "/" + query.Get("deadline") + "/" + query.Get("grace")
	switch {
	case query.Has("deferral") && (shown != ring || !query.Has("year") && !query.Has("month")):
		query.Del("year")
		query.Del("month")
		return x.byTarget[targetOf(u.Path, query)]
	case query.Has("month"):
		asked.Set("month", query.Get("month")) // of which the year follows
	default:
		asked.Set("year", query.Get("year"))
	}
	for _, name := range []string{"deferral", "deadline", "grace", "year", "month"} {
		query.Del(name)
	}
	maps.Copy(asked, query)
	return x.byTarget[targetOf(u.Path, asked)]
}

func targetOf(path string, query url.Values) string { return path + marked(query.Encode()) }

// relative returns the address of a file relative to another file.
func relative(from, to string) string {
	there := strings.Split(to, "/")
	here := strings.Split(from, "/")
	for len(there) > 1 && len(here) > 1 && there[0] == here[0] {
		there, here = there[1:], here[1:]
	}
	return strings.Repeat("../", len(here)-1) + strings.Join(there, "/")
}

// isDevice matches a path with a name that is a device of Windows, whatever follows its first dot.
var isDevice = regexp.MustCompile(`(?i)(^|/)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|/|$)`)

// add takes a file into the copy.
func (x *Copy) add(f *copied) error {
	if !fs.ValidPath(f.name) || strings.ContainsAny(f.name, `\:{}`) || isDevice.MatchString(f.name) {
		return fmt.Errorf("route %s would become the file %q: want a name that every system takes", f.route.path, f.name)
	}
	if other := x.byName[f.name]; other != nil {
		return fmt.Errorf("routes %s and %s would become the same file %s", other.route.path, f.route.path, f.name)
	}
	x.byName[f.name] = f
	target := targetOf(f.path, f.query)
	x.byTarget[target] = f
	if f.route.ranged() && f.query.Get("ring") == "" {
		x.byTarget[f.path] = f
	}
	return nil
}
