package windows_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api/windows"
	"github.com/cyclecal/cyclecal/cycle"
)

const asOf = "2026-11-22"

func day(s string) cycle.Date {
	d, err := cycle.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func month(s string) cycle.Month {
	m, err := cycle.ParseMonth(s)
	if err != nil {
		panic(err)
	}
	return m
}

func zone(s string) *time.Location {
	z, err := cycle.ParseZone(s)
	if err != nil {
		panic(err)
	}
	return z
}

// facts are those of 2026: June and September restarted although they were not planned to, and
// December is told to.
func facts() cycle.Facts {
	f := cycle.Facts{Track: cycle.Track{
		ID: "windows", Name: "Windows\nRemove-Item C:\\ -Recurse # $(reboot)", FirstMonth: month("2021-01"),
		Rule: cycle.Rule{
			BaselineMonths: []time.Month{time.January, time.April, time.July, time.October},
			Day:            cycle.NthWeekday(2, time.Tuesday), Hour: 10, Zone: zone("America/Los_Angeles"),
		},
	}}
	for _, n := range [][2]string{{"2026-06", "2026-06-09"}, {"2026-09", "2026-09-08"}, {"2026-12", "2026-11-20"}} {
		f.Notices = append(f.Notices, cycle.Notice{Track: "windows", Month: month(n[0]), Kind: cycle.Baseline, KnownOn: day(n[1])})
	}
	return f
}

// window is the first Saturday from the offer on, at 22:00 in Berlin.
func window(duration time.Duration) cycle.Window {
	return cycle.Window{ByWeekday: true, Weekday: time.Saturday, Hour: 22, Duration: duration, Zone: zone("Europe/Berlin")}
}

func calendar(f cycle.Facts, ring cycle.Ring, freezes ...cycle.Freeze) windows.Calendar {
	return windows.Of(cycle.Compile(f, day(asOf)), ring, freezes, month("2026-01"), month("2027-12"), f.Track.Rule.Zone)
}

// render writes one calendar.
func render(t *testing.T, f windows.Format, c windows.Calendar) string {
	t.Helper()
	body, err := windows.Render(f, []windows.Calendar{c})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// open are the windows that a tool is given: those that no freeze forbids.
func open(c windows.Calendar) []cycle.Span {
	var list []cycle.Span
	for _, w := range c.Windows {
		if w.Frozen.ID == "" {
			list = append(list, w.Span)
		}
	}
	return list
}

// forRandomCalendars tries a law on many rings, windows, zones and freezes. The name of a failing
// subtest is the seed that shows it again.
func forRandomCalendars(t *testing.T, law func(*testing.T, windows.Calendar)) {
	t.Helper()
	for seed := range uint64(120) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			law(t, randomCalendar(rand.New(rand.NewPCG(seed, 0))))
		})
	}
}

var someZones = []string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Kiritimati", "Africa/Cairo", "America/Sao_Paulo"}

func randomCalendar(random *rand.Rand) windows.Calendar {
	f := facts()
	f.Track.Rule.Day = []cycle.ReleaseDay{cycle.NthWeekday(2, time.Tuesday), cycle.NthWeekday(0, time.Friday), cycle.NthWeekday(4, time.Monday), cycle.FixedDay(31)}[random.IntN(6)%4]
	f.Track.Rule.Hour = random.IntN(24)
	for range random.IntN(4) {
		m := f.Track.FirstMonth.AddMonths(60 + random.IntN(36))
		f.Notices = append(f.Notices, cycle.Notice{Track: "windows", Month: m, Kind: cycle.Kind(1 + random.IntN(2)), KnownOn: m.Day(-100)})
	}
	ring := cycle.Ring{Name: "pilot", Deferral: random.IntN(31), Deadline: random.IntN(10), Grace: random.IntN(8)}
	if random.IntN(2) == 0 { // so that a month holds it, and tools can repeat it
		ring.Deferral = random.IntN(8)
		f.Track.Rule.Day = cycle.NthWeekday(2, time.Tuesday)
	}
	if random.IntN(4) > 0 {
		ring.Window = cycle.Window{
			ByWeekday: random.IntN(2) == 0, Weekday: time.Weekday(random.IntN(7)), OffsetDays: random.IntN(2 + ring.Deferral),
			Hour: random.IntN(24), Minute: 15 * random.IntN(4), Duration: time.Duration(60+random.IntN(24*60-59)) * time.Minute,
			Zone: zone(someZones[random.IntN(len(someZones))]),
		}
	}
	var freezes []cycle.Freeze
	for range random.IntN(3) {
		from := day("2026-01-01").AddDays(random.IntN(1000))
		freezes = append(freezes, cycle.Freeze{ID: "no", From: from, To: from.AddDays(random.IntN(30))})
	}
	from := month("2025-06").AddMonths(random.IntN(20))
	return windows.Of(cycle.Compile(f, day(asOf)), ring, freezes, from, from.AddMonths(12+random.IntN(48)), zone(someZones[random.IntN(len(someZones))]))
}

