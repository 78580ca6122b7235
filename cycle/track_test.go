package cycle_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/cycle"
)

func TestValidID(t *testing.T) {
	for _, id := range []string{"a", "0", "-", "windows-11-24h2", strings.Repeat("z", 64)} {
		if !cycle.ValidID(id) {
			t.Errorf("ValidID(%q) = false, want true", id)
		}
	}
	for _, id := range []string{"", "A", "a b", "a.b", "a_b", "a/b", "a:b", "é", "a\n", "\xff", strings.Repeat("z", 65)} {
		if cycle.ValidID(id) {
			t.Errorf("ValidID(%q) = true, want false", id)
		}
	}
}

// A track has its first and its last month; without a last one it has no end.
func TestTrackHas(t *testing.T) {
	endless := windows()
	ended := windows()
	ended.LastMonth = month("2026-08")
	for _, tt := range []struct {
		track cycle.Track
		month cycle.Month
		want  bool
	}{
		{endless, month("2025-09"), false},
		{endless, month("2025-10"), true},
		{endless, month("9999-12"), true},
		{endless, cycle.Month{}, false},
		{ended, month("2025-10"), true},
		{ended, month("2026-08"), true},
		{ended, month("2026-09"), false},
		{ended, cycle.Month{}, false},
	} {
		if got := tt.track.Has(tt.month); got != tt.want {
			t.Errorf("Has(%v) = %v, want %v (last month %v)", tt.month, got, tt.want, tt.track.LastMonth)
		}
	}
}

// A release is named by its KB, or else by its month, and a notice by its month.
func TestIDs(t *testing.T) {
	r := cycle.Release{Track: "windows-11-24h2", Month: month("2025-05"), KB: "KB5061258"}
	if got := r.ID(); got != "windows-11-24h2.kb5061258" {
		t.Errorf("ID() = %q, want windows-11-24h2.kb5061258", got)
	}
	r.KB = ""
	if got := r.ID(); got != "windows-11-24h2.2025-05" {
		t.Errorf("ID() = %q, want windows-11-24h2.2025-05", got)
	}
	if got := (cycle.Notice{Track: "windows-11-24h2", Month: month("2026-06")}).ID(); got != "windows-11-24h2.2026-06" {
		t.Errorf("ID() = %q, want windows-11-24h2.2026-06", got)
	}
}

// Only what is meant for devices on the cycle can restart them.
func TestReleaseRestartsCycle(t *testing.T) {
	for _, tt := range []struct {
		typ               cycle.ReleaseType
		restart           cycle.Restart
		onCycle, restarts bool
	}{
		{cycle.TypeBaseline, cycle.RestartNeeded, true, true},
		{cycle.TypeBaseline, cycle.RestartUnknown, true, true},
		{cycle.TypeHotpatch, cycle.RestartNotNeeded, true, false},
		{cycle.TypeCumulative, cycle.RestartNeeded, false, false},
		{cycle.TypeComponent, cycle.RestartNeeded, true, true},
		{cycle.TypeComponent, cycle.RestartUnknown, true, false},
	} {
		r := cycle.Release{Type: tt.typ, Restart: tt.restart}
		if r.OnCycle() != tt.onCycle || r.RestartsCycle() != tt.restarts {
			t.Errorf("%v with restart %q: on the cycle %v, restarts it %v, want %v, %v",
				tt.typ, tt.restart, r.OnCycle(), r.RestartsCycle(), tt.onCycle, tt.restarts)
		}
	}
}

