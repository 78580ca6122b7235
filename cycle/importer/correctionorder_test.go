package importer_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/importer"
)

// juneBaseline is the release of June, as told by those sources.
func juneBaseline(t *testing.T, sources string) cycle.Release {
	t.Helper()
	june := date(t, "2026-06-09")
	return cycle.Release{
		Track: "windows-11-25h2", Month: june.Month(), Type: cycle.TypeBaseline, Restart: cycle.RestartNeeded,
		KB: "KB5000001", Build: "26200.100", Date: june, KnownOn: june, Sources: sources, Note: "what somebody wrote",
	}
}

// In a row of days, pages that correct themselves come to the same in any order of a day, as does a page and its old
// copy; and when all of a day is merged again, nothing changes.
func TestCorrectionOrder(t *testing.T) {
	for seed := range uint64(orders * 5) {
		random := rand.New(rand.NewPCG(seed, 0))
		facts, day := empty(t), date(t, "2026-06-12")
		if start := random.IntN(3); start > 0 {
			facts[0].Releases = []cycle.Release{juneBaseline(t, []string{"", "nav-2026-07-23"}[start-1])}
		}
		builds := []string{"26200.100", "26200.99", "26200.200"}
		copies := 1 + random.IntN(2)
		for range 4 {
			docs := corrections(t, random, day, copies, builds[:4-copies])
			want, _ := merge(t, facts, day.String(), docs...)
			same(t, fmt.Sprintf("seed %d, %v, again", seed, day), want, first(merge(t, want, day.String(), docs...)))
			random.Shuffle(len(docs), func(i, j int) { docs[i], docs[j] = docs[j], docs[i] })
			same(t, fmt.Sprintf("seed %d, %v", seed, day), want, first(merge(t, facts, day.String(), docs...)))
			if t.Failed() {
				return
			}
			facts, day = want, day.AddDays(1+random.IntN(8))
		}
	}
}

// corrections are a calendar and release notes that differ in what they tell of June, and in when they were changed.
func corrections(t *testing.T, random *rand.Rand, day cycle.Date, copies int, builds []string) []importer.Document {
	t.Helper()
	pick := func(values ...string) string { return values[random.IntN(len(values))] }
	var docs []importer.Document
	for range copies {
		row := importer.Row{
			Track: "windows-11-25h2", Month: cycle.MonthOf(2026, 6), Kind: cycle.Baseline, Type: cycle.TypeBaseline,
			KB: pick("KB5000001", "KB5000002"), Build: pick(builds...), Date: date(t, pick("2026-06-09", "2026-06-10")),
		}
		calendar := document(importer.Windows11Calendar, row)
		if random.IntN(3) > 0 {
			calendar.Updated = day.AddDays(-random.IntN(4))
		}
		row.KB, row.Build, row.Date, row.Title = "", "", date(t, pick("2026-06-09", "2026-06-10")), "June 9, 2026—Baseline"
		docs = append(docs, calendar, document(importer.ReleaseNotes, row))
	}
	return docs[random.IntN(2):]
}

// Two copies of a page that does not say when it was changed soon stop to take turns, though they differ for ever;
// the older one does not take back the newer one's word on the next days.
func TestTurns(t *testing.T) {
	older, newer := april(t, "", "KB5150001", "26200.9654", "2027-04-13"), april(t, "", "KB5150001", "26200.9654", "2027-04-14")
	facts, _ := merge(t, empty(t), "2027-04-13", older)
	facts, _ = merge(t, facts, "2027-04-15", newer)
	for _, day := range []string{"2027-04-15", "2027-04-16", "2027-04-21"} {
		facts, _ = merge(t, facts, day, older)
		if got := facts[0].Releases[0].Date; got != date(t, "2027-04-14") {
			t.Errorf("an old copy on %s: %v, want the newer day", day, got)
		}
	}
	turns, longest := 0, 0
	for n := range 1000 {
		var differences []importer.Difference
		facts, differences = merge(t, facts, date(t, "2027-04-22").AddDays(n).String(), older, newer)
		turns, longest = turns+len(differences), max(longest, len(facts[0].Releases[0].Note))
	}
	if turns > 8 || longest > len("also told: release_date 2027-04-14 by 2027-04-21") {
		t.Errorf("%d turns in 1000 days, the longest note has %d bytes", turns, longest)
	}
}

