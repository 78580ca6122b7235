package cycle_test

import (
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// These days are Microsoft's own: the hotpatch calendar of 2026 and the dates of
// older release notes.
func TestRuleDate(t *testing.T) {
	for _, want := range []string{
		"2026-01-13", "2026-02-10", "2026-03-10", "2026-04-14", "2026-05-12", "2026-06-09",
		"2026-07-14", "2026-08-11", "2026-09-08", "2026-10-13", "2026-11-10", "2026-12-08",
		"2021-11-09", "2024-10-08", "2025-04-08", "2025-07-08", "2025-10-14",
	} {
		m := month(want[:len("2026-01")])
		if got := windows().Rule.Date(m).String(); got != want {
			t.Errorf("Rule.Date(%v) = %v, want %v", m, got, want)
		}
	}
}

func TestReleaseDay(t *testing.T) {
	for _, tt := range []struct {
		day    string
		offset int
		month  string
		want   string
	}{
		{"second tuesday", 0, "2026-09", "2026-09-08"}, // the earliest there can be: the month begins on a Tuesday
		{"second tuesday", 0, "2026-07", "2026-07-14"}, // the latest
		{"first monday", 0, "2026-06", "2026-06-01"},
		{"third tuesday", 0, "2026-06", "2026-06-16"},
		{"fourth friday", 0, "2026-05", "2026-05-22"},
		{"last friday", 0, "2026-05", "2026-05-29"}, // the fifth
		{"last friday", 0, "2026-06", "2026-06-26"}, // the fourth
		{"last sunday", 0, "2026-05", "2026-05-31"},
		{"day 1", 0, "2026-02", "2026-02-01"},
		{"day 31", 0, "2026-02", "2026-02-28"},
		{"day 31", 0, "2024-02", "2024-02-29"},
		{"day 31", 0, "2026-04", "2026-04-30"},
		{"day 31", 0, "2026-05", "2026-05-31"},
		{"last day", 0, "2024-02", "2024-02-29"},
		{"last day", 1, "2026-12", "2027-01-01"},
		{"day 1", -1, "2026-03", "2026-02-28"},
		{"second tuesday", 3, "2026-06", "2026-06-12"},
		{"second tuesday", 25, "2026-06", "2026-07-04"},
		{"second tuesday", -14, "2026-06", "2026-05-26"},
	} {
		rule := cycle.Rule{Day: must(cycle.ParseReleaseDay(tt.day)), OffsetDays: tt.offset}
		if got := rule.Date(month(tt.month)).String(); got != tt.want {
			t.Errorf("%s%+d in %s = %v, want %v", tt.day, tt.offset, tt.month, got, tt.want)
		}
	}
	if got := (cycle.ReleaseDay{}).String(); got != "last day" {
		t.Errorf("ReleaseDay{} = %q, want the last day", got)
	}
}

// Updates come at 10:00 in Redmond, at 17:00 or 18:00 UTC.
func TestRuleAt(t *testing.T) {
	for _, tt := range []struct{ day, want string }{
		{"2026-01-13", "2026-01-13T18:00:00Z"},
		{"2026-06-09", "2026-06-09T17:00:00Z"},
		{"2026-03-07", "2026-03-07T18:00:00Z"}, // the day before the clocks go forward
		{"2026-03-08", "2026-03-08T17:00:00Z"}, // that day, eight hours later
		{"2026-03-10", "2026-03-10T17:00:00Z"},
		{"2026-10-31", "2026-10-31T17:00:00Z"}, // the day before they go back
		{"2026-11-01", "2026-11-01T18:00:00Z"},
		{"2026-11-10", "2026-11-10T18:00:00Z"},
		{"2006-03-14", "2006-03-14T18:00:00Z"}, // until 2006 they changed in April
	} {
		got := windows().Rule.At(day(tt.day))
		if got.Format(time.RFC3339) != tt.want {
			t.Errorf("Rule.At(%s) = %v, want %v", tt.day, got, tt.want)
		}
	}
}

// A time that the clocks skip is moved on by the gap, never back; of one that they show twice it is the first,
// as it is for an offer.
func TestRuleAtChangeOfClocks(t *testing.T) {
	for _, tt := range []struct {
		zone, day, time, want string
	}{
		{"Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:30:00Z"},       // 03:30 in summer time
		{"America/Los_Angeles", "2026-03-08", "02:30", "2026-03-08T10:30:00Z"}, // 03:30 in summer time
		{"America/Sao_Paulo", "2018-11-04", "00:00", "2018-11-04T03:00:00Z"},   // 01:00 in summer time
		{"Africa/Cairo", "2026-04-24", "00:00", "2026-04-23T22:00:00Z"},        // 01:00 in summer time
		{"Europe/Berlin", "2027-10-31", "02:30", "2027-10-31T00:30:00Z"},       // still in summer time
		{"America/New_York", "2027-11-07", "01:30", "2027-11-07T05:30:00Z"},    // still in summer time
	} {
		hour, minute, err := cycle.ParseTimeOfDay(tt.time)
		if err != nil {
			t.Fatal(err)
		}
		rule := cycle.Rule{Hour: hour, Minute: minute, Zone: zone(tt.zone)}
		if got := rule.At(day(tt.day)).Format(time.RFC3339); got != tt.want {
			t.Errorf("%s in %s on %s = %v, want %v", tt.time, tt.zone, tt.day, got, tt.want)
		}
	}
}

func TestRuleKind(t *testing.T) {
	want := map[time.Month]bool{time.January: true, time.April: true, time.July: true, time.October: true}
	for of := time.January; of <= time.December; of++ {
		if got := windows().Rule.Kind(cycle.MonthOf(2026, of)); got.Restarts() != want[of] {
			t.Errorf("Rule.Kind(%v) = %v, want a restart: %v", of, got, want[of])
		}
	}
	if got := (cycle.Rule{}).Kind(month("2026-01")); got != cycle.Hotpatch {
		t.Errorf("a rule without baselines plans %v for January, want hotpatch", got)
	}
}

func TestParseReleaseDay(t *testing.T) {
	for _, in := range []string{"second tuesday", "first sunday", "fourth saturday", "last friday", "day 1", "day 31", "last day"} {
		if got, err := cycle.ParseReleaseDay(in); err != nil || got.String() != in {
			t.Errorf("ParseReleaseDay(%q) = %v, %v, want it back", in, got, err)
		}
	}
	for _, in := range []string{
		"", " ", "tuesday", "second", "fifth friday", "2nd tuesday", "Second Tuesday", "second tue", "second  tuesday",
		" second tuesday", "second tuesday ", "second tuesday!", "day", "day ", "day 0", "day 32", "day 01", "day +1", "day -1",
		"day 1.5", "day １", "day \xff", "first day", "last", "last day ", "last  day", "last\tday", "second tuesday\n",
	} {
		if got, err := cycle.ParseReleaseDay(in); err == nil {
			t.Errorf("ParseReleaseDay(%q) = %v, want an error", in, got)
		}
	}
}

func TestParseWeekday(t *testing.T) {
	for in, want := range map[string]time.Weekday{"sunday": 0, "tuesday": 2, "saturday": 6} {
		if got, err := cycle.ParseWeekday(in); err != nil || got != want {
			t.Errorf("ParseWeekday(%q) = %v, %v, want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "Tuesday", "tue", "tuesday ", "day"} {
		if got, err := cycle.ParseWeekday(in); err == nil {
			t.Errorf("ParseWeekday(%q) = %v, want an error", in, got)
		}
	}
}

// A zone is one that every machine reads alike: nothing that the machine is set
// to, no file of its own, one name each.
func TestParseZone(t *testing.T) {
	for _, in := range []string{"UTC", "America/Los_Angeles", "Europe/Berlin", "Asia/Kolkata", "America/Argentina/Buenos_Aires", "Etc/GMT+5"} {
		if got, err := cycle.ParseZone(in); err != nil || got.String() != in {
			t.Errorf("ParseZone(%q) = %v, %v, want that zone", in, got, err)
		}
	}
	for _, in := range []string{
		"", " ", "Local", "local", "../etc/passwd", "/etc/localtime", `..\UTC`, "america/nowhere", "America", "Europe/Berlin ",
		"+01:00", "PDT", "UTC\x00", "Europe/\xff", "zone.tab",
		"localtime", "posixrules", // on many hosts, files beside the zones that say how the host is set
		"posix/UTC", "right/UTC", // copies of all zones that some hosts have, the latter with leap seconds
		"./UTC", "America//New_York", "America/./New_York",
	} {
		if got, err := cycle.ParseZone(in); err == nil {
			t.Errorf("ParseZone(%q) = %v, want an error", in, got)
		}
	}
}

func TestParseTimeOfDay(t *testing.T) {
	for _, tt := range []struct {
		in           string
		hour, minute int
	}{{"00:00", 0, 0}, {"10:00", 10, 0}, {"09:05", 9, 5}, {"23:59", 23, 59}} {
		hour, minute, err := cycle.ParseTimeOfDay(tt.in)
		if err != nil || hour != tt.hour || minute != tt.minute {
			t.Errorf("ParseTimeOfDay(%q) = %d, %d, %v, want %d, %d", tt.in, hour, minute, err, tt.hour, tt.minute)
		}
	}
	for _, in := range []string{
		"", "24:00", "10:60", "9:00", "09:5", "1000", "10.00", "10:00:00", "10:00 ", " 9:00", "-1:00", "+1:00", "10:0０", "10:\xff0", "noon",
	} {
		if hour, minute, err := cycle.ParseTimeOfDay(in); err == nil {
			t.Errorf("ParseTimeOfDay(%q) = %d, %d, want an error", in, hour, minute)
		}
	}
}
