package importer_test

import (
	"slices"
	"testing"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/importer"
)

// april is a page that tells of April's baseline, and when it was changed.
func april(t *testing.T, updated, kb, build, day string) importer.Document {
	t.Helper()
	d := document(importer.Windows11Calendar, importer.Row{
		Track: "windows-11-25h2", Month: cycle.MonthOf(2027, 4), Kind: cycle.Baseline, Type: cycle.TypeBaseline,
		KB: kb, Build: build, Date: date(t, day),
	})
	if updated != "" {
		d.Updated = date(t, updated)
	}
	return d
}

// A page that corrects itself is believed, whichever value is the greater one; an old copy of it is not.
func TestCorrection(t *testing.T) {
	high := func(updated string) importer.Document {
		return april(t, updated, "KB5200224", "26200.9654", "2027-04-14")
	}
	low := func(updated string) importer.Document {
		return april(t, updated, "KB5150001", "26200.9599", "2027-04-13")
	}
	const (
		told   = "also told: build 26200.9599 by 2027-04-20, kb KB5150001 by 2027-04-20, release_date 2027-04-13 by 2027-04-20"
		toLow  = "also told: build 26200.9654 by 2027-04-21, kb KB5200224 by 2027-04-21, release_date 2027-04-14 by 2027-04-21"
		toHigh = "also told: build 26200.9599 by 2027-04-23, kb KB5150001 by 2027-04-23, release_date 2027-04-13 by 2027-04-23"
	)
	facts := empty(t)
	for _, step := range []struct {
		what, day string
		page      importer.Document
		kb, note  string
	}{
		{"at first", "2027-04-15", high(""), "KB5200224", ""},
		{"what may be an old copy", "2027-04-20", low("2027-04-20"), "KB5200224", told},
		{"again on that day", "2027-04-20", low("2027-04-20"), "KB5200224", told},
		{"the correction", "2027-04-21", low("2027-04-20"), "KB5150001", toLow},
		{"an old copy on that day", "2027-04-21", high(""), "KB5150001", toLow},
		{"an old copy later", "2027-04-22", high("2027-04-15"), "KB5150001", toLow},
		{"back to what it was", "2027-04-23", high("2027-04-23"), "KB5200224", toHigh},
		{"an old copy of the correction", "2027-04-24", low("2027-04-20"), "KB5200224", toHigh},
	} {
		facts, _ = merge(t, facts, step.day, step.page)
		if list := facts[0].Releases; len(list) != 1 || list[0].KB != step.kb || list[0].Note != step.note {
			t.Errorf("%s: %+v, want one release %s, %q", step.what, list, step.kb, step.note)
		}
	}
}

// A KB that is corrected leaves one baseline in its month, though the update history told the right one first.
func TestCorrectionAfterHistory(t *testing.T) {
	history := april(t, "", "KB5150001", "26200.9654", "2027-04-13")
	history.Origin, history.Rows[0].Kind, history.Rows[0].Type = importer.UpdateHistory, 0, cycle.TypeCumulative
	wrong, right := april(t, "", "KB5200224", "26200.9654", "2027-04-13"), april(t, "2027-04-20", "KB5150001", "26200.9654", "2027-04-13")
	for what, docs := range map[string][]importer.Document{"history first": {history, right}, "calendar first": {right, history}} {
		facts, _ := merge(t, empty(t), "2027-04-13", wrong)
		facts, _ = merge(t, facts, "2027-04-20", docs...)
		slices.Reverse(facts[0].Releases) // a store has an order of its own
		facts, _ = merge(t, facts, "2027-04-21", docs...)
		list := facts[0].Releases
		if len(list) != 1 || list[0].KB != "KB5150001" || list[0].Type != cycle.TypeBaseline || list[0].Sources != "learn-windows-11 update-history" || list[0].Note != "also told: kb KB5200224 by 2027-04-21" {
			t.Errorf("%s: %+v, want one baseline KB5150001 from both sources", what, list)
		}
	}
}
