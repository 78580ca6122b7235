package importer_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/importer"
)

// Real pages, trimmed to what the readers look at.
const (
	win11May    = "learn-win11-hotpatch-calendar-2026-05.html"
	serverJune  = "learn-server-hotpatch-calendar-2026-06.md"
	navNew      = "support-hotpatch-nav-new-markup.html"
	navOld      = "support-hotpatch-nav-old-markup.html"
	historyTOC  = "support-windows-11-toc.trimmed.json"
	securityAug = "msrc-cvrf-2026-Aug.remediations.json"
	feedJune    = "support-atom-entry-2026-06.retired-feed.xml"
)

var samples = []string{win11May, serverJune, navNew, navOld, historyTOC, securityAug, feedJune}

// Each sample reads to exactly the rows beside it. UPDATE=1 rewrites them.
func TestSamples(t *testing.T) {
	for _, name := range samples {
		t.Run(name, func(t *testing.T) {
			d := parse(t, name)
			if len(d.Problems) > 0 {
				t.Errorf("problems: %v", d.Problems)
			}
			got := []byte(string(d.Origin) + " " + d.Page + "\n" + strings.Join(lines(d.Rows), "\n") + "\n")
			golden := filepath.Join("testdata", "rows", name+".txt")
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), string(got)); d != "" {
				t.Errorf("rows (-want +got):\n%s", d)
			}
		})
	}
}

// lines writes rows so that a person can compare them with the page.
func lines(rows []importer.Row) []string {
	var list []string
	for _, r := range rows {
		line := fmt.Sprintf("%s month=%s kind=%s type=%s", r.Track, r.Month, r.Kind, r.Type)
		if r.OutOfBand {
			line += " out-of-band"
		}
		if r.Preview {
			line += " preview"
		}
		line += fmt.Sprintf(" kb=%s build=%s date=%s title=%q url=%s", r.KB, r.Build, r.Date, r.Title, r.URL)
		list = append(list, line)
	}
	return list
}

// Real cells of a support page in the form of a calendar: labels of a wrong year,
// no-break spaces, zero-width spaces in cells that look empty, and no columns for day and build.
func TestCellsOfSupportPage(t *testing.T) {
	var days map[string][][][]string
	if err := json.Unmarshal(sample(t, "support-25h2-release-notes-tables.json"), &days); err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string][]string{
		"2026-05-27": {
			"2026-01 baseline KB5074109", "2026-02 hotpatch KB5077212", "2026-03 hotpatch KB5079420", "2026-04 baseline KB5083769",
			"2026-05 hotpatch KB5089466", "2026-06 hotpatch ", "2026-07 baseline ", "2026-08 hotpatch ",
			"2026-09 hotpatch ", "2026-10 baseline ", "2026-11 hotpatch ", "2026-12 hotpatch ",
			"2025-10 baseline KB5066835", "2025-11 hotpatch KB5068966", "2025-12 hotpatch KB5072014",
		},
		"2026-07-23": {
			"2026-01 baseline KB5074109", "2026-02 hotpatch KB5077212", "2026-03 hotpatch KB5079420", "2026-04 baseline KB5083769",
			"2026-05 hotpatch KB5089466", "2026-06 baseline KB5094126", "2026-07 baseline KB5101650", "2026-08 hotpatch ",
			"2026-09 hotpatch ", "2026-10 baseline ", "2026-11 hotpatch ", "2026-12 hotpatch ",
			"2025-10 baseline KB5066835", "2025-11 hotpatch KB5068966", "2025-12 hotpatch KB5072014",
		},
	} {
		var page strings.Builder
		for i, table := range days[day] {
			year := 2026
			if i == 3 {
				year = 2025
			}
			fmt.Fprintf(&page, "<table id=HotpatchCalendar_Version25H2_%d>", year)
			for _, row := range table {
				page.WriteString("<tr><td>" + strings.Join(row, "<td>") + "</tr>")
			}
			page.WriteString("</table>")
		}
		d, err := importer.ParseReleaseInformation(strings.NewReader(page.String()), day)
		if err != nil || len(d.Problems) > 0 {
			t.Fatalf("%s: %v, problems %v", day, err, d.Problems)
		}
		var got []string
		for _, r := range d.Rows {
			got = append(got, fmt.Sprintf("%s %s %s", r.Month, r.Kind, r.KB))
			if (r.Type == 0) != (r.KB == "") || r.Track != "windows-11-25h2" {
				t.Errorf("%s: %s has type %q and KB %q", day, r.Month, r.Type, r.KB)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", day, d)
		}
	}
}

