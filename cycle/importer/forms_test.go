package importer_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/importer"
)

// calendarPage is a calendar with some rows.
func calendarPage(rows ...string) string {
	return `<table id="HotpatchCalendar_Version25H2_2026"><tr><th>Month<th>Update type<th>Type<th>Availability date<th>Build<th>KB article</tr>` +
		"<tr><td>" + strings.ReplaceAll(strings.Join(rows, "</tr><tr><td>"), "|", "<td>") + "</tr></table>"
}

const mayRow = "May|2026.05 B|Hotpatch|2026-05-12|26200.8390|KB5089466"

// What differs in form alone says the same.
func TestForms(t *testing.T) {
	want, err := importer.Parse(strings.NewReader(calendarPage(mayRow)), "page")
	if err != nil {
		t.Fatal(err)
	}
	for what, row := range map[string]string{
		"a seventh cell":         mayRow + "|\u200b",
		"zero-width spaces":      "\ufeffMay|2026.05\u200b B|Hot\u200bpatch|2026-05-12\u200b|26200.\u20608390|KB5089466",
		"no-break spaces":        "\u00a0May|2026.05\u00a0B|Hotpatch\u00a0|\u202f2026-05-12|26200.8390|\u00a0KB5089466\u00a0",
		"a wrong year":           strings.Replace(mayRow, "2026.05", "2025.05", 1),
		"a hyphen in the label":  strings.Replace(mayRow, "2026.05", "2026-05", 1),
		"another dash":           strings.Replace(mayRow, "2026-05-12", "2026–05\u201112", 1),
		"a footnote":             strings.Replace(mayRow, "05 B", "05 B<sup>*</sup>", 1),
		"another case":           strings.Replace(mayRow, "Hotpatch", "hotPATCH", 1),
		"an article that is not": strings.Replace(mayRow, "KB5089466", `<a href="https://support.microsoft.com/help/5089602">KB5089466</a>`, 1),
		"a line break":           strings.Replace(mayRow, "2026.05 B", "2026.05<br/>B", 1),
	} {
		got, err := importer.Parse(strings.NewReader(calendarPage(row)), "page")
		if err != nil || len(got.Problems) > 0 || cmp.Diff(facts(want.Rows), facts(got.Rows)) != "" {
			t.Errorf("%s: %v, %v, problems %v: want %v", what, lines(got.Rows), err, got.Problems, lines(want.Rows))
		}
	}
	for cell, want := range map[string]cycle.Kind{
		"Baseline": cycle.Baseline, "baseline (restart required)": cycle.Baseline, "Baseline (Restart)*": cycle.Baseline,
		"Baseline (Restart)<sup>†</sup>": cycle.Baseline, "Unplanned baseline (Restart)": cycle.Baseline,
		"Hotpatch (No restart)": cycle.Hotpatch, "Hotpatch*": 0, "Unplanned hotpatch": 0, // what may restart after all is asked back
	} {
		got, err := importer.Parse(strings.NewReader(calendarPage(mayRow, "June|2026.06 B|"+cell+"|||")), "page")
		if err != nil || (want == 0) != (len(got.Problems) > 0) || want != 0 && (len(got.Rows) != 2 || got.Rows[1].Kind != want) {
			t.Errorf("%s: %v, %v, problems %v, want %v", cell, lines(got.Rows), err, got.Problems, want)
		}
	}
	for title, want := range map[string]string{
		"May 12, 2026—Hotpatch KB5087423 (OS Build 26100.32772":                                   "hotpatch  KB5087423 26100.32772",
		"May 12, 2026-Hotpatch KB5087423(OS Build 26100.32772)":                                   "hotpatch  KB5087423 26100.32772",
		"May 12, 2026 – Hotpatch KB5087423 (OS Build 26100.32772) OUT OF BAND":                    "hotpatch out-of-band KB5087423 26100.32772",
		"May 12, 2026—Hotpatch KB5087423 (OS Build 26100.32772) Out-of-Band - Microsoft Support":  "hotpatch out-of-band KB5087423 26100.32772",
		"May\u00a012,\u00a02026—Hot\u200bpatch KB5087423\u200b (OS\u00a0Build 26100.32772)\u200b": "hotpatch  KB5087423 26100.32772",
		"May 12, 2026—KB5087423 (OS Build 26100.32772) Security Update for Windows PowerShell":    "component  KB5087423 26100.32772",
	} {
		d, err := importer.ParseTOC(toc(t, "Hotpatch on Windows Server 2025", title), "toc.json")
		if err != nil {
			t.Errorf("%s: %v", title, err)
			continue
		}
		r := d.Rows[0]
		got := strings.Join([]string{r.Type.String(), map[bool]string{true: "out-of-band"}[r.OutOfBand], r.KB, r.Build}, " ")
		if got != want || r.Date.String() != "2026-05-12" {
			t.Errorf("%s: %s %s, want %s 2026-05-12", title, got, r.Date, want)
		}
	}
}

