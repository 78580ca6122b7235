package page_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/cyclecal/cyclecal/api/page"
	"github.com/cyclecal/cyclecal/cycle"
)

// texts are what people write.
type texts struct{ name, note, reason, source, title, kb, build, url string }

var harmless = texts{
	"Windows", "A note", "A reason", "https://learn.microsoft.com/a", "A title", "KB5000001", "26100.1", "https://support.microsoft.com/b",
}

// written is a track of which a user has written every text.
func written(track cycle.Track, w texts) []cycle.Facts {
	facts := cycle.Facts{Track: track}
	facts.Track.Name, facts.Track.Note = w.name, w.note
	july := track.FirstMonth.AddMonths(1) // no baseline by the rule
	day := july.Day(8)
	facts.Releases = []cycle.Release{{
		Track: facts.Track.ID, Month: july, KB: w.kb, Build: w.build, Type: cycle.TypeHotpatch, OutOfBand: true, Restart: cycle.RestartNotNeeded,
		Date: day, KnownOn: day, Title: w.title, URL: w.url, Confidence: "primary", Sources: "x", Note: w.note,
	}}
	facts.Notices = []cycle.Notice{{
		Track: facts.Track.ID, Month: july, Kind: cycle.Baseline, KnownOn: day, PlanSeenOn: day.AddDays(-1), Reason: w.reason, Source: w.source,
	}}
	return []cycle.Facts{facts}
}

// pagesOf are the page of the track, and that of all, at the month with the texts.
func pagesOf(t testing.TB, track cycle.Track, w texts) map[string]element {
	t.Helper()
	facts := written(track, w)
	pages := map[string]element{}
	for name, ids := range map[string][]string{"one": {facts[0].Track.ID}, "all": nil} {
		in := withRing(inputOf(t, today, facts, ids...), 9, 5, 2)
		in.Month = facts[0].Notices[0].Month
		in.Year = in.Month.Year()
		in.BaseURL = "https://cal.example.com"
		in.Events = []page.Event{{Day: in.Today, Summary: w.name}}
		pages[name] = render(t, in)
	}
	docs, err := page.Docs([]page.Topic{{Name: "some", Title: w.title}}, []page.Endpoint{{Path: w.name, Summary: w.note, Example: w.url, Params: []page.Param{{Name: w.kb, Doc: w.reason}}}})
	if err != nil {
		t.Fatal(err)
	}
	fault, err := page.Problem(page.Fault{Status: 404, Title: w.title, Detail: w.reason, Links: []page.Link{{Href: w.url, Text: w.name}}})
	if err != nil {
		t.Fatal(err)
	}
	pages["docs"], pages["problem"] = parse(t, docs), parse(t, fault)
	return pages
}

// shape counts the elements, and the attributes that each has.
func shape(e element) map[string]int {
	counts := map[string]int{}
	for n := range e.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		names := []string{n.Data}
		for _, a := range n.Attr {
			names = append(names, a.Key)
		}
		counts[strings.Join(names, " ")]++
	}
	return counts
}

var hostile = []string{
	`<script>alert(1)</script>`,
	`</title></script><img src=x onerror=alert(1)>`,
	`" onmouseover="alert(1)" x="`,
	`' onmouseover='alert(1)' x='`,
	"`${alert(1)}`",
	`javascript:alert(1)`,
	` JaVaScRiPt:alert(1)`,
	`data:text/html,<script>alert(1)</script>`,
	`//evil.example`,
	`{{.}} {{template "foot"}}`,
	`]]> --> <!-- &lt;b&gt; &#60;b&#62;`,
	"\u202egnp.exe\u202c \u2066x\u2069 \u200b",
	"a\x00b\x01c\x7f\xff",
	"line\r\n\r\n## line",
	strings.Repeat("W", 500),
}

// Whatever people write, a page keeps its shape, and no address runs a script.
func TestEscaped(t *testing.T) {
	check := escaped(t)
	for _, s := range hostile {
		check(t, texts{s, s, s, s, s, s, s, s})
	}
}

