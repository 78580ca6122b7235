package importer_test

import (
	"fmt"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/importer"
)

// says is a page that says what June is.
func says(page string, kind cycle.Kind) importer.Document {
	d := document(importer.Windows11Calendar, importer.Row{Track: "windows-11-25h2", Month: cycle.MonthOf(2026, 6), Kind: kind})
	d.Page = "https://learn.microsoft.com/" + page
	return d
}

// noticed are the facts with one notice about June, of 2026-05-20.
func noticed(t *testing.T, kind cycle.Kind, source string) []cycle.Facts {
	t.Helper()
	facts := empty(t)
	facts[0].Notices = []cycle.Notice{{Track: "windows-11-25h2", Month: cycle.MonthOf(2026, 6), Kind: kind, KnownOn: date(t, "2026-05-20"), Source: source, Reason: "Somebody says so"}}
	return facts
}

// Of two pages that disagree the restart stands, whichever is read first and however
// often, until the page that said so takes it back.
func TestPagesDisagree(t *testing.T) {
	june := cycle.MonthOf(2026, 6)
	const page = "https://learn.microsoft.com/"
	for what, known := range map[string][]cycle.Facts{
		"nothing":                    empty(t),
		"the baseline page's":        noticed(t, cycle.Baseline, page+"baseline"),
		"another page's":             noticed(t, cycle.Baseline, page+"other"),
		"an editor's":                noticed(t, cycle.Baseline, ""),
		"a page's that took it back": noticed(t, cycle.Hotpatch, page+"plan"),
	} {
		plan, baseline := says("plan", cycle.Hotpatch), says("baseline", cycle.Baseline)
		one, other := known, known
		for _, day := range []string{"2026-05-21", "2026-05-21", "2026-05-22", "2026-06-01", "2026-06-09", "2026-07-01"} {
			one, _ = merge(t, one, day, plan, baseline)
			other, _ = merge(t, other, day, baseline, plan)
			same(t, fmt.Sprintf("%s, %s", what, day), one, other)
			if kind := cycle.Compile(one[0], date(t, day)).Kind(june); kind != cycle.Baseline {
				t.Errorf("%s, %s: June is a %s month, want baseline", what, day, kind)
			}
		}
	}
}

// A page takes back what it said itself, on a later day; another that still says otherwise is heard the day after.
func TestTakenBack(t *testing.T) {
	june := cycle.MonthOf(2026, 6)
	known, _ := merge(t, empty(t), "2026-05-20", says("a", cycle.Baseline))
	a, b := says("a", cycle.Hotpatch), says("b", cycle.Baseline)
	one, _ := merge(t, known, "2026-05-21", a, b)
	other, _ := merge(t, known, "2026-05-21", b, a)
	same(t, "both orders", one, other)
	if kind := cycle.Compile(one[0], date(t, "2026-05-21")).Kind(june); kind != cycle.Hotpatch || len(one[0].Notices) != 2 {
		t.Errorf("June is a %s month of %d notices, want hotpatch of 2", kind, len(one[0].Notices))
	}
	one, _ = merge(t, one, "2026-05-22", a, b)
	other, _ = merge(t, other, "2026-05-22", b, a)
	same(t, "both orders, the day after", one, other)
	if kind := cycle.Compile(one[0], date(t, "2026-05-22")).Kind(june); kind != cycle.Baseline {
		t.Errorf("the day after June is a %s month, want baseline", kind)
	}
}

// A page that was saved before it told the restart takes nothing back.
func TestOlderCopy(t *testing.T) {
	for updated, want := range map[string]cycle.Kind{"": cycle.Hotpatch, "2026-05-19": cycle.Baseline, "2026-05-20": cycle.Hotpatch, "2026-05-23": cycle.Hotpatch} {
		copied := says("a", cycle.Hotpatch)
		if updated != "" {
			copied.Updated = date(t, updated)
		}
		known, differences := merge(t, noticed(t, cycle.Baseline, copied.Page), "2026-05-24", copied)
		if len(differences) != 1 || (differences[0].Change == importer.Differs) != (want == cycle.Baseline) {
			t.Errorf("a copy of %q: %+v, want one difference: what it tells is not left out in silence", updated, differences)
		}
		if kind := cycle.Compile(known[0], date(t, "2026-05-24")).Kind(cycle.MonthOf(2026, 6)); kind != want {
			t.Errorf("after a copy of %q June is a %s month, want %s", updated, kind, want)
		}
	}
}

// A page says in its head, or before its text, when it was last changed.
func TestUpdated(t *testing.T) {
	const table = "## Windows Server hotpatch calendar\n\n**Windows Server 2025 (OS build 26100)**\n**Calendar year 2026**\n\n" +
		"| Month | Update type | Type | Availability date | Build | KB article |\n| --- | --- | --- | --- | --- | --- |\n| July | 2026.07 B | Baseline (Restart) |  |  |  |\n"
	for text, want := range map[string]string{
		table: "",
		"---\ntitle: Windows Server release information\nms.date: 2026-06-09\nupdated_at: 2026-06-11T17:04:00Z\n---\n" + table: "2026-06-11",
		"---\r\nupdated_at: \"2026-06-11 05:04 PM\"\r\n---\r\n" + strings.ReplaceAll(table, "\n", "\r\n"):                      "2026-06-11",
		"---\nupdated_at: yesterday\n---\n" + table:  "",
		"---\nupdated_at: 2026-13-11\n---\n" + table: "",
		`<html><head><meta name="updated_at" content="2026-07-19T18:02:00Z" /></head><body><h2>Windows 11 hotpatch calendar</h2>` + calendar25H2 + "</body></html>": "2026-07-19",
	} {
		d, err := importer.ParseReleaseInformation(strings.NewReader(text), "page")
		if err != nil || len(d.Rows) == 0 || d.Updated.String() != want {
			t.Errorf("%.60q: %d rows, updated on %q, %v, want some and %q", text, len(d.Rows), d.Updated, err, want)
		}
	}
}