// What is wrong with a release takes nothing from the kind of its month: an unplanned baseline stays one.
func TestKindOfABadRow(t *testing.T) {
	for cells, want := range map[string]cycle.Kind{
		"2026.06 B|Baseline (Restart)|9 June|26200.8655|KB5094126":         cycle.Baseline,
		"2026.06 B|Baseline (Restart)|2026-06-09|26200.|KB5094126":         cycle.Baseline,
		"2026.06 B|Baseline (Restart)|2026-06-09|26200.8655|":              cycle.Baseline,
		"2026.06 B|Restart|2026-06-09|26200.8655|KB5094126":                0,
		"2026.06 OOB|Baseline (Restart)|2026-06-09|26200.8655|the article": 0, // an out-of-band release isn't the month
	} {
		d, err := importer.Parse(strings.NewReader(calendarPage(mayRow, "June|"+cells)), "page")
		if err != nil || len(d.Problems) != 1 {
			t.Errorf("%s: %v, problems %v: want one", cells, err, d.Problems)
		}
		var got cycle.Kind
		for _, r := range d.Rows[1:] {
			got = r.Kind
			if r.Type != 0 || r.KB != "" || r.Build != "" {
				t.Errorf("%s: %v: want nothing about the release", cells, lines(d.Rows[1:]))
			}
		}
		if got != want {
			t.Errorf("%s: kind %q, want %q", cells, got, want)
		}
	}
}

// The Markdown form with what comes before it, line breaks after its headings, and lines that end as on Windows.
func TestMarkdown(t *testing.T) {
	page := strings.ReplaceAll(string(sample(t, serverJune)), "**\n", "** <br/>\n")
	page = strings.ReplaceAll("---\nms.date: 2026-06-09\n---\n# Windows Server release information\n"+
		"| Version | Build |\n| --- | --- |\n| 24H2 | 26100 |\n\n"+page, "\n", "\r\n")
	d, err := importer.Parse(strings.NewReader(page), serverJune)
	if diff := cmp.Diff(lines(parse(t, serverJune).Rows), lines(d.Rows)); err != nil || len(d.Problems) > 0 || diff != "" {
		t.Errorf("%v, problems %v (-want +got):\n%s", err, d.Problems, diff)
	}
}

