package cycle_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/cycle"
)

// What a month is, and how sure that is, on the day before, the day of and the day after.
func TestStatus(t *testing.T) {
	early := hotpatch("2026-06-09", "KB5094126")
	early.KnownOn = day("2026-06-05")
	undated := hotpatch("2026-06-09", "KB5094126")
	undated.Date, undated.KnownOn = cycle.Date{}, day("2026-06-05")
	soon := notice("2026-06", "2026-06-03", cycle.Baseline)
	for _, tt := range []struct {
		name  string
		facts cycle.Facts
		want  map[string]string // by as-of day
	}{
		{"nothing", cycle.Facts{}, map[string]string{
			"2026-06-08": "planned hotpatch", "2026-06-09": "planned hotpatch", "2026-06-10": "unconfirmed hotpatch",
		}},
		{"a release", cycle.Facts{Releases: []cycle.Release{hotpatch("2026-06-09", "KB5094126")}}, map[string]string{
			"2026-06-08": "planned hotpatch", "2026-06-09": "released hotpatch", "2026-06-10": "released hotpatch",
		}},
		{"a release that is another kind", cycle.Facts{Releases: []cycle.Release{baseline("2026-06-09", "KB5094126")}}, map[string]string{
			"2026-06-08": "planned hotpatch", "2026-06-09": "released baseline", "2026-06-10": "released baseline",
		}},
		{"a release known ahead", cycle.Facts{Releases: []cycle.Release{early}}, map[string]string{
			"2026-06-04": "planned hotpatch", "2026-06-05": "announced hotpatch", "2026-06-08": "announced hotpatch", "2026-06-09": "released hotpatch",
		}},
		{"a release known ahead, without its day", cycle.Facts{Releases: []cycle.Release{undated}}, map[string]string{
			"2026-06-04": "planned hotpatch", "2026-06-08": "announced hotpatch", "2026-06-09": "released hotpatch",
		}},
		{"a notice and no release", cycle.Facts{Notices: []cycle.Notice{soon}}, map[string]string{
			"2026-06-02": "planned hotpatch", "2026-06-03": "announced baseline", "2026-06-09": "announced baseline", "2026-06-10": "announced baseline",
		}},
		{"a notice and its release", cycle.Facts{
			Releases: []cycle.Release{baseline("2026-06-09", "KB5094126")}, Notices: []cycle.Notice{soon},
		}, map[string]string{"2026-06-08": "announced baseline", "2026-06-09": "released baseline"}},
		{"a release that gives the notice the lie", cycle.Facts{
			Releases: []cycle.Release{hotpatch("2026-06-09", "KB5094126")}, Notices: []cycle.Notice{soon},
		}, map[string]string{"2026-06-08": "announced baseline", "2026-06-09": "released hotpatch"}},
		{"a notice taken back", cycle.Facts{
			Notices: []cycle.Notice{notice("2026-06", "2026-06-05", cycle.Hotpatch), soon},
		}, map[string]string{"2026-06-04": "announced baseline", "2026-06-05": "announced hotpatch"}},
		{"an out-of-band hotpatch", cycle.Facts{Releases: []cycle.Release{outOfBand(hotpatch("2026-06-02", "KB5094000"))}}, map[string]string{
			"2026-06-03": "planned hotpatch", "2026-06-10": "unconfirmed hotpatch",
		}},
		{"the standard update alone", cycle.Facts{Releases: []cycle.Release{cumulative("2026-06-09", "KB5094000")}}, map[string]string{
			"2026-06-09": "planned hotpatch", "2026-06-10": "unconfirmed hotpatch",
		}},
	} {
		tt.facts.Track = windows()
		for asOf, want := range tt.want {
			m, _ := cycle.Compile(tt.facts, day(asOf)).Milestone(month("2026-06"))
			if got := fmt.Sprint(m.Status, " ", m.Kind); got != want {
				t.Errorf("%s, as of %s: %s, want %s", tt.name, asOf, got, want)
			}
			if wantUnplanned := strings.HasSuffix(want, "baseline"); m.PlannedKind != cycle.Hotpatch || m.Unplanned() != wantUnplanned {
				t.Errorf("%s, as of %s: planned %v, unplanned %v, want hotpatch, %v", tt.name, asOf, m.PlannedKind, m.Unplanned(), wantUnplanned)
			}
		}
	}
}

// An out-of-band hotpatch settles nothing in a baseline month either.
func TestOutOfBandHotpatchInBaselineMonth(t *testing.T) {
	facts := cycle.Facts{Track: windows(), Releases: []cycle.Release{outOfBand(hotpatch("2026-07-18", "KB5121768"))}}
	m, _ := cycle.Compile(facts, day("2026-07-20")).Milestone(month("2026-07"))
	if m.Kind != cycle.Baseline || m.Status != cycle.Unconfirmed || m.Date != day("2026-07-14") || m.Update.Type != 0 {
		t.Errorf("July = %v %v on %v by %v, want unconfirmed baseline on 2026-07-14 by none", m.Status, m.Kind, m.Date, m.Update)
	}
	if m.OutOfBand() != 1 || m.Changes() != 1 || m.Restarts() != 1 || m.UpdatedOn != day("2026-07-18") {
		t.Errorf("July: %d out-of-band, %d changes, %d restarts, updated %v", m.OutOfBand(), m.Changes(), m.Restarts(), m.UpdatedOn)
	}
}

