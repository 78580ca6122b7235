package catalog_test

import (
	"cmp"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/catalog"
)

// upstream is a fact as it was read from Microsoft's pages, in a form that shares
// nothing with the tables; "" and 0 stand for unknown.
type upstream struct {
	Track, Month, Released, Type string
	Planned                      bool
	KB, Build                    string
	Restart                      *bool
	LCUKB                        string `json:"lcu_kb"`
	LCUBuild                     string `json:"lcu_build"`
	Confidence, URL, Label       string
}

// today is the day on which the history was closed.
const today = "2026-11-22"

// entry is what a fact comes down to, in plain text.
type entry struct {
	Track, Month, KB, Build, Type string
	OutOfBand                     bool
	Restart, Date, KnownOn        string
	Confidence, URL, Title        string
}

// Every fact of upstream is in the tables, unchanged, and nothing else is.
func TestUpstream(t *testing.T) {
	facts := readJSON[upstream](t, "testdata/upstream.json")
	if len(facts) != 244 {
		t.Fatalf("upstream.json has %d facts, want 244", len(facts))
	}
	var want, got []entry
	for _, u := range facts {
		want = append(want, u.entry())
	}
	for _, u := range siblings(t, facts) {
		want = append(want, u.entry())
	}
	for _, track := range load(t) {
		for _, r := range track.Releases {
			got = append(got, entry{
				r.Track, r.Month.String(), r.KB, r.Build, r.Type.String(), r.OutOfBand,
				r.Restart.String(), r.Date.String(), r.KnownOn.String(), r.Confidence, r.URL, r.Title,
			})
		}
	}
	byName := func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.Track, b.Track), cmp.Compare(a.KB, b.KB), cmp.Compare(a.Month, b.Month))
	}
	slices.SortFunc(want, byName)
	slices.SortFunc(got, byName)
	if d := gocmp.Diff(want, got); d != "" {
		t.Errorf("releases (-upstream +tables):\n%s", d)
	}
}

func (u upstream) entry() entry {
	e := entry{
		Track: u.Track, Month: u.Month, KB: u.KB, Build: u.Build, Type: u.Type, OutOfBand: strings.HasPrefix(u.Type, "oob-"),
		Date: u.Released, KnownOn: u.Released, Confidence: u.Confidence, URL: u.URL, Title: u.Label,
	}
	switch u.Type {
	case "unplanned-baseline":
		e.Type = "baseline"
	case "oob-hotpatch":
		e.Type = "hotpatch"
	case "oob-restart":
		e.Type = "cumulative"
	case "component-update":
		e.Type = "component"
	}
	if u.Restart != nil {
		e.Restart = map[bool]string{true: "true", false: "false"}[*u.Restart]
	}
	if u.Released == "" {
		e.KnownOn = "2026-05-27" // the day of the oldest copy of the list that has them
	}
	return e
}

// siblings are the standard updates of the days of hotpatches that are no facts of
// their own: of the second Tuesday, which one hotpatch followed a week later.
func siblings(t *testing.T, facts []upstream) []upstream {
	t.Helper()
	builds := map[string]string{} // by track and KB
	for _, u := range facts {
		builds[u.Track+" "+u.KB] = u.Build
	}
	var list []upstream
	for _, u := range facts {
		if build, ok := builds[u.Track+" "+u.LCUKB]; u.LCUKB == "" || ok {
			if u.LCUKB != "" && build != u.LCUBuild {
				t.Errorf("upstream has %s of %s as %s and as %s", u.LCUKB, u.Track, build, u.LCUBuild)
			}
			continue
		}
		restart := true
		list = append(list, upstream{
			Track: u.Track, Month: u.Month, Released: secondTuesday(u.Month), Type: "cumulative", KB: u.LCUKB, Build: u.LCUBuild,
			Restart: &restart, Confidence: u.Confidence, URL: "https://support.microsoft.com/help/" + strings.TrimPrefix(u.LCUKB, "KB"),
		})
	}
	return list
}

// secondTuesday counts it in package time.
func secondTuesday(month string) string {
	first, err := time.Parse("2006-01", month)
	if err != nil {
		return err.Error()
	}
	return first.AddDate(0, 0, (9-int(first.Weekday()))%7+7).Format(time.DateOnly)
}

func readJSON[T any](t testing.TB, name string) []T {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var list []T
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return list
}

func load(t testing.TB) []cycle.Facts {
	t.Helper()
	facts, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

func day(t testing.TB, s string) cycle.Date {
	t.Helper()
	d, err := cycle.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func month(t testing.TB, s string) cycle.Month {
	t.Helper()
	m, err := cycle.ParseMonth(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
