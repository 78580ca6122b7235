package api

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/cyclecal/cyclecal/api/windows"
	"github.com/cyclecal/cyclecal/cycle"
)

// has reports whether a parameter is among those of a route.
func has(params []param, name string) bool {
	return slices.ContainsFunc(params, func(p param) bool { return p.name == name })
}

// query reads the parameters of one request and collects everything wrong with them.
type query struct {
	params []param
	values url.Values
	faults []fault
	secret bool // it asks for something that needs a token
	moving bool // it names an instant, as dashboards do: another one at each refresh
}

// newQuery checks that the query has only documented parameters, and each of them once
// unless it may be repeated.
func newQuery(raw string, params []param) *query {
	q := &query{params: params}
	values, err := url.ParseQuery(raw)
	if err != nil {
		q.fail("query", "%v: want name=value pairs joined by &, percent-encoded", err)
	}
	q.values = values
	for _, name := range slices.Sorted(maps.Keys(values)) {
		i := slices.IndexFunc(params, func(p param) bool { return p.name == name })
		switch {
		case !utf8.ValidString(name):
			q.fail("query", "a name is not UTF-8: want %s", oneParam(params))
		case i < 0:
			q.fail(clip(name), "unknown parameter: want %s", oneParam(params))
		case len(values[name]) > 1 && !params[i].repeat:
			q.fail(name, "given %d times: want it once", len(values[name]))
		case !utf8.ValidString(strings.Join(values[name], "")):
			q.fail(name, "not UTF-8: want percent-encoded UTF-8")
		}
	}
	return q
}

// oneParam says which parameters would have been right.
func oneParam(params []param) string {
	if len(params) == 0 {
		return "no parameter at all"
	}
	return "one of " + names(params)
}

func names(params []param) string {
	list := make([]string, len(params))
	for i, p := range params {
		list[i] = p.name
	}
	return strings.Join(list, ", ")
}

// clip shortens what a stranger wrote for an error or a log, and replaces characters that a terminal would obey.
func clip(s string) string {
	const most = 60
	n, plain, end := 0, true, ""
	for i, r := range s {
		if n == most {
			s, end = s[:i], "…"
			break
		}
		plain = plain && ' ' <= r && r <= '~'
		n++
	}
	if plain { // nearly always
		return s + end
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return utf8.RuneError
		}
		return r
	}, s) + end
}

// mostFaults bounds what one answer says: a stranger may send a thousand wrong names.
const mostFaults = 16

func (q *query) fail(parameter, format string, args ...any) {
	switch len(q.faults) {
	case mostFaults:
		q.faults = append(q.faults, fault{Parameter: "query", Detail: "there is more that is wrong: want the above put right first"})
	case mostFaults + 1:
	default:
		q.faults = append(q.faults, fault{Parameter: parameter, Detail: fmt.Sprintf(format, args...)})
	}
}

// err returns what was wrong, if anything.
func (q *query) err() error {
	switch {
	case len(q.faults) == 0:
		return nil
	case q.secret:
		return unauthorized(badRequest(q.faults...).Detail)
	}
	return badRequest(q.faults...)
}

// canonical returns the query as it would be written in one spelling only.
func (q *query) canonical() string { return q.values.Encode() }

// all returns the values of a repeatable parameter. It panics for one that the
// route does not document, so that no route reads what it does not list.
func (q *query) all(name string) []string {
	if !has(q.params, name) {
		panic("undocumented parameter " + name)
	}
	return q.values[name]
}

// read returns the value of a parameter, or missing where it is not given.
func read[T any](q *query, name string, missing T, parse func(string) (T, error)) T {
	values := q.all(name)
	if len(values) == 0 {
		return missing
	}
	value, err := parse(values[0])
	if err != nil {
		q.fail(name, "%v", err)
		return missing
	}
	return value
}

func (q *query) month(name string, missing cycle.Month) cycle.Month {
	return read(q, name, missing, cycle.ParseMonth)
}

func (q *query) date(name string, missing cycle.Date) cycle.Date {
	return read(q, name, missing, cycle.ParseDate)
}

func (q *query) kind() cycle.Kind { return read(q, "kind", 0, cycle.ParseKind) }

// restart returns whether only what restarts, or only what does not, is wanted.
func (q *query) restart() cycle.Restart {
	return read(q, "restart", cycle.RestartUnknown, func(s string) (cycle.Restart, error) {
		yes, err := cycle.ParseBool(s)
		if yes {
			return cycle.RestartNeeded, err
		}
		return cycle.RestartNotNeeded, err
	})
}

func (q *query) number(name string, missing, least, most int) int {
	return read(q, name, missing, func(s string) (int, error) {
		n, err := strconv.Atoi(s)
		if err != nil || strconv.Itoa(n) != s || n < least || n > most {
			return 0, &cycle.InvalidError{What: "number", Value: s, Want: fmt.Sprintf("%d to %d", least, most)}
		}
		return n, nil
	})
}

// zone returns the one that was asked for, or nil: then each track has its own.
func (q *query) zone() *time.Location { return read(q, "tz", nil, parseZone) }

func parseZone(name string) (*time.Location, error) {
	zone, err := cycle.ParseZone(name)
	if err == nil {
		return zone, nil
	}
	if want := windows.WantZone(name); want != "" {
		err = &cycle.InvalidError{What: "time zone", Value: name, Want: want}
	}
	return nil, err
}

// zoneOf returns where instants become days for a track: the zone that was asked for, or that of its rule.
func zoneOf(asked *time.Location, s cycle.Schedule) *time.Location {
	return cmp.Or(asked, s.Track().Rule.Zone)
}

// instant reads an RFC 3339 instant.
func (q *query) instant(name string, missing time.Time) time.Time {
	return read(q, name, missing, parseInstant)
}

const mostMonths = 600

// months returns the range of a schedule: this month and the next 11 where
// nothing else is asked for.
func (q *query) months(now cycle.Month, zone *time.Location) (from, to cycle.Month) {
	from = q.monthOf("from", now, zone)
	to = q.monthOf("to", from.AddMonths(11), zone)
	q.checkRange(from, to)
	return from, to
}

func (q *query) checkRange(from, to cycle.Month) {
	if to.Before(from) {
		usual := ""
		if !q.values.Has("from") {
			usual = " where it is not given"
		}
		q.fail("to", "%s comes before from, which is %s%s: want from at or before to", to, from, usual)
	}
	if n := from.MonthsUntil(to) + 1; n > mostMonths {
		q.fail("to", "%d months from %s: want at most %d, so at most %s", n, from, mostMonths, from.AddMonths(mostMonths-1))
	}
}

// tracks returns the indexes of the tracks that are asked for, or of all tracks if none is.
func (q *query) tracks(s *Snapshot) []int {
	asked := q.all("track")
	if len(asked) == 0 {
		return s.all()
	}
	var list []int
	for id := range strings.SplitSeq(strings.Join(asked, ","), ",") {
		i, ok := s.index[id]
		switch {
		case !ok:
			q.fail("track", "%q is not a track: want one of %s", clip(id), strings.Join(s.ids, ", "))
		case slices.Contains(list, i):
			q.fail("track", "%q is there twice: want each track once", id)
		default:
			list = append(list, i)
		}
	}
	slices.Sort(list)
	return list
}