// Headings name products in many ways; their builds do not.
func TestProducts(t *testing.T) {
	for heading, want := range map[string]string{
		"Windows Server 2025 (OS build 26100)":                                                                  "windows-server-2025",
		"Release notes for hotpatch on Windows Server 2025 Datacenter Azure Edition":                            "windows-server-2025",
		"Windows Server 2022 (OS build 20348)":                                                                  "windows-server-2022-azure-edition",
		"Release notes for Hotpatch in Azure Automanage for Windows Server 2022":                                "windows-server-2022-azure-edition",
		"Public Preview - Release notes for hotpatch in Azure Automanage for Windows Server":                    "windows-server-azure-automanage-preview",
		"Release notes for Hotpatch on Windows 11 Enterprise version 25H2":                                      "windows-11-25h2",
		"Release notes for Hotpatch public preview on Windows 11, version 24H2 Enterprise clients":              "windows-11-24h2",
		"Release notes for Hotpatch on Windows 11, version 24H2 and Windows 11 Enterprise LTSC 2024":            "windows-11-24h2",
		"Windows\u00a011, version\u00a024H2 (OS\u200b build 26100)":                                             "windows-11-24h2",
		"Release notes for Hotpatch on Windows 11 Enterprise LTSC 2024":                                         "windows-11-ltsc-2024",
		"Hotpatch on Windows 11, version 26H1 (OS build 26100)":                                                 "",
		"Hotpatch on Windows 11, versions 24H2 and 25H2":                                                        "",
		"Hotpatch on Windows Server 2022, 23H2 Edition":                                                         "",
		"Hotpatch on Windows Server 2019":                                                                       "",
		"Hotpatch on something with OS build 26100, which Windows 11 and Windows Server have as well as others": "",
	} {
		d, err := importer.ParseTOC(toc(t, heading, "July 14, 2026—Baseline"), "toc.json")
		got := ""
		if len(d.Rows) > 0 {
			got = d.Rows[0].Track
		}
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: track %q, %v, want %q", heading, got, err, want)
		}
		if want == "" && len(d.Problems) == 0 {
			t.Errorf("%s: no report", heading)
		}
	}
}

// A page that contradicts itself in one cell has no rows, and a report of the place and the text.
func TestContradictions(t *testing.T) {
	replace := func(old, replacement string) string {
		page := string(sample(t, win11May))
		if !strings.Contains(page, old) {
			t.Fatalf("the page does not have %q", old)
		}
		return strings.Replace(page, old, replacement, 1)
	}
	double := func(name, from, to, old, replacement string) string {
		page := string(sample(t, name))
		start := strings.Index(page, from)
		end := start + strings.Index(page[start:], to) + len(to)
		return page[:end] + strings.Replace(page[start:end], old, replacement, 1) + page[end:]
	}
	const row5 = "table HotpatchCalendar_Version25H2_2026, row 5"
	for what, tt := range map[string]struct{ page, place, text string }{
		"a month and its label": {replace("2026.05 B", "2026.04 B"), row5, "2026.04 B"},
		"a day of another month": {
			replace("2026-05-12", "2026-04-14"), row5, "2026-04-14",
		},
		"a day of another year": {replace("2026-05-12", "2025-05-12"), row5, "2025-05-12"},
		"a build of another product": {
			replace("26200.8390", "26100.8390"), row5, "26100.8390",
		},
		"two kinds in a cell":        {replace("<td>Baseline (Restart)</td>", "<td>Baseline (Restart) Hotpatch</td>"), "row 1", "Baseline (Restart) Hotpatch"},
		"a hotpatch with a restart":  {replace("<td>Hotpatch</td>", "<td>Hotpatch (Restart)</td>"), "row 2", "Hotpatch (Restart)"},
		"two KBs in a cell":          {replace(">KB5089466<", ">KB5089466 KB5089467<"), row5, "KB5089467"},
		"a number that is no KB":     {replace(">KB5089466<", ">KB50894<"), row5, "KB50894"},
		"a year's months mixed":      {replace("<td>May</td>", "<td>March</td>"), row5, "2026.05 B"},
		"a row twice, two kinds":     {double(win11May, "<tr>\n             <td>May", "</tr>", "Hotpatch", "Baseline (Restart)"), "row 6", "2026-05 hotpatch"},
		"a row twice, two builds":    {double(win11May, "<tr>\n             <td>May", "</tr>", "26200.8390", "26200.8391"), "row 6", "26200.8390"},
		"a title twice, two days":    {double(navNew, `<li class="learnRenderLeftNavArticle"><a href="../../windows-server-2025/2026/may`, "</li>", "May 12", "May 13"), "item 5", "2026-05-13"},
		"a month of two hotpatches":  {double(navNew, `<li class="learnRenderLeftNavArticle"><a href="../../windows-server-2025/2026/may`, "</li>", "Hotpatch KB5087423", "Hotpatch KB5087424"), "item 5", "KB5087424"},
		"a remediation's build":      {strings.Replace(string(sample(t, securityAug)), "10.0.20348.5440", "10.0.26100.5440", 1), "Remediations[8]", "26100.5440"},
		"a table that is not closed": {strings.TrimSuffix(strings.TrimSpace(string(sample(t, win11May))), "</table>"), "page", "<table>"},
	} {
		d, err := importer.Parse(strings.NewReader(tt.page), "2026-Aug")
		if err == nil || len(d.Rows) > 0 {
			t.Errorf("%s: %d rows, want an error", what, len(d.Rows))
			continue
		}
		last := d.Problems[len(d.Problems)-1]
		if !strings.Contains(last.Place, tt.place) || !strings.Contains(last.Detail, tt.text) || !strings.Contains(err.Error(), tt.text) {
			t.Errorf("%s: %+v and %v, want %q and %q", what, last, err, tt.place, tt.text)
		}
	}
}

