package page_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/api/page"
	"github.com/cyclecal/cyclecal/cycle"
)

// isoOf reads a day as pages write it.
func isoOf(t *testing.T, s string) string {
	t.Helper()
	for _, form := range []string{"2 Jan 2006", "Mon 2 Jan 2006"} {
		if day, err := time.Parse(form, s); err == nil {
			return day.Format(time.DateOnly)
		}
	}
	t.Fatalf("%q is no day as pages write it", s)
	return ""
}

func juneOf(t *testing.T, track string) page.Input {
	t.Helper()
	in := lookAt(t, today, track)
	in.Month = month(t, "2026-06")
	return in
}

// The ticket is what a change manager pastes, word for word.
func TestTicket(t *testing.T) {
	in := juneOf(t, windows11)
	in.Ring, in.Calculated = cycle.Ring{Name: "mine", Deferral: 9, Deadline: 5, Grace: 2}, true
	const want = `## Windows 11 24H2, June 2026: restart

- Kind: unplanned baseline (the rule planned a hotpatch), released
- Release: Tuesday, 9 June 2026, 10:00 PDT, 17:00 UTC
- Update: KB5094126 26100.8655
- Our ring: offered on 2026-06-18, restarted by 2026-06-25 (deferral 9, deadline 5, grace 2 days)
- Notice: 2026-06-09: baseline. Microsoft's calendar said hotpatch on 2026-05-14 and baseline on 2026-06-09, in place and unmarked. No reason was given (https://learn.microsoft.com/en-us/windows/release-health/windows11-release-information)
- Source: https://support.microsoft.com/en-us/servicing/os/hotpatch/windows-11/2026/june-9-2026-baseline`
	if diff := cmp.Diff(want, raw(render(t, in).the(t, "#month details.ticket pre"))); diff != "" {
		t.Errorf("ticket (-want +got):\n%s", diff)
	}
}

// A month that nobody has confirmed says so in the ticket too.
func TestTicketUnconfirmed(t *testing.T) {
	in := lookAt(t, today, windows11)
	in.Month = month(t, "2026-10")
	const want = `## Windows 11 24H2, October 2026: restart

- Kind: baseline (the rule planned a baseline), unconfirmed
- Release: Tuesday, 13 October 2026, 10:00 PDT, 17:00 UTC
- Unconfirmed: the day has passed, but no release is known here`
	if diff := cmp.Diff(want, raw(render(t, in).the(t, "#month details.ticket pre"))); diff != "" {
		t.Errorf("ticket (-want +got):\n%s", diff)
	}
}

// Of a notice without a reason or a source the ticket has no empty place for them.
func TestTicketNotice(t *testing.T) {
	for _, tt := range []struct{ reason, source, want string }{
		{"", "", "- Notice: 2026-11-02: hotpatch."},
		{"Said so", "", "- Notice: 2026-11-02: hotpatch. Said so"},
		{"", "https://a.example/", "- Notice: 2026-11-02: hotpatch. (https://a.example/)"},
	} {
		facts := patchDay(t, "sap", "Europe/Berlin")
		facts.Notices = []cycle.Notice{{Track: "sap", Month: month(t, "2026-11"), Kind: cycle.Hotpatch, KnownOn: cycle.DateOf(2026, 11, 2), Reason: tt.reason, Source: tt.source}}
		in := inputOf(t, today, []cycle.Facts{facts}, "sap")
		in.Month = month(t, "2026-11")
		if lines := strings.Split(raw(render(t, in).the(t, "#month details.ticket pre")), "\n"); !slices.Contains(lines, tt.want) {
			t.Errorf("ticket %q, want %q", lines, tt.want)
		}
	}
}

// raw is the text with its line breaks.
func raw(e element) string {
	var b strings.Builder
	for n := range e.Descendants() {
		if n.FirstChild == nil {
			b.WriteString(n.Data)
		}
	}
	return b.String()
}

