package page_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/api/page"
	"github.com/cyclecal/cyclecal/cycle"
)

const (
	windows11  = "windows-11-24h2"
	server2025 = "windows-server-2025"
	server2022 = "windows-server-2022-azure-edition"
	ended      = "windows-server-azure-automanage-preview"
)

func TestNextRestart(t *testing.T) {
	const unknown = ": planned baseline, KB not known yet. "
	for _, tt := range []struct {
		name, now, track, zone string
		want                   []string
	}{
		{"all", today, "", "", []string{
			"Tuesday, 12 January 2027 in 51 days", "all 5 tracks" + unknown + "10:00 PST, 18:00 UTC.",
		}},
		{"one", today, windows11, "", []string{
			"Tuesday, 12 January 2027 in 51 days", "Windows 11 24H2" + unknown + "10:00 PST, 18:00 UTC.",
		}},
		{"the day before", "2027-01-12T07:59:59Z", server2025, "", []string{
			"Tuesday, 12 January 2027 tomorrow", "Windows Server 2025" + unknown + "10:00 PST, 18:00 UTC.",
		}},
		{"midnight in Redmond", "2027-01-12T08:00:00Z", server2025, "", []string{
			"Tuesday, 12 January 2027 today", "Windows Server 2025" + unknown + "10:00 PST, 18:00 UTC.",
		}},
		{"the last second", "2027-01-12T17:59:59Z", server2025, "", []string{
			"Tuesday, 12 January 2027 today", "Windows Server 2025" + unknown + "10:00 PST, 18:00 UTC.",
		}},
		// 13 April is in summer time.
		{"after it", "2027-01-12T18:00:00Z", server2025, "", []string{
			"Tuesday, 13 April 2027 in 91 days", "Windows Server 2025" + unknown + "10:00 PDT, 17:00 UTC.",
		}},
		{"where it is the next day already", today, server2025, "Asia/Tokyo", []string{
			"Wednesday, 13 January 2027 in 52 days", "Windows Server 2025" + unknown + "03:00 in Asia/Tokyo, 10:00 PST on 12 January, 18:00 UTC on 12 January.",
		}},
		{"ended", today, ended, "", []string{"None to come", "The track ended with August 2021."}},
		// Two more tracks ended in October 2027.
		{"those that are left", "2027-10-13T00:00:00Z", "", "", []string{
			"Tuesday, 11 January 2028 in 91 days",
			"all 3 tracks" + unknown + "10:00 PST, 18:00 UTC.",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := lookAt(t, tt.now)
			if tt.track != "" {
				in = lookAt(t, tt.now, tt.track)
			}
			if tt.zone != "" {
				in = inZone(t, in, tt.zone)
			}
			next := render(t, in).the(t, "#next")
			var got []string
			for _, p := range next.all("p") {
				if !p.is(".honest") {
					got = append(got, p.text())
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("next restart (-want +got):\n%s", diff)
			}
		})
	}
}

// For 16 days after a baseline that came the page says that machines restart for it.
func TestRestartingNow(t *testing.T) {
	const september = "Restarting now: unplanned baseline of Tuesday, 8 September 2026, "
	for _, tt := range []struct{ now, want string }{
		{"2026-09-08T16:59:59Z", ""},
		{"2026-09-08T17:00:00Z", september + "today, all 5 tracks."},
		{"2026-09-09T17:00:00Z", september + "yesterday, all 5 tracks."},
		{"2026-09-25T06:59:59Z", september + "16 days ago, all 5 tracks."},
		{"2026-09-25T07:00:00Z", ""}, // midnight in Redmond
		{"2026-10-14T17:00:00Z", ""}, // nobody knows whether October's came
		{"2026-03-11T17:00:00Z", ""}, // a hotpatch came
	} {
		if got := strings.Join(render(t, lookAt(t, tt.now)).texts("#next p.due"), "; "); got != tt.want {
			t.Errorf("at %s %q, want %q", tt.now, got, tt.want)
		}
	}
}

func inZone(t *testing.T, in page.Input, name string) page.Input {
	t.Helper()
	in.Zone, in.Chosen = zone(t, name), true
	in.Today = cycle.DateIn(in.Now, in.Zone)
	return in
}

// What the history does not reach is said in so many words.
func TestUnconfirmed(t *testing.T) {
	for _, tt := range []struct{ now, track, want string }{
		{today, windows11, "Unconfirmed: October 2026 (planned baseline) and November 2026 (planned hotpatch). " +
			"The newest fact here is of 14 Sep 2026; check Microsoft's release information."},
		{"2026-10-13T16:59:59Z", windows11, "Known until 14 Sep 2026."},
	} {
		if got := render(t, lookAt(t, tt.now, tt.track)).the(t, "#next p.honest").text(); got != tt.want {
			t.Errorf("%s of %s = %q, want %q", tt.now, tt.track, got, tt.want)
		}
	}
}

// Letters stand for a month: r is a planned restart, U an unplanned one, h a
// hotpatch and - a month that is not on the track.
func TestYear(t *testing.T) {
	for _, tt := range []struct {
		track string
		year  int
		want  string
	}{
		{windows11, 2026, "rhhrhUrhUrhh"}, // June and September became baselines
		{server2025, 2026, "rhhrhUrhUrhh"},
		{server2022, 2026, "rhhrhUrhUrhh"},
		{server2022, 2022, "rhhrUhrUhrhU"}, // seven restarts, three of them unplanned
		{server2022, 2024, "rhhrhhrUhrhh"}, // August 2024
		{server2022, 2021, "----------hh"},
		{server2022, 2027, "rhhrhhrhhr--"},
		{windows11, 2024, "---------rhh"},
		{ended, 2021, "--hrhhrh----"},
		{ended, 2026, "------------"},
	} {
		in := lookAt(t, today, tt.track)
		in.Year, in.Month = tt.year, cycle.MonthOf(tt.year, 6)
		doc := render(t, in)
		if got := lettersOf(doc.all("#year li.card")); got != tt.want {
			t.Errorf("%s in %d = %s, want %s", tt.track, tt.year, got, tt.want)
		}
		if got := doc.the(t, "#year h2").text(); got != cycle.MonthOf(tt.year, 1).String()[:4] {
			t.Errorf("heading = %q, want the year %d", got, tt.year)
		}
	}
}

func lettersOf(cells []element) string {
	var b strings.Builder
	for _, c := range cells {
		word := strings.Join(c.texts(".word"), "")
		switch {
		case c.is(".empty"):
			b.WriteString("-")
		case c.is(".baseline") && c.is(".unplanned") && word == "unplanned":
			b.WriteString("U")
		case c.is(".baseline") && word == "restart":
			b.WriteString("r")
		case c.is(".hotpatch") && word == "hotpatch":
			b.WriteString("h")
		default:
			b.WriteString("?")
		}
	}
	return b.String()
}

// The table of all tracks says the same, and names the track that has no such year.
func TestYearOfAll(t *testing.T) {
	doc := render(t, lookAt(t, today))
	rows := doc.all("#year tbody tr")
	names := []string{"Windows 11 25H2", "Windows 11 24H2", "Windows 11 LTSC 2024", "Server 2025", "Server 2022 Azure Edition"}
	if len(rows) != len(names) {
		t.Fatalf("%d rows, want %d", len(rows), len(names))
	}
	for i, row := range rows {
		cells := row.all("td")
		if got, want := row.the(t, "th").text(), names[i]; got != want {
			t.Errorf("row %d = %q, want %q", i, got, want)
		}
		if got, want := cells[0].text(), "12 Jan 2027in 51 days"; got != want {
			t.Errorf("next of %s = %q, want %q", names[i], got, want)
		}
		if got, want := lettersOf(cells[1:]), "rhhrhUrhUrhh"; got != want {
			t.Errorf("%s = %s, want %s", names[i], got, want)
		}
	}
	if got, want := doc.the(t, "#year p.note").text(), "no months: Windows Server Azure Automanage preview"; got != want {
		t.Errorf("note = %q, want %q", got, want)
	}
}

// A strip has four units for each day.
func TestMarks(t *testing.T) {
	march := render(t, lookAt(t, today, windows11)).all("#year li.card")[2]
	var days []string
	for _, mark := range march.all("path.oob") {
		days = append(days, mark.attr("d"))
	}
	// The 13th, the 16th and the 23rd: 12, 15 and 22 days of 4, and half a day.
	if diff := cmp.Diff([]string{"M50 3l6 10h-12z", "M62 3l6 10h-12z", "M90 3l6 10h-12z"}, days); diff != "" {
		t.Errorf("marks of March 2026 (-want +got):\n%s", diff)
	}
	const want = "Windows 11 24H2, March 2026: no restart, hotpatch, released; out-of-band hotpatch on the 13; " +
		"out-of-band hotpatch on the 16; out-of-band hotpatch on the 23"
	if got := march.the(t, "a").attr("aria-label") + march.the(t, "a").text(); !strings.Contains(got, want) {
		t.Errorf("March 2026 is called %q, want %q in it", got, want)
	}
}

// Today, the 22nd, is marked in its month and in no other.
func TestToday(t *testing.T) {
	for i, c := range render(t, lookAt(t, today, windows11)).all("#year li.card") {
		marks := c.all("path.now")
		switch {
		case i != 10 && len(marks) > 0:
			t.Errorf("month %d has the mark of today", i+1)
		case i == 10 && (len(marks) != 1 || marks[0].attr("d") != "M86 0V16"):
			t.Errorf("November: %v, want one mark, at day 22", marks)
		}
	}
	in := lookAt(t, today, windows11)
	in.Year, in.Month = 2027, month(t, "2027-11")
	if got := render(t, in).all("path.now"); len(got) != 0 {
		t.Errorf("%d marks of today in 2027, want none", len(got))
	}
}

// In May 2026 Microsoft's calendar still said that June is a hotpatch month.
func TestAsOf(t *testing.T) {
	doc := render(t, asOf(t, "2026-05-20", windows11))
	if got, want := doc.the(t, "p.banner").text(), "As it was known on Wednesday, 20 May 2026. Back to today"; got != want {
		t.Errorf("banner = %q, want %q", got, want)
	}
	if got, want := doc.the(t, "p.banner a").attr("href"), "/tracks/"+windows11; got != want {
		t.Errorf("back to today = %q, want %q", got, want)
	}
	if got, want := doc.the(t, "p.hero").text(), "Tuesday, 14 July 2026 in 55 days"; got != want {
		t.Errorf("next = %q, want %q", got, want)
	}
	if got, want := lettersOf(doc.all("#year li.card")), "rhhrhhrhhrhh"; got != want {
		t.Errorf("year = %s, want %s", got, want)
	}
}

// Where each link of a page leads, the state of the page goes with it; what is the
// default anyway does not.
func TestLinksKeepState(t *testing.T) {
	in := inZone(t, lookAt(t, today, windows11), "Asia/Tokyo")
	in.Ring, in.Calculated = cycle.Ring{Name: "mine", Deferral: 9, Deadline: 5, Grace: 2}, true
	in.Year, in.Month = 2025, month(t, "2025-03")
	doc := render(t, in)
	for _, tt := range []struct {
		path string
		at   int
		want string
	}{
		{"nav a", 0, "/?deadline=5&deferral=9&grace=2&tz=Asia%2FTokyo&year=2025"},
		{"#year p.pager a", 0, "/tracks/windows-11-24h2?deadline=5&deferral=9&grace=2&tz=Asia%2FTokyo&year=2024#year"},
		{"#month p.pager a", 1, "/tracks/windows-11-24h2?deadline=5&deferral=9&grace=2&month=2025-04&tz=Asia%2FTokyo&year=2025#month"},
		{"link", 2, "/calendars/windows-11-24h2.ics?ring=mine%3A9%2F5%2F2&tz=Asia%2FTokyo"},
	} {
		if got := doc.all(tt.path)[tt.at].attr("href"); got != tt.want {
			t.Errorf("%s = %q, want %q", tt.path, got, tt.want)
		}
	}
	kept := map[string]string{}
	for _, input := range doc.all("#ring input") {
		if input.attr("type") == "hidden" {
			kept[input.attr("name")] = input.attr("value")
		}
	}
	if diff := cmp.Diff(map[string]string{"year": "2025", "month": "2025-03"}, kept); diff != "" {
		t.Errorf("the form carries (-want +got):\n%s", diff)
	}
	for _, a := range render(t, lookAt(t, today)).all("nav a") {
		if href := a.attr("href"); strings.Contains(href, "?") {
			t.Errorf("link %q has a query, want none: nobody chose anything", href)
		}
	}
}

// Who comes from a track that has ended wants to see this year, not the one that
// the other track ended in.
func TestLinksFromEnded(t *testing.T) {
	in := lookAt(t, today, ended)
	in.Year, in.Month = 2021, month(t, "2021-08") // what is shown where nobody chose a year
	for _, a := range render(t, in).all("nav a") {
		if href := a.attr("href"); strings.Contains(href, "year=") {
			t.Errorf("link %q of %q carries a year that nobody chose", href, a.text())
		}
	}
}

func TestWhatChanged(t *testing.T) {
	doc := render(t, lookAt(t, today))
	changes := doc.all("#changes li")
	if got, want := changes[0].the(t, "time").text(), "14 Sep 2026"; got != want {
		t.Errorf("newest change = %q, want %q", got, want)
	}
	september := slices.IndexFunc(changes, func(e element) bool {
		return strings.Contains(e.text(), "September 2026: hotpatch became baseline")
	})
	if september < 0 {
		t.Fatal("the change of September 2026 is not told")
	}
	const want = "8 Sep 2026 September 2026: hotpatch became baseline all 5 tracks" +
		"Some of the month's security fixes are in parts of Windows that only a restart can update"
	if got := changes[september].text(); got != want {
		t.Errorf("September = %q, want %q", got, want)
	}
	var days []string
	for _, c := range changes {
		days = append(days, isoOf(t, c.the(t, "time").text()))
	}
	if !slices.IsSortedFunc(days, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Errorf("changes = %v, want the newest first", days)
	}
}