// A page that lost its tables is none to use.
func TestLostTables(t *testing.T) {
	for what, page := range map[string]string{
		"nothing":    "",
		"no tables":  "<html><body><h2>Windows 11 hotpatch calendar</h2><p>Soon.</p></body></html>",
		"no rows":    `<table id="HotpatchCalendar_Version25H2_2026"></table>`,
		"no year":    `<table id="HotpatchCalendar_Version25H2"><tr><th>Month<th>Update type<th>Type<th>KB article</tr><tr><td>May<td>2026.05 B<td>Hotpatch<td></tr></table>`,
		"no product": `<table id="HotpatchCalendar_2026"><tr><th>Month<th>Update type<th>Type<th>KB article</tr><tr><td>May<td>2026.05 B<td>Hotpatch<td></tr></table>`,
		"no markup":  "Windows 11 hotpatch calendar",
		"Markdown":   "## Windows 11 hotpatch calendar\n\nSoon.\n",
		"no items":   `{"items": []}`,
		"null":       `{"items": null}`,
		"no fixes":   `{"DocumentTracking": {"Identification": {"ID": {"Value": "2026-Jul"}}}, "Vulnerability": []}`,
		"no entries": `<feed xmlns="http://www.w3.org/2005/Atom"><title>Windows 11 update history</title></feed>`,
		"an image":   "\x89PNG\r\n\x1a\n",
	} {
		if d, err := importer.Parse(strings.NewReader(page), "page"); err == nil || len(d.Rows) > 0 {
			t.Errorf("%s: %d rows, want an error", what, len(d.Rows))
		}
	}
}

// The whole form of a document of the security update guide, with the traps that real ones have.
func TestSecurityGuide(t *testing.T) {
	const doc = `{"DocumentTitle": {"Value": "September 2026"}, "DocumentTracking": {"Identification": {"ID": {"Value": "2026-Sep"}}},
		"ProductTree": {"FullProductName": [
			{"ProductID": "1", "Value": "Windows 11 Version 24H2 for x64-based Systems"},
			{"ProductID": "2", "Value": "Windows Server 2025 (Server Core installation)"},
			{"ProductID": "3", "Value": "Windows Server 2025"}]},
		"Vulnerability": [{"CVE": "CVE-1", "Remediations": [
			{"Type": 2, "SubType": "Security Update", "Description": {"Value": "5000001"}, "ProductID": ["1"], "FixedBuild": "10.0.26100.9445"},
			{"Type": 2, "SubType": "SecurityHotpatchUpdate", "Description": {"Value": "5000002"}, "ProductID": ["2", "3"], "FixedBuild": "10.0.26100.33400"},
			{"Type": 3, "SubType": "5000002", "URL": "https://support.microsoft.com/help/5000002", "ProductID": ["2"]}]},
		{"CVE": "CVE-2", "Remediations": [
			{"Type": 2, "SubType": "Security HotPatch Update", "Description": {"Value": "5000002"}, "ProductID": ["3"], "FixedBuild": "10.0.26100.33400"},
			{"Type": 2, "SubType": "Security Hotpatch Update", "Description": {"Value": "5000003"}, "ProductID": ["1"], "FixedBuild": "10.0.26100.9446"},
			{"Type": 2, "SubType": "Security Hotpatch Update", "Description": {"Value": "5000004"}, "ProductID": ["1"], "FixedBuild": "10.0.26100.9447"},
			{"Type": 2, "SubType": "Security Hotpatch Update", "Description": {"Value": "later"}, "ProductID": ["1"]}]}]}`
	d, err := importer.Parse(strings.NewReader(doc), "2026-Aug.json")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`windows-server-2025 month=2026-09 kind= type=hotpatch kb=KB5000002 build=26100.33400 date= title="" url=https://support.microsoft.com/help/5000002`,
		`windows-11-24h2 month=2026-09 kind= type=hotpatch kb=KB5000003 build=26100.9446 date= title="" url=`,
		`windows-11-24h2 month=2026-09 kind= type=hotpatch kb=KB5000004 build=26100.9447 date= title="" url=`,
	}
	if diff := cmp.Diff(want, lines(d.Rows)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if len(d.Problems) != 1 || d.Problems[0].Place != "Vulnerability[1].Remediations[3]" || !strings.Contains(d.Problems[0].Detail, "later") {
		t.Errorf("problems %v, want one, of the remediation with the KB later", d.Problems)
	}
}