// Unplanned baselines move nothing else: the planned ones keep their months, and
// what follows builds on the newest.
func TestUnplannedBaselineMovesNothing(t *testing.T) {
	s := cycle.Compile(flips(), day("2026-11-22"))
	var got []string
	for _, m := range milestones(s, month("2026-01"), month("2027-01")) {
		got = append(got, fmt.Sprintf("%v %v %v on %v", m.Month, m.PlannedKind, m.Kind, m.BaselineMonth))
	}
	want := []string{
		"2026-01 baseline baseline on 2026-01", "2026-02 hotpatch hotpatch on 2026-01", "2026-03 hotpatch hotpatch on 2026-01",
		"2026-04 baseline baseline on 2026-04", "2026-05 hotpatch hotpatch on 2026-04", "2026-06 hotpatch baseline on 2026-06",
		"2026-07 baseline baseline on 2026-07", "2026-08 hotpatch hotpatch on 2026-07", "2026-09 hotpatch baseline on 2026-09",
		"2026-10 baseline baseline on 2026-10", "2026-11 hotpatch hotpatch on 2026-10", "2026-12 hotpatch hotpatch on 2026-10",
		"2027-01 baseline baseline on 2027-01",
	}
	if d := diff(want, got); d != "" {
		t.Errorf("2026 (-want +got):\n%s", d)
	}
}

// A month planned as a baseline that came as a hotpatch is a baseline to nobody.
func TestPlannedBaselineThatNeverCame(t *testing.T) {
	facts := cycle.Facts{Track: windows(), Releases: []cycle.Release{hotpatch("2026-04-14", "KB5083769")}}
	s := cycle.Compile(facts, day("2026-05-01"))
	for _, m := range []string{"2026-04", "2026-05", "2026-06"} {
		if i, _ := s.Milestone(month(m)); i.Kind != cycle.Hotpatch || i.BaselineMonth != month("2026-01") || i.Unplanned() {
			t.Errorf("%s = %v on %v, want hotpatch on 2026-01", m, i.Kind, i.BaselineMonth)
		}
	}
}

// On a track without any baseline no month has one.
func TestNoBaselineYet(t *testing.T) {
	track := windows()
	track.FirstMonth = month("2025-11")
	for _, releases := range [][]cycle.Release{nil, {hotpatch("2025-11-11", "KB5068966")}} {
		s := cycle.Compile(cycle.Facts{Track: track, Releases: releases}, day("2025-11-20"))
		for m, want := range map[string]string{"2025-11": "", "2025-12": "", "2026-01": "2026-01", "2026-02": "2026-01"} {
			if i, _ := s.Milestone(month(m)); i.BaselineMonth.String() != want {
				t.Errorf("%s builds on %q, want %q (%d releases)", m, i.BaselineMonth, want, len(releases))
			}
		}
	}
	track.Rule.BaselineMonths = nil
	s := cycle.Compile(cycle.Facts{Track: track, Releases: []cycle.Release{baseline("2026-03-10", "KB5079420")}}, day("2026-03-10"))
	for m, want := range map[string]string{"2026-02": "", "2026-03": "2026-03", "2026-04": "2026-03", "2036-03": "2026-03"} {
		if i, _ := s.Milestone(month(m)); i.BaselineMonth.String() != want {
			t.Errorf("%s builds on %q, want %q (no month planned)", m, i.BaselineMonth, want)
		}
	}
}

// The regular baseline makes a month what it is, then an out-of-band one, then
// the regular hotpatch; of equals it is the first.
func TestUpdateOfMonth(t *testing.T) {
	first, second := hotpatch("2026-06-09", "KB5000001"), hotpatch("2026-06-10", "KB5000002")
	oob := outOfBand(baseline("2026-06-12", "KB5000003"))
	regular := baseline("2026-06-16", "KB5000004")
	noise := []cycle.Release{cumulative("2026-06-09", "KB5000005"), outOfBand(hotpatch("2026-06-01", "KB5000006"))}
	for _, tt := range []struct {
		releases []cycle.Release
		want     string
	}{
		{nil, ""},
		{[]cycle.Release{second, first}, "KB5000001"},
		{[]cycle.Release{first, oob}, "KB5000003"},
		{[]cycle.Release{regular, oob, first}, "KB5000004"},
	} {
		facts := cycle.Facts{Track: windows(), Releases: slices.Concat(noise, tt.releases)}
		m, _ := cycle.Compile(facts, day("2026-06-30")).Milestone(month("2026-06"))
		if m.Update.KB != tt.want || (tt.want != "" && m.Date != m.Update.Date) {
			t.Errorf("the update of June is %q of %v, want %q", m.Update.KB, m.Date, tt.want)
		}
	}
}

// A release belongs to the month of its label, whatever its date is.
func TestLabelMonth(t *testing.T) {
	late := outOfBand(cumulative("2026-03-02", "KB5082314"))
	late.Month = month("2026-02")
	s := cycle.Compile(cycle.Facts{Track: windows(), Releases: []cycle.Release{late}}, day("2026-03-31"))
	for m, want := range map[string]int{"2026-02": 1, "2026-03": 0} {
		if i, _ := s.Milestone(month(m)); len(i.Releases) != want {
			t.Errorf("%s has %d releases, want %d", m, len(i.Releases), want)
		}
	}
	moved := hotpatch("2026-03-03", "KB5077212")
	moved.Month = month("2026-02")
	s = cycle.Compile(cycle.Facts{Track: windows(), Releases: []cycle.Release{moved}}, day("2026-03-31"))
	if m, _ := s.Milestone(month("2026-02")); m.Date != day("2026-03-03") || !m.At.Equal(instant("2026-03-03T18:00:00Z")) {
		t.Errorf("February came on %v at %v, want 2026-03-03 at 18:00 UTC", m.Date, m.At)
	}
}
