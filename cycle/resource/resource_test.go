package resource_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/resource"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func fleet(t testing.TB, file string) []resource.Document {
	t.Helper()
	documents, err := resource.ParseFleet([]byte(file), "fleet.yaml")
	if err != nil {
		t.Fatalf("ParseFleet(%s): %v", file, err)
	}
	return documents
}

// same compares values of the model, whose fields are hidden or hold zones.
var same = cmp.Options{
	cmp.Comparer(func(a, b cycle.Date) bool { return a == b }),
	cmp.Comparer(func(a, b cycle.Month) bool { return a == b }),
	cmp.Comparer(func(a, b cycle.ReleaseDay) bool { return a == b }),
	cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() }),
}

func in(t *testing.T, zone string) *time.Location {
	t.Helper()
	z, err := cycle.ParseZone(zone)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// TestDesign reads the example of the design to the values that it shows.
func TestDesign(t *testing.T) {
	month, day := cycle.MonthOf, cycle.DateOf
	want := []resource.Document{
		{resource.Tracks, "oracle-cpu", cycle.Track{
			ID: "oracle-cpu", Name: "Oracle Critical Patch Update", FirstMonth: month(2024, 1),
			Rule: cycle.Rule{
				BaselineMonths: []time.Month{1, 4, 7, 10}, Day: cycle.NthWeekday(3, time.Tuesday),
				Hour: 13, Zone: in(t, "America/Los_Angeles"),
			},
		}},
		{resource.Releases, "windows-11-24h2.kb5061258", cycle.Release{
			Track: "windows-11-24h2", Month: month(2025, 5), KB: "KB5061258", Build: "26100.3983", Type: cycle.TypeHotpatch,
			OutOfBand: true, Restart: cycle.RestartNotNeeded, Date: day(2025, 5, 16), KnownOn: day(2025, 5, 16), URL: "https://…",
		}},
		{resource.Notices, "windows-11-24h2.2026-06", cycle.Notice{
			Track: "windows-11-24h2", Month: month(2026, 6), Kind: cycle.Baseline, KnownOn: day(2026, 6, 9),
			Reason: "…", Source: "https://…",
		}},
		{resource.Rings, "pilot", cycle.Ring{
			Name: "pilot", Tracks: []string{"windows-11-24h2"}, Deferral: 1, Deadline: 2, Grace: 2,
			Window: cycle.Window{ByWeekday: true, Weekday: time.Saturday, Hour: 22, Duration: 4 * time.Hour, Zone: in(t, "Europe/Berlin")},
		}},
		{resource.Freezes, "year-end", cycle.Freeze{
			ID: "year-end", From: day(2026, 12, 18), To: day(2027, 1, 15), Rings: []string{"pilot"}, Reason: "Year-end closing",
		}},
		{resource.Feeds, "sales", resource.Feed{
			ID: "sales", Title: "Sales laptops", Tracks: []string{"windows-11-24h2"}, Rings: []string{"pilot"}, Alarm: "P1D", Style: "allday",
		}},
		{resource.Tokens, "ci", resource.Token{ID: "ci", Role: "editor"}},
	}
	if diff := cmp.Diff(want, fleet(t, string(read(t, "design.yaml"))), same); diff != "" {
		t.Errorf("the example (-want +got):\n%s", diff)
	}
}

// A list names its kind, be it empty; a heading alone does not.
func TestNamed(t *testing.T) {
	for file, want := range map[string][]resource.Kind{
		"tokens: [{id: a}]\nrings: []": {resource.Rings, resource.Tokens},
		"rings:\nfreezes: null":        nil,
		`{"feeds": []}`:                {resource.Feeds},
		"- rings":                      nil, // no fleet file
		"rings: [":                     nil,
		"":                             nil,
	} {
		if diff := cmp.Diff(want, resource.Named([]byte(file))); diff != "" {
			t.Errorf("Named(%q) (-want +got):\n%s", file, diff)
		}
	}
}

// TestJSON holds the canonical form: the order, nulls, and defaults written out.
func TestJSON(t *testing.T) {
	for _, tt := range []struct {
		kind           resource.Kind
		id, body, want string
	}{
		{
			"tracks", "t", `{"name": "T", "first_month": "2024-01", "rule": {"time_zone": "UTC", "release_time": "00:30",
			"release_day": "last day", "baseline_months": [10, 1]}}`,
			`{"id":"t","name":"T","os_branch":null,"first_month":"2024-01","hotpatch_until":null,"rule":{"baseline_months":[1,10],` +
				`"release_day":"last day","offset_days":0,"release_time":"00:30","time_zone":"UTC"},"note":null}`,
		},
		{
			"tracks", "t", `{"name": "T & T", "os_branch": "26100", "first_month": "2024-01", "hotpatch_until": "2024-01", "note": "n",
			"rule": {"time_zone": "UTC", "release_time": "23:59", "release_day": "day 31", "offset_days": -28, "baseline_months": []}}`,
			`{"id":"t","name":"T & T","os_branch":"26100","first_month":"2024-01","hotpatch_until":"2024-01","rule":{"baseline_months":[],` +
				`"release_day":"day 31","offset_days":-28,"release_time":"23:59","time_zone":"UTC"},"note":"n"}`,
		},
		{ // known when it came, where nothing else is said
			"releases", "t.2026-01", `{"track": "t", "month": "2026-01", "type": "baseline", "release_date": "2026-01-13"}`,
			`{"id":"t.2026-01","track":"t","month":"2026-01","kb":null,"build":null,"type":"baseline","out_of_band":false,"restart":null,` +
				`"release_date":"2026-01-13","known_on":"2026-01-13","title":null,"url":null,"confidence":null,"sources":null,"note":null}`,
		},
		{ // a component is of no month
			"releases", "t.kb500000", `{"track": "t", "kb": "KB500000", "type": "component", "known_on": "2026-01-13", "restart": true,
			"title": "x", "url": "https://a.example/?b&c", "confidence": "primary", "note": "\u00fc"}`,
			`{"id":"t.kb500000","track":"t","month":null,"kb":"KB500000","build":null,"type":"component","out_of_band":false,"restart":true,` +
				`"release_date":null,"known_on":"2026-01-13","title":"x","url":"https://a.example/?b&c","confidence":"primary","sources":null,"note":"ü"}`,
		},
		{
			"notices", "t.2026-06", `{"id": "t.2026-06", "track": "t", "month": "2026-06", "kind": "hotpatch", "known_on": "2026-06-01", "plan_seen_on": "2026-06-01"}`,
			`{"id":"t.2026-06","track":"t","month":"2026-06","kind":"hotpatch","known_on":"2026-06-01","plan_seen_on":"2026-06-01","reason":null,"source":null,"earlier":[]}`,
		},
		{"rings", "r", `{}`, `{"id":"r","tracks":[],"deferral":0,"deadline":0,"grace":0,"window":null}`},
		{
			"rings", "r", `{"deferral": 30, "deadline": 30, "grace": 7,
			"window": {"offset_days": 45, "start": "01:05", "duration": "PT90M", "time_zone": "Europe/Berlin"}}`,
			`{"id":"r","tracks":[],"deferral":30,"deadline":30,"grace":7,"window":` +
				`{"weekday":null,"offset_days":45,"start":"01:05","duration":"PT1H30M","time_zone":"Europe/Berlin"}}`,
		},
		{
			"rings", "r", `{"window": {"weekday": "sunday", "start": "00:00", "duration": "PT24H", "time_zone": "UTC"}}`,
			`{"id":"r","tracks":[],"deferral":0,"deadline":0,"grace":0,"window":` +
				`{"weekday":"sunday","offset_days":null,"start":"00:00","duration":"PT24H","time_zone":"UTC"}}`,
		},
		{ // 366 days
			"freezes", "f", `{"from": "2026-01-01", "to": "2027-01-01", "reason": null, "tracks": ["b", "a"]}`,
			`{"id":"f","from":"2026-01-01","to":"2027-01-01","tracks":["b","a"],"rings":[],"reason":null}`,
		},
		{
			"feeds", "f", `{"title": "F", "kind": "baseline", "style": "timed", "alarm": "P31D"}`,
			`{"id":"f","title":"F","tracks":[],"rings":[],"kind":"baseline","alarm":"P31D","style":"timed"}`,
		},
		{"tokens", "t", `{"role": "admin", "expires_at": "2027-01-01T01:00:00.5+01:00"}`, `{"id":"t","role":"admin","expires_at":"2027-01-01T00:00:00.5Z"}`},
		{"tokens", "t", `{"role": "viewer"}`, `{"id":"t","role":"viewer","expires_at":null}`},
	} {
		d, err := resource.ParseJSON(tt.kind, tt.id, []byte(tt.body))
		if err != nil {
			t.Errorf("ParseJSON(%s, %s, %s): %v", tt.kind, tt.id, tt.body, err)
			continue
		}
		if got := string(d.JSON()); got != tt.want || d.ID != tt.id || d.Kind != tt.kind {
			t.Errorf("%s %s = %s, want %s %s = %s", d.Kind, d.ID, got, tt.kind, tt.id, tt.want)
		}
		roundTrip(t, d)
	}
	for _, d := range []resource.Document{{}, {Kind: "rings", Value: 1}, {Kind: "x", Value: cycle.Ring{}}} {
		if got := string(d.JSON()); got != "null" {
			t.Errorf("JSON of %v = %s, want null", d, got)
		}
	}
}

// roundTrip holds the law of the canonical form.
func roundTrip(t *testing.T, d resource.Document) {
	t.Helper()
	again, err := resource.ParseJSON(d.Kind, d.ID, d.JSON())
	if err != nil {
		t.Fatalf("ParseJSON of %s: %v", d.JSON(), err)
	}
	if diff := cmp.Diff(d, again, same); diff != "" {
		t.Errorf("%s read again (-first +second):\n%s", d.JSON(), diff)
	}
	if !bytes.Equal(d.JSON(), again.JSON()) {
		t.Errorf("written again: %s, want %s", again.JSON(), d.JSON())
	}
}

// fileOf writes documents as a fleet file.
func fileOf(t testing.TB, documents []resource.Document) []byte {
	t.Helper()
	lists := map[resource.Kind][]json.RawMessage{}
	for _, d := range documents {
		lists[d.Kind] = append(lists[d.Kind], d.JSON())
	}
	file, err := json.Marshal(lists)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// yamlOf writes documents as a fleet file that is no JSON.
func yamlOf(documents []resource.Document) []byte {
	var b strings.Builder
	last := resource.Kind("")
	for _, d := range documents {
		if d.Kind != last {
			fmt.Fprintf(&b, "%s:\n", d.Kind)
			last = d.Kind
		}
		fmt.Fprintf(&b, "  - %s\n", d.JSON())
	}
	return []byte(b.String())
}

func TestFleetIdentity(t *testing.T) {
	first := fleet(t, string(read(t, "design.yaml")))
	for _, file := range [][]byte{fileOf(t, first), yamlOf(first)} {
		if diff := cmp.Diff(first, fleet(t, string(file)), same); diff != "" {
			t.Errorf("%s read again (-first +second):\n%s", file, diff)
		}
	}
	for _, d := range first {
		roundTrip(t, d)
	}
}

// TestYAMLWords holds what plain words are: those of YAML 1.2, not those of 1.1.
func TestYAMLWords(t *testing.T) {
	for file, want := range map[string]string{
		"rings: [{id: no, window: {weekday: sunday, start: 22:00, duration: PT1H, time_zone: UTC}}]": `{"id":"no","tracks":[],"deferral":0,"deadline":0,"grace":0,"window":{"weekday":"sunday","offset_days":null,"start":"22:00","duration":"PT1H","time_zone":"UTC"}}`,
		"freezes: [{id: 1-1, from: 2026-12-18, to: '2026-12-18', reason: yes}]":                      `{"id":"1-1","from":"2026-12-18","to":"2026-12-18","tracks":[],"rings":[],"reason":"yes"}`,
		"\ufefftokens:\r\n- id: ci\r\n  role: admin\r\n  expires_at: 2027-01-01T00:00:00Z\r\n":       `{"id":"ci","role":"admin","expires_at":"2027-01-01T00:00:00Z"}`,
		"tokens: [{id: ci, role: admin, expires_at: ~}]":                                             `{"id":"ci","role":"admin","expires_at":null}`,
		"feeds:\n- id: f\n  title: >-\n    one\n    line\n  alarm:\n":                                `{"id":"f","title":"one line","tracks":[],"rings":[],"kind":null,"alarm":null,"style":"allday"}`,
		"rings: [{id: r, deferral: &days 3, deadline: *days}]":                                       `{"id":"r","tracks":[],"deferral":3,"deadline":3,"grace":0,"window":null}`,
		`{"feeds": [{"id": "f", "title": "\ud83d\ude00 \/"}]}`:                                       `{"id":"f","title":"😀 /","tracks":[],"rings":[],"kind":null,"alarm":null,"style":"allday"}`,
		"# a comment\n---\nfeeds: [{id: \"f\", \"title\": \"null\"}]\nrings:\ntracks: []\n...\n":     `{"id":"f","title":"null","tracks":[],"rings":[],"kind":null,"alarm":null,"style":"allday"}`,
	} {
		documents, err := resource.ParseFleet([]byte(file), "f")
		if err != nil || len(documents) != 1 {
			t.Errorf("ParseFleet(%q) = %d documents, %v", file, len(documents), err)
			continue
		}
		if got := string(documents[0].JSON()); got != want {
			t.Errorf("ParseFleet(%q) = %s, want %s", file, got, want)
		}
	}
}

// TestCycles compiles other vendors' cycles and compares with the days they publish.
func TestCycles(t *testing.T) {
	for _, tt := range []struct {
		file string
		want []string
	}{
		{"oracle.yaml", []string{"2026-01-20", "2026-04-21", "2026-07-21", "2026-10-20"}},
		{"sap.yaml", []string{
			"2026-01-13", "2026-02-10", "2026-03-10", "2026-04-14", "2026-05-12", "2026-06-09",
			"2026-07-14", "2026-08-11", "2026-09-08", "2026-10-13", "2026-11-10", "2026-12-08",
		}},
	} {
		file := read(t, tt.file)
		if n := bytes.Count(file, []byte("\n")); n > 11 {
			t.Errorf("%s has %d lines, want ten", tt.file, n)
		}
		f, faults := overlay(nil, fleet(t, string(file)))
		if len(faults) > 0 || len(f.Facts) != 1 {
			t.Fatalf("%s: %d tracks, faults %v", tt.file, len(f.Facts), faults)
		}
		schedule := cycle.Compile(f.Facts[0], cycle.DateOf(2025, 12, 31))
		var got []string
		for m := cycle.MonthOf(2026, 1); m.Year() == 2026; m = m.AddMonths(1) {
			milestone, ok := schedule.Milestone(m)
			if !ok {
				t.Fatalf("%s has no %s", tt.file, m)
			}
			if milestone.Kind == cycle.Baseline {
				got = append(got, milestone.Date.String())
			}
		}
		if !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: 2026 has %v, want %v", tt.file, got, tt.want)
		}
	}
}

func faultsOf(t testing.TB, err error) resource.Faults {
	t.Helper()
	faults, ok := errors.AsType[resource.Faults](err)
	if !ok || len(faults) == 0 {
		t.Fatalf("error %v, want faults", err)
	}
	return faults
}