// What people wrote stays, though they name no source and the page says otherwise day after day.
func TestCorrectionOfPeople(t *testing.T) {
	cumulative := juneBaseline(t, "")
	cumulative.Type = cycle.TypeCumulative
	page := document(importer.Windows11Calendar, importer.Row{
		Track: "windows-11-25h2", Month: cumulative.Month, Kind: cycle.Baseline, Type: cycle.TypeBaseline, KB: cumulative.KB, Build: "26200.200", Date: date(t, "2026-06-10"),
	})
	for what, release := range map[string]cycle.Release{"a baseline": juneBaseline(t, ""), "a cumulative update": cumulative} {
		facts := empty(t)
		facts[0].Releases = []cycle.Release{release}
		for n := range 4 {
			page.Updated = date(t, "2026-06-12").AddDays(n)
			var differences []importer.Difference
			facts, differences = merge(t, facts, page.Updated.String(), page, page)
			if n > 0 && len(differences) > 0 {
				t.Errorf("%s on %v: %v, want it told once", what, page.Updated, differences)
			}
		}
		got := facts[0].Releases[0]
		got.Note = release.Note
		if len(facts[0].Releases) != 1 || got != release {
			t.Errorf("%s became %+v", what, facts[0].Releases)
		}
	}
}

// A page whose baseline has the KB of an update that is none of the month's cumulative ones, or that people wrote,
// takes nothing away; what the history alone told of the baseline is kept.
func TestUnite(t *testing.T) {
	baseline := juneBaseline(t, "learn-windows-11")
	baseline.Note = ""
	other := baseline
	other.Type, other.KB, other.Build, other.Sources, other.Note = cycle.TypeCumulative, "KB5000002", "26200.101", "update-history", "also told: build 26200.102 by 2026-06-10"
	page := document(importer.Windows11Calendar, importer.Row{
		Track: "windows-11-25h2", Month: baseline.Month, Kind: cycle.Baseline, Type: cycle.TypeBaseline, KB: other.KB, Build: baseline.Build, Date: baseline.Date,
	})
	for what, change := range map[string]func(*cycle.Release){
		"":                func(*cycle.Release) {},
		"out-of-band":     func(r *cycle.Release) { r.OutOfBand = true },
		"another month":   func(r *cycle.Release) { r.Month = cycle.MonthOf(2026, 5) },
		"of people":       func(r *cycle.Release) { r.Sources = "" },
		"of the built-in": func(r *cycle.Release) { r.Sources = "nav-2026-07-23 update-history" },
	} {
		facts := empty(t)
		there := other
		change(&there)
		facts[0].Releases = []cycle.Release{baseline, there}
		for n := range 3 {
			page.Updated = date(t, "2026-06-12").AddDays(n)
			facts, _ = merge(t, facts, page.Updated.String(), page)
		}
		if what != "" {
			if len(facts[0].Releases) != 2 || facts[0].Releases[0].ID() == facts[0].Releases[1].ID() {
				t.Errorf("%s: %+v, want both releases", what, facts[0].Releases)
			}
			continue
		}
		want := baseline
		want.KB, want.Sources = other.KB, "learn-windows-11 update-history"
		want.Note = "also told: build 26200.101, build 26200.102, kb KB5000001 by 2026-06-12"
		if !slices.Equal(facts[0].Releases, []cycle.Release{want}) {
			t.Errorf("%+v, want %+v", facts[0].Releases, want)
		}
	}
}

// A long note that people wrote stays as it is, where what a page told has no room in it.
func TestNoteWithoutRoom(t *testing.T) {
	release := juneBaseline(t, "nav-2026-07-23 release-notes")
	release.Note = strings.Repeat("ü", 990)
	facts := empty(t)
	facts[0].Releases = []cycle.Release{release}
	page := document(importer.ReleaseNotes, importer.Row{Track: release.Track, Month: release.Month, Type: release.Type, Kind: cycle.Baseline, Date: release.Date, Build: "26200.101"})
	same(t, "with another build", facts, first(merge(t, facts, "2026-06-12", page)))
}
