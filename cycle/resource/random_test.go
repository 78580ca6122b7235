package resource_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/resource"
)

// TestLayersOneByOne holds that layers which documents come to and go from are the same as if all had been laid at
// once, and that what they say of a document beforehand is what then happens.
func TestLayersOneByOne(t *testing.T) {
	ground := ground(t)
	for seed := range uint64(6) {
		random := rand.New(rand.NewPCG(seed, 0))
		layers, documents := resource.NewLayers(ground, nil), map[[2]string]resource.Document{}
		before, _ := layers.Fleet()
		for step := range 120 {
			_, was := resource.Overlay(ground, slices.Collect(maps.Values(documents)))
			d := randomDocument(random)
			at := [2]string{string(d.Kind), d.ID}
			remove := random.IntN(3) == 0
			var own, others resource.Faults
			if remove {
				others = layers.TryWithout(d.Kind, d.ID)
				delete(documents, at)
			} else {
				own, others = layers.Try(d)
				documents[at] = d
			}
			want, faults := resource.Overlay(ground, slices.Collect(maps.Values(documents)))
			checkTried(t, d, was, faults, own, others, remove)
			if random.IntN(4) == 0 { // what was only tried leaves no trace
				got, _ := layers.Fleet()
				if diff := cmp.Diff(before, got, same, cmpopts.EquateEmpty()); diff != "" {
					t.Fatalf("seed %d, step %d: after a try of %v (-before +after):\n%s", seed, step, at, diff)
				}
			}
			if remove {
				layers.Remove(d.Kind, d.ID)
			} else {
				layers.Put(d)
			}
			got, changed := layers.Fleet()
			if diff := cmp.Diff(want, got, same, cmpopts.EquateEmpty()) + cmp.Diff(faults, layers.Faults()); diff != "" {
				t.Fatalf("seed %d, step %d: %v (-at once +one by one):\n%s", seed, step, at, diff)
			}
			checkChanged(t, before, got, changed)
			before = got
		}
	}
}

// checkTried compares what was foretold with what is wrong before and after.
func checkTried(t *testing.T, d resource.Document, was, is, own, others resource.Faults, removed bool) {
	t.Helper()
	var wantOwn, wantOthers resource.Faults
	for _, f := range is {
		switch {
		case !removed && strings.HasPrefix(f.Pointer+"/", "/"+string(d.Kind)+"/"+d.ID+"/"):
			wantOwn = append(wantOwn, f)
		case !slices.Contains(was, f):
			wantOthers = append(wantOthers, f)
		}
	}
	if diff := cmp.Diff(wantOwn, own) + cmp.Diff(wantOthers, others); diff != "" {
		t.Fatalf("Try(%s %s) (-what then is wrong +foretold):\n%s", d.Kind, d.ID, diff)
	}
}

// checkChanged holds that facts of no other track have changed than of those that are told.
func checkChanged(t *testing.T, before, after resource.Fleet, changed map[resource.Kind][]string) {
	t.Helper()
	was := map[string]cycle.Facts{}
	for _, f := range before.Facts {
		was[f.Track.ID] = f
	}
	for _, f := range after.Facts {
		if !slices.Contains(changed[resource.Tracks], f.Track.ID) && !cmp.Equal(was[f.Track.ID], f, same) {
			t.Fatalf("the facts of %s have changed, and only %v are told", f.Track.ID, changed[resource.Tracks])
		}
	}
}

// randomDocument makes one of few ids, so that they meet; some can't stand.
func randomDocument(random *rand.Rand) resource.Document {
	n := random.IntN
	track, ring := []string{"a", "b", "own-a", "own-b"}[n(4)], "r"+string(rune('a'+n(3)))
	month := cycle.MonthOf(2026, time.Month(1+n(3)))
	id := string(rune('a' + n(3)))
	switch kind := resource.Kinds()[n(len(resource.Kinds()))]; kind {
	case resource.Tracks:
		return resource.Document{Kind: kind, ID: track, Value: cycle.Track{
			ID: track, Name: fmt.Sprint(n(9)), FirstMonth: month, Branch: []string{"", "26100"}[n(2)],
			Rule: cycle.Rule{Day: cycle.NthWeekday(2, time.Tuesday), Zone: []*time.Location{nil, time.UTC, time.UTC, time.UTC}[n(4)]},
		}}
	case resource.Releases:
		r := cycle.Release{
			Track: track, Month: month, KB: fmt.Sprintf("KB500000%d", n(3)), Build: []string{"", "26100.1", "26200.1"}[n(3)],
			Type: cycle.TypeHotpatch, KnownOn: month.Day(1 + n(20)),
		}
		return resource.Document{Kind: kind, ID: r.ID(), Value: r}
	case resource.Notices:
		notice := cycle.Notice{Track: track, Month: month, Kind: cycle.Baseline, KnownOn: month.Day(1 + n(20))}
		return resource.Document{Kind: kind, ID: notice.ID(), Value: notice}
	case resource.Rings:
		return resource.Document{Kind: kind, ID: ring, Value: cycle.Ring{Name: ring, Tracks: []string{track}[:n(2)], Deferral: n(9)}}
	case resource.Freezes:
		return resource.Document{Kind: kind, ID: id, Value: cycle.Freeze{ID: id, Tracks: []string{track}[:n(2)], Rings: []string{ring}[:n(2)]}}
	case resource.Feeds:
		return resource.Document{Kind: kind, ID: id, Value: resource.Feed{ID: id, Title: fmt.Sprint(n(9)), Tracks: []string{track}, Rings: []string{ring, "ra"}[:n(3)]}}
	default:
		return resource.Document{Kind: kind, ID: id, Value: resource.Token{ID: id, Role: "viewer"}}
	}
}