// The table of contents of the hotpatch release notes, in the shape that the update history has.
func TestHotpatchTOC(t *testing.T) {
	const doc = `{"items": [{"toc_title": "Windows 11", "children": [{"toc_title": "Release notes for Hotpatch on Windows 11 Enterprise version 25H2", "children": [
		{"toc_title": "Release notes", "href": "windows-11/2025/release-notes"},
		{"toc_title": "July 18, 2026—Hotpatch KB5121768 (OS Builds 26200.8893 and 26100.8893) Out-of-band", "href": "windows-11/2026/kb5121768-hotpatch-out-of-band"},
		{"toc_title": "January 13, 2026—Baseline", "href": "windows-11/2025/january-13-2026-baseline-2"}]}]}]}`
	d, err := importer.Parse(strings.NewReader(doc), "https://support.microsoft.com/en-us/servicing/os/hotpatch/toc.json")
	want := []string{
		`windows-11-25h2 month=2026-07 kind= type=hotpatch out-of-band kb=KB5121768 build=26200.8893 date=2026-07-18 title="July 18, 2026—Hotpatch KB5121768 (OS Builds 26200.8893 and 26100.8893) Out-of-band" url=https://support.microsoft.com/en-us/servicing/os/hotpatch/windows-11/2026/kb5121768-hotpatch-out-of-band`,
		`windows-11-25h2 month=2026-01 kind=baseline type=baseline kb= build= date=2026-01-13 title="January 13, 2026—Baseline" url=https://support.microsoft.com/en-us/servicing/os/hotpatch/windows-11/2025/january-13-2026-baseline-2`,
	}
	if diff := cmp.Diff(want, lines(d.Rows)); err != nil || diff != "" || d.Origin != importer.ReleaseNotes {
		t.Errorf("%v %s (-want +got):\n%s", err, d.Origin, diff)
	}
	// Those of a server lie below its own address.
	d, err = importer.Parse(toc(t, "Windows Server 2025", "June 9, 2026—KB5094125 (OS Build 26100.32995)"), "https://support.microsoft.com/en-us/servicing/os/windows-server-2025/toc.json")
	if err != nil || len(d.Rows) != 1 || d.Rows[0].Track != "windows-server-2025" || d.Origin != importer.UpdateHistory {
		t.Errorf("update history of a server: %v %v", lines(d.Rows), err)
	}
}

// A navigation that a page prints twice says everything once.
func TestTwiceOnAPage(t *testing.T) {
	page := sample(t, navOld)
	d, err := importer.Parse(bytes.NewReader(append(bytes.Clone(page), page...)), navOld)
	if diff := cmp.Diff(lines(parse(t, navOld).Rows), lines(d.Rows)); err != nil || diff != "" {
		t.Errorf("%v (-once +twice):\n%s", err, diff)
	}
}

