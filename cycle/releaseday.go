package cycle

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // Windows hosts have no zone data of their own.
)

// ReleaseDay is a day of every month: the nth or last weekday, or a fixed day.
// The zero ReleaseDay is the last day of the month.
type ReleaseDay struct {
	nth     int // 1 to 4 counts weekdays, 0 is the last one
	weekday time.Weekday
	byWeek  bool // nth and weekday count, and not day
	day     int  // 1 to 31; 0 is the last day of the month
}

// NthWeekday returns the nth such weekday of every month, n from 1 to 4; n = 0
// is the last one.
func NthWeekday(n int, weekday time.Weekday) ReleaseDay {
	return ReleaseDay{nth: n, weekday: weekday, byWeek: true}
}

// NthWeekday returns the weekday and which one of the month it is, as the function of the same name
// takes them. It returns false for a day that is not given by a weekday.
func (d ReleaseDay) NthWeekday() (n int, weekday time.Weekday, ok bool) {
	return d.nth, d.weekday, d.byWeek
}

// FixedDay returns that day of every month, 1 to 31. In a shorter month it is the last day.
func FixedDay(day int) ReleaseDay { return ReleaseDay{day: day} }

const wantReleaseDay = `"second tuesday" (first, second, third, fourth or last, and a weekday), "day 15" (1 to 31) or "last day"`

// ParseReleaseDay reads "second tuesday", "last friday", "day 15" or "last day".
// It returns an [*InvalidError] for anything else.
func ParseReleaseDay(s string) (ReleaseDay, error) {
	first, second, _ := strings.Cut(s, " ")
	bad := invalid("release day", s, wantReleaseDay)
	if first == "day" {
		day, err := strconv.Atoi(second)
		if err != nil || strconv.Itoa(day) != second || day < 1 || day > 31 {
			return ReleaseDay{}, bad
		}
		return FixedDay(day), nil
	}
	if s == "last day" {
		return ReleaseDay{}, nil
	}
	nth := slices.Index(ordinals, first)
	weekday, err := ParseWeekday(second)
	if nth < 0 || err != nil {
		return ReleaseDay{}, bad
	}
	return NthWeekday(nth, weekday), nil
}

var ordinals = []string{"last", "first", "second", "third", "fourth"}

// ParseWeekday reads a weekday in lower case, "saturday".
// It returns an [*InvalidError] for anything else.
func ParseWeekday(s string) (time.Weekday, error) {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if strings.ToLower(day.String()) == s {
			return day, nil
		}
	}
	return 0, invalid("weekday", s, "sunday, monday, tuesday, wednesday, thursday, friday or saturday")
}

// In returns the release day of a month.
func (d ReleaseDay) In(m Month) Date {
	switch {
	case !d.byWeek && d.day == 0:
		return m.Last()
	case !d.byWeek:
		return m.Day(min(d.day, m.Last().Midnight().Day()))
	case d.nth == 0:
		last := m.Last()
		return last.AddDays(-(int(last.Weekday()-d.weekday+7) % 7))
	}
	first := m.Day(1)
	return first.AddDays(int(d.weekday-first.Weekday()+7)%7 + 7*(d.nth-1))
}

// String returns the day as [ParseReleaseDay] reads it.
func (d ReleaseDay) String() string {
	switch {
	case d.byWeek:
		return ordinals[d.nth] + " " + strings.ToLower(d.weekday.String())
	case d.day == 0:
		return "last day"
	}
	return fmt.Sprintf("day %d", d.day)
}
