//go:build e2e

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// TestChangeInClients fetches feeds before and after a month became a baseline: who knows an event
// by its UID, and takes the newer by its SEQUENCE, has the same events with what is true now.
func TestChangeInClients(t *testing.T) {
	s := serveForTest(t, map[string]string{"CYCLECAL_ADMIN_TOKEN": firstTestToken}, "--listen=127.0.0.1:0")
	feed := func(path string) string {
		t.Helper()
		status, _, body := get(t, s.url+path)
		if status != http.StatusOK {
			t.Fatalf("GET %s = %d %s, want 200", path, status, body)
		}
		return body
	}
	const asOf = "/calendars/windows-11-24h2.ics?past=5&ahead=5&as_of="
	put(t, s, "tracks/own", ownTrack("Own"))
	private := "/feeds/" + put(t, s, "feeds/own", `{"title":"Own","tracks":["own"]}`) + ".ics"
	before := feed(private)
	put(t, s, "notices/own.2026-12", `{"track":"own","month":"2026-12","kind":"baseline","known_on":"2026-11-20","reason":"Why"}`)
	for _, c := range []struct{ uid, before, after, was, is string }{
		{
			"2026-06.windows-11-24h2@cyclecal", feed(asOf + "2026-06-08"), feed(asOf + "2026-06-10"),
			"No restart planned: Windows 11 24H2 hotpatch, June 2026", "Restart: Windows 11 24H2 unplanned baseline, June 2026, KB5094126",
		},
		{
			"2026-12.own@cyclecal", before, feed(private),
			"No restart planned: Own hotpatch, December 2026", "Restart announced: Own unplanned baseline, December 2026",
		},
	} {
		files := saved(t, c.before, c.after)
		for name, read := range clientReaders(t) {
			lists := read(t, files...)
			was, is := eventOf(t, lists[0], c.uid), eventOf(t, lists[1], c.uid)
			if was.Summary != c.was || is.Summary != c.is || is.Sequence <= was.Sequence {
				t.Errorf("%s: %s was %q (%d) and is %q (%d), want %q, and %q with a higher SEQUENCE",
					name, c.uid, was.Summary, was.Sequence, is.Summary, is.Sequence, c.was, c.is)
			}
			merged := clientReader("/usr/bin/python3", filepath.Join("testdata", "clients", "read.py"), "--merge")(t, files...)
			if diff := gocmp.Diff(lists[1], merged[0]); diff != "" && name == "python3-icalendar" {
				t.Errorf("what a client has after both (-want +got):\n%s", diff)
			}
		}
	}
}

// ownTrack is a track that restarts in January alone.
func ownTrack(name string) string {
	return fmt.Sprintf(`{"name":%s,"first_month":"2026-01","rule":{"baseline_months":[1],"release_day":"third tuesday","release_time":"13:00","time_zone":"UTC"}}`, quoted(name))
}