// endless gives the same bytes for ever.
type endless string

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = e[i%len(e)]
	}
	return len(p), nil
}

// An endless page, and one that breaks off, end in an error; deep ones do not end the program.
func TestLimits(t *testing.T) {
	const many = 1 << 17
	for what, r := range map[string]io.Reader{
		"endless":      endless("<tr><td>June "),
		"broken":       iotest.ErrReader(errors.New("connection lost")),
		"deep HTML":    strings.NewReader(strings.Repeat("<div>", many) + `<table id="HotpatchCalendar_Version25H2_2026">`),
		"deep JSON":    strings.NewReader(`{"items":` + strings.Repeat(`[{"children":`, many)),
		"deep lists":   strings.NewReader(`{"items":[` + strings.Repeat(`{"children":[`, 100) + strings.Repeat(`]}`, 100) + `]}`),
		"deep XML":     strings.NewReader(`<feed>` + strings.Repeat(`<entry>`, many)),
		"entities":     strings.NewReader(`<!DOCTYPE feed [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><feed><title>&b;</title></feed>`),
		"many bars":    strings.NewReader("## hotpatch calendar\n" + strings.Repeat("|", 4*many)),
		"many comment": strings.NewReader(strings.Repeat("<!--", 2*many)),
	} {
		if d, err := importer.Parse(r, "page"); err == nil || len(d.Rows) > 0 {
			t.Errorf("%s: %d rows, want an error", what, len(d.Rows))
		}
	}
}

// A title or an address that no document can hold is reported.
func TestUnfit(t *testing.T) {
	const title = "June 9, 2026—KB5094126 (OS Builds 26200.8655 and 26100.8655)"
	d, err := importer.ParseTOC(toc(t, "Windows 11, version 25H2", title+strings.Repeat("!", 200-len(title)), "May 12, 2026—KB5089549 (OS Build 26200.8457)"+strings.Repeat("!", 155)), "toc.json")
	if err != nil || len(d.Rows) != 1 || len(d.Problems) != 1 {
		t.Errorf("titles of 200 and 202 bytes: %v, %v, %v, want the first", lines(d.Rows), d.Problems, err)
	}
	for href, want := range map[string]string{
		"https://a.example/" + strings.Repeat("a", 1982): "https://a.example/" + strings.Repeat("a", 1982),
		"https://a.example/" + strings.Repeat("a", 1983): "", "https://a.example/?a={b}": "", "https://a.example/?a=b": "https://a.example/?a=b",
	} {
		page := strings.Replace(`{"items":[{"toc_title":"Windows 11, version 25H2","children":[{"toc_title":"TITLE","href":"HREF"}]}]}`, "TITLE", title, 1)
		d, err := importer.ParseTOC(strings.NewReader(strings.Replace(page, "HREF", href, 1)), "toc.json")
		if err != nil || len(d.Rows) != 1 || d.Rows[0].URL != want || (len(d.Problems) > 0) != (want == "") {
			t.Errorf("%.40s: %v, %v, %v", href, lines(d.Rows), d.Problems, err)
		}
	}
}

// An out-of-band row may have the label of the month beside its day's; another row may not.
func TestNeighbourMonth(t *testing.T) {
	const row = "February|2026.02 OOB|Hotpatch|2026-03-02|26200.7979|KB5079420"
	d, err := importer.Parse(strings.NewReader(calendarPage(row)), "page")
	if err != nil || len(d.Rows) != 1 || d.Rows[0].Month.String() != "2026-02" || d.Rows[0].Date.String() != "2026-03-02" || !d.Rows[0].OutOfBand {
		t.Errorf("%s: %v, %v, want it of February", row, lines(d.Rows), err)
	}
	for _, bad := range []string{strings.Replace(row, "OOB", "B", 1), strings.Replace(row, "03-02", "04-01", 1), strings.Replace(row, "03-02", "03-20", 1)} {
		if d, err := importer.Parse(strings.NewReader(calendarPage(bad)), "page"); err == nil {
			t.Errorf("%s: %v, want an error", bad, lines(d.Rows))
		}
	}
	// A day that is too far costs its row, not the page.
	d, err = importer.Parse(strings.NewReader(calendarPage(mayRow+"</tr><tr><td>"+strings.Replace(strings.ReplaceAll(row, "|", "<td>"), "03-02", "03-20", 1))), "page")
	if err != nil || len(d.Rows) != 1 || len(d.Problems) != 1 {
		t.Errorf("%v, %v, problems %v: want May alone", lines(d.Rows), err, d.Problems)
	}
}

