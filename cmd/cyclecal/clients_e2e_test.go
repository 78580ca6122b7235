//go:build e2e

package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// clientEvent is an event as a calendar client reads it.
type clientEvent struct {
	UID         string   `json:"uid"`
	Summary     string   `json:"summary"`
	Description string   `json:"description"`
	Start       string   `json:"start"` // a day, or an instant in UTC
	End         string   `json:"end"`   // which is not part of it
	Status      string   `json:"status"`
	URL         string   `json:"url"`
	Categories  []string `json:"categories"`
	Sequence    int      `json:"sequence"`
	Alarms      int      `json:"alarms"`
}

// feedCase is a feed, in the words of its address, and what its events must be.
type feedCase struct {
	tracks  string // "all", or ids joined by commas
	query   string
	private string // the secret of a private feed; tracks and query then say what it is
	body    string
	want    []clientEvent
}

func (c *feedCase) String() string {
	if c.private != "" {
		return "private feed of " + c.tracks + "?" + c.query
	}
	return c.tracks + "?" + c.query
}

// TestFeedInClients lets parsers of others read feeds, and compares what they find
// with what the JSON says.
func TestFeedInClients(t *testing.T) {
	s := serveForTest(t, map[string]string{"CYCLECAL_ADMIN_TOKEN": firstTestToken}, "--listen=127.0.0.1:0")
	cases := feedCases(t, s)
	var feeds []string
	for _, c := range cases {
		address := s.url + "/calendars/" + c.tracks + ".ics?" + c.query
		if c.private != "" {
			address = s.url + "/feeds/" + c.private + ".ics"
		}
		var status int
		if status, _, c.body = get(t, address); status != 200 {
			t.Fatalf("%s: status %d, want 200: %s", c, status, c.body)
		}
		c.want = expectedEvents(t, s, c)
		if got := strings.Count(c.body, "BEGIN:VEVENT\r\n"); got != len(c.want) {
			t.Errorf("%s: %d events in the feed, want %d", c, got, len(c.want))
		}
		feeds = append(feeds, c.body)
	}
	files := saved(t, feeds...)
	for name, read := range clientReaders(t) {
		for i, got := range read(t, files...) {
			if diff := gocmp.Diff(cases[i].want, cases[i].comparable(t, got)); diff != "" {
				t.Errorf("%s of %s (-want +got):\n%.4000s", name, cases[i], diff)
			}
		}
	}
}

// comparable leaves of events what the rows of the JSON tell too: texts of several facts are for
// [TestHostileTextsInClients], and how often people changed a private feed is told nowhere.
func (c *feedCase) comparable(t *testing.T, events []clientEvent) []clientEvent {
	t.Helper()
	for i := range events {
		if events[i].Description == "" {
			t.Errorf("%s: %s has no description", c, events[i].UID)
		}
		events[i].Description = ""
		if c.private != "" && i < len(c.want) && events[i].Sequence > c.want[i].Sequence && (events[i].Sequence-c.want[i].Sequence)%4 == 0 {
			events[i].Sequence = c.want[i].Sequence
		}
	}
	return events
}

func feedCases(t *testing.T, s *testServer) []*feedCase {
	t.Helper()
	var tracks []struct{ ID string }
	ask(t, s, "/api/v1/tracks", nil, &tracks)
	var cases []*feedCase
	for _, track := range tracks {
		cases = append(cases, &feedCase{tracks: track.ID})
	}
	if len(cases) < 5 {
		t.Fatalf("%d tracks, want at least 5", len(cases))
	}
	return append(
		cases,
		&feedCase{tracks: "all"},
		&feedCase{tracks: "windows-11-24h2,windows-server-2025"},
		&feedCase{tracks: "all", query: "ring=pilot:1/2/2&ring=broad:9/5/2"},
		&feedCase{tracks: "all", query: "include=cumulative"},
		&feedCase{tracks: "all", query: "include=cumulative&include=component"},
		&feedCase{tracks: "all", query: "style=timed"},
		&feedCase{tracks: "windows-server-2025", query: "style=timed&ring=broad:9/5/2"},
		&feedCase{tracks: "all", query: "alarm=P1D"},
		&feedCase{tracks: "all", query: "past=600&ahead=0"},
		&feedCase{tracks: "windows-11-24h2", query: "past=0&ahead=600"},
		privateFeed(t, s),
	)
}

