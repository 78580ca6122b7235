package importer_test

import (
	"fmt"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/importer"
)

// What happened in 2026, from nothing: the page of May, then the same page with June
// as a baseline. It gives June's notice and no other, and the past stays what it was.
func TestReplay(t *testing.T) {
	for name, page := range map[string]importer.Document{"June to come": junePlan(t), "June released": junePage(t)} {
		t.Run(name, func(t *testing.T) {
			facts, differences := merge(t, empty(t), "2026-05-15", parse(t, win11May))
			if got := changes(differences, importer.Noticed); len(got) > 0 {
				t.Errorf("the page of May gives the notices %v, want none", got)
			}
			facts, differences = merge(t, facts, "2026-06-09", page)
			want := []string{
				"windows-11-25h2.2026-06 kind hotpatch baseline", "windows-11-24h2.2026-06 kind hotpatch baseline", "windows-11-ltsc-2024.2026-06 kind hotpatch baseline",
			}
			if d := gocmp.Diff(want, changes(differences, importer.Noticed)); d != "" {
				t.Errorf("notices (-want +got):\n%s", d)
			}
			for _, f := range facts {
				if wanted := strings.HasPrefix(f.Track.ID, "windows-11"); wanted != (len(f.Notices) == 1) {
					t.Errorf("%s has the notices %v", f.Track.ID, f.Notices)
				}
				for _, n := range f.Notices {
					if n.KnownOn != date(t, "2026-06-09") || n.Source != page.Page || n.Kind != cycle.Baseline || n.Reason == "" {
						t.Errorf("notice %+v, want one of 2026-06-09 with the page as its source", n)
					}
				}
			}
			_, differences = merge(t, facts, "2026-07-01", page)
			if len(differences) > 0 {
				t.Errorf("the same page in July: %v, want nothing", differences)
			}
			for asOf, want := range map[string]string{"2026-05-20": "hotpatch planned", "2026-06-08": "hotpatch planned", "2026-06-10": "baseline unplanned"} {
				m, _ := cycle.Compile(facts[0], date(t, asOf)).Milestone(cycle.MonthOf(2026, 6))
				got := m.Kind.String() + map[bool]string{true: " unplanned", false: " planned"}[m.Unplanned()]
				if got != want {
					t.Errorf("June as of %s: %s, want %s", asOf, got, want)
				}
			}
		})
	}
}

// changes are the differences of a sort, in plain text.
func changes(differences []importer.Difference, sort importer.Change) []string {
	var list []string
	for _, d := range differences {
		if d.Change == sort {
			list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", d.ID, d.Field, d.Known, d.Told)))
		}
	}
	return list
}

// An announcement that is taken back is news again; an old copy of the plan is none.
func TestPlanAgain(t *testing.T) {
	facts, _ := merge(t, empty(t), "2026-05-15", parse(t, win11May))
	facts, _ = merge(t, facts, "2026-06-01", junePlan(t))
	unchanged, differences := merge(t, facts, "2026-06-01", parse(t, win11May))
	same(t, "the plan on the day of the announcement", facts, unchanged)
	if got := changes(differences, importer.Differs); len(got) != 3 || got[0] != "windows-11-25h2.2026-06 kind baseline hotpatch" {
		t.Errorf("the plan on the day of the announcement: %v, want it told for each track", got)
	}
	back, differences := merge(t, facts, "2026-06-03", parse(t, win11May))
	if got := changes(differences, importer.Noticed); len(got) != 3 || got[0] != "windows-11-25h2.2026-06 kind baseline hotpatch" {
		t.Errorf("the plan again: %v, want a notice for each track", got)
	}
	if kind := cycle.Compile(back[0], date(t, "2026-06-03")).Kind(cycle.MonthOf(2026, 6)); kind != cycle.Hotpatch {
		t.Errorf("June is a %s month, want hotpatch", kind)
	}
	released, _ := merge(t, facts, "2026-06-09", junePage(t))
	same(t, "an old copy after the release", released, first(merge(t, released, "2026-07-01", parse(t, win11May))))
}

func first(facts []cycle.Facts, _ []importer.Difference) []cycle.Facts { return facts }