// The regular rows of a table follow each other month by month; out-of-band ones stand anywhere. The row
// before a gap may have the cells of the one that is missing, and is dropped.
func TestMonthsFollow(t *testing.T) {
	n := 0
	row := func(name, label, day string) string {
		n++
		return strings.Join([]string{name, label, "Hotpatch", day, fmt.Sprintf("26200.%d", 7000+n), fmt.Sprintf("KB%d", 5070000+n)}, "<td>")
	}
	january, february := row("January", "2026.01 B", "2026-01-13"), row("February", "2026.02 B", "2026-02-10")
	march, april := row("March", "2026.03 B", "2026-03-10"), row("April", "2026.04 B", "2026-04-14")
	late, early := row("February", "2026.02 OOB", "2026-03-02"), row("March", "2026.03 OOB", "2026-02-25")
	for _, tt := range []struct {
		name, months string
		rows         []string
		problems     int
	}{
		{"each month", "01 02 03", []string{january, february, march}, 0},
		{"out of band, of a month before", "02 03 02 04", []string{february, march, late, april}, 0},
		{"out of band, of a month to come", "02 03 03", []string{february, early, march}, 0},
		{"out of band is no month of its own", "02 03", []string{january, late, march}, 1},
		{"a gap after the first row", "03 04", []string{january, march, april}, 1},
		{"a gap after others", "01 04", []string{january, february, april}, 1},
		{"an unreadable row is no gap", "01 03", []string{january, row("February", "2026.02 soon", "2026-02-10"), march}, 1},
		{"nor one whose release can't be read", "01 02 03", []string{january, row("February", "2026.02 B", "soon"), march}, 1},
		{"a row without a month leaves a gap", "03", []string{january, row("Smarch", "", ""), march}, 2},
	} {
		page := strings.Join(tt.rows, "</tr><tr><td>")
		d, err := importer.Parse(strings.NewReader(calendarPage(page)), "page")
		var months []string
		for _, r := range d.Rows {
			months = append(months, r.Month.String()[len("2026-"):])
		}
		if got := strings.Join(months, " "); err != nil || got != tt.months || len(d.Problems) != tt.problems {
			t.Errorf("%s: months %s, %v, problems %v, want %s and %d problems", tt.name, got, err, d.Problems, tt.months, tt.problems)
		}
	}
}

// A preview stays one, whatever stands behind or around the word.
func TestPreviews(t *testing.T) {
	for title, want := range map[string]bool{
		"September 29, 2025—KB5065789 (OS Build 26100.6725) Preview":                     true,
		"September 29, 2025—KB5065789 (OS Build 26100.6725) Preview (Expired)":           true,
		"September 29, 2025—KB5065789 (OS Build 26100.6725) Preview [EXPIRED]":           true,
		"September 29, 2025—KB5065789 (OS Build 26100.6725) Preview build":               true,
		"September 29, 2025—KB5065789 (OS Build 26100.6725) [Preview]":                   true,
		"September 29, 2025—KB5065789 (OS Build 26100.6725) Preview - Microsoft Support": true,
		"September 9, 2025—KB5065426 (OS Build 26100.6584)":                              false,
		"September 9, 2025—KB5065426 (OS Build 26100.6584) Expired":                      false,
	} {
		d, err := importer.ParseTOC(toc(t, "Windows 11, version 24H2", title), "toc.json")
		if err != nil || len(d.Rows) != 1 || d.Rows[0].Preview != want {
			t.Errorf("%s: %v, %v, want preview: %v", title, lines(d.Rows), err, want)
		}
	}
}

