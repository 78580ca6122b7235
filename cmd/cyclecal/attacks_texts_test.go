package main

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/cycle/resource"
)

// attackedDocument is one that is stored, with a value in every field.
type attackedDocument struct {
	kind   resource.Kind
	fields map[string]any
}

func (d attackedDocument) path() string {
	id, _ := d.fields["id"].(string)
	return "/api/v1/" + string(d.kind) + "/" + id
}

// attackedDocuments is a harmless document of each kind. They show in every feed and on every page.
func attackedDocuments() []attackedDocument {
	type m = map[string]any
	ids := []any{attackedTrack}
	said := func(kind, seen, known string) m {
		return m{"kind": kind, "known_on": known, "plan_seen_on": seen, "reason": "A reason", "source": "https://learn.microsoft.com/a"}
	}
	notice := said("baseline", "2026-05-10", "2026-05-12")
	maps.Copy(notice, m{"id": "attacked.2026-05", "track": attackedTrack, "month": attackedMonth, "earlier": []any{said("hotpatch", "2026-04-30", "2026-05-01")}})
	return []attackedDocument{
		{resource.Tracks, m{
			"id": attackedTrack, "name": "A name", "os_branch": "99999", "first_month": "2026-01", "hotpatch_until": "2027-12", "note": "A note",
			"rule": m{"baseline_months": []any{1, 4, 7, 10}, "release_day": "second tuesday", "offset_days": 0, "release_time": "10:00", "time_zone": "America/Los_Angeles"},
		}},
		{resource.Releases, m{
			"id": "attacked.kb5099999", "track": attackedTrack, "month": attackedMonth, "kb": "KB5099999", "build": "99999.100", "type": "hotpatch", "out_of_band": true,
			"restart": false, "release_date": "2026-05-20", "known_on": "2026-05-20", "title": "A title", "url": "https://support.microsoft.com/help/5099999",
			"confidence": "primary", "sources": "somewhere", "note": "A note",
		}},
		{resource.Notices, notice},
		{resource.Rings, m{
			"id": attackedTrack, "tracks": ids, "deferral": 1, "deadline": 2, "grace": 2,
			"window": m{"weekday": "saturday", "offset_days": nil, "start": "22:00", "duration": "PT4H", "time_zone": "Europe/Berlin"},
		}},
		{resource.Freezes, m{"id": attackedTrack, "from": "2026-05-01", "to": "2026-06-30", "tracks": ids, "rings": ids, "reason": "A reason"}},
		{resource.Feeds, m{"id": attackedTrack, "title": "A title", "tracks": ids, "rings": ids, "kind": "baseline", "alarm": "P1D", "style": "allday"}},
		{resource.Tokens, m{"id": attackedTrack, "role": "viewer", "expires_at": "2027-01-01T00:00:00Z"}},
	}
}

// leaf is a text within a document.
type leaf struct {
	document attackedDocument
	path     []string // names, and places in lists
}

func (l leaf) String() string { return string(l.document.kind) + "/" + strings.Join(l.path, "/") }

// with returns a copy of the document in which the leaf is another text.
func (l leaf) with(t *testing.T, text string) map[string]any {
	t.Helper()
	body, err := json.Marshal(l.document.fields)
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]any
	if err := json.Unmarshal(body, &root); err != nil {
		t.Fatal(err)
	}
	var at any = root
	for i, name := range l.path {
		last := i == len(l.path)-1
		switch in := at.(type) {
		case map[string]any:
			if at = in[name]; last {
				in[name] = text
			}
		case []any:
			if at = in[0]; last {
				in[0] = text
			}
		}
	}
	return root
}

