package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/resource"
)

// applyTo applies a file to the store of a world, and returns what was printed.
func (w *world) applyTo(file string, prune, dryRun bool) (string, error) {
	w.t.Helper()
	var stdout bytes.Buffer
	p := &program{getenv: func(string) string { return "" }, stdin: strings.NewReader(file), stdout: &stdout, stderr: io.Discard, now: testClock}
	k := &keeping{reading: reading{program: p}, local: true}
	k.output, k.client = "text", &client{http: &http.Client{Transport: inProcess{w.handler}}, base: "http://localhost", token: firstTestToken}
	a := &applying{keeping: k, file: "-", prune: prune, dryRun: dryRun}
	f, err := a.read()
	if err == nil {
		err = a.onto(w.t.Context(), f)
	}
	return stdout.String(), err
}

// storedBodies returns what is stored, by kind and id, as the documents of a file.
func (w *world) storedBodies() map[string]string {
	w.t.Helper()
	var answer struct{ Data []storedRow }
	w.decode(w.ask(http.MethodGet, "/api/v1/documents", firstTestToken, ""), &answer)
	bodies := map[string]string{}
	for _, row := range answer.Data {
		bodies[string(row.Kind)+"/"+row.ID] = string(row.canonical())
	}
	return bodies
}

// span is what a random track can have: months of 2025 and 2026, counted from 0, and builds of a branch.
type span struct {
	first, last int
	branch      string
}

func monthAt(n int) string { return fmt.Sprintf("%d-%02d", 2025+n/12, 1+n%12) }

// fleetLists are the lists of a fleet file, by kind.
type fleetLists map[string][]map[string]any

func (l fleetLists) file(t testing.TB) string {
	t.Helper()
	text, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// randomFleet returns a file that applies to an empty store. Its tracks are few, one of them built in, so that
// those of two files meet.
func randomFleet(random *rand.Rand, ground span) fleetLists {
	n, lists := random.IntN, fleetLists{}
	for _, kind := range resource.Kinds() {
		lists[string(kind)] = []map[string]any{}
	}
	add := func(kind, id string, fields map[string]any) {
		fields["id"] = id
		lists[kind] = append(lists[kind], fields)
	}
	tracks := map[string]span{"windows-11-24h2": ground}
	for _, id := range []string{"a", "b", "windows-11-24h2"} {
		if n(3) == 0 {
			continue
		}
		first := n(20)
		s := span{first, first + n(24-first), []string{"", "26100", "26200"}[n(3)]}
		tracks[id] = s
		rule := map[string]any{"baseline_months": []int{1 + n(12)}, "release_day": "second tuesday", "release_time": "10:00", "time_zone": "UTC"}
		fields := map[string]any{"name": id, "first_month": monthAt(s.first), "rule": rule}
		if s.branch != "" {
			fields["os_branch"] = s.branch
		}
		if s.last < 23 || n(2) == 0 {
			fields["hotpatch_until"] = monthAt(s.last)
		}
		add("tracks", id, fields)
	}
	for _, id := range []string{"a", "b", "windows-11-24h2"} {
		s, there := tracks[id]
		if !there {
			continue
		}
		for i := range 3 { // with the ids of other files, and other months
			month := monthAt(s.first + n(s.last-s.first+1))
			if n(2) == 0 {
				build := []string{"26100", "26200"}[n(2)]
				if s.branch != "" {
					build = s.branch
				}
				add("releases", fmt.Sprintf("%s.kb900000%d", id, i), map[string]any{
					"track": id, "month": month, "kb": fmt.Sprintf("KB900000%d", i), "type": "hotpatch", "release_date": month + "-10", "build": build + ".1",
				})
			}
		}
		if n(2) == 0 {
			month := monthAt(s.first + n(s.last-s.first+1))
			add("notices", id+"."+month, map[string]any{"track": id, "month": month, "kind": []string{"baseline", "hotpatch"}[n(2)], "known_on": "2025-01-02"})
		}
		if n(2) == 0 {
			add("rings", "on-"+id, map[string]any{"tracks": []string{id}, "deferral": n(9)})
			add("freezes", "of-"+id, map[string]any{"from": "2026-12-18", "to": "2026-12-31", "rings": []string{"on-" + id}, "tracks": []string{id}})
			add("feeds", "to-"+id, map[string]any{"title": "To " + id, "rings": []string{"on-" + id}})
		}
	}
	return lists
}

// TestApplyFromAnyState holds the law of apply --prune: a file that applies to an empty store applies over any
// other such file, is then what is stored, and changes nothing the second time; a dry run says what will be printed.
// So it does of a part of such a file, which may be refused.
func TestApplyFromAnyState(t *testing.T) {
	ground := span{0, 11, "26100"} // all of 2025 lies on the built-in track
	if b := builtInTrack(t, "windows-11-24h2"); !b.Has(cycle.MonthOf(2025, 1)) || !b.Has(cycle.MonthOf(2025, 12)) || b.Branch != ground.branch {
		t.Fatalf("the built-in track is %+v, want one that has 2025", b)
	}
	var parts, refused atomic.Int32
	t.Cleanup(func() {
		if n := refused.Load(); n == 0 || n == parts.Load() {
			t.Errorf("of %d parts %d were refused, want some but not all", parts.Load(), n)
		}
	})
	for seed := range uint64(modelRounds) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, seed)
			before := "nothing"
			for step := range 6 {
				file := randomFleet(w.random, ground).file(t)
				w.applyOver(before, file, step > 0)
				before = "a part of another over " + file
				part := randomFleet(w.random, ground)
				for _, kind := range resource.Kinds() { // in their order, so that a seed is always the same
					if w.random.IntN(2) == 0 {
						delete(part, string(kind))
					}
				}
				parts.Add(1)
				if w.applyPart(part.file(t), w.random.IntN(2) == 0) {
					refused.Add(1)
				}
			}
		})
	}
}

