package resource_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/cycle/resource"
)

// The least that each kind needs.
const (
	rule    = `"rule": {"baseline_months": [], "release_day": "day 1", "release_time": "00:00", "time_zone": "UTC"}`
	track   = `"name": "T", "first_month": "2024-01", `
	release = `"track": "t", "month": "2026-01", "type": "hotpatch", "known_on": "2026-01-01"`
	notice  = `"track": "t", "month": "2026-06", "kind": "baseline", "known_on": "2026-06-09"`
	window  = `"start": "22:00", "duration": "PT1H", "time_zone": "UTC"`
	freeze  = `"from": "2026-12-18", "to": "2027-01-15"`
)

// broken are documents with what is wrong with them. Those with a wrong shape
// are refused by the schema too.
var broken = []struct {
	kind     resource.Kind
	id, body string
	shape    bool
	want     string // the pointers, and a part of each detail
}{
	{"tracks", "t", `{}`, true, `/name is missing|/first_month YYYY-MM|/rule baseline_months`},
	{"tracks", "t", `{` + track + `"rule": {}}`, true, `/rule/baseline_months list of months|/rule/release_day second tuesday|/rule/release_time HH:MM|/rule/time_zone IANA`},
	{"tracks", "all", `{` + track + rule + `}`, false, `/id another id: feeds call all tracks so`},
	{"tracks", "t", `{"name": "T", "first_month": "1969-12", "hotpatch_until": "2200-01", ` + rule + `}`, true, `/first_month 1970-01 to 2199-12|/hotpatch_until 1970-01 to 2199-12`},
	{"tracks", "T", `{` + track + rule + `}`, true, `/id a-z, 0-9 and -`},
	{"tracks", "t", `{"id": "u", ` + track + rule + `}`, false, `/id "t", the id in the path`},
	{"tracks", "t", `{"id": 7, ` + track + rule + `}`, true, `/id in quotes`},
	{"tracks", "t", `{"id": null, ` + track + rule + `}`, true, `/id invalid id null`},
	{"tracks", "t", `{"name": "", "first_month": "2024-01", ` + rule + `}`, true, `/name one line`},
	{"tracks", "t", `{"name": " T", "first_month": "2024-01", ` + rule + `}`, true, `/name no space around`},
	{"tracks", "t", `{"name": "a\nb", "first_month": "december", ` + rule + `}`, true, `/name one line|/first_month invalid first_month "december": want YYYY-MM`},
	{"tracks", "t", `{"name": "` + strings.Repeat("ü", 201) + `", "first_month": "2024-1", ` + rule + `}`, true, `/name at most 200|/first_month YYYY-MM`},
	{"tracks", "t", `{` + track + `"hotpatch_until": "2023-12", ` + rule + `}`, false, `/hotpatch_until from 2024-01 on`},
	{"tracks", "t", `{` + track + `"os_branch": 26100, ` + rule + `}`, true, `/os_branch in quotes`},
	{"tracks", "t", `{` + track + `"rule": []}`, true, `/rule (a list)`},
	{"tracks", "t", `{` + track + `"rule": null}`, true, `/rule null`},
	{
		"tracks", "t", `{` + track + `"rule": {"baseline_months": [0, 13, 1.5, "2", null], "release_day": "fifth tuesday", "offset_days": 29,
		"release_time": "24:00", "time_zone": "Local"}}`, true, `/rule/baseline_months/0 1 to 12|/rule/baseline_months/1 12|/rule/baseline_months/2 whole|` +
			`/rule/baseline_months/3 whole number|/rule/baseline_months/4 null|/rule/release_day last|/rule/offset_days -28 to 28|/rule/release_time 23:59|/rule/time_zone IANA`,
	},
	{"tracks", "t", `{` + track + strings.Replace(rule, "[]", "[1, 2, 1]", 1) + `}`, true, `/rule/baseline_months/2 each once`},
	{"tracks", "t", `{` + track + strings.Replace(rule, "[]", "7", 1) + `}`, true, `/rule/baseline_months list`},
	{"tracks", "t", `{` + track + strings.Replace(rule, "UTC", "Mars/Olympus", 1) + `}`, false, `/rule/time_zone IANA`},
	{"tracks", "t", `{` + track + strings.Replace(rule, "{", `{"hour": 1, `, 1) + `}`, true, `/rule/hour want baseline_months, release_day, offset_days, release_time, time_zone`},
	{"tracks", "t", `{` + track + rule + `, "a/b~c": 1}`, true, `/a~1b~0c unknown field`},

	{"releases", "t.2026-01", `{}`, true, `/track missing|/type missing|/known_on release_date`},
	{"releases", "t.2026-02", `{` + release + `}`, false, `/id "t.2026-01"`},
	{"releases", "t.2026-01", `{` + release + `, "kb": "KB5061258"}`, false, `/id "t.kb5061258"`},
	{"releases", "t.2026-01", `{` + release + `, "kb": "5061258", "build": 26100.3983}`, true, `/kb KB and 6 to 8|/build in quotes`},
	{"releases", "t.2026-01", `{` + release + `, "out_of_band": "true", "restart": 1}`, true, `/out_of_band true or false|/restart true or false`},
	{
		"releases", "t.2026-01", `{` + release + `, "restart": true, "release_date": "2026-03-01"}`, false,
		`/restart false or nothing|/release_date in 2026-01`,
	},
	{"releases", "t.2026-01", `{"track": "t", "type": "baseline", "known_on": "2026-01-01"}`, false, `/month the month`},
	{"releases", "t.2026-01", `{"track": "t", "type": "component", "known_on": "2026-01-01"}`, false, `/kb a KB`},
	{"releases", "t.2026-01", `{` + release + `, "url": "http://a.example/"}`, true, `/url https`},
	{"releases", "t.2026-01", `{` + release + `, "url": "https:///x", "confidence": "high"}`, true, `/url https|/confidence primary or secondary`},
	{"releases", "t.2026-01", `{` + release + `, "url": "https://a.example/ b", "note": "` + strings.Repeat("x", 1001) + `"}`, true, `/url without spaces|/note at most 1000`},
	{"releases", "t_1", `{` + release + `, "release_date": "2026-02-30"}`, false, `/id TRACK.kbNUMBER|/release_date YYYY-MM-DD`},

	{"notices", "t.2026-06", `{}`, true, `/track missing|/month missing|/kind baseline or hotpatch|/known_on YYYY-MM-DD`},
	{"notices", "t.2026-07", `{` + notice + `}`, false, `/id "t.2026-06"`},
	{"notices", "t.2026-06", `{` + notice + `, "plan_seen_on": "2026-06-10"}`, false, `/plan_seen_on up to known_on, 2026-06-09`},
	{
		"notices", "t.2026-06", `{` + notice + `, "earlier": [{"kind": "hotpatch", "known_on": "2026-06-08"}, {"kind": "hotpatch", "known_on": "2026-06-09"}]}`, false,
		`/earlier/1/known_on a day before known_on of the notice, 2026-06-09`,
	},
	{"notices", "t.2026-06", `{"track": "t", "month": "2026-06", "kind": "Baseline", "known_on": "2026-6-9", "reason": "a\u0007"}`, true, `/kind baseline or|/known_on YYYY|/reason control`},

	{"rings", "r", `{"deferral": 31, "deadline": -1, "grace": 8, "tracks": ["a", "A", "a"]}`, true, `/tracks/1 a-z|/tracks/2 each once|/deferral 0 to 30|/deadline 0 to 30|/grace 0 to 7`},
	{"rings", "r", `{"deferral": "1", "deadline": 1e1, "grace": true, "tracks": "a"}`, true, `/tracks a list|/deferral whole number|/deadline whole|/grace whole`},
	{"rings", "r", `{"window": {}}`, true, `/window/start missing|/window/duration missing|/window/time_zone missing|/window weekday nor offset_days`},
	{"rings", "r", `{"window": {"weekday": "sunday", "offset_days": 3, ` + window + `}}`, true, `/window/offset_days null, as there is a weekday`},
	{"rings", "r", `{"window": {"offset_days": 46, ` + window + `}}`, true, `/window/offset_days 0 to 45`},
	{"rings", "r", `{"window": {"weekday": "Sunday", ` + window + `}}`, true, `/window/weekday sunday, monday`},
	{"rings", "r", `{"window": {"weekday": "sunday", "start": "9:00", "duration": "P1D", "time_zone": ""}}`, true, `/window/start HH:MM|/window/duration PT1H to PT24H|/window/time_zone IANA`},
	{"rings", "r", `{"window": {"weekday": "sunday", "start": "09:00", "duration": "PT59M", "time_zone": "UTC"}}`, false, `/window/duration PT1H`},
	{"rings", "r", `{"window": {"weekday": "sunday", "start": "09:00", "duration": "PT24H1M", "time_zone": "UTC"}}`, false, `/window/duration PT24H`},
	{"rings", "r", `{"window": {"weekday": "sunday", "start": "09:00", "duration": "PT", "time_zone": "UTC"}}`, true, `/window/duration PT24H`},
	{"rings", "r", `{"window": []}`, true, `/window an object with weekday`},

	{"freezes", "f", `{}`, true, `/from missing|/to missing`},
	{"freezes", "f", `{"from": "2026-01-02", "to": "2026-01-01"}`, false, `/to from 2026-01-02`},
	{"freezes", "f", `{"from": "2026-01-01", "to": "2027-01-02"}`, false, `/to to 2027-01-01, at most 366 days`},
	{"freezes", "f", `{` + freeze + `, "rings": [1], "reason": 5}`, true, `/rings/0 in quotes|/reason in quotes`},

	{"feeds", "f", `{"kind": "cumulative", "style": "x", "alarm": "-P1D", "secret": "s"}`, true, `/secret unknown field|/title missing|/kind baseline or hotpatch|/alarm a duration of at most 31 days|/style allday or timed`},
	{"feeds", "f", `{"title": "F", "alarm": "P32D"}`, false, `/alarm 31 days`},
	{"feeds", "f", `{"title": "F", "alarm": "P30DT24H1M"}`, false, `/alarm 31 days`},
	{"feeds", "f", `{"title": "F", "rings": [` + numberedIDs(21) + `]}`, false, `/rings at most 20 rings`},

	{"tokens", "t", `{"role": "root", "expires_at": "2027-01-01"}`, true, `/role viewer, editor or admin|/expires_at RFC 3339`},
	{"tokens", "t", `{"role": "admin", "expires_at": "0001-01-01T00:00:00Z"}`, false, `/expires_at 1970`},
	{"tokens", "t", `{"role": "admin", "expires_at": "1969-12-31T23:59:59Z"}`, false, `/expires_at 1970`},
	{"tokens", "t", `{"role": "admin", "expires_at": "9999-01-01T00:00:00Z"}`, false, `/expires_at 9998`},
}