// leaves are all texts of all documents, by the schema: a new field is attacked by itself.
func leaves(t *testing.T) []leaf {
	t.Helper()
	var schema struct {
		Properties map[string]struct{ Items map[string]any }
	}
	if err := json.Unmarshal(resource.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	var list []leaf
	for _, d := range attackedDocuments() {
		for _, path := range textsIn(schema.Properties[string(d.kind)].Items) {
			l := leaf{d, path}
			list = append(list, l)
			if cmp.Equal(l.with(t, "another"), leaf{d, nil}.with(t, "")) {
				t.Errorf("%s is not in the harmless documents: give it a value there", l)
			}
		}
	}
	if len(list) < 50 {
		t.Fatalf("%d texts in the schema, want all", len(list))
	}
	return list
}

// textsIn returns where a schema has texts.
func textsIn(schema map[string]any) [][]string {
	var list [][]string
	if inner, ok := schema["properties"].(map[string]any); ok {
		for _, name := range slices.Sorted(maps.Keys(inner)) {
			of, _ := inner[name].(map[string]any)
			for _, path := range textsIn(of) {
				list = append(list, append([]string{name}, path...))
			}
		}
		return list
	}
	if items, ok := schema["items"].(map[string]any); ok {
		for _, path := range textsIn(items) {
			list = append(list, append([]string{"0"}, path...))
		}
		return list
	}
	kinds, _ := schema["type"].([]any)
	if schema["type"] == "string" || slices.Contains(kinds, "string") || schema["enum"] != nil {
		return [][]string{nil}
	}
	return nil
}

// breaks are what might end a line, a property, a string or a file.
var breaks = []string{
	"a\rBEGIN:VEVENT", "a\nBEGIN:VEVENT\nUID:x\nEND:VEVENT", "a\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:x", "a\u0085BEGIN:VEVENT", "a\u2028BEGIN:VEVENT",
	"a\u2029BEGIN:VEVENT", "a\x00b", "a\x1b[31mb", "\ufeffa", "a INVALID b", "\u202etxet\u202c", "\u200ftext\u200e", "a,b;c:d\\n\"e^n", strings.Repeat("x", 100<<10),
	"https://example.com/\r\nATTENDEE:mailto:x@example.com",
}

// tryTexts writes each into every text, alone. Most are refused; the others change no calendar.
func tryTexts(t *testing.T, x *victim) {
	x.checkEvents(t)
	want, taken := x.feeds(t), 0
	for _, l := range leaves(t) {
		for _, s := range breaks {
			body, err := json.Marshal(l.with(t, s))
			if err != nil {
				t.Fatal(err)
			}
			a := x.ask(t, http.MethodPut, l.document.path(), strings.Replace(string(body), "INVALID", "\xff", 1), "Authorization", x.bearer())
			switch {
			case a.status == http.StatusBadRequest && len(a.body) < 16<<10:
				continue
			case a.status != http.StatusOK || strings.ContainsAny(s, "\r\n\x00\x1b\u0085\u2028\u2029\ufeff") || strings.Contains(s, "INVALID") || len(s) > 10<<10:
				t.Errorf("%s of %.40q: %d %.200s, want 400", l, s, a.status, a.body)
			}
			taken++
			if diff := cmp.Diff(want, x.feeds(t)); diff != "" {
				t.Errorf("%s of %.40q changes a feed (-want +got):\n%s", l, s, diff)
			}
			x.restore(t, l.document)
		}
		x.tryID(t, l)
	}
	if taken < 10 {
		t.Errorf("%d texts were taken, want some: else no feed was tried", taken)
	}
}

// tryID writes a document under an id that is none.
func (x *victim) tryID(t *testing.T, l leaf) {
	t.Helper()
	if len(l.path) != 1 || l.path[0] != "id" {
		return
	}
	for _, s := range breaks[:10] {
		path := "/api/v1/" + string(l.document.kind) + "/" + url.PathEscape(s)
		if a := x.put(t, path, l.with(t, s)); a.status != http.StatusBadRequest && a.status != http.StatusNotFound {
			t.Errorf("PUT %s = %d, want 400 or 404", path, a.status)
		}
	}
}

// restore makes a document harmless again.
func (x *victim) restore(t *testing.T, d attackedDocument) {
	t.Helper()
	if a := x.put(t, d.path(), d.fields); a.status != http.StatusOK {
		t.Fatalf("PUT %s = %d %s, want 200", d.path(), a.status, a.body)
	}
}

// feeds returns the components and properties of the feeds that have the attacked documents.
func (x *victim) feeds(t *testing.T) map[string][]string {
	t.Helper()
	feeds := map[string][]string{}
	for _, path := range []string{"/calendars/attacked.ics?include=cumulative&include=component&past=12&ahead=18&ring=attacked", "/feeds/" + x.secrets["the secret of /api/v1/feeds/attacked"] + ".ics"} {
		feeds[path] = componentsOf(t, x.see(t, path))
	}
	return feeds
}

// checkEvents holds that the feeds of harmless documents are what JSON says: an event for each month, each restart
// of the ring and each out-of-band release.
func (x *victim) checkEvents(t *testing.T) {
	t.Helper()
	events := 0
	for _, row := range x.see(t, "/api/v1/schedule?track=attacked&ring=attacked&from=2026-01&to=2027-12").rows(t) {
		outOfBand, _ := row["out_of_band"].(float64)
		events += 1 + int(outOfBand)
		if row["offered_on"] != nil && row["restart"] == true {
			events++
		}
	}
	for path, lines := range x.feeds(t) {
		got := 0
		for _, line := range lines {
			if line == "BEGIN:VEVENT" {
				got++
			}
		}
		if strings.HasPrefix(path, "/calendars/") && got != events || got < 10 {
			t.Errorf("%s has %d events, want %d, as JSON has", path, got, events)
		}
	}
}

// rows are those of a list.
func (a gotAnswer) rows(t *testing.T) []map[string]any {
	t.Helper()
	list, _ := a.json(t)["data"].([]any)
	rows := make([]map[string]any, len(list))
	for i, row := range list {
		rows[i], _ = row.(map[string]any)
	}
	return rows
}

// tryParameters sends some of them as every parameter of every route.
func tryParameters(t *testing.T, x *victim) {
	asked := 0
	for path, operations := range x.paths(t) {
		for _, p := range operations["get"].Parameters {
			if p.In != "query" || strings.HasSuffix(path, ".csv") {
				continue
			}
			for _, s := range []string{breaks[2], breaks[4], "\x00\x1b[31m\xff", "\u202e<script>alert(1)</script>", strings.Repeat("x", 4000)} {
				asked++
				query := "?" + p.Name + "=" + url.QueryEscape(s)
				a := x.ask(t, http.MethodGet, placed(path, x)+query, "", "Authorization", x.bearer(), "Accept", "*/*")
				if a.status != http.StatusBadRequest || len(a.body) > 16<<10 || strings.ContainsAny(a.body, "\r\x00\x1b") || a.json(t)["errors"] == nil {
					t.Errorf("GET %s%.60s = %d, %d bytes, want 400 in a few", path, query, a.status, len(a.body))
				}
			}
		}
	}
	if asked < 500 {
		t.Errorf("%d parameters were tried, want all", asked)
	}
}

// operation is what /openapi.json says of a method of a path.
type operation struct {
	Parameters []struct{ Name, In string }
}

// paths are all that are served, by method.
func (x *victim) paths(t *testing.T) map[string]map[string]operation {
	t.Helper()
	var d struct {
		Paths map[string]map[string]operation
	}
	if err := json.Unmarshal([]byte(x.see(t, "/openapi.json").body), &d); err != nil || len(d.Paths) < 50 {
		t.Fatalf("%d paths in /openapi.json: %v", len(d.Paths), err)
	}
	return d.Paths
}

// placed fills the placeholders of a path with what is there.
func placed(path string, x *victim) string {
	id := attackedTrack
	switch {
	case strings.Contains(path, "/releases/"):
		id += ".kb5099999"
	case strings.Contains(path, "/notices/"):
		id += "." + attackedMonth
	}
	return strings.NewReplacer("{track}", attackedTrack, "{tracks}", attackedTrack, "{month}", attackedMonth, "{build}", "99999.100", "{file}", "page.css",
		"{ring}", id, "{freeze}", id, "{token}", id, "{feed}", id, "{release}", id, "{notice}", id, "{id}", id,
		"{secret}", x.secrets["the secret of /api/v1/feeds/attacked"]).Replace(path)
}

// markup is what might become an element, an attribute, a formula or a label.
var markup = []string{
	`</title></script><img src=x onerror=alert(1)>`, `" onmouseover="alert(1)" x=' onmouseover='alert(1)' x='`, `]]> --> <!-- &lt;b&gt; {{.}} {{template "foot"}} ${alert(1)}`, `javascript:alert(1)`,
	"=cmd|' /C calc'!A0", `@SUM(1)`, "\u202egnp.exe\u202c", `a"} 1\nfake_metric 2 # {x="`, `https://example.com/'onmouseover='alert(1);x=(@evil.example,:)`,
}

// tryMarkup writes each into every text that takes words or an address, all together, and compares all that is shown.
func tryMarkup(t *testing.T, x *victim) {
	want, free := x.shapes(t), x.freeLeaves(t)
	for _, s := range markup {
		taken := map[string]map[string]any{}
		for _, l := range free {
			if written := l.with(t, s); x.put(t, l.document.path(), written).status == http.StatusOK {
				taken[l.document.path()] = merged(taken[l.document.path()], l, written)
			}
		}
		for path, fields := range taken {
			if a := x.put(t, path, fields); a.status != http.StatusOK {
				t.Errorf("PUT %s with %q everywhere = %d %s", path, s, a.status, a.body)
			}
		}
		if len(taken) < 3 {
			t.Errorf("%q was taken by %d documents, want some", s, len(taken))
		}
		if diff := cmp.Diff(want, x.shapes(t)); diff != "" {
			t.Errorf("%q changes the shape of what is shown (-want +got):\n%s", s, diff)
		}
		for _, d := range attackedDocuments() {
			x.restore(t, d)
		}
	}
}

// freeLeaves are the texts that somebody may choose: others are ids, days and words of a list.
func (x *victim) freeLeaves(t *testing.T) []leaf {
	t.Helper()
	var free []leaf
	for _, l := range leaves(t) {
		for _, s := range []string{"Some words, and more", "https://example.com/x"} {
			if x.put(t, l.document.path(), l.with(t, s)).status == http.StatusOK {
				free = append(free, l)
				break
			}
		}
		x.restore(t, l.document)
	}
	if len(free) < 10 {
		t.Errorf("%d texts take words or addresses, want names, notes, reasons, titles and addresses: %v", len(free), free)
	}
	return free
}

// merged puts what was written into one leaf beside what was taken before.
func merged(before map[string]any, l leaf, written map[string]any) map[string]any {
	if before == nil || len(l.path) != 1 {
		return written
	}
	before[l.path[0]] = written[l.path[0]]
	return before
}

// shapes are what is shown of the attacked documents, without its texts.
func (x *victim) shapes(t *testing.T) map[string]map[string]int {
	t.Helper()
	shapes := map[string]map[string]int{}
	for _, path := range []string{"/", "/tracks/attacked?month=2026-05", "/docs", "/fleet", "/devices", "/eligible"} {
		shapes[path] = elementsOf(t, x.see(t, path))
	}
	for _, path := range []string{"/tracks/attacked/badge.svg", "/tracks/attacked/year.svg", "/api/v1/changes.atom?track=attacked"} {
		shapes[path] = xmlOf(t, x.see(t, path))
	}
	for _, path := range []string{
		"/api/v1/tracks", "/api/v1/schedule?track=attacked&ring=attacked", "/api/v1/releases?track=attacked", "/api/v1/changes?track=attacked", "/api/v1/notices?track=attacked",
		"/api/v1/freezes", "/api/v1/feeds", "/api/v1/documents", "/api/v1/next?ring=attacked", "/api/v1/rings", "/api/v1/state?track=attacked",
	} {
		shapes[path] = namesOfJSON(x.see(t, path).json(t))
		list, query, _ := strings.Cut(path, "?")
		shapes[path+" as CSV"] = cellsOf(t, x.see(t, list+".csv?"+query))
	}
	shapes["/metrics"] = seriesOf(t, x.see(t, "/metrics"))
	for path, lines := range x.feeds(t) {
		shapes[path] = map[string]int{strings.Join(lines, " "): 1}
	}
	for _, line := range []string{"next --ring attacked", "year 2026", "month 2026-05 --track attacked", "releases --track attacked", "changes --track attacked"} {
		shapes[line] = x.printed(t, line)
	}
	return shapes
}

// printed is what a command prints of it: so many lines, and nothing that moves a cursor.
func (x *victim) printed(t *testing.T, line string) map[string]int {
	t.Helper()
	stdout, stderr := newScreen(), newScreen()
	env := map[string]string{"CYCLECAL_SERVER": x.url, "CYCLECAL_TOKEN": x.secrets["the admin token"]}
	p := &program{getenv: func(name string) string { return env[name] }, stdout: stdout, stderr: stderr, now: testClock}
	if code := p.run(t.Context(), strings.Fields(line)); code != exitDone {
		t.Errorf("cyclecal %s: exit code %d, %s", line, code, stderr)
	}
	checkTerminal(t, line, stdout.String())
	return map[string]int{"lines": strings.Count(stdout.String(), "\n"), "code " + strconv.Itoa(exitDone): 1}
}

// tryMessages lets receivers be told of a change of plan that somebody explains.
func tryMessages(t *testing.T, _ *victim) {
	lines := -1
	for _, reason := range append([]string{"A reason"}, append(markup, "@everyone <!channel> [a](https://evil.example) *b*", "\u202etxet\u202c \u200f")...) {
		w, b := newWorld(t, 1), &mailbox{}
		n := notifierOf(w, b)
		n.settle(t)
		body, err := json.Marshal(map[string]any{"track": "windows-server-2025", "month": "2026-12", "kind": "baseline", "known_on": "2026-11-22", "reason": reason})
		if err != nil {
			t.Fatal(err)
		}
		storeIn(w, "notices/windows-server-2025.2026-12", string(body))
		n.settle(t)
		if len(b.got) != 1 {
			t.Fatalf("%q: %d messages, want one", reason, len(b.got))
		}
		m := b.got[0]
		checkTerminal(t, "a message", m.Title+m.Text)
		if got := strings.Count(m.Text, "\n"); lines >= 0 && got != lines || strings.Contains(m.Title, reason) {
			t.Errorf("%q: %d lines, want %d: %q", reason, got, lines, m.Text)
		} else {
			lines = got
		}
		if slack, _ := newLibrary("slack", "", &hung{}, testClock).words(m); strings.ContainsAny(slack, "<>") {
			t.Errorf("Slack gets %q, want no mention", slack)
		}
	}
}