// applyOver applies a file over another, and holds what there is then against the file.
func (w *world) applyOver(before, file string, prune bool) {
	w.t.Helper()
	said, err := w.applyTo(file, prune, true)
	if !errors.Is(err, errDiffers) && err != nil {
		w.t.Fatalf("over %s\n%s as a dry run: %v", before, file, err)
	}
	done, err := w.applyTo(file, prune, false)
	if err != nil {
		w.t.Fatalf("over %s\n%s: %v", before, file, err)
	}
	if said, done = planIn(said), planIn(done); said != done {
		w.t.Fatalf("over %s\n%s would change\n%s\nand changed\n%s", before, file, said, done)
	}
	if again, err := w.applyTo(file, true, false); err != nil || !strings.HasSuffix(again, "Nothing to change.\n") {
		w.t.Fatalf("%s once more: %v\n%s", file, err, again)
	}
	want := map[string]string{}
	for _, d := range fleetFile(w.t, file) {
		want[string(d.Kind)+"/"+d.ID] = string(d.JSON())
	}
	if diff := cmp.Diff(want, w.storedBodies()); diff != "" {
		w.t.Fatalf("over %s\n%s: stored is (-want +got):\n%s", before, file, diff)
	}
}

// applyPart applies a file that may lack what it names, or leave what can't stay, and reports whether it is
// refused: by the dry run as well, and before anything is written.
func (w *world) applyPart(file string, prune bool) bool {
	w.t.Helper()
	before := w.storedBodies()
	said, dry := w.applyTo(file, prune, true)
	done, err := w.applyTo(file, prune, false)
	if dry == nil || errors.Is(dry, errDiffers) {
		if err != nil || planIn(said) != planIn(done) {
			w.t.Fatalf("%s would change\n%s\nand changed\n%s: %v", file, said, done, err)
		}
		return false
	}
	if _, refused := errors.AsType[inputError](err); !refused || err.Error() != dry.Error() || done != "" {
		w.t.Fatalf("%s: %v\nprinting %q, want the refusal of the dry run, %v", file, err, done, dry)
	}
	if diff := cmp.Diff(before, w.storedBodies()); diff != "" {
		w.t.Fatalf("%s was refused and yet (-before +after):\n%s", file, diff)
	}
	return true
}

// planIn returns what apply prints of its plan: all but secrets and the last line.
func planIn(printed string) string {
	var lines []string
	for line := range strings.Lines(printed) {
		if !strings.Contains(line, "(shown this once)") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines[:len(lines)-1], "")
}
