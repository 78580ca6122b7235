package resource_test

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/cyclecal/cyclecal/cycle/resource"
)

// bad is a change after which a document has a fault at a pointer. A nil value takes the field away.
type bad struct {
	pointer string
	fields  map[string]any
}

func set(name string, value any) bad { return bad{"/" + name, map[string]any{name: value}} }

// sound are documents without a fault beside the ground, and what can be wrong with each.
var sound = map[resource.Kind]struct {
	id, document string
	bad          []bad
}{
	resource.Tracks: {"own", `{"name": "Own", "first_month": "2026-01", "rule": {"baseline_months": [1], "release_day": "day 1", "release_time": "10:00", "time_zone": "UTC"}}`, []bad{
		set("name", ""), set("first_month", "x"), set("os_branch", "1"), set("note", "\n"), set("hotpatch_until", "never"), set("unknown", 1),
	}},
	resource.Releases: {"a.kb5000009", `{"track": "a", "month": "2026-02", "kb": "KB5000009", "type": "hotpatch", "restart": false, "release_date": "2026-02-10", "build": "26100.1"}`, []bad{
		set("track", "nope"), set("type", "x"), set("build", "9"), set("release_date", "soon"), set("known_on", "soon"), set("url", "x"), set("note", " "), set("out_of_band", 1),
		set("restart", true),
		{"/build", map[string]any{"build": "99999.1"}},
		{"/month", map[string]any{"month": "2025-12", "release_date": "2026-01-01"}},
		{"/release_date", map[string]any{"release_date": "2026-04-01"}},
	}},
	resource.Notices: {"a.2026-04", `{"track": "a", "month": "2026-04", "kind": "baseline", "known_on": "2026-04-01"}`, []bad{
		set("track", "nope"), set("kind", "x"), set("known_on", "x"), set("source", "x"), set("reason", ""), set("plan_seen_on", "2027-01-01"),
		{"/month", map[string]any{"month": "2025-04", "id": "a.2025-04"}},
		{"/earlier/0/kind", map[string]any{"earlier": []any{map[string]any{"kind": "x", "known_on": "2026-03-01"}}}},
	}},
	resource.Rings: {"r", `{"tracks": ["a"]}`, []bad{
		set("deferral", 31), set("deadline", "1"), set("grace", 8),
		{"/tracks/0", map[string]any{"tracks": []string{"nope"}}},
		{"/tracks/1", map[string]any{"tracks": []string{"A!", "nope"}}},
		{"/window", map[string]any{"window": map[string]any{"start": "22:00", "duration": "PT1H", "time_zone": "UTC"}}},
	}},
	resource.Freezes: {"f", `{"from": "2026-12-01", "to": "2026-12-02"}`, []bad{
		set("from", "x"), set("reason", 1), {"/to", map[string]any{"to": "2026-11-01"}}, {"/tracks/0", map[string]any{"tracks": []string{"nope"}}}, {"/rings/0", map[string]any{"rings": []string{"nope"}}},
	}},
	resource.Feeds: {"f", `{"title": "F"}`, []bad{
		set("title", nil), set("kind", "x"), set("alarm", "1D"), set("style", "x"), {"/tracks/0", map[string]any{"tracks": []string{"nope"}}}, {"/rings/0", map[string]any{"rings": []string{"nope"}}},
	}},
}

// hidden are the pairs of which one fault hides the other: the second can't be judged without the field that
// the first spoils.
var hidden = map[[2]string]bool{
	{"/type", "/restart"}: true, {"/track", "/month"}: true, {"/track", "/build"}: true, {"/from", "/to"}: true,
	{"/known_on", "/plan_seen_on"}: true,
}

// All that is wrong with a document is told at once: each two of its faults, whichever look finds them.
func TestPairsOfFaults(t *testing.T) {
	for kind, of := range sound {
		if got := pointersOf(t, kind, of.id, of.document, nil, nil); len(got) > 0 {
			t.Errorf("%s: %v, want no fault", kind, got)
		}
		for i, one := range of.bad {
			if got := pointersOf(t, kind, of.id, of.document, one.fields, nil); !slices.Contains(got, one.pointer) {
				t.Errorf("%s %v: faults %v, want %s", kind, one.fields, got, one.pointer)
			}
			for _, other := range of.bad[i+1:] {
				both := maps.Clone(one.fields)
				maps.Copy(both, other.fields)
				if len(both) < len(one.fields)+len(other.fields) {
					continue // of the same field
				}
				got := pointersOf(t, kind, of.id, of.document, one.fields, other.fields)
				for _, pair := range [][2]string{{one.pointer, other.pointer}, {other.pointer, one.pointer}} {
					if !slices.Contains(got, pair[1]) && !hidden[pair] {
						t.Errorf("%s %v: faults %v, want %s", kind, both, got, pair)
					}
				}
			}
		}
	}
}

// pointersOf returns the pointers to the faults of a document with other fields, each once.
func pointersOf(t *testing.T, kind resource.Kind, id, document string, changes ...map[string]any) []string {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal([]byte(document), &fields); err != nil {
		t.Fatal(err)
	}
	for _, change := range changes {
		maps.Copy(fields, change)
	}
	if of, ok := fields["id"].(string); ok && kind == resource.Notices {
		id = of // of another month
	}
	maps.DeleteFunc(fields, func(_ string, value any) bool { return value == nil })
	body, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	d, err := resource.ParseJSON(kind, id, body)
	read, _ := errors.AsType[resource.Faults](err)
	var pointers []string
	for _, f := range resource.NewLayers(ground(t), nil).FaultsOf(d, read) {
		if slices.Contains(pointers, f.Pointer) {
			t.Errorf("%s: two faults at %s", body, f.Pointer)
		}
		pointers = append(pointers, f.Pointer)
	}
	return pointers
}
