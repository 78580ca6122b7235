package windows_test

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/cyclecal/cyclecal/api/windows"
	"github.com/cyclecal/cyclecal/cycle"
)

// muting is the part of alertmanager.yml, with the fields of its documents.
type muting struct {
	Intervals []struct {
		Name      string
		Intervals []interval `yaml:"time_intervals"`
	} `yaml:"time_intervals"`
}

type interval struct {
	Times []struct {
		Start string `yaml:"start_time"`
		End   string `yaml:"end_time"`
	}
	Weekdays []string
	Days     []string `yaml:"days_of_month"`
	Months   []string
	Years    []string
	Location string
}

func parseMuting(t *testing.T, text string) muting {
	t.Helper()
	var m muting
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&m); err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	return m
}

// holds returns Alertmanager's own rule: an interval holds where each of its fields does, and a field
// that is left out always does.
func (i interval) holds(t *testing.T) func(time.Time) bool {
	t.Helper()
	where, from, to := zone(i.Location), minuteOf(t, i.Times[0].Start), minuteOf(t, i.Times[0].End)
	years, months, days := ranges(t, i.Years), ranges(t, i.Months), ranges(t, i.Days)
	if len(i.Times) != 1 {
		t.Fatalf("%d times, want 1", len(i.Times))
	}
	return func(at time.Time) bool {
		at = at.In(where)
		minutes := at.Hour()*60 + at.Minute()
		return years(at.Year()) && months(int(at.Month())) && days(at.Day()) && minutes >= from && minutes < to &&
			(len(i.Weekdays) == 0 || slices.Contains(i.Weekdays, strings.ToLower(at.Weekday().String())))
	}
}

// ranges reads "3" and "3:5".
func ranges(t *testing.T, list []string) func(int) bool {
	t.Helper()
	numbers := map[int]bool{}
	for _, s := range list {
		from, to, ok := strings.Cut(s, ":")
		if !ok {
			to = from
		}
		first, err := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if err != nil || err2 != nil || last < first {
			t.Fatalf("range %q: %v, %v", s, err, err2)
		}
		for n := first; n <= last; n++ {
			numbers[n] = true
		}
	}
	return func(n int) bool { return len(list) == 0 || numbers[n] }
}

// anyHolds reports whether one of the intervals does.
func anyHolds(t *testing.T, list []interval) func(time.Time) bool {
	t.Helper()
	var rules []func(time.Time) bool
	for _, i := range list {
		rules = append(rules, i.holds(t))
	}
	return func(at time.Time) bool {
		return slices.ContainsFunc(rules, func(holds func(time.Time) bool) bool { return holds(at) })
	}
}

// clockForm is that of Alertmanager.
var clockForm = regexp.MustCompile(`^((?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$`)

func minuteOf(t *testing.T, clock string) int {
	t.Helper()
	hour, minute, _ := strings.Cut(clock, ":")
	h, err := strconv.Atoi(hour)
	m, err2 := strconv.Atoi(minute)
	if !clockForm.MatchString(clock) || err != nil || err2 != nil {
		t.Fatalf("time %q", clock)
	}
	return h*60 + m
}

// The interval holds in the windows, and at no other quarter of an hour of two years.
func TestAlertmanager(t *testing.T) {
	ring := cycle.Ring{Name: "pilot", Deferral: 1, Deadline: 2, Grace: 2, Window: window(5*time.Hour + 15*time.Minute)}
	whole := cycle.Ring{Name: "pilot", Deferral: 9, Deadline: 5, Grace: 7} // June's end on the 30th
	freeze := cycle.Freeze{ID: "year-end", From: day("2027-01-10"), To: day("2027-01-20")}
	for name, c := range map[string]windows.Calendar{
		"window": calendar(facts(), ring), "freeze": calendar(facts(), ring, freeze), "whole days": calendar(facts(), whole),
	} {
		m := parseMuting(t, render(t, windows.Alertmanager, c))
		if len(m.Intervals) != 1 || m.Intervals[0].Name != "pilot_windows" {
			t.Fatalf("%s: %+v, want one interval", name, m)
		}
		spans, holds := open(c), anyHolds(t, m.Intervals[0].Intervals)
		for at := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2028; at = at.Add(15 * time.Minute) {
			want := slices.ContainsFunc(spans, func(s cycle.Span) bool { return !at.Before(s.Start) && at.Before(s.End) })
			if got := holds(at); got != want {
				t.Fatalf("%s: at %s it holds: %v, want %v", name, at, got, want)
			}
		}
	}
}

// What is written as a comment for the plan holds from Saturday 22:00 in Berlin in the months of the rule.
// Fourteen days after the second Tuesday are the 22nd to the 28th: what lasts beyond midnight may end in the
// month after.
func TestAlertmanagerAtTheMonthsEnd(t *testing.T) {
	for duration, want := range map[time.Duration]string{
		time.Hour: "start_time: '22:00', end_time: '23:00'", 2 * time.Hour: "start_time: '22:00', end_time: '24:00'", 3 * time.Hour: "may lie in the month after: nothing is repeated",
	} {
		w := cycle.Window{OffsetDays: 14, Hour: 22, Duration: duration, Zone: zone("Europe/Berlin")}
		text := render(t, windows.Alertmanager, calendar(facts(), cycle.Ring{Name: "pilot", Window: w}))
		_, plan, _ := strings.Cut(text, "-by-plan")
		if duration == 3*time.Hour {
			plan = text
		}
		if !strings.Contains(plan, want) || strings.Count(plan, "'22:28'") > 1 || strings.Contains(plan, "'23:29'") {
			t.Errorf("%s: want %q in:\n%s", duration, want, text)
		}
	}
}

func TestAlertmanagerOfThePlan(t *testing.T) {
	c := calendar(facts(), cycle.Ring{Name: "pilot", Deferral: 1, Window: window(4 * time.Hour)})
	_, plan, ok := strings.Cut(render(t, windows.Alertmanager, c), "  # - name:")
	if !ok {
		t.Fatal("there is no plan")
	}
	m := parseMuting(t, "time_intervals:\n"+strings.ReplaceAll("  # - name:"+plan, "  # ", "  "))
	got, holds := 0, anyHolds(t, m.Intervals[0].Intervals)
	for at := time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2032; at = at.Add(time.Hour) {
		if holds(at) {
			got++
		}
	}
	want := saturdays(4*7, func(m time.Month) bool { return m%3 == 1 })
	if got != 4*len(want) {
		t.Errorf("it holds for %d hours of seven years, want 4 of each of %d windows", got, len(want))
	}
	for _, start := range want {
		for hour := range 4 {
			at := start.Add(time.Duration(hour) * time.Hour)
			if !holds(at) {
				t.Errorf("it does not hold at %s", at)
			}
		}
	}
}
