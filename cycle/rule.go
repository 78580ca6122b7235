package cycle

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // Windows hosts have no zone data of their own.
)

// PatchZone is the zone where Microsoft's updates come from, and so where days
// begin and end unless somebody chooses another.
const PatchZone = "America/Los_Angeles"

// Rule says what is planned: which months of the year are baselines, and on
// which day and at which time the update of a month comes.
//
// For Windows it is January, April, July and October, the second Tuesday, 10:00 in
// Redmond: https://learn.microsoft.com/windows/deployment/update/release-cycle
type Rule struct {
	// BaselineMonths are the months of the year planned as baselines, in order. None
	// means that every month is planned as a hotpatch month.
	BaselineMonths []time.Month
	// Day is the day of the month on which updates come.
	Day ReleaseDay
	// OffsetDays moves that day by whole calendar days, also across the month's end.
	OffsetDays int
	// Hour and Minute are the local time in Zone at which updates come.
	Hour, Minute int
	// Zone is where the updates come from.
	Zone *time.Location
}

// Kind returns what the rule plans for that month.
func (r Rule) Kind(m Month) Kind {
	if slices.Contains(r.BaselineMonths, m.Of()) {
		return Baseline
	}
	return Hotpatch
}

// Date returns the day on which the rule releases the update of that month.
func (r Rule) Date(m Month) Date { return r.Day.In(m).AddDays(r.OffsetDays) }

// At returns the instant at which an update comes on that day, in UTC. A local
// time that the clocks skip that day is moved on by the gap.
func (r Rule) At(d Date) time.Time {
	year, month, day := d.Midnight().Date()
	t := time.Date(year, month, day, r.Hour, r.Minute, 0, 0, r.Zone)
	if hour, minute, _ := t.Clock(); hour != r.Hour || minute != r.Minute { // skipped, and time.Date may have moved it back
		t, _ = d.clock(r.Hour, r.Minute, r.Zone)
	}
	return t.UTC()
}

// ReleaseDay is a day of every month: the nth or last weekday, or a fixed day.
// The zero ReleaseDay is the last day of the month.
type ReleaseDay struct {
	nth     int          // 1 to 4 counts weekdays, 0 is the last one
	weekday time.Weekday // where byWeek
	byWeek  bool
	day     int // 1 to 31, 0 is the last day; where not byWeek
}

// NthWeekday returns the nth such weekday of every month, n from 1 to 4; n = 0
// is the last one.
func NthWeekday(n int, weekday time.Weekday) ReleaseDay {
	return ReleaseDay{nth: n, weekday: weekday, byWeek: true}
}

// NthWeekday returns which weekday the day is, as the function of that name takes it.
// It returns false for a day that is none.
func (d ReleaseDay) NthWeekday() (n int, weekday time.Weekday, ok bool) {
	return d.nth, d.weekday, d.byWeek
}

// FixedDay returns that day of every month, 1 to 31. In a shorter month it is the last day.
func FixedDay(day int) ReleaseDay { return ReleaseDay{day: day} }

const wantReleaseDay = `"second tuesday" (first, second, third, fourth or last, and a weekday), "day 15" (1 to 31) or "last day"`

// ParseReleaseDay reads "second tuesday", "last friday", "day 15" or "last day".
// It returns an [*InvalidError] for anything else.
func ParseReleaseDay(s string) (ReleaseDay, error) {
	first, second, ok := strings.Cut(s, " ")
	bad := invalid("release day", s, wantReleaseDay)
	if !ok {
		return ReleaseDay{}, bad
	}
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

// In returns that day in that month.
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

// ParseZone returns the zone of that IANA name, such as "Europe/Berlin" or "UTC".
// It returns an [*InvalidError] for anything else.
func ParseZone(name string) (*time.Location, error) {
	// "Local" and "" name whatever the machine is set to: no zone that two machines share.
	// Nor do the files that some hosts keep beside the zones, and each zone has one name.
	own := slices.Contains([]string{"", "Local", "localtime", "posixrules"}, name) ||
		strings.HasPrefix(name, "posix/") || strings.HasPrefix(name, "right/") || path.Clean(name) != name
	if !own {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone, nil
		}
	}
	return nil, invalid("time zone", name, `an IANA name such as "America/Los_Angeles" or "UTC"`)
}

// ParseTimeOfDay reads a time of the day, "10:00" or "22:30".
// It returns an [*InvalidError] for anything else.
func ParseTimeOfDay(s string) (hour, minute int, err error) {
	t, err := time.Parse("15:04", s)
	if err != nil || len(s) != len("15:04") {
		return 0, 0, invalid("time of day", s, "HH:MM, from 00:00 to 23:59")
	}
	return t.Hour(), t.Minute(), nil
}
