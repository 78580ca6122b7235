package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/cycle"
)

// Which tracks there are, and from when until when.
func TestTracks(t *testing.T) {
	var got []string
	for _, facts := range load(t) {
		track := facts.Track
		got = append(got, fmt.Sprintf("%s %s %s..%s", track.ID, track.Branch, track.FirstMonth, track.LastMonth))
		rule := track.Rule
		if d := gocmp.Diff([]time.Month{1, 4, 7, 10}, rule.BaselineMonths); d != "" || rule.Day.String() != "second tuesday" ||
			rule.OffsetDays != 0 || rule.Hour != 10 || rule.Minute != 0 || rule.Zone.String() != "America/Los_Angeles" {
			t.Errorf("the rule of %s is %v, want Microsoft's", track.ID, rule)
		}
	}
	want := []string{
		"windows-11-25h2 26200 2025-10..2028-10",
		"windows-11-24h2 26100 2024-10..2027-10",
		"windows-11-ltsc-2024 26100 2024-10..2029-10",
		"windows-server-2025 26100 2024-10..",
		"windows-server-2022-azure-edition 20348 2021-11..2027-10",
		"windows-server-azure-automanage-preview 17784 2021-03..2021-08",
	}
	if d := gocmp.Diff(want, got); d != "" {
		t.Errorf("tracks (-want +got):\n%s", d)
	}
}

// The kind of each month follows from upstream alone: what came, or else the
// quarter. So do its update, its baseline, and whether it was planned.
func TestKinds(t *testing.T) {
	facts := readJSON[upstream](t, "testdata/upstream.json")
	for _, track := range load(t) {
		s := cycle.Compile(track, day(t, today))
		updates := map[string]upstream{} // by month
		first := "9999-12"
		for _, u := range facts {
			if u.Track == track.Track.ID && slices.Contains([]string{"baseline", "unplanned-baseline", "hotpatch"}, u.Type) {
				updates[u.Month], first = u, min(first, u.Month)
			}
		}
		if track.Track.FirstMonth.String() != first {
			t.Errorf("%s begins in %v, want %s", track.Track.ID, track.Track.FirstMonth, first)
		}
		baseline := ""
		for m := month(t, first); track.Track.Has(m) && !m.After(month(t, "2027-03")); m = m.AddMonths(1) {
			want := updates[m.String()]
			planned, kind := "hotpatch", strings.TrimPrefix(want.Type, "unplanned-")
			if strings.Contains("01 04 07 10", m.String()[len("2026-"):]) {
				planned = "baseline"
			}
			if kind == "" {
				kind = planned
			}
			if kind == "baseline" {
				baseline = m.String()
			}
			got, _ := s.Milestone(m)
			if got.PlannedKind.String() != planned || got.Kind.String() != kind || got.Unplanned() != (want.Type == "unplanned-baseline") {
				t.Errorf("%s %v is planned %v and is %v, want %s and %q", track.Track.ID, m, got.PlannedKind, got.Kind, planned, want.Type)
			}
			if got.BaselineMonth.String() != baseline {
				t.Errorf("%s %v builds on %v, want %s", track.Track.ID, m, got.BaselineMonth, baseline)
			}
			if got.Update.KB != want.KB || got.Update.Build != want.Build || got.Update.Date.String() != want.Released || (got.Status == cycle.Released) != (want.Type != "") {
				t.Errorf("%s %v %v came as %v, want %v", track.Track.ID, m, got.Status, got.Update, want)
			}
		}
	}
}

// Each unplanned baseline has one notice, of the day on which it was first seen,
// and each notice one unplanned baseline. What the plan said before is what the
// newest copy of Microsoft's calendar said that still had it.
func TestNotices(t *testing.T) {
	var want, got []string
	plans := readJSON[plan](t, "testdata/plan.json")
	for _, u := range readJSON[upstream](t, "testdata/upstream.json") {
		if u.Type != "unplanned-baseline" {
			continue
		}
		list, seen := u.Track, ""
		if list == "windows-11-ltsc-2024" {
			list = "windows-11-24h2" // whose packages it gets, and whose calendar
		}
		for _, p := range plans {
			if p.Track == list && p.Month == u.Month && p.Plan == "Hotpatch" {
				seen = max(seen, p.AsOf)
			}
		}
		if seen == "" && u.Month == "2026-06" {
			seen = "2026-05-14" // told of the servers' calendar too, of which no copy of that day is kept
		}
		want = append(want, fmt.Sprintf("%s %s baseline on %s, planned on %q", u.Track, u.Month, u.Released, seen))
	}
	for _, track := range load(t) {
		for _, n := range track.Notices {
			got = append(got, fmt.Sprintf("%s %v %v on %v, planned on %q", n.Track, n.Month, n.Kind, n.KnownOn, n.PlanSeenOn))
			if n.Reason == "" || n.Source == "" {
				t.Errorf("notice %s has the reason %q and the source %q, want both", n.ID(), n.Reason, n.Source)
			}
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if d := gocmp.Diff(want, got); d != "" {
		t.Errorf("notices (-upstream +tables):\n%s", d)
	}
}