// A title with a KB and a day alone may be of anything, such as a .NET update: it is reported.
func TestNoBuild(t *testing.T) {
	for _, title := range []string{
		"September 9, 2025—KB5064401", "September 9, 2025—KB5064401 Cumulative Update for .NET Framework 3.5 and 4.8.1", "September 9, 2025—KB5064401 (OS Build)",
	} {
		d, err := importer.ParseTOC(toc(t, "Windows 11, version 24H2", title, "August 12, 2025—KB5063878 (OS Build 26100.4946)"), "toc.json")
		if err != nil || len(d.Rows) != 1 || d.Rows[0].KB != "KB5063878" || len(d.Problems) != 1 || !strings.Contains(d.Problems[0].Detail, "KB5064401") {
			t.Errorf("%s: %v, %v, problems %v: want a report of it", title, lines(d.Rows), err, d.Problems)
		}
	}
}

// Articles of today have seven digits, or eight one day; a number that lost one is none.
func TestKBDigits(t *testing.T) {
	for title, want := range map[string]bool{
		"May 12, 2026—Hotpatch KB508742 (OS Build 26100.32772)":    false,
		"May 12, 2026—Hotpatch KB5087423 (OS Build 26100.32772)":   true,
		"May 12, 2026—Hotpatch KB50874231 (OS Build 26100.32772)":  true,
		"May 12, 2026—Hotpatch KB508742312 (OS Build 26100.32772)": false,
		"KB506636—Security Update for Windows PowerShell":          false,
		"May 12, 2009—Hotpatch KB968816 (OS Build 26100.1)":        true,
	} {
		d, err := importer.ParseTOC(toc(t, "Hotpatch on Windows Server 2025", title, "July 14, 2026—Baseline"), "toc.json")
		if got := len(d.Rows) == 2; err != nil || got != want || got == (len(d.Problems) > 0) {
			t.Errorf("%s: %v, %v, problems %v, want it read: %v", title, lines(d.Rows), err, d.Problems, want)
		}
	}
	if d, err := importer.Parse(strings.NewReader(calendarPage(strings.Replace(mayRow, "KB5089466", "KB508946", 1))), "page"); err == nil {
		t.Errorf("a calendar with KB508946: %v, want an error", lines(d.Rows))
	}
}

// The names of months may be shortened, in a table as well as in titles, as long as each means one month.
func TestMonthNames(t *testing.T) {
	page := string(sample(t, win11May))
	for _, short := range []string{"Jan", "Feb.", "MAR", "April", "May", "jun", "Jul.", "Aug", "Sept.", "Octo", "Nov", "Dec."} {
		for month := time.January; month <= time.December; month++ {
			if strings.HasPrefix(strings.ToLower(month.String()), strings.ToLower(strings.TrimSuffix(short, "."))) {
				page = strings.ReplaceAll(page, "<td>"+month.String()+"</td>", "<td>"+short+"</td>")
			}
		}
	}
	got, err := importer.Parse(strings.NewReader(page), win11May)
	if diff := cmp.Diff(parse(t, win11May), got, cmpopts.EquateComparable(cycle.Date{}, cycle.Month{})); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for month, ok := range map[string]bool{"Sept. 8, 2026": true, "Sep 8, 2026": true, "Se 8, 2026": false, "Septembers 8, 2026": false, "Sept.. 8, 2026": false, "Mai 8, 2026": false} {
		nav := `<div class="learnRenderLeftNavCategoryTitle">Windows 11, version 25H2</div><li class="learnRenderLeftNavArticle">` + month + `—Baseline</li>`
		d, err := importer.Parse(strings.NewReader(nav), "page")
		if (err == nil) != ok || ok && d.Rows[0].Date != date(t, "2026-09-08") {
			t.Errorf("%q: %v, %v, want it read: %t", month, d.Rows, err, ok)
		}
	}
}