// eventOf returns the only event of that UID.
func eventOf(t *testing.T, events []clientEvent, uid string) clientEvent {
	t.Helper()
	var found []clientEvent
	for _, e := range events {
		if e.UID == uid {
			found = append(found, e)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d events %s, want 1", len(found), uid)
	}
	return found[0]
}

// TestHostileTextsInClients stores texts that look like parts of a calendar wherever people write:
// each comes out of every client as the text that it is, and as nothing else.
func TestHostileTextsInClients(t *testing.T) {
	s := serveForTest(t, map[string]string{"CYCLECAL_ADMIN_TOKEN": firstTestToken}, "--listen=127.0.0.1:0")
	texts := []string{
		"BEGIN:VEVENT", `\nEND:VEVENT\nBEGIN:VEVENT\nUID:x`, `a,b;c\d\\e:"f"^n^'=g`, "ATTACH;VALUE=URI:file:///etc/passwd", ";VALUE=DATE:20260101",
		"😀👩‍👩‍👧 ünïcödé 漢字", "שלום \u202etxet\u202c עולם", strings.Repeat("é", 1000), strings.Repeat("long; words, ", 76) + "end", "<b>&amp;</b>",
	}
	tracks := make([]string, len(texts))
	for i, text := range texts {
		tracks[i] = fmt.Sprint("hostile-", i)
		storeEverywhere(t, s, tracks[i], text)
	}
	c := &feedCase{tracks: strings.Join(tracks, ","), query: "ring=hostile"}
	put(t, s, "rings/hostile", `{"deadline":5}`)
	c.private = put(t, s, "feeds/hostile", `{"title":`+quoted(texts[1])+`,"tracks":["`+strings.Join(tracks, `","`)+`"],"rings":["hostile"]}`)
	_, _, c.body = get(t, s.url+"/feeds/"+c.private+".ics")
	c.want = expectedEvents(t, s, c)
	files := saved(t, c.body)
	for name, read := range clientReaders(t) {
		events := read(t, files...)[0]
		for i, text := range texts {
			for _, uid := range []string{"2026-02." + tracks[i], "kb5000001." + tracks[i], "2026-03." + tracks[i] + ".hostile"} {
				e := eventOf(t, events, uid+"@cyclecal")
				if misread(name, text) {
					continue
				}
				if !strings.Contains(e.Description, text) || !strings.Contains(e.Summary, name200(text)) {
					t.Errorf("%s: %s has the summary %q and the description %q, want %q in both", name, uid, e.Summary, e.Description, text)
				}
			}
		}
		want, got := slices.Clone(c.want), c.comparable(t, events)
		for i := range min(len(want), len(got)) {
			if misread(name, want[i].Summary) {
				want[i].Summary, got[i].Summary = "", ""
			}
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%.4000s", name, diff)
		}
	}
	for _, text := range []string{"a\nBEGIN:VEVENT", "a\r\nEND:VCALENDAR", "a\u2028b", strings.Repeat("é", 2000)} {
		if status := tryReason(t, s, text); status != http.StatusBadRequest {
			t.Errorf("a reason %.40q is taken with %d, want 400", text, status)
		}
	}
}

// storeEverywhere makes a track with a text in its name, its releases, its notices and its freeze.
func storeEverywhere(t *testing.T, s *testServer, track, text string) {
	t.Helper()
	put(t, s, "tracks/"+track, ownTrack(name200(text)))
	put(t, s, "notices/"+track+".2026-02", fmt.Sprintf(`{"track":%q,"month":"2026-02","kind":"baseline","known_on":"2026-02-01","reason":%s}`, track, quoted(text)))
	put(t, s, "notices/"+track+".2026-03", fmt.Sprintf(`{"track":%q,"month":"2026-03","kind":"baseline","known_on":"2026-03-01","reason":%s}`, track, quoted(text)))
	put(t, s, "releases/"+track+".kb5000001", fmt.Sprintf(`{"track":%q,"month":"2026-05","kb":"KB5000001","type":"hotpatch","out_of_band":true,"restart":false,
		"release_date":"2026-05-20","title":%s,"note":%s}`, track, quoted(name200(text)), quoted(text)))
	put(t, s, "freezes/"+track, fmt.Sprintf(`{"from":"2026-03-10","to":"2026-03-31","tracks":[%q],"reason":%s}`, track, quoted(text)))
}

// misread says whether a client is known to take \\\\ before another character for the escape of
// that character: python3-icalendar does, of which only the structure is held then.
func misread(client, text string) bool {
	return client == "python3-icalendar" && strings.Contains(text, `\`)
}

// name200 is as much of a text as a name can be.
func name200(text string) string {
	runes := []rune(text)
	return strings.TrimSpace(string(runes[:min(len(runes), 200)]))
}

func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func tryReason(t *testing.T, s *testServer, reason string) (status int) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.url+"/api/v1/freezes/x",
		strings.NewReader(`{"from":"2026-03-10","to":"2026-03-31","reason":`+quoted(reason)+`}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+firstTestToken)
	status, _ = done(t, r)
	return status
}