// What somebody wrote in prose is in no script, and every comment is one line.
func TestNothingOfProse(t *testing.T) {
	f := facts()
	ring := cycle.Ring{Name: "pilot", Deferral: 1, Window: window(4 * time.Hour)}
	hostile := "x\nrm -rf / #\r\n'; Stop-Computer; '\u2028\u0085"
	c := calendar(f, ring, cycle.Freeze{ID: "year-end", From: day("2027-01-01"), To: day("2027-01-31"), Reason: hostile})
	for _, name := range windows.Names() {
		format, err := windows.ParseFormat(name)
		if err != nil {
			t.Fatal(err)
		}
		text := render(t, format, c)
		for _, word := range []string{"rm -rf", "Stop-Computer", "Remove-Item", "reboot", "\r", "\u2028", "\u0085"} {
			if strings.Contains(text, word) {
				t.Errorf("%s has %q:\n%s", name, word, text)
			}
		}
		if !strings.Contains(text, "2027-01 planned: 2027-01-16 22:00 to 2027-01-17 02:00 Europe/Berlin is left out: it lies in freeze year-end; the next one allowed begins 2027-02-06 22:00.") {
			t.Errorf("%s does not tell of the freeze:\n%s", name, text)
		}
	}
}

// An id can't hold such a thing; if it did, it would stay in the line of its comment.
func TestComments(t *testing.T) {
	ring := cycle.Ring{Name: "pilot", Deferral: 1, Window: window(4 * time.Hour)}
	for _, id := range []string{"a\nreboot", "a\r\nreboot", "a\u2028reboot", "a\u0085reboot", "a\vreboot", "a\freboot"} {
		c := calendar(facts(), ring, cycle.Freeze{ID: id, From: day("2027-01-01"), To: day("2027-01-31")})
		for _, f := range []windows.Format{windows.ConfigMgr, windows.Alertmanager, windows.RRule, windows.Cron} {
			if text := render(t, f, c); !strings.Contains(text, "lies in freeze a") || !strings.Contains(text, " reboot; the next") {
				t.Errorf("%s with the freeze %q:\n%s", f, id, text)
			}
		}
	}
}

// A freeze in the middle of whole days forbids them, although the last day is allowed.
func TestWholeDays(t *testing.T) {
	ring := cycle.Ring{Name: "pilot", Deferral: 1, Deadline: 2, Grace: 2}
	c := calendar(facts(), ring, cycle.Freeze{ID: "one-day", From: day("2027-01-14"), To: day("2027-01-14")})
	var got []string
	for _, w := range c.Windows {
		got = append(got, fmt.Sprintf("%s %s %s %s", w.Month.Month, w.Span.Start.Format(time.RFC3339), w.Span.End.Format(time.RFC3339), w.Frozen.ID))
	}
	want := "2027-01 2027-01-13T08:00:00Z 2027-01-18T08:00:00Z one-day"
	if !slices.Contains(got, want) {
		t.Errorf("windows = %q, want one %q", got, want)
	}
	// 2026-04-14 and 2026-06-09 were Patch Tuesdays, in summer time.
	for _, want := range []string{"2026-04 2026-04-15T07:00:00Z 2026-04-20T07:00:00Z ", "2026-06 2026-06-10T07:00:00Z 2026-06-15T07:00:00Z "} {
		if !slices.Contains(got, want) {
			t.Errorf("windows = %q, want one %q", got, want)
		}
	}
}

// Windows that are over are left out, one that has begun is not.
func TestAfter(t *testing.T) {
	c := calendar(facts(), cycle.Ring{Name: "pilot", Deferral: 1, Window: window(4 * time.Hour)})
	first := c.Windows[0].Span
	if got := c.After(first.End.Add(-time.Second)); len(got.Windows) != len(c.Windows) {
		t.Errorf("a second before its end %d windows are left, want all %d", len(got.Windows), len(c.Windows))
	}
	if got := c.After(first.End); len(got.Windows) != len(c.Windows)-1 {
		t.Errorf("at its end %d windows are left, want %d", len(got.Windows), len(c.Windows)-1)
	}
}

// No two rings and tracks share a name, where a tool would take one for the other.
func TestNames(t *testing.T) {
	f, g := facts(), facts()
	f.Track.ID, g.Track.ID = "b-c", "c"
	body, err := windows.Render(windows.Alertmanager, []windows.Calendar{calendar(f, cycle.Ring{Name: "a"}), calendar(g, cycle.Ring{Name: "a-b"})})
	if err != nil {
		t.Fatal(err)
	}
	if m := parseMuting(t, string(body)); len(m.Intervals) != 2 || m.Intervals[0].Name == m.Intervals[1].Name {
		t.Errorf("two intervals of one name in:\n%s", body)
	}
	long := cycle.Ring{Name: strings.Repeat("r", 64), Deferral: 1, Window: window(4 * time.Hour)}
	f.Track.ID = strings.Repeat("t", 64)
	names := map[string]bool{}
	for _, d := range decode[azureAnswer](t, render(t, windows.Azure, calendar(f, long))).Dates {
		if len(d.Name) > 80 || names[d.Name] {
			t.Errorf("name %q is there twice, or longer than 80", d.Name)
		}
		names[d.Name] = true
	}
	for _, d := range decode[awsAnswer](t, render(t, windows.AWS, calendar(f, long))).Dates {
		d.Input.check(t)
	}
}

func TestParseFormat(t *testing.T) {
	for _, name := range windows.Names() {
		if f, err := windows.ParseFormat(name); err != nil || f.String() != name || !slices.Contains(windows.Medias(), f.Media()) {
			t.Errorf("ParseFormat(%q) = %v, %v of %q", name, f, err, f.Media())
		}
	}
	if _, err := windows.ParseFormat("Azure"); err == nil || !strings.Contains(err.Error(), "azure, configmgr, aws, alertmanager, rrule, cron") {
		t.Errorf("ParseFormat(Azure) = %v, want what there is", err)
	}
}