const calendar25H2 = `<table id="HotpatchCalendar_Version25H2_2026"><tr><th>Month</th><th>Update type</th><th>Type</th><th>Availability date</th><th>Build</th><th>KB article</th></tr>` +
	`<tr><td>July</td><td>2026.07 B</td><td>Baseline (Restart)</td><td></td><td></td><td></td></tr></table>`

// A calendar that goes on where the track ends is told, not taken: the track's own end may have moved.
func TestBeyondTheEnd(t *testing.T) {
	known := empty(t)
	last := cycle.MonthOf(2026, 5)
	known[0].Track.LastMonth = last
	says := says("a", cycle.Baseline)
	says.Rows = append(says.Rows, importer.Row{Track: "windows-11-25h2", Month: last.AddMonths(2), Kind: cycle.Hotpatch})
	facts, differences := merge(t, known, "2026-05-20", says)
	same(t, "facts", known, facts)
	want := []string{"windows-11-25h2 hotpatch_until 2026-05 2026-06"}
	if diff := gocmp.Diff(want, changes(differences, importer.Differs)); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
}

// What an editor says of a month stays, whatever a page says on that day.
func TestEditorsNotice(t *testing.T) {
	known := noticed(t, cycle.Baseline, "https://support.microsoft.com/z")
	same(t, "on that day", known, first(merge(t, known, "2026-05-20", says("a", cycle.Baseline))))
}

// An out-of-band baseline that is known first does not hide that the month itself changed.
func TestNoticeBesideOutOfBand(t *testing.T) {
	june := date(t, "2026-06-03")
	oob := importer.Row{Track: "windows-11-25h2", Month: june.Month(), Type: cycle.TypeBaseline, OutOfBand: true, KB: "KB5000009", Date: june}
	regular := importer.Row{Track: "windows-11-25h2", Month: june.Month(), Kind: cycle.Baseline, Type: cycle.TypeBaseline, KB: "KB5000001", Date: date(t, "2026-06-09")}
	one, two := document(importer.Windows11Calendar, oob), document(importer.ReleaseNotes, regular)
	facts, _ := merge(t, empty(t), "2026-06-09", one, two)
	if n := facts[0].Notices; len(n) != 1 || n[0].Kind != cycle.Baseline {
		t.Errorf("notices %v, want one of a baseline", n)
	}
	same(t, "in the other order", facts, first(merge(t, empty(t), "2026-06-09", two, one)))
}

// planOfMay is a page that says what May will be, and when it was changed.
func planOfMay(t *testing.T, updated string, kind cycle.Kind) importer.Document {
	t.Helper()
	d := document(importer.Windows11Calendar, importer.Row{Track: "windows-11-25h2", Month: cycle.MonthOf(2027, 5), Kind: kind})
	if updated != "" {
		d.Updated = date(t, updated)
	}
	return d
}

// An old copy of a page that announced what was taken back since does not announce it again.
func TestAnnouncedAgain(t *testing.T) {
	facts := empty(t)
	for _, step := range []struct {
		day, updated string
		says, want   cycle.Kind
		notices      int
	}{
		{"2027-04-01", "2027-04-01", cycle.Baseline, cycle.Baseline, 1},
		{"2027-04-05", "2027-04-05", cycle.Hotpatch, cycle.Hotpatch, 2},
		{"2027-04-06", "2027-04-01", cycle.Baseline, cycle.Hotpatch, 2},
		{"2027-04-07", "2027-04-05", cycle.Hotpatch, cycle.Hotpatch, 2},
		{"2027-04-08", "2027-04-08", cycle.Baseline, cycle.Baseline, 3},
		{"2027-04-09", "2027-04-05", cycle.Hotpatch, cycle.Baseline, 3},
	} {
		facts, _ = merge(t, facts, step.day, planOfMay(t, step.updated, step.says))
		if got := cycle.Compile(facts[0], date(t, step.day)).Kind(cycle.MonthOf(2027, 5)); got != step.want || len(facts[0].Notices) != step.notices {
			t.Errorf("%s: %v with %d notices, want %v with %d", step.day, got, len(facts[0].Notices), step.want, step.notices)
		}
	}
}

// Two copies of a page that does not say when it was changed soon stop to take turns, though they differ for ever.
func TestNoticeTurns(t *testing.T) {
	facts := empty(t)
	announced, planned := planOfMay(t, "", cycle.Baseline), planOfMay(t, "", cycle.Hotpatch)
	for n := range 300 {
		day := date(t, "2026-06-01").AddDays(n).String()
		want, _ := merge(t, facts, day, announced, planned)
		other, _ := merge(t, facts, day, planned, announced)
		same(t, day, want, other)
		facts = want
	}
	if n := len(facts[0].Notices); n < 2 || n > 12 {
		t.Errorf("%d notices in 300 days, want a few", n)
	}
}