// numberedIDs are that many ids, in quotes and with commas.
func numberedIDs(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf("%q", fmt.Sprintf("r%d", i)))
	}
	return strings.Join(list, ", ")
}

// What lies just within a limit is taken.
func TestAtTheLimits(t *testing.T) {
	for _, tt := range []struct {
		kind     resource.Kind
		id, body string
	}{
		{"tracks", "t", `{"name": "` + strings.Repeat("ü", 200) + `", "first_month": "1970-01", "hotpatch_until": "2199-12", ` + rule + `}`},
		{"notices", "t.2026-06", `{` + notice + `, "earlier": [{"kind": "hotpatch", "known_on": "2026-06-08"}]}`},
		{"feeds", "f", `{"title": "F", "alarm": "P31D", "rings": [` + numberedIDs(20) + `]}`},
		{"feeds", "f", `{"title": "F", "alarm": "P30DT23H60M"}`},
		{"tokens", "t", `{"role": "admin", "expires_at": "1970-01-01T00:00:00Z"}`},
		{"tokens", "t", `{"role": "admin", "expires_at": "9998-12-31T23:59:59Z"}`},
	} {
		if _, err := resource.ParseJSON(tt.kind, tt.id, []byte(tt.body)); err != nil {
			t.Errorf("ParseJSON(%s, %s): %v, want it taken", tt.kind, tt.body, err)
		}
	}
}