// Each law of a release, by the smallest change that breaks it.
func TestCheckRelease(t *testing.T) {
	track := windows()
	track.LastMonth = month("2026-12")
	for _, tt := range []struct {
		name   string
		change func(*cycle.Release)
		want   string // "" for a release that may be
	}{
		{"a baseline", func(r *cycle.Release) {}, ""},
		{"no KB and no build", func(r *cycle.Release) { r.KB, r.Build = "", "" }, ""},
		{"another track's", func(r *cycle.Release) { r.Track = "linux" }, `invalid track "linux": want windows`},
		{"a KB without KB", func(r *cycle.Release) { r.KB = "5094126" }, "invalid KB"},
		{"a KB in lower case", func(r *cycle.Release) { r.KB = "kb5094126" }, "invalid KB"},
		{"a KB of 5 digits", func(r *cycle.Release) { r.KB = "KB12345" }, "invalid KB"},
		{"a KB of 6 digits", func(r *cycle.Release) { r.KB = "KB123456" }, ""},
		{"a KB of 8 digits", func(r *cycle.Release) { r.KB = "KB12345678" }, ""},
		{"a KB of 9 digits", func(r *cycle.Release) { r.KB = "KB123456789" }, "invalid KB"},
		{"a KB and a line", func(r *cycle.Release) { r.KB = "KB5094126\n" }, "invalid KB"},
		{"a build without branch", func(r *cycle.Release) { r.Build = "8655" }, "invalid build"},
		{"a build of three parts", func(r *cycle.Release) { r.Build = "10.26100.8655" }, "invalid build"},
		{"a build and a line", func(r *cycle.Release) { r.Build = "26100.8655\n" }, "invalid build"},
		{"a build of two spellings", func(r *cycle.Release) { r.Build = "26100.08655" }, "invalid build"},
		{"a build of another branch", func(r *cycle.Release) { r.Build = "26200.8655" }, `invalid build "26200.8655": want a build of the track's branch 26100`},
		{"no type", func(r *cycle.Release) { r.Type = 0 }, "invalid release type"},
		{"a type that is none", func(r *cycle.Release) { r.Type = 9 }, "invalid release type"},
		{"never known", func(r *cycle.Release) { r.KnownOn = cycle.Date{} }, "invalid known_on"},
		{"no month", func(r *cycle.Release) { r.Month = cycle.Month{} }, "invalid month"},
		{"a component without month", func(r *cycle.Release) { r.Month, r.Type = cycle.Month{}, cycle.TypeComponent }, ""},
		{
			"a component without month and KB",
			func(r *cycle.Release) { r.Month, r.Type, r.KB = cycle.Month{}, cycle.TypeComponent, "" }, "invalid KB",
		},
		{"a baseline without restart", func(r *cycle.Release) { r.Restart = cycle.RestartNotNeeded }, `invalid restart "false"`},
		{"a baseline of which nobody knows", func(r *cycle.Release) { r.Restart = cycle.RestartUnknown }, ""},
		{"a hotpatch that restarts", func(r *cycle.Release) { r.Type = cycle.TypeHotpatch }, `invalid restart "true"`},
		{"a component that restarts", func(r *cycle.Release) { r.Type = cycle.TypeComponent }, ""},
		{
			"a cumulative without restart",
			func(r *cycle.Release) { r.Type, r.Restart = cycle.TypeCumulative, cycle.RestartNotNeeded }, "",
		},
		{"before the track", func(r *cycle.Release) { r.Month = month("2025-09") }, `invalid month "2025-09": want a month on the track, from 2025-10 to 2026-12`},
		{"after the track", func(r *cycle.Release) { r.Month = month("2027-01") }, `invalid month "2027-01"`},
		{"no date", func(r *cycle.Release) { r.Date = cycle.Date{} }, ""},
		{"14 days early", func(r *cycle.Release) { r.Date = day("2026-05-18") }, ""},
		{"15 days early", func(r *cycle.Release) { r.Date = day("2026-05-17") }, `invalid release date "2026-05-17": want a day in 2026-06 or at most 14 days outside it`},
		{"14 days late", func(r *cycle.Release) { r.Date = day("2026-07-14") }, ""},
		{"15 days late", func(r *cycle.Release) { r.Date = day("2026-07-15") }, "invalid release date"},
	} {
		r := baseline("2026-06-09", "KB5094126")
		r.Build = "26100.8655"
		tt.change(&r)
		checkInvalid(t, tt.name, track.CheckRelease(r), tt.want)
	}
}

func TestCheckNotice(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*cycle.Notice)
		want   string
	}{
		{"a notice", func(n *cycle.Notice) {}, ""},
		{"nobody looked before", func(n *cycle.Notice) { n.PlanSeenOn = cycle.Date{} }, ""},
		{"seen on the same day", func(n *cycle.Notice) { n.PlanSeenOn = n.KnownOn }, ""},
		{"another track's", func(n *cycle.Notice) { n.Track = "linux" }, `invalid track "linux": want windows`},
		{"before the track", func(n *cycle.Notice) { n.Month = month("2025-09") }, `invalid month "2025-09": want a month on the track, from 2025-10 on`},
		{"no month", func(n *cycle.Notice) { n.Month = cycle.Month{} }, "invalid month"},
		{"no kind", func(n *cycle.Notice) { n.Kind = 0 }, `invalid kind "": want baseline or hotpatch`},
		{"a kind that is none", func(n *cycle.Notice) { n.Kind = 3 }, "invalid kind"},
		{"never known", func(n *cycle.Notice) { n.KnownOn = cycle.Date{} }, "invalid known_on"},
		{"seen afterwards", func(n *cycle.Notice) { n.PlanSeenOn = day("2026-06-10") }, `invalid plan_seen_on "2026-06-10"`},
	} {
		n := notice("2026-06", "2026-06-09", cycle.Baseline)
		n.PlanSeenOn = day("2026-05-14")
		tt.change(&n)
		checkInvalid(t, tt.name, windows().CheckNotice(n), tt.want)
	}
}

// checkInvalid wants an InvalidError whose text begins so, or none for "".
func checkInvalid(t *testing.T, name string, err error, want string) {
	t.Helper()
	if want == "" {
		if err != nil {
			t.Errorf("%s: %v, want no error", name, err)
		}
		return
	}
	if _, ok := errors.AsType[*cycle.InvalidError](err); !ok || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%s: %v, want %s", name, err, want)
	}
}
