package importer_test

import (
	"fmt"
	"html"
	"slices"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/importer"
)

// The navigation with every title that is known, more than 140 of them, reads without a
// problem, and says what the built-in history has.
func TestWholeNavigation(t *testing.T) {
	var page strings.Builder
	want := map[string]cycle.Release{}
	for _, f := range builtin(t) {
		if f.Track.ID == "windows-11-ltsc-2024" { // has no list of its own
			continue
		}
		fmt.Fprintf(&page, `<div class="learnRenderLeftNavCategoryTitle"><a href="../">Release notes for hotpatch on %s</a></div>`, f.Track.Name)
		for _, r := range f.Releases {
			if r.Title == "" {
				continue
			}
			href := strings.Replace(r.URL, "https://support.microsoft.com/en-us/servicing/os/hotpatch/", "../../", 1)
			fmt.Fprintf(&page, `<li class="learnRenderLeftNavArticle"><a href="%s">%s</a></li>`, href, html.EscapeString(r.Title))
			want[r.Track+" "+r.Title] = r
		}
	}
	d, err := importer.ParseNavigation(strings.NewReader(page.String()), "page")
	if err != nil || len(d.Problems) > 0 || len(d.Rows) < 140 {
		t.Fatalf("%v, problems %v, %d rows", err, d.Problems, len(d.Rows))
	}
	for _, r := range d.Rows {
		known := want[r.Track+" "+r.Title]
		delete(want, r.Track+" "+r.Title)
		kb, build := known.KB, known.Build
		if known.Type == cycle.TypeBaseline { // not in the title
			kb, build = "", ""
		}
		if r.Type != known.Type || r.OutOfBand != known.OutOfBand || r.Date != known.Date || r.KB != kb || r.Build != build || r.URL != known.URL {
			t.Errorf("%v\n is known as %+v", lines([]importer.Row{r}), known)
		}
	}
	for title := range want {
		t.Errorf("%s: no row", title)
	}
	if _, differences := merge(t, builtin(t), "2026-11-22", d); len(differences) > 0 {
		t.Errorf("differences: %v", differences)
	}
}

// Calendars with every month there was say what the built-in history has.
func TestWholeCalendar(t *testing.T) {
	for _, f := range builtin(t) {
		if slices.Contains([]string{"windows-11-ltsc-2024", "windows-server-azure-automanage-preview"}, f.Track.ID) {
			continue
		}
		schedule := cycle.Compile(f, date(t, "2026-11-22"))
		var page strings.Builder
		page.WriteString("<h2>Windows hotpatch calendar</h2><p>" + f.Track.Name + " (OS build " + f.Track.Branch + ")</p>")
		for year := 2026; year >= f.Track.FirstMonth.Year(); year-- {
			fmt.Fprintf(&page, "<p>Calendar year %d</p><table><tr><th>Month<th>Update type<th>Type<th>Availability date<th>Build<th>KB article</tr>\n", year)
			for of := range 12 {
				m, ok := schedule.Milestone(cycle.MonthOf(year, 1).AddMonths(of))
				u := m.Update
				if !ok || u.Build == "" && m.Status == cycle.Released || u.Date.Month() != m.Month && u.Type != 0 {
					continue
				}
				fmt.Fprintf(&page, "<tr><td>%s<td>%d.%02d B<td>%s<td>%s<td>%s<td>%s</tr>\n", m.Month.Of(), year, m.Month.Of(),
					map[cycle.Kind]string{cycle.Baseline: "Baseline (Restart)", cycle.Hotpatch: "Hotpatch"}[m.Kind], u.Date, u.Build, u.KB)
			}
			page.WriteString("</table>")
		}
		d, err := importer.Parse(strings.NewReader(page.String()), "page")
		if err != nil || len(d.Problems) > 0 || len(d.Rows) < 12 {
			t.Fatalf("%s: %v, problems %v, %d rows", f.Track.ID, err, d.Problems, len(d.Rows))
		}
		if _, differences := merge(t, builtin(t), "2026-11-22", d); len(differences) > 0 {
			t.Errorf("%s: %v", f.Track.ID, differences)
		}
	}
}
