package ics_test

import (
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api/ics"
	"github.com/cyclecal/cyclecal/cycle"
)

// FuzzRender writes any text into every field: as many events come back as went in,
// each with its texts.
func FuzzRender(f *testing.F) {
	for _, s := range hostile {
		if len(s) < 200 { // TestHostileTexts has the long ones
			f.Add(s)
		}
	}
	f.Fuzz(func(t *testing.T, s string) { checkHostile(t, s) })
}

// FuzzParseAlarm: what is taken is a duration of RFC 5545 of at most 31 days, as
// another library reads it too, and is passed on as it was written.
func FuzzParseAlarm(f *testing.F) {
	for _, s := range []string{
		"P1D", "PT12H", "P1DT6H", "P1W", "PT15M", "P4W", "P31D", "PT744H", "PT0M", "P", "PT", "P0X", "P99999D", "P32D", "P5W", "P1DT", "-P1D", "+P1D",
		"P1Y", "P1M", "PT30S", "P1D\r\nX:Y", "p1d", "P١D", " P1D", "P31DT1M", "P1W1D", "PT744H1M",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := cycle.ParseAlarm(s)
		if err != nil {
			if got != "" {
				t.Errorf("ParseAlarm(%q) = %q with an error, want nothing", s, got)
			}
			return
		}
		event := ics.Event{UID: "u@cyclecal", Summary: "s", First: day(t, "2026-06-09"), Last: day(t, "2026-06-09")}
		cal := decode(t, render(t, ics.Calendar{Name: "n", Alarm: got}, []ics.Event{event}))
		trigger := cal.Events()[0].Children[0].Props.Get("TRIGGER")
		length, err := trigger.Duration()
		if err != nil || length > 0 || length < -31*24*time.Hour || got != s {
			t.Errorf("ParseAlarm(%q) = %q, read as %v (%v), want it unchanged, before the event, at most 31 days", s, got, length, err)
		}
	})
}

// TestParseAlarm names what is right and what is not.
func TestParseAlarm(t *testing.T) {
	for s, ok := range map[string]bool{
		"P1D": true, "PT12H": true, "P1DT6H": true, "P1W": true, "P4W": true, "P31D": true, "PT744H": true, "PT15M": true, "PT1H30M": true,
		"": false, "P": false, "PT": false, "P0X": false, "P99999D": false, "P32D": false, "P5W": false, "P31DT1M": false, "P1DT": false, "-P1D": false,
		"P1Y": false, "P1M": false, "1D": false, "P1D\n": false, "p1d": false, "P1W1D": false, "P-1D": false,
	} {
		if got, err := cycle.ParseAlarm(s); (err == nil) != ok {
			t.Errorf("ParseAlarm(%q) = %q, %v, want it taken: %v", s, got, err, ok)
		}
	}
}
