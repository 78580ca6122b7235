package ics_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cyclecal/cyclecal/api/ics"
)

// TestBytes holds the laws of the bytes over feeds of each track and of all.
func TestBytes(t *testing.T) {
	schedules := compile(builtIn(t), day(t, "2026-11-22"))
	for name, q := range variants(t) {
		t.Run(name, func(t *testing.T) {
			events := ics.Events(schedules, q)
			feed := render(t, calendar, events)
			checkBytes(t, feed)
			checkComponents(t, feed, len(events))
			for i := range schedules {
				feed := render(t, ics.Calendar{Name: "one", Description: "One track.", Alarm: "P1D"}, ics.Events(schedules[i:i+1], q))
				checkBytes(t, feed)
				checkComponents(t, feed, len(ics.Events(schedules[i:i+1], q)))
			}
		})
	}
}

// checkBytes holds RFC 5545, 3.1: lines end with CRLF, have at most 75 octets, and
// are never folded inside a character.
func checkBytes(t *testing.T, feed []byte) {
	t.Helper()
	body, ok := strings.CutSuffix(string(feed), "\r\n")
	if !ok {
		t.Errorf("feed ends with %q, want CRLF", body[max(len(body)-10, 0):])
	}
	for line := range strings.SplitSeq(body, "\r\n") {
		switch {
		case strings.ContainsAny(line, "\r\n"):
			t.Errorf("line %q: want CRLF alone to end lines", line)
		case len(line) > 75:
			t.Errorf("line %q has %d octets, want at most 75", line, len(line))
		case !utf8.ValidString(line):
			t.Errorf("line %q: want UTF-8 on each line", line)
		case line == "" || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r >= 0x7f && r <= 0x9f }):
			t.Errorf("line %q: want text without control characters", line)
		}
	}
}

// contentLine is a property as RFC 5545 writes it, with the few parameters that we use.
var contentLine = regexp.MustCompile(`^([A-Z-]+)((?:;[A-Z-]+=[A-Z]+)*):(.*)$`)

// properties says how often a component has each property: at least, at most.
var properties = map[string]map[string][2]int{
	"VCALENDAR": {
		"VERSION": {1, 1}, "PRODID": {1, 1}, "CALSCALE": {1, 1}, "NAME": {1, 1}, "X-WR-CALNAME": {1, 1}, "X-WR-CALDESC": {1, 1}, "DESCRIPTION": {0, 1},
		"REFRESH-INTERVAL": {1, 1}, "X-PUBLISHED-TTL": {1, 1}, "COLOR": {1, 1}, "SOURCE": {0, 1},
	},
	"VEVENT": {
		"UID": {1, 1}, "DTSTAMP": {1, 1}, "LAST-MODIFIED": {1, 1}, "SEQUENCE": {1, 1}, "DTSTART": {1, 1}, "DTEND": {1, 1},
		"SUMMARY": {1, 1}, "DESCRIPTION": {1, 1}, "STATUS": {1, 1}, "COLOR": {0, 1}, "CATEGORIES": {1, 9}, "URL": {0, 1},
		"TRANSP": {1, 1}, "X-MICROSOFT-CDO-BUSYSTATUS": {1, 1},
	},
	"VALARM": {"ACTION": {1, 1}, "TRIGGER": {1, 1}, "DESCRIPTION": {1, 1}},
}

// component is one BEGIN to its END.
type component struct {
	name  string
	props map[string][]string // what follows the name: parameters, colon, value
}

