package cycle_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/cycle"
)

// The text of an error names the value and says what would have been right.
func TestInvalidError(t *testing.T) {
	parsers := map[string]func(string) error{
		"date":  func(s string) error { _, err := cycle.ParseDate(s); return err },
		"month": func(s string) error { _, err := cycle.ParseMonth(s); return err },
		"kind":  func(s string) error { _, err := cycle.ParseKind(s); return err },
		"type":  func(s string) error { _, err := cycle.ParseReleaseType(s); return err },
		"boot":  func(s string) error { _, err := cycle.ParseRestart(s); return err },
		"ring":  func(s string) error { _, err := cycle.ParseRing(s); return err },
		"day":   func(s string) error { _, err := cycle.ParseReleaseDay(s); return err },
		"zone":  func(s string) error { _, err := cycle.ParseZone(s); return err },
		"time":  func(s string) error { _, _, err := cycle.ParseTimeOfDay(s); return err },
		"wday":  func(s string) error { _, err := cycle.ParseWeekday(s); return err },
	}
	for _, tt := range []struct{ parser, in, want string }{
		{"date", "9 June", `invalid day "9 June": want YYYY-MM-DD, a day of the calendar from 0001-01-01 to 9999-12-31`},
		{"month", "december", `invalid month "december": want YYYY-MM, from 0001-01 to 9999-12`},
		{"month", "2026\n06", `invalid month "2026\n06": want YYYY-MM, from 0001-01 to 9999-12`},
		{"kind", "none", `invalid kind "none": want baseline or hotpatch`},
		{"kind", "", `invalid kind "": want baseline or hotpatch`},
		{"type", "lcu", `invalid release type "lcu": want baseline, hotpatch, cumulative or component`},
		{"boot", "yes", `invalid restart "yes": want true, false or nothing`},
		{"ring", "pilot", `invalid ring "pilot": want NAME:DEFERRAL[/DEADLINE[/GRACE]], a name of a-z, 0-9 and - and days 0-30, 0-30 and 0-7, such as pilot:1/2/2`},
		{"day", "patchday", `invalid release day "patchday": want "second tuesday" (first, second, third, fourth or last, and a weekday), "day 15" (1 to 31) or "last day"`},
		{"zone", "Local", `invalid time zone "Local": want an IANA name such as "America/Los_Angeles" or "UTC"`},
		{"time", "24:00", `invalid time of day "24:00": want HH:MM, from 00:00 to 23:59`},
		{"wday", "day", `invalid weekday "day": want sunday, monday, tuesday, wednesday, thursday, friday or saturday`},
	} {
		err := parsers[tt.parser](tt.in)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s parser, %q: %v, want %v", tt.parser, tt.in, err, tt.want)
			continue
		}
		if invalid, ok := errors.AsType[*cycle.InvalidError](err); !ok || invalid.Value != tt.in {
			t.Errorf("%s parser, %q: %#v, want an *InvalidError with that value", tt.parser, tt.in, err)
		}
	}
}

// A long value is cut to 60 bytes, and never inside a character.
func TestInvalidErrorIsShort(t *testing.T) {
	for _, tt := range []struct{ value, quoted string }{
		{strings.Repeat("a", 60), strings.Repeat("a", 60)},
		{strings.Repeat("a", 61), strings.Repeat("a", 60) + "…"},
		{strings.Repeat("a", 59) + "é", strings.Repeat("a", 59) + "…"},
		{strings.Repeat("a", 57) + "€€", strings.Repeat("a", 57) + "€…"},
		{strings.Repeat("\x80", 61), "…"}, // no character begins anywhere
	} {
		err := &cycle.InvalidError{What: "month", Value: tt.value, Want: "YYYY-MM"}
		if got, want := err.Error(), `invalid month "`+tt.quoted+`": want YYYY-MM`; got != want {
			t.Errorf("Error() = %s, want %s", got, want)
		}
	}
}

// Each name is read back as itself; the zero values have the name "".
func TestNames(t *testing.T) {
	for i, name := range []string{"", "baseline", "hotpatch", ""} {
		k := cycle.Kind(i)
		if k.String() != name || k.Restarts() != (name == "baseline") {
			t.Errorf("Kind(%d) = %q, restarts %v, want %q", i, k, k.Restarts(), name)
		}
		if got, err := cycle.ParseKind(name); name != "" && (err != nil || got != k) {
			t.Errorf("ParseKind(%q) = %v, %v, want %d", name, got, err, i)
		}
	}
	for i, name := range []string{"", "planned", "announced", "released", "unconfirmed", ""} {
		if got := cycle.Status(i).String(); got != name {
			t.Errorf("Status(%d) = %q, want %q", i, got, name)
		}
	}
	for i, name := range []string{"", "baseline", "hotpatch", "cumulative", "component", ""} {
		if got := cycle.ReleaseType(i).String(); got != name {
			t.Errorf("ReleaseType(%d) = %q, want %q", i, got, name)
		}
		if got, err := cycle.ParseReleaseType(name); name != "" && (err != nil || int(got) != i) {
			t.Errorf("ParseReleaseType(%q) = %v, %v, want %d", name, got, err, i)
		}
	}
	for i, name := range []string{"", "true", "false"} {
		if got, err := cycle.ParseRestart(name); err != nil || int(got) != i || got.String() != name {
			t.Errorf("ParseRestart(%q) = %v, %v, want %d", name, got, err, i)
		}
	}
	for _, in := range []string{"Baseline", "baseline ", "hot", "unplanned-baseline"} {
		if got, err := cycle.ParseKind(in); err == nil {
			t.Errorf("ParseKind(%q) = %v, want an error", in, got)
		}
	}
	for _, in := range []string{"", "oob-hotpatch", "Baseline"} {
		if got, err := cycle.ParseReleaseType(in); err == nil {
			t.Errorf("ParseReleaseType(%q) = %v, want an error", in, got)
		}
	}
	for _, in := range []string{"True", "1", "null", " "} {
		if got, err := cycle.ParseRestart(in); err == nil {
			t.Errorf("ParseRestart(%q) = %v, want an error", in, got)
		}
	}
}
