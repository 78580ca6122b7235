package api

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/cyclecal/cyclecal/api/auth"
	"github.com/cyclecal/cyclecal/cycle"
)

// aheadCopied is how many months ahead a copy has at least: as many as a feed.
const aheadCopied = 18

// notCopied says why a copy lacks a route, or "" if it has it.
func (rt *route) notCopied() string {
	switch {
	case rt.method != http.MethodGet:
		return "is no file"
	case rt.needs > auth.Public:
		return "needs a token"
	case rt.private:
		return "is for who has its secret"
	case rt.probe != nil:
		return "is about the program that runs"
	case rt.document:
		return "is for who edits it: the list has it"
	}
	return rt.uncopied
}

// ranged reports whether a route without parameters answers only with some months. A copy has all of
// them.
func (rt *route) ranged() bool { return strings.TrimSuffix(rt.path, ".csv") == apiPath+"/schedule" }

// pages reports whether a route is a page of the schedule.
func (rt *route) pages() bool {
	return rt.media == mediaHTML && has(rt.params, "deferral")
}

// addRoute takes all files of a route into the copy.
func (x *Copy) addRoute(rt *route) error {
	places, err := x.places(rt)
	if err != nil {
		return err
	}
	for _, values := range places {
		f := &copied{route: rt, path: filled(rt.path, values), values: values, query: url.Values{}}
		f.name = fileName(rt, f.path)
		if rt.ranged() {
			first, last := x.span(values["track"])
			f.query.Set("from", first.String())
			f.query.Set("to", last.String())
		}
		for _, f := range append([]*copied{f}, x.variants(f)...) {
			if err := x.add(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// places returns the values of the placeholders of a path, once for each file.
func (x *Copy) places(rt *route) ([]map[string]string, error) {
	list := []map[string]string{{}}
	for _, found := range placeholder.FindAllStringSubmatch(rt.path, -1) {
		var longer []map[string]string
		for _, values := range list {
			names, err := x.placesOf(rt, found[1], values)
			if err != nil {
				return nil, err
			}
			for _, name := range names {
				more := maps.Clone(values)
				more[found[1]] = name
				longer = append(longer, more)
			}
		}
		list = longer
	}
	return list, nil
}

func (x *Copy) placesOf(rt *route, name string, values map[string]string) ([]string, error) {
	switch {
	case rt.names != nil:
		return rt.names, nil
	case name == "track":
		return x.snapshot.ids, nil
	case name == "tracks":
		return append([]string{"all"}, x.snapshot.ids...), nil
	case name == "month":
		return x.months(values["track"]), nil
	}
	return nil, fmt.Errorf("route %s: nobody says what {%s} can be: want names in the table of routes, or a reason why a copy does without", rt.path, name)
}

// span returns the first and the last month that a copy has of a track, or of all tracks for "".
func (x *Copy) span(track string) (first, last cycle.Month) {
	last = cycle.MonthOf(x.day.Month().AddMonths(aheadCopied).Year(), 12) // as a page shows a year
	for _, f := range x.snapshot.Facts {
		t := f.Track
		if t.ID != track && track != "" {
			continue
		}
		if first.IsZero() || t.FirstMonth.Before(first) {
			first = t.FirstMonth
		}
		if track != "" && !t.LastMonth.IsZero() && t.LastMonth.Before(last) {
			last = t.LastMonth
		}
	}
	if last.Before(first) { // a track that is yet to begin
		last = cycle.MonthOf(first.Year(), 12)
	}
	if first.MonthsUntil(last) >= mostMonths {
		first = last.AddMonths(1 - mostMonths)
	}
	return first, last
}

// months returns the months of span.
func (x *Copy) months(track string) []string {
	var list []string
	first, last := x.span(track)
	for m := first; !m.After(last); m = m.AddMonths(1) {
		list = append(list, m.String())
	}
	return list
}

// variants are the additional files of a path, in place of parameters.
func (x *Copy) variants(f *copied) []*copied {
	var list []*copied
	add := func(name, parameter, value string) {
		v := *f
		v.name, v.query = name, maps.Clone(f.query)
		v.query.Set(parameter, value)
		list = append(list, &v)
	}
	suffix := path.Ext(f.name)
	stem := strings.TrimSuffix(f.name, suffix)
	switch {
	case f.route.pages():
		return x.pageVariants(f)
	case f.route.media == mediaCalendar:
		add(stem+".restarts"+suffix, "restart", "true")
		for _, r := range x.rings {
			add(fmt.Sprintf("%s.days-%d-%d-%d%s", stem, r.Deferral, r.Deadline, r.Grace, suffix), "ring", "mine:"+days(r))
		}
		fallthrough
	case f.route.ranged():
		for _, r := range x.named {
			add(stem+".ring-"+r.Name+suffix, "ring", r.String())
		}
	}
	return list
}

// pageVariants are a page's years, months and rings.
func (x *Copy) pageVariants(f *copied) []*copied {
	var list []*copied
	folder := strings.TrimSuffix(f.name, "index.html")
	add := func(name, ring string, query url.Values) {
		v := *f
		v.name, v.ring, v.query = folder+name+"/index.html", ring, query
		list = append(list, &v)
	}
	first, last := x.span("")
	for year := first.Year(); year <= last.Year(); year++ {
		text := cycle.MonthOf(year, 1).String()[:4]
		add("years/"+text, "", url.Values{"year": {text}})
	}
	for _, month := range x.months(f.values["track"]) {
		add("months/"+month, "", url.Values{"month": {month}})
	}
	for _, r := range x.rings {
		add("rings/"+strings.ReplaceAll(days(r), "/", "-"), days(r), url.Values{
			"deferral": {strconv.Itoa(r.Deferral)}, "deadline": {strconv.Itoa(r.Deadline)}, "grace": {strconv.Itoa(r.Grace)},
		})
	}
	return list
}

// days are those of a ring as an address has them: 9/5/2.
func days(r cycle.Ring) string { return strings.TrimPrefix(r.String(), r.Name+":") }

// filled puts values in place of a path's placeholders.
func filled(path string, values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(path, func(s string) string { return values[s[1:len(s)-1]] })
}

// fileName returns the file of a route's path: its end tells every host what it is.
func fileName(rt *route, path string) string {
	name := strings.TrimPrefix(path, "/")
	switch {
	case rt.media == mediaHTML && name == "":
		return "index.html"
	case rt.media == mediaHTML:
		return name + "/index.html"
	case rt.media == mediaJSON && !strings.HasSuffix(name, ".json"):
		return name + ".json"
	}
	return name
}

// serverURL is the address to which paths in the OpenAPI document are relative: a copy may lie in a folder.
func (s *server) serverURL() string {
	if s.copy == nil {
		return "/"
	}
	return s.BaseURL
}

// located returns the public address of a path with its query.
func (s *server) located(target string) string {
	if s.copy != nil {
		target = s.copy.address(target)
	}
	return s.BaseURL + target
}
