package cycle_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

func TestParseDate(t *testing.T) {
	for _, tt := range []struct {
		in         string
		year       int
		month, day int
	}{
		{"2026-06-09", 2026, 6, 9},
		{"0001-01-01", 1, 1, 1},
		{"9999-12-31", 9999, 12, 31},
		{"2024-02-29", 2024, 2, 29},
		{"2000-02-29", 2000, 2, 29}, // a leap year although 100 divides it
	} {
		got, err := cycle.ParseDate(tt.in)
		want := time.Date(tt.year, time.Month(tt.month), tt.day, 0, 0, 0, 0, time.UTC)
		if err != nil || !got.Midnight().Equal(want) || got.String() != tt.in {
			t.Errorf("ParseDate(%q) = %v, %v, want %v", tt.in, got, err, want)
		}
	}
	for _, in := range []string{
		"", " ", "2026-13-01", "2026-00-01", "2026-06-00", "2026-06-31", "2026-02-30", "2026-02-29", "1900-02-29",
		"0000-01-01", "10000-01-01", "-001-01-01", "+026-01-01", "2026-2-3", "26-06-09", "2026-06", "2026", "20260609",
		"2026/06/09", " 2026-06-09", "2026-06-09 ", "2026-06-09\n", "2026-06-09T00:00:00Z", "2026-06-0９", "２０２６-06-09",
		"٢٠٢٦-٠٦-٠٩", "2026-06-\xff9", "2026-06-09\x00", "unknown",
	} {
		if got, err := cycle.ParseDate(in); err == nil || !got.IsZero() {
			t.Errorf("ParseDate(%q) = %v, %v, want an error", in, got, err)
		}
	}
}

func TestParseMonth(t *testing.T) {
	for _, tt := range []struct {
		in    string
		year  int
		month time.Month
	}{{"2026-06", 2026, 6}, {"0001-01", 1, 1}, {"9999-12", 9999, 12}} {
		got, err := cycle.ParseMonth(tt.in)
		if err != nil || got.Year() != tt.year || got.Of() != tt.month || got.String() != tt.in {
			t.Errorf("ParseMonth(%q) = %v, %v, want %d, %v", tt.in, got, err, tt.year, tt.month)
		}
	}
	for _, in := range []string{
		"", "2026-13", "2026-00", "0000-01", "10000-01", "2026-6", "26-06", "2026-06-09", "2026", "202606", "2026.06",
		" 2026-06", "2026-06 ", "2026-06\n", "2026- 6", "2026-0６", "٢٠٢٦-٠٦", "2026-0\xff", "december",
	} {
		if got, err := cycle.ParseMonth(in); err == nil || !got.IsZero() {
			t.Errorf("ParseMonth(%q) = %v, %v, want an error", in, got, err)
		}
	}
}

// Days count as package time counts them, from the first to the last there is.
func TestDateArithmetic(t *testing.T) {
	first, last := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	for now := first; !now.After(last); now = now.AddDate(0, 0, 89) {
		d := cycle.DateOf(now.Date())
		if got := d.String(); got != now.Format("2006-01-02") || d.Weekday() != now.Weekday() || d.Month().String() != now.Format("2006-01") {
			t.Fatalf("DateOf(%v) = %v, %v of %v", now, got, d.Weekday(), d.Month())
		}
		for _, n := range []int{-400, -31, -1, 0, 1, 28, 366} {
			want := now.AddDate(0, 0, n)
			if want.Before(first) || want.After(last) {
				continue
			}
			e := d.AddDays(n)
			if !e.Midnight().Equal(want) || d.DaysUntil(e) != n || e.DaysUntil(d) != -n {
				t.Fatalf("%v.AddDays(%d) = %v, %d days away, want %v", d, n, e, d.DaysUntil(e), want)
			}
			if e.After(d) != (n > 0) || e.Before(d) != (n < 0) || (e.Compare(d) > 0) != (n > 0) || (e.Compare(d) < 0) != (n < 0) {
				t.Fatalf("%v and %v are in the wrong order", d, e)
			}
		}
	}
}

