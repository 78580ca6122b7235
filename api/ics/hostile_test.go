package ics_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	ical "github.com/emersion/go-ical"

	"github.com/cyclecal/cyclecal/api/ics"
	"github.com/cyclecal/cyclecal/cycle"
)

// hostile are texts that somebody may write to break a feed.
var hostile = []string{
	"a\rBEGIN:VEVENT\rUID:x", "a\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:x", "a\nEND:VEVENT\nEND:VCALENDAR", "END:VEVENT",
	"a\u0085b\u2028c\u2029d", "a\x00b\x01c\x1bd\x7fe\u009ff", "a\xffb\xc3\x28c\xed\xa0\x80", "\xff", "\x00", "\r\n", "\n \n", " ", "\t",
	`a\nb\,c\;d\`, `a,b;c:d"e"f^n`, "ATTACH;VALUE=URI:file:///etc/passwd", ";VALUE=DATE", "\u202etxet\u202c", "\ufeffa", "a\r\n b",
	strings.Repeat("x", 10_000), strings.Repeat("long words ", 1_000), strings.Repeat("é", 5_000), strings.Repeat(",", 500),
	"https://example.com/\r\nATTENDEE:mailto:x@example.com", "javascript:alert(1)", "https://example.com/a b", "https://user:pw@example.com/?q=ü#é",
}

// facts of one track in which every text is s: a baseline, an out-of-band hotpatch, a
// cumulative and a component update, and a notice.
func hostileFacts(t testing.TB, s string) cycle.Facts {
	t.Helper()
	d := day(t, "2026-06-09")
	track := cycle.Track{
		ID: "windows", Name: s, Branch: s, Note: s, FirstMonth: d.Month(),
		Rule: cycle.Rule{Day: cycle.NthWeekday(2, time.Tuesday), Hour: 10, Zone: zone(t, "America/Los_Angeles")},
	}
	release := cycle.Release{
		Track: "windows", Month: d.Month(), KB: "KB5000001" + s, Build: s, Type: cycle.TypeBaseline, Restart: cycle.RestartNeeded, Date: d, KnownOn: d,
		Title: s, URL: s, Confidence: s, Sources: s, Note: s,
	}
	hotpatch, cumulative, component := release, release, release
	hotpatch.KB, hotpatch.Type, hotpatch.OutOfBand, hotpatch.Restart = "KB5000002"+s, cycle.TypeHotpatch, true, cycle.RestartNotNeeded
	cumulative.KB, cumulative.Type = "KB5000003"+s, cycle.TypeCumulative
	component.KB, component.Type, component.Restart = "KB5000004"+s, cycle.TypeComponent, cycle.RestartUnknown
	return cycle.Facts{
		Track: track, Releases: []cycle.Release{release, hotpatch, cumulative, component},
		Notices: []cycle.Notice{{Track: "windows", Month: d.Month(), Kind: cycle.Baseline, KnownOn: d, Reason: s, Source: s}},
	}
}

// No text that anybody writes adds, removes or splits an event: each comes back as it
// went in, but for what no line of a calendar can hold.
func TestHostileTexts(t *testing.T) {
	for _, s := range hostile {
		checkHostile(t, s)
	}
	for offset := range 80 { // a fold falls before, inside and after each character
		checkHostile(t, strings.Repeat("x", offset)+strings.Repeat("😀👩‍👩‍👧", 10))
	}
}

func checkHostile(t *testing.T, s string) {
	t.Helper()
	q := query(t, 5, -5)
	q.Cumulative, q.Component = true, true
	windowed := pilot(saturdayNight(t))
	windowed.Name = "windowed" + s
	q.Rings = []cycle.Ring{{Name: "pilot" + s, Deferral: 1, Deadline: 2, Grace: 2}, windowed}
	q.Freezes = []cycle.Freeze{freeze(t, "freeze"+s, "2026-06-14", "2026-06-30", s)} // in the way of both
	events := ics.Events(compile([]cycle.Facts{hostileFacts(t, s)}, day(t, "2026-06-30")), q)
	if len(events) != 6 {
		t.Fatalf("%.60q: %d events, want a month, 2 rings and 3 releases", s, len(events))
	}
	if n := conflicts(events); n != 2 {
		t.Fatalf("%.60q: %d events in a freeze, want those of both rings", s, n)
	}
	c := ics.Calendar{Name: s, Description: s, Source: s, Alarm: "P1D"}
	feed := render(t, c, events)
	checkBytes(t, feed)
	cal := decode(t, feed)
	if got, want := text(t, cal.Props, "NAME"), oneLine(s); got != want {
		t.Errorf("NAME %.60q = %.60q, want %.60q", s, got, want)
	}
	if got, want := text(t, cal.Props, "X-WR-CALDESC"), clean(s); got != want {
		t.Errorf("X-WR-CALDESC %.60q = %.60q, want %.60q", s, got, want)
	}
	got := cal.Events()
	if len(got) != len(events) || len(cal.Children) != len(events) {
		t.Fatalf("%.60q: %d events come back of %d components, want %d:\n%.3000s", s, len(got), len(cal.Children), len(events), feed)
	}
	for i, e := range events {
		for name, want := range map[string]string{"UID": oneLine(e.UID), "SUMMARY": oneLine(e.Summary), "DESCRIPTION": clean(e.Description)} {
			if value := text(t, got[i].Props, name); value != want {
				t.Errorf("%s of %.60q = %.80q, want %.80q", name, s, value, want)
			}
		}
		if u := value(got[i].Props.Get("URL")); u != "" && !strings.HasPrefix(u, "http") {
			t.Errorf("URL of %.60q = %.80q, want a web address or none", s, u)
		}
		if n := len(got[i].Props.Values("CATEGORIES")); n != len(e.Categories) || len(got[i].Children) != 1 {
			t.Errorf("%.60q: %d categories and %d alarms, want %d and 1", s, n, len(got[i].Children), len(e.Categories))
		}
	}
}

// conflicts counts the events that name the freeze and its reason.
func conflicts(events []ics.Event) int {
	n := 0
	for _, e := range events {
		if slices.Contains(e.Categories, "Freeze conflict") && strings.Contains(e.Summary, " in freeze freeze") && strings.Contains(e.Description, "2026-06-14 to 2026-06-30") {
			n++
		}
	}
	return n
}

// clean is the law in other words: text of lines, without what no client can show.
func clean(s string) string {
	var b strings.Builder
	s = strings.ReplaceAll(s, "\r\n", "\n")
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		invalid := r == utf8.RuneError && size == 1
		s = s[size:]
		switch {
		case invalid: // a run of bytes that are no character becomes one replacement
			for s != "" {
				if r, size = utf8.DecodeRuneInString(s); r != utf8.RuneError || size != 1 {
					break
				}
				s = s[1:]
			}
			b.WriteRune(utf8.RuneError)
		case strings.ContainsRune("\r\u0085\u2028\u2029", r):
			b.WriteByte('\n')
		case r == '\t' || r == '\n' || !unicode.IsControl(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

func oneLine(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// Only https and http addresses get through, and nothing beside them.
func TestAddresses(t *testing.T) {
	for given, want := range map[string]string{
		"https://example.com/a?b=c#d": "https://example.com/a?b=c#d", "http://example.com": "http://example.com",
		"HTTPS://example.com/ü": "https://example.com/%C3%BC", "https://example.com/a b": "https://example.com/a%20b",
		"": "", "/relative": "", "example.com": "", "javascript:alert(1)": "", "file:///etc/passwd": "", "data:text/html,x": "", "mailto:x@example.com": "",
		"https://": "", "https://example.com/\r\nATTACH:x": "", "https://exa\nmple.com": "", "https://example.com:port/": "", "ftp://example.com/": "",
	} {
		event := ics.Event{UID: "u@cyclecal", Summary: "s", Description: "d", Categories: []string{"c"}, First: day(t, "2026-06-09"), Last: day(t, "2026-06-09"), URL: given}
		cal := decode(t, render(t, ics.Calendar{Name: "n", Source: given}, []ics.Event{event}))
		for name, p := range map[string]*ical.Prop{"URL": cal.Events()[0].Props.Get("URL"), "SOURCE": cal.Props.Get("SOURCE")} {
			if got := value(p); got != want {
				t.Errorf("%s %q = %q, want %q", name, given, got, want)
			}
		}
	}
}

// value returns that of a property, and "" where there is none.
func value(p *ical.Prop) string {
	if p == nil {
		return ""
	}
	return p.Value
}

// An alarm that is none makes no feed: it is written as it is.
func TestHostileAlarm(t *testing.T) {
	event := ics.Event{UID: "u@cyclecal", Summary: "s", First: day(t, "2026-06-09"), Last: day(t, "2026-06-09")}
	for _, alarm := range []string{"P1D\r\nATTACH:x", "x", "-P1D", "P99999D", "P1D\n"} {
		if feed, err := ics.Render(ics.Calendar{Name: "n", Alarm: alarm}, []ics.Event{event}); err == nil || feed != nil {
			t.Errorf("Render with alarm %q = %d bytes, %v, want an error and none", alarm, len(feed), err)
		}
	}
}

// A release of which no day is known makes no event, for rings neither.
func TestReleaseWithoutDay(t *testing.T) {
	facts := hostileFacts(t, "")
	for i := range facts.Releases {
		if facts.Releases[i].KB != "KB5000001" {
			facts.Releases[i].Type, facts.Releases[i].Restart, facts.Releases[i].Date = cycle.TypeBaseline, cycle.RestartNeeded, cycle.Date{}
		}
	}
	q := query(t, 5, -5)
	q.Rings = []cycle.Ring{{Name: "pilot", Deferral: 1}}
	for _, e := range ics.Events(compile([]cycle.Facts{facts}, day(t, "2026-06-30")), q) {
		if e.First.Before(day(t, "2026-06-01")) {
			t.Errorf("%s begins on %s, want no event of a release without a day", e.UID, e.First)
		}
	}
}