// matches compares faults with the pointers and parts of details that are wanted.
func matches(faults resource.Faults, at, want string) string {
	parts := strings.Split(want, "|")
	if len(parts) != len(faults) {
		return fmt.Sprintf("%d faults:\n%v\nwant %d: %s", len(faults), faults, len(parts), want)
	}
	for _, part := range parts {
		pointer, detail, _ := strings.Cut(part, " ")
		found := false
		for _, f := range faults {
			found = found || f.Pointer == at+pointer && strings.Contains(f.Detail, detail)
		}
		if !found {
			return fmt.Sprintf("faults:\n%v\nwant one at %s with %q", faults, at+pointer, detail)
		}
	}
	return ""
}

func TestBrokenJSON(t *testing.T) {
	for _, tt := range broken {
		d, err := resource.ParseJSON(tt.kind, tt.id, []byte(tt.body))
		if err == nil {
			t.Errorf("ParseJSON(%s, %s, %s) = %s, want faults", tt.kind, tt.id, tt.body, d.JSON())
			continue
		}
		faults := faultsOf(t, err)
		if wrong := matches(faults, "", tt.want); wrong != "" {
			t.Errorf("ParseJSON(%s, %s, %s): %s", tt.kind, tt.id, tt.body, wrong)
		}
		for _, f := range faults {
			if f.Line != 0 || f.Column != 0 || !strings.Contains(f.Detail, "want ") {
				t.Errorf("ParseJSON(%s): fault %+v, want one without line that says what is wanted", tt.body, f)
			}
		}
	}
}

