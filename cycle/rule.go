package cycle

import (
	"path"
	"slices"
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

// At returns the instant at which an update comes on that day, in UTC. Of a local time that the clocks
// show twice it is the first, and one that they skip is moved on by the gap.
func (r Rule) At(d Date) time.Time {
	t, _ := d.clock(r.Hour, r.Minute, r.Zone)
	return t.UTC()
}

// ParseZone returns the zone of that IANA name, such as "Europe/Berlin" or "UTC".
// It returns an [*InvalidError] for anything else.
func ParseZone(name string) (*time.Location, error) {
	// "Local" and "" mean whatever the machine is set to, and the files posixrules and localtime, posix/…
	// and right/… are not there on every machine. A name must mean the same zone everywhere, and have one spelling.
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
