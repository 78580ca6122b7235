package cycle

import (
	"fmt"
	"strconv"
	"time"
)

// Date is a day of the Gregorian calendar from 0001-01-01 to 9999-12-31, in no
// zone. The zero Date is no day at all: it stands for "unknown".
type Date struct {
	n int32 // 1 is 0001-01-01
}

const (
	secondsPerDay  = 24 * 60 * 60
	daysBefore1970 = 719162  // from 0001-01-01, a Monday, to 1970-01-01
	lastDay        = 3652059 // 9999-12-31
)

// DateOf returns the day of that year, month and day of the month.
// A day outside its month counts on into the neighbouring one, as in [time.Date].
func DateOf(year int, month time.Month, day int) Date {
	return dateOfUnix(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix())
}

// DateIn returns the day of an instant in a zone.
func DateIn(t time.Time, zone *time.Location) Date {
	year, month, day := t.In(zone).Date()
	return DateOf(year, month, day)
}

func dateOfUnix(seconds int64) Date {
	return within(seconds/secondsPerDay + daysBefore1970 + 1)
}

// within keeps a day between the first and the last that a Date can be.
func within(n int64) Date {
	return Date{int32(min(max(n, 1), lastDay))}
}

// ParseDate reads an ISO 8601 day, "2026-06-09".
// It returns an [*InvalidError] for anything else.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1 {
		return Date{}, invalid("day", s, "YYYY-MM-DD, a day of the calendar from 0001-01-01 to 9999-12-31")
	}
	return dateOfUnix(t.Unix()), nil
}

// IsZero reports whether d is the unknown day.
func (d Date) IsZero() bool { return d.n == 0 }

// Compare orders days by time; the unknown day comes first.
func (d Date) Compare(e Date) int { return int(d.n) - int(e.n) }

// Before reports whether d comes before e.
func (d Date) Before(e Date) bool { return d.n < e.n }

// After reports whether d comes after e.
func (d Date) After(e Date) bool { return d.n > e.n }

// AddDays returns the day n days later, or earlier for a negative n.
// It stops at 0001-01-01 and at 9999-12-31.
func (d Date) AddDays(n int) Date { return within(int64(d.n) + int64(min(max(n, -lastDay), lastDay))) }

// DaysUntil returns the days from d to e: negative where e comes first.
func (d Date) DaysUntil(e Date) int { return int(e.n) - int(d.n) }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Weekday(d.n % 7) // 0001-01-01, day 1, was a Monday
}

// Month returns the month that d lies in.
func (d Date) Month() Month {
	t := d.Midnight()
	return MonthOf(t.Year(), t.Month())
}

// Midnight returns the beginning of the day in UTC.
func (d Date) Midnight() time.Time {
	return time.Unix((int64(d.n)-1-daysBefore1970)*secondsPerDay, 0).UTC()
}

// Start returns the first instant of the day in that zone. In a zone whose
// clocks skip midnight that is the first instant after the gap.
func (d Date) Start(zone *time.Location) time.Time {
	t, skipped := d.clock(0, 0, zone)
	if skipped {
		t, _ = t.ZoneBounds()
	}
	return t
}

// clock returns the instant of the day at which the clocks of a zone show that time: the first one
// where they show it twice. Where they skip it, the time is moved on by the length of the gap, and
// skipped is true.
func (d Date) clock(hour, minute int, zone *time.Location) (t time.Time, skipped bool) {
	shows := func(t time.Time) bool { return DateIn(t, zone) == d && t.Hour() == hour && t.Minute() == minute }
	utc := d.Midnight().Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	_, offset := utc.Add(-24 * time.Hour).In(zone).Zone() // as it was before any change on that day
	before := utc.Add(-time.Duration(offset) * time.Second).In(zone)
	if shows(before) {
		return before, false
	}
	year, month, day := d.Midnight().Date()
	if after := time.Date(year, month, day, hour, minute, 0, 0, zone); shows(after) {
		return after, false
	}
	return before, true
}

// String returns the day as ISO 8601, "2026-06-09", and "" for the unknown day.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.Midnight().Format(time.DateOnly)
}

// Month is a month of the Gregorian calendar from 0001-01 to 9999-12.
// The zero Month stands for "unknown".
type Month struct {
	n int32 // 12 is 0001-01
}

const lastMonth = 9999*12 + 11

// MonthOf returns that month of that year. A month outside 1 to 12 counts on
// into the neighbouring year.
func MonthOf(year int, month time.Month) Month {
	return Month{int32(min(max(year*12+int(month)-1, 12), lastMonth))}
}

// ParseMonth reads a month such as "2026-06".
// It returns an [*InvalidError] for anything else.
func ParseMonth(s string) (Month, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil || t.Year() < 1 {
		return Month{}, invalid("month", s, "YYYY-MM, from 0001-01 to 9999-12")
	}
	return MonthOf(t.Year(), t.Month()), nil
}

// IsZero reports whether m is the unknown month.
func (m Month) IsZero() bool { return m.n == 0 }

// Compare orders months by time; the unknown month comes first.
func (m Month) Compare(o Month) int { return int(m.n) - int(o.n) }

// Before reports whether m comes before o.
func (m Month) Before(o Month) bool { return m.n < o.n }

// After reports whether m comes after o.
func (m Month) After(o Month) bool { return m.n > o.n }

// AddMonths returns the month n months later, or earlier for a negative n.
// It stops at 0001-01 and at 9999-12.
func (m Month) AddMonths(n int) Month {
	return Month{int32(min(max(int64(m.n)+int64(min(max(n, -lastMonth), lastMonth)), 12), lastMonth))}
}

// MonthsUntil returns the months from m to o: negative where o comes first.
func (m Month) MonthsUntil(o Month) int { return int(o.n) - int(m.n) }

// Year returns the year, such as 2026.
func (m Month) Year() int { return int(m.n / 12) }

// Of returns the month within its year, January to December.
func (m Month) Of() time.Month { return time.Month(m.n%12 + 1) }

// Quarter returns the calendar quarter, 1 to 4.
func (m Month) Quarter() int { return (int(m.Of()) + 2) / 3 }

// Day returns that day of the month; a number past its end counts on into the
// next month.
func (m Month) Day(day int) Date { return DateOf(m.Year(), m.Of(), day) }

// Last returns the last day of the month.
func (m Month) Last() Date { return DateOf(m.Year(), m.Of()+1, 0) }

// Name returns the month as people write it, "June 2026".
func (m Month) Name() string { return m.Of().String() + " " + strconv.Itoa(m.Year()) }

// String returns the month as "2026-06", and "" for the unknown month.
func (m Month) String() string {
	if m.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d", m.Year(), m.Of())
}