func TestMonth(t *testing.T) {
	section := render(t, juneOf(t, windows11)).the(t, "#month")
	if got, want := section.the(t, "h2").text(), "June 2026"; got != want {
		t.Errorf("month = %q, want %q", got, want)
	}
	if got, want := section.the(t, "p.notice").text(), "Known on 9 Jun 2026: baseline. Microsoft's calendar said hotpatch on 2026-05-14 "+
		"and baseline on 2026-06-09, in place and unmarked. No reason was given. The plan was last seen unchanged on 14 May 2026. Said by learn.microsoft.com."; got != want {
		t.Errorf("notice = %q, want %q", got, want)
	}
	all := section.text()
	for _, want := range []string{"Planned: hotpatch. Actual: unplanned baseline (released). Tuesday, 9 June 2026, 10:00 PDT, 17:00 UTC. Known on", "KB5094126", "26100.8655", "restart"} {
		if !strings.Contains(all, want) {
			t.Errorf("month = %q, want %q in it", all, want)
		}
	}
}

// Tracks stand together for which the month is the same: not where the day was another, as in November 2024, or the
// plan was last seen on another day, as of September 2026.
func TestMonthOfAll(t *testing.T) {
	const clients, servers = "Windows 11 24H2 and Windows 11 Enterprise LTSC 2024", "Windows Server 2025 and Windows Server 2022 Azure Edition"
	for of, want := range map[string][]string{
		"2024-11": {clients + " hotpatch", servers + " hotpatch"},
		"2026-03": {"all 5 tracks hotpatch"},
		"2026-06": {"all 5 tracks unplanned baseline"},
		"2026-09": {"Windows 11 25H2, " + clients + " unplanned baseline", servers + " unplanned baseline"},
		"2026-10": {"all 5 tracks baseline by the plan, unconfirmed"},
		"2027-11": {"Windows 11 25H2, Windows 11 Enterprise LTSC 2024 and Windows Server 2025 hotpatch"},
	} {
		in := lookAt(t, today)
		in.Month = month(t, of)
		if diff := cmp.Diff(want, render(t, in).texts("#month article h3")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", of, diff)
		}
	}
}

// March 2026 had seven updates; those off the cycle are told apart.
func TestReleases(t *testing.T) {
	in := lookAt(t, today, windows11)
	in.Month = month(t, "2026-03")
	var got [][]string
	for _, row := range render(t, in).all("table.releases tbody tr") {
		cells := row.all("td")
		kind, _, _ := strings.Cut(cells[1].FirstChild.Data, "\n")
		got = append(got, []string{isoOf(t, cells[0].text()), kind, cells[2].text(), cells[3].text(), cells[4].text()})
	}
	want := [][]string{
		{"2026-03-10", "hotpatch", "KB5079420", "26100.7979", "no restart"},
		{"2026-03-10", "cumulative update", "KB5079473", "26100.8037", "off the cycle only"},
		{"2026-03-13", "out-of-band hotpatch", "KB5084597", "26100.7982", "no restart"},
		{"2026-03-16", "out-of-band hotpatch", "KB5084897", "26100.7984", "no restart"},
		{"2026-03-21", "out-of-band cumulative update", "KB5085516", "26100.8039", "off the cycle only"},
		{"2026-03-23", "out-of-band hotpatch", "KB5085518", "26100.7985", "no restart"},
		{"2026-03-31", "out-of-band cumulative update", "KB5086672", "26100.8117", "off the cycle only"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("releases of March 2026 (-want +got):\n%s", diff)
	}
}

// Nobody has confirmed what November is: the page must not tell what it actually was.
func TestActualIsNotKnown(t *testing.T) {
	for _, m := range []string{"2026-11", "2026-12"} {
		in := lookAt(t, today, windows11)
		in.Month = month(t, m)
		if got := render(t, in).the(t, "#month").text(); !strings.Contains(got, "Actual: not known") {
			t.Errorf("%s = %q, want it to say that nobody knows", m, got)
		}
	}
}
