package cycle_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/cycle"
)

// fuzzParser holds the law of every parser: what it reads it writes so that it
// reads it back as the same, all else is an InvalidError that quotes it, and
// nothing makes it panic. What it reads is sound besides.
func fuzzParser[T fmt.Stringer](f *testing.F, parse func(string) (T, error), sound func(s string, v T) bool, seeds ...string,
) {
	f.Helper()
	for _, seed := range append(seeds, "", " ", "\x00", "\xff", "２", "-1", "99999999999999999999") {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := parse(s)
		if err != nil {
			if invalid, ok := errors.AsType[*cycle.InvalidError](err); !ok || invalid.Value != s || invalid.Want == "" {
				t.Errorf("parsing %q: %#v, want an *InvalidError with that value", s, err)
			}
			return
		}
		if again, err := parse(v.String()); err != nil || !reflect.DeepEqual(again, v) {
			t.Errorf("parsing %q: %v, which reads back as %v, %v", s, v, again, err)
		}
		if !sound(s, v) {
			t.Errorf("parsing %q: %v, which it can't be", s, v)
		}
	})
}

func FuzzParseDate(f *testing.F) {
	fuzzParser(f, cycle.ParseDate, func(s string, d cycle.Date) bool {
		year, month, dayOf := d.Midnight().Date()
		return s == fmt.Sprintf("%04d-%02d-%02d", year, month, dayOf)
	}, "2026-06-09", "0001-01-01", "9999-12-31", "2024-02-29", "2026-02-30")
}

func FuzzParseMonth(f *testing.F) {
	fuzzParser(f, cycle.ParseMonth, func(s string, m cycle.Month) bool {
		return s == fmt.Sprintf("%04d-%02d", m.Year(), m.Of())
	}, "2026-06", "0001-01", "9999-12", "2026-13")
}

func FuzzParseReleaseDay(f *testing.F) {
	february := month("2026-02")
	fuzzParser(f, cycle.ParseReleaseDay, func(s string, d cycle.ReleaseDay) bool {
		return d.String() == s && d.In(february).Month() == february
	}, "second tuesday", "last friday", "day 15", "day 31", "last day", "day 032")
}

func FuzzParseRing(f *testing.F) {
	fuzzParser(f, cycle.ParseRing, func(s string, r cycle.Ring) bool {
		return strings.HasPrefix(r.String(), s) && cycle.ValidID(r.Name) && // what is left out is 0
			r.Deferral >= 0 && r.Deferral <= 30 && r.Deadline >= 0 && r.Deadline <= 30 && r.Grace >= 0 && r.Grace <= 7
	}, "pilot:1/2/2", "broad:9/5", "last:30", "a:031", "a:1/2/8", "a:1/2/3/4")
}

func FuzzParseZone(f *testing.F) {
	for _, seed := range []string{"UTC", "America/Los_Angeles", "Local", "", "../etc/passwd", "/etc/localtime", "europe/berlin", "\x00", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		z, err := cycle.ParseZone(s)
		if err != nil {
			if invalid, ok := errors.AsType[*cycle.InvalidError](err); !ok || invalid.Value != s {
				t.Errorf("ParseZone(%q): %#v, want an *InvalidError with that value", s, err)
			}
			return
		}
		again, err := cycle.ParseZone(z.String())
		if err != nil || z.String() != s || again.String() != s || s == "Local" {
			t.Errorf("ParseZone(%q) = %v, which reads back as %v, %v", s, z, again, err)
		}
	})
}

func FuzzParseTimeOfDay(f *testing.F) {
	for _, seed := range []string{"10:00", "00:00", "23:59", "24:00", "9:00", "10:00:00", "", "+1:00", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		hour, minute, err := cycle.ParseTimeOfDay(s)
		if err != nil {
			if invalid, ok := errors.AsType[*cycle.InvalidError](err); !ok || invalid.Value != s {
				t.Errorf("ParseTimeOfDay(%q): %#v, want an *InvalidError with that value", s, err)
			}
			return
		}
		if got := fmt.Sprintf("%02d:%02d", hour, minute); got != s || hour < 0 || hour > 23 || minute < 0 || minute > 59 {
			t.Errorf("ParseTimeOfDay(%q) = %s", s, got)
		}
	})
}

// FuzzNames reads what is one of a few words: those alone are read, and written as they were.
func FuzzNames(f *testing.F) {
	for _, seed := range []string{"baseline", "hotpatch", "cumulative", "component", "true", "false", "", "tuesday", "Tuesday", "restart", "26100.3983", "WINDOWS-11", "2026-06", "\x00", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		kind, err := cycle.ParseKind(s)
		checkName(t, "ParseKind", s, kind, err)
		sort, err := cycle.ParseReleaseType(s)
		checkName(t, "ParseReleaseType", s, sort, err)
		restart, err := cycle.ParseRestart(s)
		checkName(t, "ParseRestart", s, restart, err)
		weekday, err := cycle.ParseWeekday(s)
		checkName(t, "ParseWeekday", s, stringer(strings.ToLower(weekday.String())), err)
		yes, err := cycle.ParseBool(s)
		checkName(t, "ParseBool", s, stringer(fmt.Sprint(yes)), err)
		style, err := cycle.ParseStyle(s)
		checkName(t, "ParseStyle", s, stringer(style), err)
		for _, trait := range cycle.Traits() {
			value, err := trait.Parse(s)
			again, twice := trait.Parse(value)
			if err == nil && (!strings.EqualFold(value, s) || twice != nil || again != value) || err != nil && value != "" {
				t.Errorf("%s of %q = %q, %v, which reads back as %q, %v", trait.Name, s, value, err, again, twice)
			}
		}
	})
}

type stringer string

func (s stringer) String() string { return string(s) }

func checkName(t *testing.T, parser, s string, got fmt.Stringer, err error) {
	t.Helper()
	invalid, ok := errors.AsType[*cycle.InvalidError](err)
	if err == nil && got.String() != s || err != nil && (!ok || invalid.Value != s || invalid.Want == "") {
		t.Errorf("%s(%q) = %s, %v, want it as it was, or an *InvalidError with it", parser, s, got, err)
	}
}