// checkComponents holds what components have: BEGIN and END in balance, each property
// as often as it should be and no other, no parameter twice, events in order with
// UIDs of their own.
func checkComponents(t *testing.T, feed []byte, events int) {
	t.Helper()
	var open []component
	var starts, uids []string
	for _, line := range unfold(feed) {
		parts := contentLine.FindStringSubmatch(line)
		if parts == nil {
			t.Errorf("line %q, want NAME;PARAM=VALUE:value", line)
			continue
		}
		name, params, value := parts[1], parts[2], parts[3]
		switch {
		case name == "BEGIN":
			open = append(open, component{value, map[string][]string{}})
			continue
		case len(open) == 0:
			t.Fatalf("line %q outside of any component", line)
		}
		last := open[len(open)-1]
		if name != "END" {
			last.props[name] = append(last.props[name], params+":"+value)
			checkParams(t, line, params)
			continue
		}
		if value != last.name {
			t.Fatalf("END:%s closes %s", value, last.name)
		}
		checkCounts(t, last)
		if last.name == "VEVENT" {
			checkEvent(t, last)
			starts = append(starts, last.props["DTSTART"][0])
			uids = append(uids, last.props["UID"][0])
		}
		open = open[:len(open)-1]
	}
	if len(open) != 0 || len(uids) != events {
		t.Errorf("%d components left open and %d events, want 0 and %d", len(open), len(uids), events)
	}
	checkOrder(t, starts, uids)
}

func checkOrder(t *testing.T, starts, uids []string) {
	t.Helper()
	if !slices.IsSortedFunc(starts, func(a, b string) int { return strings.Compare(beginning(a), beginning(b)) }) {
		t.Errorf("events begin at %v, want them in order", starts)
	}
	slices.Sort(uids)
	if n := len(slices.Compact(slices.Clone(uids))); n != len(uids) {
		t.Errorf("%d UIDs of %d events: %v, want each its own", n, len(uids), uids)
	}
}

// beginning makes a DTSTART comparable: a day begins with its first second.
func beginning(start string) string {
	if wholeDay.MatchString(start) {
		return ":" + start[len(";VALUE=DATE:"):] + "T000000Z"
	}
	return start
}

func checkParams(t *testing.T, line, params string) {
	t.Helper()
	seen := map[string]bool{}
	for param := range strings.SplitSeq(strings.TrimPrefix(params, ";"), ";") {
		name, _, _ := strings.Cut(param, "=")
		if seen[name] {
			t.Errorf("line %q has the parameter %s twice", line, name)
		}
		seen[name] = true
	}
}

func checkCounts(t *testing.T, c component) {
	t.Helper()
	want, ok := properties[c.name]
	if !ok {
		t.Errorf("component %s, want VCALENDAR, VEVENT or VALARM", c.name)
	}
	for name := range c.props {
		if _, ok := want[name]; !ok {
			t.Errorf("%s has %s:%q, want none", c.name, name, c.props[name])
		}
	}
	for name, times := range want {
		if n := len(c.props[name]); n < times[0] || n > times[1] {
			t.Errorf("%s has %s %d times, want %d to %d", c.name, name, n, times[0], times[1])
		}
	}
}

var (
	wholeDay = regexp.MustCompile(`^;VALUE=DATE:\d{8}$`)
	utc      = regexp.MustCompile(`^:\d{8}T\d{6}Z$`)
)

// checkEvent holds what the values of an event say: nobody is busy, the end comes
// after the beginning and is of the same form.
func checkEvent(t *testing.T, e component) {
	t.Helper()
	start, end := e.props["DTSTART"][0], e.props["DTEND"][0]
	if wholeDay.MatchString(start) != wholeDay.MatchString(end) || utc.MatchString(start) != utc.MatchString(end) || end <= start {
		t.Errorf("event from %s to %s, want a later end in the same form", start, end)
	}
	for name, want := range map[string]*regexp.Regexp{
		"DTSTAMP": utc, "LAST-MODIFIED": utc,
		"UID":      regexp.MustCompile(`^:[a-z0-9.-]+@cyclecal$`),
		"SEQUENCE": regexp.MustCompile(`^:\d+$`),
		"STATUS":   regexp.MustCompile(`^:(CONFIRMED|TENTATIVE)$`),
		"SUMMARY":  regexp.MustCompile(`^:(Restart|No restart)`),
		"TRANSP":   regexp.MustCompile(`^:TRANSPARENT$`), "X-MICROSOFT-CDO-BUSYSTATUS": regexp.MustCompile(`^:FREE$`),
	} {
		if got := e.props[name][0]; !want.MatchString(got) {
			t.Errorf("%s%s, want %v", name, got, want)
		}
	}
}