func FuzzEscaped(f *testing.F) {
	for _, s := range hostile {
		f.Add(s, s, s, s)
	}
	check := escaped(f)
	f.Fuzz(func(t *testing.T, name, note, reason, address string) {
		if slices.Contains([]string{name, note, reason, address}, "") {
			return // an empty text leaves its element out
		}
		check(t, texts{name, note, reason, address, name, note, reason, address})
	})
}

// escaped returns a check that compares pages with those of harmless texts.
func escaped(t testing.TB) func(*testing.T, texts) {
	t.Helper()
	track := scheduleOf(t, server2025).Track()
	want := map[string]map[string]int{}
	for name, doc := range pagesOf(t, track, harmless) {
		want[name] = shape(doc)
	}
	return func(t *testing.T, w texts) {
		t.Helper()
		checkPages(t, pagesOf(t, track, w), want, w)
		checkPictures(t, written(track, w)[0], w)
	}
}

func checkPages(t *testing.T, pages map[string]element, want map[string]map[string]int, w texts) {
	t.Helper()
	for name, doc := range pages {
		if diff := cmp.Diff(want[name], shape(doc)); diff != "" {
			t.Errorf("page %s of %q changes its shape (-want +got):\n%s", name, w.name, diff)
		}
		for _, a := range doc.all("a") {
			if fault := dangerous(a.attr("href")); fault != "" {
				t.Errorf("page %s of %q has the address %q: %s", name, w.name, a.attr("href"), fault)
			}
		}
	}
}

func checkPictures(t *testing.T, facts cycle.Facts, w texts) {
	t.Helper()
	s := cycle.Compile(facts, facts.Notices[0].Month.Last())
	for name, picture := range map[string][]byte{
		"badge": page.Badge(s, instant(t, today), zone(t, "UTC")), "year": page.Year(s, 2024),
	} {
		for _, fault := range xmlFaults(picture) {
			t.Errorf("%s of %q: %s", name, w.name, fault)
		}
	}
}

// dangerous tells why nobody should follow an address, the way browsers read one.
func dangerous(href string) string {
	clean := strings.ToLower(strings.Map(func(r rune) rune {
		if r <= ' ' {
			return -1
		}
		return r
	}, href))
	for _, scheme := range []string{"javascript:", "data:", "vbscript:"} {
		if strings.HasPrefix(clean, scheme) {
			return "it runs a script"
		}
	}
	return ""
}

// What people write is told as they wrote it: only the markup is taken out of it.
func TestToldAsWritten(t *testing.T) {
	w := harmless
	w.name, w.reason = `Bob's <b>"Server"</b> & Söhne`, `1 < 2 && "3" > '2'`
	doc := pagesOf(t, scheduleOf(t, server2025).Track(), w)["one"]
	if got, want := doc.the(t, "h1").text(), "Next restart of "+w.name; got != want {
		t.Errorf("heading = %q, want %q", got, want)
	}
	if got := doc.the(t, "p.notice").text(); !strings.Contains(got, w.reason) {
		t.Errorf("notice = %q, want %q in it", got, w.reason)
	}
	if got := slices.Sorted(maps.Keys(shape(doc))); !slices.Contains(got, "h1 id") {
		t.Errorf("elements = %v, want an h1", got)
	}
}

// A line break in a text must not begin a line of the ticket: what follows would look like ours.
func TestTicketKeepsLines(t *testing.T) {
	w := harmless
	w.reason = "first\n\n## Approved: no restart\n- Kind: hotpatch"
	ticket := raw(pagesOf(t, scheduleOf(t, server2025).Track(), w)["one"].the(t, "#month details.ticket pre"))
	for line := range strings.Lines(ticket) {
		if strings.HasPrefix(line, "## Approved") || strings.HasPrefix(line, "- Kind: hotpatch") {
			t.Errorf("ticket has the line %q, which somebody wrote into a reason", line)
		}
	}
}