// Months count as package time counts them, across the end of a year too.
func TestMonthArithmetic(t *testing.T) {
	for year := 1; year <= 9999; year += 37 {
		for of := time.January; of <= time.December; of++ {
			m := cycle.MonthOf(year, of)
			if got, want := m.Last().Midnight(), time.Date(year, of+1, 0, 0, 0, 0, 0, time.UTC); !got.Equal(want) {
				t.Fatalf("%v.Last() = %v, want %v", m, got, want)
			}
			if got, want := m.Quarter(), []int{1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4}[of-1]; got != want {
				t.Fatalf("%v.Quarter() = %d, want %d", m, got, want)
			}
			for _, n := range []int{-25, -12, -1, 0, 1, 11, 600} {
				want := time.Date(year, of+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
				if want.Year() < 1 || want.Year() > 9999 {
					continue
				}
				o := m.AddMonths(n)
				if o.String() != want.Format("2006-01") || m.MonthsUntil(o) != n || o.After(m) != (n > 0) || o.Before(m) != (n < 0) {
					t.Fatalf("%v.AddMonths(%d) = %v, want %v", m, n, o, want)
				}
			}
		}
	}
}

// Counting on stops at the first and the last day there is, however far it would go.
func TestCalendarEnds(t *testing.T) {
	for _, tt := range []struct {
		n           int
		date, month string
	}{
		{1, "9999-12-31", "9999-12"},
		{math.MaxInt32, "9999-12-31", "9999-12"},
		{math.MaxInt, "9999-12-31", "9999-12"},
	} {
		if got := day("9999-12-31").AddDays(tt.n).String(); got != tt.date {
			t.Errorf("9999-12-31 AddDays(%d) = %v, want %v", tt.n, got, tt.date)
		}
		if got := month("9999-12").AddMonths(tt.n).String(); got != tt.month {
			t.Errorf("9999-12 AddMonths(%d) = %v, want %v", tt.n, got, tt.month)
		}
	}
	for _, n := range []int{-1, math.MinInt32, math.MinInt} {
		if got := day("0001-01-01").AddDays(n).String(); got != "0001-01-01" {
			t.Errorf("0001-01-01 AddDays(%d) = %v, want 0001-01-01", n, got)
		}
		if got := month("0001-01").AddMonths(n).String(); got != "0001-01" {
			t.Errorf("0001-01 AddMonths(%d) = %v, want 0001-01", n, got)
		}
	}
	if got := cycle.DateOf(12000, 1, 1).String(); got != "9999-12-31" {
		t.Errorf("DateOf(12000, 1, 1) = %v, want 9999-12-31", got)
	}
	if got := cycle.DateOf(-1, 1, 1).String(); got != "0001-01-01" {
		t.Errorf("DateOf(-1, 1, 1) = %v, want 0001-01-01", got)
	}
}

// The zero values are no day and no month, and come before all others.
func TestUnknownDate(t *testing.T) {
	var d cycle.Date
	if !d.IsZero() || d.String() != "" || !d.Before(day("0001-01-01")) || day("0001-01-01").IsZero() {
		t.Errorf("Date{} = %q, want the unknown day, before all others", d)
	}
	var m cycle.Month
	if !m.IsZero() || m.String() != "" || !m.Before(month("0001-01")) || month("0001-01").IsZero() {
		t.Errorf("Month{} = %q, want the unknown month, before all others", m)
	}
}

// A day past the end of its month counts on.
func TestDayOfMonth(t *testing.T) {
	for _, tt := range []struct {
		month string
		day   int
		want  string
	}{{"2026-02", 1, "2026-02-01"}, {"2026-02", 29, "2026-03-01"}, {"2026-12", 32, "2027-01-01"}, {"2026-03", 0, "2026-02-28"}} {
		if got := month(tt.month).Day(tt.day).String(); got != tt.want {
			t.Errorf("%s.Day(%d) = %v, want %v", tt.month, tt.day, got, tt.want)
		}
	}
	for _, tt := range []struct {
		year int
		of   time.Month
		want string
	}{{2026, 13, "2027-01"}, {2026, 0, "2025-12"}, {0, 12, "0001-01"}, {9999, 12, "9999-12"}, {9999, 13, "9999-12"}} {
		if got := cycle.MonthOf(tt.year, tt.of).String(); got != tt.want {
			t.Errorf("MonthOf(%d, %d) = %v, want %v", tt.year, tt.of, got, tt.want)
		}
	}
}

func TestDateIn(t *testing.T) {
	for _, tt := range []struct{ at, zone, want string }{
		{"2026-06-10T06:59:59.999999999Z", "America/Los_Angeles", "2026-06-09"},
		{"2026-06-10T07:00:00Z", "America/Los_Angeles", "2026-06-10"},
		{"2026-06-09T17:00:00Z", "Asia/Tokyo", "2026-06-10"},
		{"2026-06-09T17:00:00Z", "UTC", "2026-06-09"},
	} {
		if got := cycle.DateIn(instant(tt.at), zone(tt.zone)).String(); got != tt.want {
			t.Errorf("DateIn(%s, %s) = %v, want %v", tt.at, tt.zone, got, tt.want)
		}
	}
}

func TestDateStart(t *testing.T) {
	for _, tt := range []struct{ day, zone, want string }{
		{"2026-06-09", "UTC", "2026-06-09T00:00:00Z"},
		{"2026-03-08", "America/Los_Angeles", "2026-03-08T08:00:00Z"}, // the clocks change two hours later
		{"2026-03-09", "America/Los_Angeles", "2026-03-09T07:00:00Z"},
		{"2026-11-01", "America/Los_Angeles", "2026-11-01T07:00:00Z"},
		{"2026-11-02", "America/Los_Angeles", "2026-11-02T08:00:00Z"},
		{"2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00Z"}, // 24:00 was 01:00
		{"2026-03-29", "Asia/Beirut", "2026-03-28T22:00:00Z"},       // 24:00 is 01:00
		{"2026-04-24", "Africa/Cairo", "2026-04-23T22:00:00Z"},      // 24:00 is 01:00
		{"1919-03-31", "America/Toronto", "1919-03-31T04:30:00Z"},   // 23:30 was 00:30
		{"2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00Z"},      // no such day there: the next one's beginning
		{"2026-11-01", "America/Havana", "2026-11-01T04:00:00Z"},    // midnight comes twice: the first
		{"2021-10-29", "Asia/Amman", "2021-10-28T21:00:00Z"},        // midnight came twice: the first
	} {
		if got := day(tt.day).Start(zone(tt.zone)).UTC().Format(time.RFC3339); got != tt.want {
			t.Errorf("%s.Start(%s) = %v, want %v", tt.day, tt.zone, got, tt.want)
		}
	}
}

// Before the start of a day it is an earlier day, and at its start it is not.
func TestDateStartIsFirst(t *testing.T) {
	for _, name := range []string{
		"UTC", "America/Los_Angeles", "America/Sao_Paulo", "America/Havana", "America/St_Johns", "America/Santiago",
		"Asia/Beirut", "Asia/Amman", "Asia/Gaza", "Asia/Tehran", "Africa/Cairo", "Atlantic/Azores", "Europe/Berlin", "Pacific/Apia",
	} {
		z, wrong := zone(name), ""
		for d := day("1990-01-01"); d.Before(day("2038-01-01")); d = d.AddDays(1) {
			start := d.Start(z)
			if cycle.DateIn(start, z).Before(d) || !cycle.DateIn(start.Add(-1), z).Before(d) {
				wrong += fmt.Sprintf(" %v", d)
			}
		}
		if wrong != "" {
			t.Errorf("in %s Start is not the first instant of%s", name, wrong)
		}
	}
}
