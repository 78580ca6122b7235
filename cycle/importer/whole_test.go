package importer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/importer"
)

// tables are calendars of some products, from a month on for some months.
func tables(t *testing.T, from cycle.Month, months int, tracks ...string) []importer.Row {
	t.Helper()
	var rows []importer.Row
	for i, track := range tracks {
		for n := range months {
			m := from.AddMonths(n)
			kind := cycle.Hotpatch
			typ := cycle.TypeHotpatch
			if int(m.Of())%3 == 1 {
				kind, typ = cycle.Baseline, cycle.TypeBaseline
			}
			kb := fmt.Sprintf("KB5%02d%02d%02d", m.Year()%100, m.Of(), i)
			rows = append(rows, importer.Row{Track: track, Month: m, Kind: kind, Type: typ, KB: kb, Date: m.Day(10)})
		}
	}
	return rows
}

// planned are rows without their releases.
func planned(rows []importer.Row) []importer.Row {
	for i := range rows {
		rows[i].Type, rows[i].KB, rows[i].Date = 0, "", cycle.Date{}
	}
	return rows
}

// A page that lost what it told of a track that runs changes nothing; what is over may leave it.
func TestShrunk(t *testing.T) {
	const older, newer = "windows-11-24h2", "windows-11-25h2"
	before := document(importer.Windows11Calendar, tables(t, cycle.MonthOf(2025, 10), 22, older, newer)...)
	ends := document(importer.Windows11Calendar, tables(t, cycle.MonthOf(2026, 1), 22, older, newer)...)
	for what, tt := range map[string]struct {
		told importer.Document
		day  string
		rows []importer.Row
		want string
	}{
		"a table": {before, "2027-07-28", tables(t, cycle.MonthOf(2025, 10), 22, older), newer + ": tells 0 of the 13 releases since 2026-07"},
		"most of a table": {
			before, "2027-07-28", append(tables(t, cycle.MonthOf(2026, 8), 12, older), tables(t, cycle.MonthOf(2027, 3), 5, "", newer)[5:]...),
			newer + ": tells 5 of the 12 releases since 2026-08",
		},
		"a table of a page without the years before":       {before, "2027-07-28", tables(t, cycle.MonthOf(2027, 1), 7, older), newer + ": tells 0 of the 7 releases since 2027-01"},
		"the years before":                                 {before, "2027-07-28", tables(t, cycle.MonthOf(2027, 1), 7, older, newer), ""},
		"the years before, in a January without a release": {document(importer.Windows11Calendar, tables(t, cycle.MonthOf(2025, 10), 15, older, newer)...), "2027-01-04", planned(tables(t, cycle.MonthOf(2027, 1), 12, older, newer)), ""},
		"the years before, in a December":                  {before, "2026-12-20", planned(tables(t, cycle.MonthOf(2027, 1), 12, older, newer)), newer + ": tells 0 of the 20 releases since 2025-12"},
		"the releases of a year":                           {before, "2027-07-28", planned(tables(t, cycle.MonthOf(2027, 8), 5, older, newer)), newer + ": tells 0 of the 13 releases since 2026-07"},
		"a product whose last update has come":             {ends, "2027-10-20", tables(t, cycle.MonthOf(2026, 1), 22, "", newer)[22:], ""},
		"a product that ended":                             {ends, "2027-11-10", tables(t, cycle.MonthOf(2026, 1), 22, "", newer)[22:], ""},
		"a product in its last month": {
			document(importer.Windows11Calendar, tables(t, cycle.MonthOf(2026, 1), 21, older, newer)...), "2027-10-31",
			tables(t, cycle.MonthOf(2026, 1), 21, "", newer)[21:], older + ": tells 0 of the 12 releases since 2026-10",
		},
		"a table of which three months are compared": {before, "2027-07-28", tables(t, cycle.MonthOf(2027, 5), 3, older), ""},
	} {
		known, _ := merge(t, empty(t), tt.day, tt.told)
		got, differences, err := importer.Merge(known, document(importer.Windows11Calendar, tt.rows...), date(t, tt.day))
		if tt.want == "" {
			if err != nil {
				t.Errorf("without %s: %v, want none", what, err)
			}
			continue
		}
		if err == nil || len(differences) > 0 || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("without %s: %d differences and %v, want %s", what, len(differences), err, tt.want)
		}
		same(t, "without "+what, known, got)
	}
}

// The update history of one family is not asked for the products of another.
func TestShrunkFamily(t *testing.T) {
	rows := tables(t, cycle.MonthOf(2026, 1), 7, "windows-11-25h2", "windows-server-2025")
	known, _ := merge(t, empty(t), today, document(importer.UpdateHistory, rows...))
	merge(t, known, today, document(importer.UpdateHistory, rows[:7]...), document(importer.UpdateHistory, rows[7:]...))
	family := tables(t, cycle.MonthOf(2026, 1), 7, "windows-11-24h2")
	if _, _, err := importer.Merge(known, document(importer.UpdateHistory, family...), date(t, today)); err == nil || !strings.Contains(err.Error(), "windows-11-25h2") {
		t.Errorf("without windows-11-25h2: %v, want an error", err)
	}
}

// Where a page seems not to be whole because it could not be read, the error says what of it.
func TestShrunkWhy(t *testing.T) {
	const track = "windows-11-25h2"
	known, _ := merge(t, empty(t), today, document(importer.Windows11Calendar, tables(t, cycle.MonthOf(2026, 1), 7, track)...))
	page := document(importer.Windows11Calendar, tables(t, cycle.MonthOf(2026, 7), 1, track)...)
	page.Rows = append(page.Rows, tables(t, cycle.MonthOf(2026, 1), 1, track)...)
	page.Problems = []importer.Problem{{Place: "table 1, row 2", Detail: `month "2": want the name of a month, such as June`}}
	_, _, err := importer.Merge(known, page, date(t, today))
	if err == nil || !strings.Contains(err.Error(), `want a whole page; what can't be read of it begins with table 1, row 2: month "2": want the name of a month`) {
		t.Errorf("%v, want the first row that can't be read", err)
	}
}
