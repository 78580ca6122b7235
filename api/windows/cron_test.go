package windows_test

import (
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/robfig/cron/v3"

	"github.com/cyclecal/cyclecal/api/windows"
	"github.com/cyclecal/cyclecal/cycle"
)

var (
	// cronDate is a line whose command asks for the year, cronPlan one that asks for the weekday.
	cronDate = regexp.MustCompile(`(?m)^([-0-9 *,]+) \[ "\$\(TZ=UTC date \+\\%Y\)" = ([0-9]{4}) \] && "\$RESTART" pilot windows ([0-9]+)$`)
	cronPlan = regexp.MustCompile(`(?m)^# CRON_TZ=(.+)\n# ([-0-9 *,]+) \[ "\$\(TZ=(.+) date \+\\%u\)" = ([1-7]) \] && "\$RESTART" pilot windows ([0-9]+)$`)
	comment  = regexp.MustCompile(`(?m)^(#.*|CRON_TZ=UTC|RESTART=/usr/local/sbin/restart-for-updates|)\n`)
)

// runs returns when a library begins a line in the years of the tests.
func runs(t *testing.T, line string, ok func(time.Time) bool) []time.Time {
	t.Helper()
	schedule, err := cron.ParseStandard(line)
	if err != nil {
		t.Fatalf("%v in %q", err, line)
	}
	var list []time.Time
	end := time.Date(2032, time.January, 1, 0, 0, 0, 0, time.UTC)
	for at := schedule.Next(time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)); at.Before(end) && !at.IsZero(); at = schedule.Next(at) {
		if ok(at) {
			list = append(list, at.UTC())
		}
	}
	return list
}

// The library begins the lines at the beginnings of the windows, in the year that they ask for.
func TestCron(t *testing.T) {
	forRandomCalendars(t, func(t *testing.T, c windows.Calendar) {
		text := render(t, windows.Cron, c)
		want, got := []cycle.Span{}, []cycle.Span{}
		want = append(want, open(c)...)
		for _, line := range cronDate.FindAllStringSubmatch(text, -1) {
			minutes, err := strconv.Atoi(line[3])
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range runs(t, "CRON_TZ=UTC "+line[1], func(at time.Time) bool { return at.Format("2006") == line[2] }) {
				got = append(got, cycle.Span{Start: at, End: at.Add(time.Duration(minutes) * time.Minute)})
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ring %+v (-want +got):\n%s%s", c.Ring, diff, text)
		}
		if rest := comment.ReplaceAllString(cronDate.ReplaceAllString(text, ""), ""); regexp.MustCompile(`\S`).MatchString(rest) {
			t.Errorf("lines that are neither comments nor jobs: %q", rest)
		}
	})
}

// The plan's line begins in each month that the rule plans, on the Saturday after its second Tuesday.
func TestCronOfThePlan(t *testing.T) {
	c := calendar(facts(), cycle.Ring{Name: "pilot", Deferral: 1, Window: window(90 * time.Minute)})
	line := cronPlan.FindStringSubmatch(render(t, windows.Cron, c))
	if len(line) != 6 || line[3] != "Europe/Berlin" || line[4] != "6" || line[5] != "90" {
		t.Fatalf("the plan's line = %q", line)
	}
	got := runs(t, "CRON_TZ="+line[1]+" "+line[2], func(at time.Time) bool { return at.In(zone(line[3])).Weekday() == time.Saturday })
	want := saturdays(4*7, func(m time.Month) bool { return m%3 == 1 })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// saturdays returns 22:00 in Berlin four days after the second Tuesday of months from 2025 on.
func saturdays(n int, in func(time.Month) bool) []time.Time {
	var list []time.Time
	for m := time.Month(1); len(list) < n; m++ {
		first := time.Date(2025, m, 1, 22, 0, 0, 0, zone("Europe/Berlin"))
		if !in(first.Month()) {
			continue
		}
		tuesdays := 0
		for d := first; ; d = d.AddDate(0, 0, 1) {
			if d.Weekday() == time.Tuesday {
				tuesdays++
			}
			if tuesdays == 2 {
				list = append(list, d.AddDate(0, 0, 4).UTC())
				break
			}
		}
	}
	return list
}

// Two updates whose days go on after the same freeze begin one job, for the longer of the two.
func TestCronAfterAFreeze(t *testing.T) {
	ring := cycle.Ring{Name: "pilot", Deadline: 30, Grace: 7}
	freeze := cycle.Freeze{ID: "audit", From: day("2026-07-01"), To: day("2026-07-14")}
	c := windows.Of(cycle.Compile(facts(), day(asOf)), ring, []cycle.Freeze{freeze}, month("2026-06"), month("2026-07"), zone("America/Los_Angeles"))
	var jobs []string
	for _, line := range cronDate.FindAllStringSubmatch(render(t, windows.Cron, c), -1) {
		jobs = append(jobs, line[1]+" for "+line[3])
	}
	// From the offer to 1 July; and from 15 July to the end of 20 August, July's last day, and not of 16 July, June's.
	if want := []string{"0 17 9 6 * for 31080", "0 7 15 7 * for 53280"}; !cmp.Equal(jobs, want) {
		t.Errorf("jobs %q, want %q", jobs, want)
	}
}