// KB and build of a baseline come from the calendar, else from the update of its day, which the note tells.
func TestDerived(t *testing.T) {
	notes := importer.Row{Track: "windows-11-25h2", Month: cycle.MonthOf(2026, 6), Kind: cycle.Baseline, Type: cycle.TypeBaseline, Date: date(t, "2026-06-09"), Title: "June 9, 2026—Baseline"}
	history := notes
	history.Kind, history.Type, history.KB, history.Build, history.Title = 0, cycle.TypeCumulative, "KB5094126", "26200.8655", "June 9, 2026—KB5094126"
	facts, _ := merge(t, empty(t), today, document(importer.ReleaseNotes, notes))
	if r := facts[0].Releases[0]; r.KB != "" || r.ID() != "windows-11-25h2.2026-06" {
		t.Errorf("of the title alone: %+v", r)
	}
	facts, differences := merge(t, facts, today, document(importer.UpdateHistory, history))
	r := facts[0].Releases[0]
	if len(facts[0].Releases) != 1 || r.Type != cycle.TypeBaseline || r.KB != "KB5094126" || r.Build != "26200.8655" || !strings.Contains(r.Note, "derived") {
		t.Errorf("with the update history: %+v", facts[0].Releases)
	}
	if d := gocmp.Diff([]string{"windows-11-25h2.2026-06 kb  KB5094126", "windows-11-25h2.2026-06 build  26200.8655"}, changes(differences, importer.Changed)); d != "" {
		t.Errorf("differences (-want +got):\n%s", d)
	}
	calendar := notes
	calendar.KB, calendar.Build, calendar.Title = "KB5094126", "26200.8656", ""
	facts, _ = merge(t, facts, today, document(importer.Windows11Calendar, calendar))
	r = facts[0].Releases[0]
	if len(facts[0].Releases) != 1 || r.Build != "26200.8656" || r.Note != "also told: build 26200.8655" {
		t.Errorf("with the calendar: %+v", r)
	}
}

// A fact that two sources tell differently keeps both, and says so once.
func TestConflict(t *testing.T) {
	calendar := importer.Row{Track: "windows-11-25h2", Month: cycle.MonthOf(2026, 5), Kind: cycle.Hotpatch, Type: cycle.TypeHotpatch, KB: "KB5089466", Build: "26200.8390", Date: date(t, "2026-05-12")}
	notes := calendar
	notes.Type, notes.Kind, notes.Build, notes.Date, notes.Title = cycle.TypeBaseline, cycle.Baseline, "26200.8391", date(t, "2026-05-19"), "May 19, 2026—Baseline KB5089466 (OS Build 26200.8391)"
	facts, differences := merge(t, empty(t), today, document(importer.Windows11Calendar, calendar), document(importer.ReleaseNotes, notes))
	r := facts[0].Releases[0]
	if r.Type != cycle.TypeBaseline || r.Restart != cycle.RestartNeeded || r.Build != "26200.8390" || r.Date != date(t, "2026-05-19") {
		t.Errorf("%+v, want the type and the day of the notes and the calendar's build", r)
	}
	if want := "also told: build 26200.8391, release_date 2026-05-12, type hotpatch"; r.Note != want {
		t.Errorf("note %q, want %q", r.Note, want)
	}
	if got := changes(differences, importer.Differs); len(got) != 1 || got[0] != "windows-11-25h2.kb5089466 build 26200.8390 26200.8391" {
		t.Errorf("differences %v, want the build", got)
	}
	// The built-in history tells of a day that Microsoft's pages tell differently, and keeps it.
	kept, differences := merge(t, builtin(t), today, parse(t, win11May))
	if got := changes(differences, importer.Differs); len(got) > 0 {
		t.Errorf("differences from the built-in history: %v, want none", got)
	}
	for _, r := range kept[1].Releases {
		if r.KB == "KB5046696" && (r.Date.String() != "2024-11-19" || !strings.Contains(r.Note, "2024-11-12")) {
			t.Errorf("%+v, want both days", r)
		}
	}
	// Another build than the history has stays beside it.
	kept, differences = merge(t, builtin(t), today, changed(t, win11May, "26200.8390", "26200.8399"))
	if got := changes(differences, importer.Differs); len(got) != 1 || got[0] != "windows-11-25h2.kb5089466 build 26200.8390 26200.8399" {
		t.Errorf("differences %v, want the build", got)
	}
	for _, r := range kept[0].Releases {
		if r.KB == "KB5089466" && (r.Build != "26200.8390" || !strings.Contains(r.Note, "build 26200.8399")) {
			t.Errorf("%+v, want both builds", r)
		}
	}
}

// Rows that are no facts of the cycle, or of no track that is known, change nothing.
func TestNoFacts(t *testing.T) {
	row := importer.Row{Track: "windows-11-25h2", Month: cycle.MonthOf(2026, 5), Type: cycle.TypeCumulative, KB: "KB5000001", Date: date(t, "2026-05-26")}
	preview, before, unknown := row, row, row
	preview.Preview = true
	before.Month, before.Date = cycle.MonthOf(2024, 5), date(t, "2024-05-14")
	unknown.Track = "windows-12"
	if _, differences := merge(t, empty(t), today, document(importer.UpdateHistory, preview, before, unknown)); len(differences) > 0 {
		t.Errorf("%v, want nothing", differences)
	}
	row.Build = "26100.1"
	facts, differences, err := importer.Merge(builtin(t), document(importer.UpdateHistory, row), date(t, today))
	if err == nil || len(differences) > 0 {
		t.Errorf("a build of another branch: %v, %v, want an error", differences, err)
	}
	same(t, "after an error", builtin(t), facts)
}

