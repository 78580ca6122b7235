package windows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/teambition/rrule-go"

	"github.com/cyclecal/cyclecal/api/windows"
	"github.com/cyclecal/cyclecal/cycle"
)

// expand returns what the library makes of a recurrence set.
func expand(t *testing.T, text string) []string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSuffix(line, "\n"); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	set, err := rrule.StrToRRuleSet(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatalf("%v in %q", err, lines)
	}
	var starts []string
	for _, start := range set.All() {
		starts = append(starts, start.UTC().Format(time.RFC3339))
	}
	return starts
}

// firstOf returns the instant of DTSTART, or "".
func firstOf(t *testing.T, text string) string {
	t.Helper()
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		_, id, local := strings.Cut(name, ";TZID=")
		where := time.UTC
		if local {
			where = zone(id)
		}
		if strings.HasPrefix(name, "DTSTART") {
			at, err := time.ParseInLocation("20060102T150405", strings.TrimSuffix(value, "Z"), where)
			if err != nil {
				t.Fatal(err)
			}
			return at.UTC().Format(time.RFC3339)
		}
	}
	return ""
}

// The library expands a set to exactly the beginnings of the windows.
func TestRRule(t *testing.T) {
	rules := 0
	forRandomCalendars(t, func(t *testing.T, c windows.Calendar) {
		text := render(t, windows.RRule, c)
		var want []string
		for _, s := range open(c) {
			want = append(want, s.Start.Format(time.RFC3339))
		}
		if diff := cmp.Diff(slices.Compact(want), expand(t, text)); diff != "" {
			t.Errorf("ring %+v (-want +got):\n%s%s", c.Ring, diff, text)
		}
		if strings.Contains(text, "\nRRULE:") {
			rules++
		}
		// DTSTART is the first of the set: some clients take it for one anyway.
		if start := firstOf(t, text); len(want) > 0 && start != want[0] {
			t.Errorf("DTSTART is %s, want %s", start, want[0])
		}
	})
	if rules < 20 {
		t.Errorf("%d of the sets have a rule: want 20, or it is not tried", rules)
	}
}

// Where the clocks show the time of a window twice programs differ in which they take, so no rule says it: in
// Los Angeles 01:30 on the first Sunday of November, which is 08:30 and 09:30 UTC.
func TestRRuleShownTwice(t *testing.T) {
	f := facts()
	f.Notices = nil
	f.Track.Rule = cycle.Rule{BaselineMonths: []time.Month{time.November}, Day: cycle.NthWeekday(1, time.Sunday), Zone: f.Track.Rule.Zone}
	text := render(t, windows.RRule, calendar(f, cycle.Ring{Name: "pilot", Window: cycle.Window{Hour: 1, Minute: 30, Duration: time.Hour, Zone: f.Track.Rule.Zone}}))
	if want := "\nDTSTART:20261101T083000Z\nRDATE:20261101T083000Z\nRDATE:20271107T083000Z\n"; !strings.Contains(text, want) || strings.Contains(text, "RRULE:") {
		t.Errorf("want %q and no rule in:\n%s", want, text)
	}
}

func TestRRuleOfThePlan(t *testing.T) {
	ring := cycle.Ring{Name: "pilot", Deferral: 1, Deadline: 2, Grace: 2, Window: window(4 * time.Hour)}
	freeze := cycle.Freeze{ID: "year-end", From: day("2026-12-18"), To: day("2027-01-16")}
	text := render(t, windows.RRule, calendar(facts(), ring, freeze))
	for _, want := range []string{
		"DTSTART;TZID=Europe/Berlin:20260117T220000\nRRULE:FREQ=MONTHLY;UNTIL=20271016T200000Z;BYMONTH=1,4,7,10;BYMONTHDAY=12,13,14,15,16,17,18;BYDAY=SA\n",
		"\nEXDATE;TZID=Europe/Berlin:20270116T220000\n", "\nRDATE:20260613T200000Z\nRDATE:20260912T200000Z\nRDATE:20261212T210000Z\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in:\n%s", want, text)
		}
	}
	winter := cycle.Freeze{ID: "winter", From: day("2026-01-01"), To: day("2026-03-31")} // forbids the first
	want := "DTSTART;TZID=Europe/Berlin:20260418T220000\nRRULE:"
	if text := render(t, windows.RRule, calendar(facts(), ring, winter)); !strings.Contains(text, want) {
		t.Errorf("want %q in:\n%s", want, text)
	}
}
