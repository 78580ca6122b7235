package resource_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/resource"
)

// ground is a history of two tracks.
func ground(t *testing.T) []cycle.Facts {
	t.Helper()
	f, faults := overlay(nil, fleet(t, `
tracks:
  - &t {id: b, name: B, first_month: 2026-01, rule: {baseline_months: [1], release_day: second tuesday, release_time: 10:00, time_zone: UTC}}
  - {id: a, name: A, os_branch: "26100", first_month: 2026-01, rule: {baseline_months: [1], release_day: second tuesday, release_time: 10:00, time_zone: UTC}}
releases:
  - {id: a.kb5000001, track: a, month: 2026-01, kb: KB5000001, type: baseline, restart: true, release_date: 2026-01-13}
  - {id: a.kb5000002, track: a, month: 2026-02, kb: KB5000002, type: hotpatch, restart: false, release_date: 2026-02-10}
notices:
  - {id: a.2026-03, track: a, month: 2026-03, kind: baseline, known_on: 2026-03-10}
`))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return f.Facts
}

// overlay lays documents over the ground one at a time.
func overlay(ground []cycle.Facts, documents []resource.Document) (resource.Fleet, resource.Faults) {
	l := resource.NewLayers(ground, nil)
	for _, d := range documents {
		l.Put(d)
		l.Fleet()
	}
	f, _ := l.Fleet()
	return f, l.Faults()
}

func TestOverlay(t *testing.T) {
	first := ground(t)
	f, faults := overlay(first, fleet(t, `
tracks:
  - {id: own, name: Own, first_month: 2026-01, rule: {baseline_months: [], release_day: day 1, release_time: 10:00, time_zone: UTC}}
  - {id: a, name: A2, first_month: 2026-02, rule: {baseline_months: [2], release_day: second tuesday, release_time: 10:00, time_zone: UTC}}
releases:
  - {id: a.kb5000002, track: a, month: 2026-02, kb: KB5000002, type: baseline, restart: true, release_date: 2026-02-11}
  - {id: own.2026-01, track: own, month: 2026-01, type: cumulative, release_date: 2026-01-01}
notices:
  - {id: a.2026-03, track: a, month: 2026-03, kind: baseline, known_on: 2026-03-01}
  - {id: own.2026-02, track: own, month: 2026-02, kind: baseline, known_on: 2026-03-01}
rings: [{id: z, tracks: [own]}, {id: r}]
freezes: [{id: f, from: 2026-12-18, to: 2026-12-19, tracks: [a, own], rings: [z]}]
feeds: [{id: f, title: F, rings: [r]}]
tokens: [{id: ci, role: viewer}]
`))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var got []string
	for _, facts := range f.Facts {
		got = append(got, facts.Track.Name)
		for _, r := range facts.Releases {
			got = append(got, r.ID()+" "+r.Date.String())
		}
		for _, n := range facts.Notices {
			got = append(got, n.ID()+" "+n.KnownOn.String())
		}
	}
	for _, r := range f.Rings {
		got = append(got, r.Name)
	}
	want := []string{
		"A2", "a.kb5000002 2026-02-11", "a.2026-03 2026-03-01", // January is not on the new track
		"B", "Own", "own.2026-01 2026-01-01", "own.2026-02 2026-03-01", "r", "z",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fleet (-want +got):\n%s", diff)
	}
	if len(f.Freezes) != 1 || len(f.Feeds) != 1 || len(f.Tokens) != 1 {
		t.Errorf("%d freezes, %d feeds, %d tokens, want one each", len(f.Freezes), len(f.Feeds), len(f.Tokens))
	}
	if diff := cmp.Diff(ground(t), first, same); diff != "" {
		t.Errorf("the ground has changed (-before +after):\n%s", diff)
	}
}

// TestOverlayFaults holds that what can't stand is left out, whole, with its pointer.
func TestOverlayFaults(t *testing.T) {
	documents := fleet(t, `
tracks:
  - {id: b, name: B, first_month: 2026-01, rule: {baseline_months: [1], release_day: second tuesday, release_time: 10:00, time_zone: UTC}}
releases:
  - {id: none.2026-01, track: none, month: 2026-01, type: baseline, known_on: 2026-01-01}
  - {id: a.kb5000001, track: a, month: 2026-01, kb: KB5000001, build: "26200.1", type: baseline, known_on: 2026-01-01}
  - {id: a.2025-12, track: a, month: 2025-12, type: baseline, known_on: 2026-01-01}
notices:
  - {id: none.2026-01, track: none, month: 2026-01, kind: baseline, known_on: 2026-01-01}
  - {id: a.2025-12, track: a, month: 2025-12, kind: baseline, known_on: 2026-01-01}
rings: [{id: good}, {id: bad, tracks: [a, none]}]
freezes:
  - {id: f, from: 2026-12-18, to: 2026-12-19, tracks: [none], rings: [good, bad]}
  - {id: g, from: 2026-12-18, to: 2026-12-19, rings: [good]}
feeds: [{id: f, title: F, tracks: [none], rings: [nope]}]
`)
	documents = append(documents, resource.Document{Kind: "tracks", ID: "x", Value: cycle.Track{ID: "x"}}, resource.Document{Kind: "rings", ID: "y/z"})
	f, faults := overlay(ground(t), documents)
	want := []string{
		"/tracks/x", "/releases/a.2025-12/month", "/releases/a.kb5000001/build", "/releases/none.2026-01/track",
		"/notices/a.2025-12/month", "/notices/none.2026-01/track", "/rings/bad/tracks/1", "/rings/y~1z",
		"/freezes/f/tracks/0", "/freezes/f/rings/1", "/feeds/f/tracks/0", "/feeds/f/rings/0",
	}
	var got []string
	for _, f := range faults {
		got = append(got, f.Pointer)
		if !strings.Contains(f.Detail, "want ") {
			t.Errorf("fault %v, want it to say what would have been right", f)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("faults (-want +got):\n%s\n%v", diff, faults)
	}
	if len(f.Rings) != 1 || len(f.Freezes) != 1 || len(f.Feeds) != 0 {
		t.Errorf("%d rings, %d freezes, %d feeds, want 1, 1 and none", len(f.Rings), len(f.Freezes), len(f.Feeds))
	}
	if diff := cmp.Diff(ground(t), f.Facts, same, cmp.Transformer("sorted", sorted)); diff != "" {
		t.Errorf("facts (-ground +laid over):\n%s", diff)
	}
	slices.Reverse(documents)
	again, others := overlay(ground(t), documents)
	if diff := cmp.Diff(f, again, same) + cmp.Diff(faults, others); diff != "" {
		t.Errorf("in another order (-first +second):\n%s", diff)
	}
}

// sorted has the ids of the facts, in order.
func sorted(facts []cycle.Facts) []string {
	var ids []string
	for _, f := range facts {
		ids = append(ids, f.Track.ID)
		for _, r := range f.Releases {
			ids = append(ids, r.ID())
		}
	}
	slices.Sort(ids)
	return ids
}