// What the samples say is what the built-in history has: each release of each of
// them, and nothing that it does not have.
func TestAgreesWithHistory(t *testing.T) {
	for _, name := range samples {
		_, differences := merge(t, builtin(t), "2026-11-22", parse(t, name))
		if len(differences) > 0 {
			t.Errorf("%s: %v", name, differences)
		}
	}
}

// A hotpatch of the security update guide alone may be an out-of-band one: it settles nothing, and is told.
func TestGuideAlone(t *testing.T) {
	july := cycle.MonthOf(2026, 7)
	guide := document(importer.SecurityGuide, importer.Row{Track: "windows-11-25h2", Month: july, Type: cycle.TypeHotpatch, KB: "KB5000002", Build: "26200.8893"})
	facts, differences := merge(t, empty(t), today, guide)
	same(t, "the guide alone", empty(t), facts)
	if len(differences) != 1 || differences[0].Change != importer.Differs || differences[0].ID != "windows-11-25h2.kb5000002" || differences[0].Told != "hotpatch 26200.8893" {
		t.Errorf("differences %v, want the release", differences)
	}
	notes := document(importer.ReleaseNotes, importer.Row{
		Track: "windows-11-25h2", Month: july, Type: cycle.TypeHotpatch, OutOfBand: true, KB: "KB5000002", Build: "26200.8894", Date: date(t, "2026-07-18"),
	})
	facts, _ = merge(t, facts, today, notes)
	after, differences := merge(t, facts, today, guide)
	same(t, "the guide after the notes", facts, after)
	if got := changes(differences, importer.Differs); len(got) != 1 || got[0] != "windows-11-25h2.kb5000002 build 26200.8894 26200.8893" {
		t.Errorf("differences %v, want the build", got)
	}
}

// Of two updates of one day the baseline is the one with its KB, in whatever order they are told.
func TestTwoOfOneDay(t *testing.T) {
	june := date(t, "2026-06-09")
	row := func(typ cycle.ReleaseType, kb, build string) importer.Row {
		return importer.Row{Track: "windows-11-25h2", Month: june.Month(), Type: typ, KB: kb, Build: build, Date: june}
	}
	notes := row(cycle.TypeBaseline, "KB5000001", "")
	notes.Kind = cycle.Baseline
	two, one := row(cycle.TypeCumulative, "KB5000002", "26200.102"), row(cycle.TypeCumulative, "KB5000001", "26200.101")
	want, _ := merge(t, empty(t), today, document(importer.ReleaseNotes, notes), document(importer.UpdateHistory, two, one))
	if r := want[0].Releases; len(r) != 2 || r[0].Type != cycle.TypeBaseline || r[0].Build != "26200.101" || r[1].Type != cycle.TypeCumulative {
		t.Errorf("%+v, want the baseline with its build, and the other update", r)
	}
	for what, docs := range map[string][]importer.Document{
		"the other order":   {document(importer.ReleaseNotes, notes), document(importer.UpdateHistory, one, two)},
		"the history first": {document(importer.UpdateHistory, two, one), document(importer.ReleaseNotes, notes)},
		"again":             {document(importer.UpdateHistory, two, one), document(importer.ReleaseNotes, notes), document(importer.UpdateHistory, two, one)},
	} {
		same(t, what, want, first(merge(t, empty(t), today, docs...)))
	}
}

// A note that has a longer word does not have the value.
func TestNoteWords(t *testing.T) {
	for note, want := range map[string]string{
		"after build 26200.1006": "after build 26200.1006; also told: build 26200.10",
		"first as 26200.10.":     "first as 26200.10.",
		"(26200.10, withdrawn)":  "(26200.10, withdrawn)",
		"":                       "also told: build 26200.10",
	} {
		row := importer.Row{Track: "windows-11-25h2", Month: cycle.MonthOf(2026, 5), Type: cycle.TypeHotpatch, Kind: cycle.Hotpatch, KB: "KB5089466", Build: "26200.11"}
		known, _ := merge(t, empty(t), today, document(importer.Windows11Calendar, row))
		known[0].Releases[0].Note = note
		row.Build = "26200.10"
		facts, _ := merge(t, known, today, document(importer.ReleaseNotes, row))
		if got := facts[0].Releases[0].Note; got != want {
			t.Errorf("note %q became %q, want %q", note, got, want)
		}
	}
}