// privateFeed is one of two stored rings, of which one has a window, and of a freeze.
func privateFeed(t *testing.T, s *testServer) *feedCase {
	t.Helper()
	put(t, s, "rings/night", `{"deferral":3,"deadline":2,"window":{"weekday":"saturday","start":"22:00","duration":"PT4H","time_zone":"`+windowZone+`"}}`)
	put(t, s, "rings/day", `{"deferral":1,"deadline":1,"tracks":["windows-11-24h2"]}`)
	put(t, s, "freezes/summer", `{"from":"2026-07-01","to":"2026-08-31","rings":["night","day"],"reason":"Summer"}`)
	secret := put(t, s, "feeds/board", `{"title":"Board","tracks":["windows-11-24h2","windows-server-2025"],"rings":["night","day"],"alarm":"P1D"}`)
	return &feedCase{tracks: "windows-11-24h2,windows-server-2025", query: "ring=night&ring=day&alarm=P1D", private: secret}
}

// saved puts each feed into a file, as clients keep them.
func saved(t *testing.T, feeds ...string) []string {
	t.Helper()
	names := make([]string, len(feeds))
	for i, feed := range feeds {
		names[i] = filepath.Join(t.TempDir(), "feed.ics")
		if err := os.WriteFile(names[i], []byte(feed), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

// reader reads feeds with one client: a list of events for each file.
type reader func(t *testing.T, files ...string) [][]clientEvent

// clientReaders fails the test where a client is missing: .ci/run installs all of them.
func clientReaders(t *testing.T) map[string]reader {
	t.Helper()
	return map[string]reader{
		// Debian's package belongs to Debian's Python.
		"python3-icalendar": clientReader("/usr/bin/python3", filepath.Join("testdata", "clients", "read.py")),
		"ical.js":           clientReader("node", filepath.Join("testdata", "clients", "read.mjs")),
		"libical":           clientReader(compileLibical(t)),
	}
}

func clientReader(name string, args ...string) reader {
	return func(t *testing.T, files ...string) [][]clientEvent {
		t.Helper()
		var stderr bytes.Buffer
		cmd := exec.CommandContext(t.Context(), name, append(slices.Clone(args), files...)...)
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %v\n%s", cmd.Args, err, stderr.String())
		}
		var lists [][]clientEvent
		for dec := json.NewDecoder(bytes.NewReader(out)); ; {
			events := []clientEvent{}
			err := dec.Decode(&events)
			if err == io.EOF {
				return lists
			}
			if err != nil {
				t.Fatalf("%v: %v\n%.500s", cmd.Args, err, out)
			}
			lists = append(lists, sorted(events))
		}
	}
}

// compileLibical returns the reader that uses libical.
func compileLibical(t *testing.T) string {
	t.Helper()
	flags, err := exec.CommandContext(t.Context(), "pkg-config", "--cflags", "--libs", "libical").Output()
	if err != nil {
		t.Fatalf("pkg-config libical: %v: want libical-dev and pkg-config", err)
	}
	binary := filepath.Join(t.TempDir(), "read")
	args := append([]string{"-Wall", "-Werror", "-o", binary, filepath.Join("testdata", "clients", "read.c")}, strings.Fields(string(flags))...)
	if out, err := exec.CommandContext(t.Context(), "cc", args...).CombinedOutput(); err != nil {
		t.Fatalf("cc %v: %v\n%s", args, err, out)
	}
	return binary
}

func sorted(events []clientEvent) []clientEvent {
	slices.SortFunc(events, func(a, b clientEvent) int { return cmp.Compare(a.UID, b.UID) })
	return events
}