// withID is a broken document as it stands in a file.
func withID(id, body string) string {
	if strings.HasPrefix(body, `{"id"`) {
		return body
	}
	return strings.Replace(`{"id": "`+id+`", `+body[1:], ", }", "}", 1)
}

func TestBrokenFleet(t *testing.T) {
	for _, tt := range broken {
		if strings.HasPrefix(tt.want, `/id "t", the id in`) { // a file has no path
			continue
		}
		file := "# first\n" + string(tt.kind) + ":\n  -   " + withID(tt.id, tt.body)
		_, err := resource.ParseFleet([]byte(file), "f")
		if err == nil {
			t.Errorf("ParseFleet(%s): no fault", file)
			continue
		}
		if wrong := matches(faultsOf(t, err), "/"+string(tt.kind)+"/0", tt.want); wrong != "" {
			t.Errorf("ParseFleet(%s): %s", file, wrong)
		}
		for _, f := range faultsOf(t, err) {
			if f.Line < 3 || f.Column < 7 {
				t.Errorf("ParseFleet(%s): %+v, want its line and column", file, f)
			}
		}
	}
}

func TestBrokenText(t *testing.T) {
	for _, tt := range []struct{ body, want string }{
		{"", "no JSON"},
		{"{", "no JSON"},
		{"{} {}", "no JSON"},
		{"{}x", "no JSON"},
		{"{,}", "no JSON"},
		{"\ufeff{}", "no JSON"},
		{"{'grace': 1}", "no JSON"},
		{"{\"tracks\": [\"\xff\"]}", "want UTF-8"},
		{"[]", "an object with id"},
		{"null", "an object with id"},
		{`"r"`, "an object with id"},
		{`{"grace": 1, "grace": 2}`, `field "grace" is there already`},
		{`{"id": "r", "id": "r"}`, `field "id" is there already`},
		{`{"window": {"start": "01:00", "start": "01:00", "offset_days": 1, "duration": "PT1H", "time_zone": "UTC"}}`, `"start" is there already`},
		{`{"tracks": ` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, "at most 16 levels"},
		{`{"tracks": ` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`, "max depth"},
		{`{"tracks": [1` + strings.Repeat(",1", 250000) + `]}`, "at most 200000"},
	} {
		_, err := resource.ParseJSON("rings", "r", []byte(tt.body))
		if err == nil {
			t.Errorf("ParseJSON(%.60q): no fault", tt.body)
			continue
		}
		if f := faultsOf(t, err); len(f) != 1 || !strings.Contains(f[0].Detail, tt.want) || f[0].Line != 0 {
			t.Errorf("ParseJSON(%.60q): %v, want one with %q and no line", tt.body, f, tt.want)
		}
	}
	if _, err := resource.ParseJSON("ring", "r", []byte("{}")); err == nil || !strings.Contains(err.Error(), "tracks, releases") {
		t.Errorf("ParseJSON of a kind that is none: %v", err)
	}
}

func TestBrokenFile(t *testing.T) {
	bomb := "rings:\n- &a0 [x, x]\n"
	for i := range 30 {
		bomb += fmt.Sprintf("- &a%d [*a%d, *a%d]\n", i+1, i, i)
	}
	wide := "rings:\n- tracks: &a [" + strings.Repeat("x,", 1000) + "]\n" + strings.Repeat("- tracks: *a\n", 1000)
	for _, tt := range []struct {
		name, file, want string
		line, column     int
	}{
		{"nothing", "", "empty file: want", 1, 1},
		{"a comment", "# x\n", "empty file", 1, 1},
		{"null", "---\n", "a mapping with tracks, releases, notices, rings, freezes, feeds or tokens", 2, 1},
		{"a list", "- rings\n", "a mapping with", 1, 1},
		{"a word", "rings", "a mapping with", 1, 1},
		{"an unknown heading", "rings: []\nring: []\n", `unknown field "ring": want tracks,`, 2, 1},
		{"a heading twice", "rings: []\nrings: []\n", `"rings" is there already`, 2, 1},
		{"a mapping of documents", "rings: {r: {}}\n", "a list of documents", 1, 8},
		{"a list of words", "rings:\n  - r\n", "an object with id", 2, 5},
		{"no id", "rings:\n  - grace: 1\n", "id is missing", 2, 5},
		{"an id twice", "rings:\n  - id: r\n  - id: r\n", "line 2 has the same", 3, 9},
		{"a field twice", "rings:\n  - id: r\n    grace: 1\n    grace: 1\n", `"grace" is there already`, 4, 5},
		{"an unknown field", "rings:\n- id: r\n  defferal: 1\n", `unknown field "defferal": want id, tracks, deferral,`, 3, 3},
		{"a column in characters", `rings: [{id: r, "ü": 1}]`, `unknown field "ü"`, 1, 17},
		{"the same in JSON", `{"rings": [{"id": "r", "a": 1, "ü": 1, "grace" :` + "\n\t 9}]}", "unknown field|unknown field|0 to 7", 1, 24},
		{"a number as text", "feeds: [{id: f, title: 2026}]", "text, in quotes", 1, 24},
		{"an octal", "rings: [{id: r, grace: 07}]", "whole number", 1, 24},
		{"two documents", "rings: []\n---\nrings: []\n", "a second YAML document", 2, 1},
		{"a broken second document", "rings: []\n---\nrings: [\n", "no YAML", 0, 0},
		{"a tag", "rings: !!seq []\n", "without a tag", 1, 8},
		{"a tag of one's own", "rings: [{id: !x r}]\n", "without a tag", 1, 14},
		{"a tag on a name", "rings: [{!!str id: r, id: s}]\n", `unknown field "?"`, 1, 10},
		{"a binary", "rings: [{id: !!binary aa==}]\n", "without a tag", 1, 14},
		{"a merge", "rings: [{id: r, <<: {grace: 1}}]\n", `merge key "<<"`, 1, 17},
		{"a list as name", "rings: [{id: r, [a]: 1}]\n", `unknown field "?"`, 1, 17},
		{"an unknown alias", "rings: *a\n", "no YAML", 0, 0},
		{"a circle", "rings: &a [*a]\n", "at most 16 levels", 0, 0},
		{"a bomb", bomb, "at most 16 levels", 0, 0},
		{"a wide bomb", wide, "at most 200000", 0, 0},
		{"no UTF-8", "rings: []\n#\u00fc\xff\n", "UTF-8", 2, 3},
		{"UTF-16", "\xff\xfer\x00", "UTF-8", 1, 1},
		{"a control character", "rings: [{id: \x01}]", "no YAML", 0, 0},
		{"a tab", "rings:\n\t- id: r\n", "no YAML", 2, 1},
		{"an open bracket", "rings: [\n", "no YAML", 0, 0},
		{"too long", "#" + strings.Repeat("x", 1<<20), "at most 1 MiB", 0, 0},
		{"deep brackets", "rings: " + strings.Repeat("[", 10000) + strings.Repeat("]", 10000), "", 0, 0},
		{"deep dashes", "rings:\n" + strings.Repeat("- ", 10000), "", 0, 0},
		{"deep braces", strings.Repeat("{a: ", 10000), "", 0, 0},
		{"deep JSON", strings.Repeat("[", 10000) + strings.Repeat("]", 10000), "at most 16 levels", 1, 17},
	} {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			_, err := resource.ParseFleet([]byte(tt.file), "fleet.yaml")
			if took := time.Since(start); took > time.Minute {
				t.Errorf("took %v", took)
			}
			if err == nil {
				t.Fatalf("ParseFleet(%.80q): no fault", tt.file)
			}
			faults := faultsOf(t, err)
			wants := strings.Split(tt.want, "|")
			if len(faults) < len(wants) || tt.line > 0 && (faults[0].Line != tt.line || faults[0].Column != tt.column) {
				t.Fatalf("faults %+v, want %d, the first at %d:%d", faults, len(wants), tt.line, tt.column)
			}
			for i, want := range wants {
				if !strings.Contains(faults[i].Detail, want) || !strings.Contains(faults[i].Detail, "want ") {
					t.Errorf("fault %v, want %q", faults[i], want)
				}
			}
		})
	}
}

// TestManyFaults holds that an answer stays readable.
func TestManyFaults(t *testing.T) {
	_, err := resource.ParseFleet([]byte("rings:\n"+strings.Repeat("- x\n", 5000)), "f")
	faults := faultsOf(t, err)
	if len(faults) != 1000 || !strings.Contains(faults[999].Detail, "more faults follow") {
		t.Errorf("%d faults, the last %v; want 1000, and that there are more", len(faults), faults[len(faults)-1])
	}
}

func TestFaultText(t *testing.T) {
	_, err := resource.ParseFleet([]byte("rings:\n- {id: r, grace: 8,\n   deferral: x}\n"), "my/fleet.yaml")
	want := "my/fleet.yaml:2:18: /rings/0/grace: invalid grace 8: want a whole number from 0 to 7\n" +
		"my/fleet.yaml:3:14: /rings/0/deferral: invalid deferral \"x\": want a whole number from 0 to 30"
	if err == nil || err.Error() != want {
		t.Errorf("error\n%v\nwant\n%s", err, want)
	}
	_, err = resource.ParseJSON("rings", "r", []byte(`{"grace": 8, "x": 1}`))
	faults, _ := errors.AsType[resource.Faults](err)
	if diff := cmp.Diff(resource.Faults{
		{Pointer: "/x", Detail: `unknown field "x": want id, tracks, deferral, deadline, grace, window`},
		{Pointer: "/grace", Detail: "invalid grace 8: want a whole number from 0 to 7"},
	}, faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}