// The twenty forms that titles have, each in a list of its sort.
func TestTitles(t *testing.T) {
	var titles []struct {
		Title, Date, Type, KB string
		Builds                []string
	}
	if err := json.Unmarshal(sample(t, "titles.json"), &titles); err != nil {
		t.Fatal(err)
	}
	if len(titles) != 20 {
		t.Fatalf("%d titles, want 20", len(titles))
	}
	headings := map[string]string{"26200": "Windows 11, version 25H2", "26100": "Windows 11, version 24H2", "20348": "Windows Server 2022", "17784": "Azure Automanage for Windows Server"}
	for _, tt := range titles {
		heading := headings["26100"]
		if len(tt.Builds) > 0 {
			heading = headings[tt.Builds[0][:5]]
		}
		if !strings.Contains(tt.Type, "lcu") && tt.Type != "oob-restart" {
			heading = "Release notes for hotpatch on " + heading
		}
		d, err := importer.ParseTOC(toc(t, heading, tt.Title, "January 13, 2026—KB5000000 (OS Build 26100.1)"), "toc.json")
		if tt.Type == "skip" {
			if len(d.Rows) > 1 || len(d.Rows) == 1 && d.Rows[0].KB != "KB5000000" {
				t.Errorf("%s: %v", tt.Title, lines(d.Rows))
			}
			continue
		}
		if err != nil || len(d.Rows) == 0 {
			t.Errorf("%s: %v, problems %v", tt.Title, err, d.Problems)
			continue
		}
		want := importer.Row{
			Type: map[string]cycle.ReleaseType{
				"hotpatch": cycle.TypeHotpatch, "oob-hotpatch": cycle.TypeHotpatch, "baseline": cycle.TypeBaseline,
				"component-update": cycle.TypeComponent, "lcu": cycle.TypeCumulative, "lcu-preview": cycle.TypeCumulative, "oob-restart": cycle.TypeCumulative,
			}[tt.Type],
			Track: d.Rows[0].Track, OutOfBand: strings.HasPrefix(tt.Type, "oob-"), Preview: tt.Type == "lcu-preview", KB: tt.KB,
		}
		if tt.Date != "" {
			want.Date = date(t, tt.Date)
			want.Month = want.Date.Month()
		}
		if len(tt.Builds) > 0 {
			want.Build = tt.Builds[0]
		}
		switch tt.Type {
		case "hotpatch":
			want.Kind = cycle.Hotpatch
		case "baseline":
			want.Kind = cycle.Baseline
		}
		want.Title = strings.TrimSuffix(tt.Title, " - Microsoft Support")
		if d := cmp.Diff(lines([]importer.Row{want}), lines(d.Rows[:1])); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.Title, d)
		}
	}
}

// A title with the builds of two products gives each product its own.
func TestTwoBuilds(t *testing.T) {
	for heading, want := range map[string]string{"Windows 11, version 25H2": "26200.8390", "Windows 11, version 24H2": "26100.8390"} {
		d, err := importer.ParseTOC(toc(t, heading, "May 12, 2026—Hotpatch KB5089466 (OS Builds 26200.8390 and 26100.8390)"), "toc.json")
		if err != nil || len(d.Rows) != 1 || d.Rows[0].Build != want {
			t.Errorf("%s: %v %v, want build %s", heading, lines(d.Rows), err, want)
		}
	}
	// 26100 is two products, and neither list is the other's.
	d, err := importer.ParseTOC(toc(t, "Windows Server 2025", "May 12, 2026—Hotpatch KB5089466 (OS Build 26200.8390)"), "toc.json")
	if err == nil || len(d.Rows) > 0 {
		t.Errorf("a build of Windows 11 on the list of Windows Server 2025: %v, want an error", lines(d.Rows))
	}
}

// toc writes a table of contents with one product.
func toc(t testing.TB, heading string, titles ...string) *bytes.Reader {
	t.Helper()
	type item struct {
		Title    string `json:"toc_title"`
		Children []item `json:"children,omitempty"`
	}
	product := item{Title: heading}
	for _, title := range titles {
		product.Children = append(product.Children, item{Title: title})
	}
	data, err := json.Marshal(map[string][]item{"items": {product}})
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(data)
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func parse(t testing.TB, name string) importer.Document {
	t.Helper()
	d, err := importer.Parse(bytes.NewReader(sample(t, name)), name)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func date(t testing.TB, s string) cycle.Date {
	t.Helper()
	d, err := cycle.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
