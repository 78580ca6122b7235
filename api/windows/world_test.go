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
	return windows.Of(cycle.Compile(f, day(asOf)), ring, append([]cycle.Freeze{}, freezes...), month("2026-01"), month("2027-12"), f.Track.Rule.Zone)
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
		list = append(list, w.Open...)
	}
	return list
}

// daily cuts what is open where a tool takes no more than a day: a maintenance window lasts no
// longer, and days are looked through for midnight.
func daily(c windows.Calendar) []cycle.Span {
	var list []cycle.Span
	for _, s := range open(c) {
		if !c.Ring.Window.IsZero() {
			list = append(list, s)
			continue
		}
		for start := s.Start; start.Before(s.End); {
			end := start
			for end.Sub(start) < 24*time.Hour && end.In(c.Zone).Day() == start.In(c.Zone).Day() {
				end = end.Add(15 * time.Minute)
			}
			list = append(list, cycle.Span{Start: start, End: end})
			start = end
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
		if !strings.Contains(text, "2027-01 planned: 2027-01-16 22:00 to 2027-01-17 02:00 Europe/Berlin is left out: it lies in freeze year-end; the next one allowed begins 2027-02-06 22:00, after the ring's last day, 2027-01-13, which lies in the freeze.") {
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

// A freeze cuts its days out of those of a ring without hours; the rest stays, also in what tools are
// given, under the names that the days have anyhow. Only where nothing stays is the month left out.
func TestFrozenDays(t *testing.T) {
	ring := cycle.Ring{Name: "pilot", Deferral: 3, Deadline: 2, Grace: 1} // 2027-04-16 to 19
	days := func(list ...string) []string { return list }
	for _, tt := range []struct {
		from, to string
		names    []string // of the month's days
		lost     string
	}{
		{"2027-04-14", "2027-04-15", days("2027-04", "2027-04-2", "2027-04-3", "2027-04-4"), ""},
		{"2027-04-15", "2027-04-17", days("2027-04-3", "2027-04-4"), ": without 2027-04-16 to 2027-04-17, in freeze f."},
		{"2027-04-17", "2027-04-17", days("2027-04", "2027-04-3", "2027-04-4"), ": without 2027-04-17, in freeze f."},
		{"2027-04-18", "2027-05-01", days("2027-04", "2027-04-2"), ": without 2027-04-18 to 2027-04-19, in freeze f."},
		{"2027-04-16", "2027-04-19", nil, " is left out: it lies in freeze f; nothing else is allowed."},
	} {
		c := calendar(facts(), ring, cycle.Freeze{ID: "f", From: day(tt.from), To: day(tt.to)})
		a := decode[awsAnswer](t, render(t, windows.AWS, c))
		var names []string
		for _, d := range a.Dates {
			if name, ok := strings.CutSuffix(d.Input.Name, "_pilot_windows"); ok && strings.HasPrefix(name, "2027-04") {
				names = append(names, name)
			}
		}
		if !slices.Equal(names, tt.names) || len(a.LeftOut) > 0 != (tt.names == nil) {
			t.Errorf("freeze from %s to %s: %q and %v left out, want %q", tt.from, tt.to, names, a.LeftOut, tt.names)
		}
		if text := strings.Join(a.Lost, "\n"); !strings.Contains(text, tt.lost) || tt.lost == "" && strings.Contains(text, "in freeze f") {
			t.Errorf("freeze from %s to %s: lost %q, want %q", tt.from, tt.to, text, tt.lost)
		}
	}
	// In the other tools each run of days is one: midnight in Redmond is 07:00 UTC in April.
	c := calendar(facts(), ring, cycle.Freeze{ID: "f", From: day("2027-04-17"), To: day("2027-04-17")})
	for _, want := range []string{"\n0 17 16 4 * [ \"$(TZ=UTC date +\\%Y)\" = 2027 ] && \"$RESTART\" pilot windows 840\n", "\n0 7 18 4 * [ \"$(TZ=UTC date +\\%Y)\" = 2027 ] && \"$RESTART\" pilot windows 2880\n"} {
		if text := render(t, windows.Cron, c); !strings.Contains(text, want) {
			t.Errorf("want %q in:\n%s", want, text)
		}
	}
}

// The window that would do in place of one in a freeze stands ready in each tool's own words, and opens
// nothing: 2027-01-23 is the first Saturday after the freeze.
func TestNextAllowed(t *testing.T) {
	ring := cycle.Ring{Name: "pilot", Deferral: 1, Deadline: 2, Grace: 2, Window: window(3 * time.Hour)}
	c := calendar(facts(), ring, cycle.Freeze{ID: "year-end", From: day("2026-12-18"), To: day("2027-01-17")})
	for format, want := range map[windows.Format]string{
		windows.Alertmanager: "\n      # - months: ['1']\n      #   years: ['2027']\n      #   days_of_month: ['23:23']\n      #   times: [{start_time: '21:00', end_time: '24:00'}]\n",
		windows.ConfigMgr:    "\n# $schedule = New-CMSchedule -Nonrecurring -IsUtc -Start ([datetime]'2027-01-23T21:00:00') -DurationInterval Hours -DurationCount 3\n# Remove-CM",
		windows.Cron:         "\n# 0 21 23 1 * [ ", windows.RRule: "\n# RDATE:20270123T210000Z\n",
	} {
		text := render(t, format, c)
		if !strings.Contains(text, want) || !strings.Contains(text, "after the ring's last day, 2027-01-17, which lies in the freeze.") {
			t.Errorf("%s: want %q, and that it comes after the last day, in:\n%s", format, want, text)
		}
	}
	left := decode[awsAnswer](t, render(t, windows.AWS, c)).LeftOut
	if len(left) != 1 || left[0].Month != "2027-01" || left[0].Freeze != "year-end" || left[0].Next.Input.Schedule != "at(2027-01-23T21:00:00)" {
		t.Errorf("AWS leaves out %+v, want 2027-01 and the window of January 23", left)
	}
	if text := render(t, windows.Azure, c); !strings.Contains(text, `"startDateTime": "2027-01-23 21:00"`) {
		t.Errorf("Azure has no window of January 23 in:\n%s", text)
	}
}

// Nothing is repeated of a track that has no restart to come; what is of one that ends, has an end.
// Its last restart is that of July 13, 2027, in the night of the 17th.
func TestEndedTrack(t *testing.T) {
	ring := cycle.Ring{Name: "pilot", Deferral: 1, Deadline: 2, Grace: 2, Window: window(3 * time.Hour)}
	for _, last := range []string{"2026-10", "2026-12"} {
		f := facts()
		f.Track.LastMonth = month(last)
		c := calendar(f, ring)
		for _, format := range []windows.Format{windows.Azure, windows.AWS, windows.ConfigMgr, windows.Alertmanager, windows.Cron} {
			text := render(t, format, c)
			if !strings.Contains(text, "No restart of the plan is to come on windows, which ends with "+last) {
				t.Errorf("%s does not tell that the track ends:\n%s", format, text)
			}
			for _, word := range []string{"recurEvery\": \"1Month", "cron(", "-RecurCount", "by-plan", "%u"} {
				if strings.Contains(text, word) {
					t.Errorf("%s repeats by %q after %s:\n%s", format, word, last, text)
				}
			}
		}
	}
	f := facts()
	f.Track.LastMonth = month("2027-07")
	for format, want := range map[windows.Format]string{
		windows.Azure: `"expirationDateTime": "2027-07-18 01:00",
        "duration": "03:00",
        "timeZone": "W. Europe`,
		windows.AWS: `"EndDate": "2027-07-17T23:00:00Z"`, windows.ConfigMgr: "nothing is to repeat after 2027-07-18 01:00", windows.Alertmanager: "nothing is to repeat after 2027-07-18 01:00", windows.Cron: "nothing is to repeat after 2027-07-18 01:00",
	} {
		if text := render(t, format, calendar(f, ring)); !strings.Contains(text, want) {
			t.Errorf("%s: want %q in:\n%s", format, want, text)
		}
	}
}

// What is assumed is told in the head, and on the line of each such month.
func TestAssumed(t *testing.T) {
	s := cycle.Compile(facts(), day(asOf)).Assume(cycle.Assumption{Month: month("2027-02"), Kind: cycle.Baseline}, cycle.Assumption{Month: month("2027-04"), Kind: cycle.Hotpatch})
	ring := cycle.Ring{Name: "pilot", Deferral: 1, Window: window(3 * time.Hour)}
	c := windows.Of(s, ring, []cycle.Freeze{}, month("2027-01"), month("2027-12"), zone("UTC"))
	for f := windows.Azure; f <= windows.Cron; f++ {
		text := render(t, f, c)
		marked := strings.Contains(text, " (assumed as asked)") || strings.Contains(text, `"assumed": true`)
		for _, want := range []string{"Assumed as asked: nobody told that 2027-02 is a baseline.", "Assumed as asked: nobody told that 2027-04 is a hotpatch."} {
			if !marked || !strings.Contains(text, want) {
				t.Errorf("%s: want a mark, and %q in:\n%s", f, want, text)
			}
		}
	}
}

// A freeze in the middle of a ring's days is told, although the last day is allowed.
func TestWholeDays(t *testing.T) {
	ring := cycle.Ring{Name: "pilot", Deferral: 1, Deadline: 2, Grace: 2}
	c := calendar(facts(), ring, cycle.Freeze{ID: "one-day", From: day("2027-01-14"), To: day("2027-01-14")})
	var got []string
	for _, w := range c.Windows {
		got = append(got, fmt.Sprintf("%s %s %s %s", w.Month.Month, w.Span.Start.Format(time.RFC3339), w.Span.End.Format(time.RFC3339), w.Plan.Freeze.ID))
	}
	want := "2027-01 2027-01-13T18:00:00Z 2027-01-18T08:00:00Z one-day"
	if !slices.Contains(got, want) {
		t.Errorf("windows = %q, want one %q", got, want)
	}
	// 2026-04-14 and 2026-06-09 were Patch Tuesdays, in summer time.
	for _, want := range []string{"2026-04 2026-04-15T17:00:00Z 2026-04-20T07:00:00Z ", "2026-06 2026-06-10T17:00:00Z 2026-06-15T07:00:00Z "} {
		if !slices.Contains(got, want) {
			t.Errorf("windows = %q, want one %q", got, want)
		}
	}
}

// An out-of-band baseline restarts machines in a window of its own, unless they restart in that of
// the month anyhow. January 13, 2026 was its Patch Tuesday.
func TestOutOfBandBaseline(t *testing.T) {
	for _, tt := range []struct {
		released string
		want     []string // its Saturdays
		names    []string
	}{
		{"2026-01-19", []string{"2026-01-17 21:00", "2026-01-24 21:00"}, []string{"2026-01_pilot_windows", "2026-01-19-out-of-band_pilot_windows"}},
		{"2026-01-14", []string{"2026-01-17 21:00"}, []string{"2026-01_pilot_windows"}},
	} {
		f := facts()
		for _, r := range []cycle.Release{{KB: "KB5000001", Date: day("2026-01-13")}, {KB: "KB5000002", Date: day(tt.released), OutOfBand: true}} {
			r.Track, r.Month, r.Type, r.Restart, r.KnownOn = "windows", month("2026-01"), cycle.TypeBaseline, cycle.RestartNeeded, r.Date
			f.Releases = append(f.Releases, r)
		}
		c := calendar(f, cycle.Ring{Name: "pilot", Deferral: 1, Window: window(4 * time.Hour)})
		if w := c.Windows[1]; w.Month.Month != month("2026-01") || !w.Month.Unplanned() || w.Month.Status != cycle.Released {
			t.Errorf("of %s: %v %v, unplanned %t; want one of 2026-01, released, not planned", tt.released, w.Month.Month, w.Month.Status, w.Month.Unplanned())
		}
		var starts, names []string
		for _, d := range decode[azureAnswer](t, render(t, windows.Azure, c)).Dates {
			if strings.HasPrefix(d.Name, "2026-01") {
				starts, names = append(starts, d.MaintenanceWindow.StartDateTime), append(names, d.Name)
			}
		}
		if !slices.Equal(starts, tt.want) || !slices.Equal(names, tt.names) {
			t.Errorf("of %s: %q, %q; want %q, %q", tt.released, starts, names, tt.want, tt.names)
		}
		last := tt.names[len(tt.names)-1] // also when the one before is over
		if text := render(t, windows.AWS, c.After(c.Windows[1].Span.Start)); !strings.Contains(text, `"`+last+`"`) {
			t.Errorf("of %s: want the name %q in:\n%s", tt.released, last, text)
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
