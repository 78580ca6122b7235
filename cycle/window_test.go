package cycle_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// clockOf reads a time of the day.
func clockOf(t *testing.T, s string) (hour, minute int) {
	t.Helper()
	hour, minute, err := cycle.ParseTimeOfDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return hour, minute
}

// weekly is the window on the first such day of the week, 4 hours long.
func weekly(t *testing.T, weekday, start, in string) cycle.Window {
	t.Helper()
	hour, minute := clockOf(t, start)
	return cycle.Window{
		ByWeekday: true, Weekday: must(cycle.ParseWeekday(weekday)), Hour: hour, Minute: minute, Duration: 4 * time.Hour, Zone: zone(in),
	}
}

// after is the window so many days after the release, 4 hours long.
func after(t *testing.T, days int, start, in string) cycle.Window {
	t.Helper()
	hour, minute := clockOf(t, start)
	return cycle.Window{OffsetDays: days, Hour: hour, Minute: minute, Duration: 4 * time.Hour, Zone: zone(in)}
}

// By weekday it is the first window that begins when the update has been offered. All
// instants were worked out by hand.
func TestWindowByWeekday(t *testing.T) {
	const berlin, newYork, cairo, havana, nuuk = "Europe/Berlin", "America/New_York", "Africa/Cairo", "America/Havana", "America/Nuuk"
	for _, tt := range []struct{ weekday, start, zone, offered, from, to string }{
		{"saturday", "22:00", berlin, "2026-06-10T17:00:00Z", "2026-06-13T20:00:00Z", "2026-06-14T00:00:00Z"},
		{"saturday", "22:00", berlin, "2026-06-12T21:59:59Z", "2026-06-13T20:00:00Z", "2026-06-14T00:00:00Z"},
		{"saturday", "22:00", berlin, "2026-06-12T22:00:00Z", "2026-06-13T20:00:00Z", "2026-06-14T00:00:00Z"}, // Saturday, 00:00
		{"saturday", "22:00", berlin, "2026-06-13T17:00:00Z", "2026-06-13T20:00:00Z", "2026-06-14T00:00:00Z"}, // that very Saturday, before
		{"saturday", "22:00", berlin, "2026-06-13T20:00:00Z", "2026-06-13T20:00:00Z", "2026-06-14T00:00:00Z"}, // as it begins
		{"saturday", "22:00", berlin, "2026-06-13T20:00:00.000000001Z", "2026-06-20T20:00:00Z", "2026-06-21T00:00:00Z"},
		{"saturday", "22:00", berlin, "2026-06-13T21:59:59Z", "2026-06-20T20:00:00Z", "2026-06-21T00:00:00Z"}, // still Saturday
		{"saturday", "22:00", berlin, "2026-06-13T22:00:00Z", "2026-06-20T20:00:00Z", "2026-06-21T00:00:00Z"}, // Sunday, 00:00
		{"saturday", "22:00", berlin, "2026-06-28T09:00:00Z", "2026-07-04T20:00:00Z", "2026-07-05T00:00:00Z"}, // over the month's end
		{"saturday", "22:00", berlin, "2026-12-29T18:00:00Z", "2027-01-02T21:00:00Z", "2027-01-03T01:00:00Z"}, // over the year's end
		{"tuesday", "10:00", "America/Los_Angeles", "2026-06-09T17:00:00Z", "2026-06-09T17:00:00Z", "2026-06-09T21:00:00Z"},
		{"tuesday", "22:00", "Asia/Tokyo", "2026-06-09T17:00:00Z", "2026-06-16T13:00:00Z", "2026-06-16T17:00:00Z"}, // there it is Wednesday

		// The days around a change of clocks: each keeps its hour, and 4 hours by a stopwatch.
		{"saturday", "22:00", berlin, "2026-03-21T22:00:00Z", "2026-03-28T21:00:00Z", "2026-03-29T01:00:00Z"}, // ends as the clocks change
		{"sunday", "01:00", berlin, "2026-03-25T00:00:00Z", "2026-03-29T00:00:00Z", "2026-03-29T04:00:00Z"},   // 01:00 to 06:00
		{"saturday", "22:00", berlin, "2026-10-18T00:00:00Z", "2026-10-24T20:00:00Z", "2026-10-25T00:00:00Z"},
		{"sunday", "01:00", berlin, "2026-10-20T00:00:00Z", "2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z"},   // 01:00 to 04:00
		{"sunday", "01:00", newYork, "2026-03-04T00:00:00Z", "2026-03-08T06:00:00Z", "2026-03-08T10:00:00Z"},  // 01:00 to 06:00
		{"sunday", "00:30", newYork, "2026-10-29T00:00:00Z", "2026-11-01T04:30:00Z", "2026-11-01T08:30:00Z"},  // 00:30 to 03:30
		{"saturday", "22:00", berlin, "2026-10-24T20:00:01Z", "2026-10-31T21:00:00Z", "2026-11-01T01:00:00Z"}, // 7 days and an hour later

		// An hour that is skipped: as long after the gap.
		{"sunday", "02:00", berlin, "2026-03-25T00:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T05:00:00Z"},
		{"sunday", "02:30", berlin, "2026-03-25T00:00:00Z", "2026-03-29T01:30:00Z", "2026-03-29T05:30:00Z"},
		{"sunday", "02:30", berlin, "2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z", "2026-03-29T05:30:00Z"},
		{"sunday", "02:30", berlin, "2026-03-29T01:30:01Z", "2026-04-05T00:30:00Z", "2026-04-05T04:30:00Z"},
		{"sunday", "02:30", newYork, "2026-03-04T00:00:00Z", "2026-03-08T07:30:00Z", "2026-03-08T11:30:00Z"},
		{"friday", "00:00", cairo, "2026-04-20T00:00:00Z", "2026-04-23T22:00:00Z", "2026-04-24T02:00:00Z"}, // midnight is skipped
		{"friday", "00:30", cairo, "2026-04-20T00:00:00Z", "2026-04-23T22:30:00Z", "2026-04-24T02:30:00Z"},
		{"sunday", "00:30", havana, "2026-03-04T00:00:00Z", "2026-03-08T05:30:00Z", "2026-03-08T09:30:00Z"},
		{"saturday", "23:30", nuuk, "2026-03-25T00:00:00Z", "2026-03-29T01:30:00Z", "2026-03-29T05:30:00Z"}, // Saturday's, on Sunday at 00:30
		{"saturday", "23:30", nuuk, "2026-03-29T01:15:00Z", "2026-03-29T01:30:00Z", "2026-03-29T05:30:00Z"}, // offered on Sunday at 00:15
		{"saturday", "23:30", nuuk, "2026-03-29T01:45:00Z", "2026-04-05T00:30:00Z", "2026-04-05T04:30:00Z"},

		// An hour that comes twice: the first.
		{"sunday", "02:30", berlin, "2026-10-20T00:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T04:30:00Z"},
		{"sunday", "02:30", berlin, "2026-10-25T00:45:00Z", "2026-11-01T01:30:00Z", "2026-11-01T05:30:00Z"}, // not its second coming
		{"sunday", "01:30", newYork, "2026-10-29T00:00:00Z", "2026-11-01T05:30:00Z", "2026-11-01T09:30:00Z"},
		{"thursday", "23:30", cairo, "2026-10-25T00:00:00Z", "2026-10-29T20:30:00Z", "2026-10-30T00:30:00Z"},
		{"sunday", "00:30", havana, "2026-10-29T00:00:00Z", "2026-11-01T04:30:00Z", "2026-11-01T08:30:00Z"},
	} {
		got := weekly(t, tt.weekday, tt.start, tt.zone).First(day("2026-01-13"), instant(tt.offered))
		if text(got.Start) != tt.from || text(got.End) != tt.to {
			t.Errorf("first %s %s in %s, offered %s = %s to %s, want %s to %s",
				tt.weekday, tt.start, tt.zone, tt.offered, text(got.Start), text(got.End), tt.from, tt.to)
		}
	}
}

// By days it is so many after the release day.
func TestWindowByDays(t *testing.T) {
	const berlin, newYork = "Europe/Berlin", "America/New_York"
	for _, tt := range []struct {
		released          string
		days              int
		start, zone, from string
	}{
		{"2026-06-09", 0, "22:00", berlin, "2026-06-09T20:00:00Z"},
		{"2026-06-09", 4, "22:00", berlin, "2026-06-13T20:00:00Z"},
		{"2026-06-09", 21, "22:00", berlin, "2026-06-30T20:00:00Z"},
		{"2026-06-09", 22, "22:00", berlin, "2026-07-01T20:00:00Z"},
		{"2026-06-09", 45, "22:00", berlin, "2026-07-24T20:00:00Z"},
		{"2026-06-09", 1, "00:00", "Asia/Tokyo", "2026-06-09T15:00:00Z"}, // before the release: days are counted, not hours
		{"2026-12-08", 23, "22:00", berlin, "2026-12-31T21:00:00Z"},
		{"2026-12-08", 24, "22:00", berlin, "2027-01-01T21:00:00Z"},
		{"2026-12-08", 45, "22:00", berlin, "2027-01-22T21:00:00Z"},
		{"2028-02-08", 21, "22:00", berlin, "2028-02-29T21:00:00Z"},
		{"2028-02-08", 22, "22:00", berlin, "2028-03-01T21:00:00Z"},
		{"2026-03-10", 18, "22:00", berlin, "2026-03-28T21:00:00Z"},
		{"2026-03-10", 19, "02:30", berlin, "2026-03-29T01:30:00Z"}, // 03:30, as 02:30 is skipped
		{"2026-03-10", 19, "22:00", berlin, "2026-03-29T20:00:00Z"},
		{"2026-02-10", 26, "02:30", newYork, "2026-03-08T07:30:00Z"}, // 03:30
		{"2026-10-13", 11, "22:00", berlin, "2026-10-24T20:00:00Z"},
		{"2026-10-13", 12, "02:30", berlin, "2026-10-25T00:30:00Z"}, // the first 02:30
		{"2026-10-13", 12, "22:00", berlin, "2026-10-25T21:00:00Z"},
		{"2026-10-13", 45, "22:00", berlin, "2026-11-27T21:00:00Z"},
	} {
		got := after(t, tt.days, tt.start, tt.zone).First(day(tt.released), instant("2020-01-01T00:00:00Z"))
		if text(got.Start) != tt.from || got.End.Sub(got.Start) != 4*time.Hour {
			t.Errorf("%d days after %s at %s in %s = %s to %s, want 4 hours from %s",
				tt.days, tt.released, tt.start, tt.zone, text(got.Start), text(got.End), tt.from)
		}
	}
}

// A day whose window begins before the offer is no use: the first on which it begins later counts.
func TestWindowByDaysAfterTheOffer(t *testing.T) {
	for _, tt := range []struct {
		days                       int
		start, zone, offered, from string
	}{
		{0, "22:00", "Europe/Berlin", "2026-06-09T17:00:00Z", "2026-06-09T20:00:00Z"},
		{0, "10:00", "America/Los_Angeles", "2026-06-09T17:00:00Z", "2026-06-09T17:00:00Z"}, // at the very instant
		{0, "08:00", "America/Los_Angeles", "2026-06-09T17:00:00Z", "2026-06-10T15:00:00Z"},
		{1, "01:00", "Asia/Tokyo", "2026-06-10T17:00:00Z", "2026-06-11T16:00:00Z"},    // 11 June 01:00 there is an hour early
		{0, "22:00", "Europe/Berlin", "2026-06-18T17:00:00Z", "2026-06-18T20:00:00Z"}, // a deferral of 9 days
		{12, "22:00", "Europe/Berlin", "2026-06-18T17:00:00Z", "2026-06-21T20:00:00Z"},
	} {
		got := after(t, tt.days, tt.start, tt.zone).First(day("2026-06-09"), instant(tt.offered))
		if text(got.Start) != tt.from {
			t.Errorf("%d days after 2026-06-09 at %s in %s, offered %s = %s, want %s", tt.days, tt.start, tt.zone, tt.offered, text(got.Start), tt.from)
		}
	}
}

// Each number of days from 0 to 45 is counted by the lengths of the months.
func TestWindowEachDay(t *testing.T) {
	for _, tt := range []struct {
		released           string
		length, nextLength int
		months             [3]string
	}{
		{"2026-06-09", 30, 31, [3]string{"2026-06", "2026-07", "2026-08"}},
		{"2026-12-08", 31, 31, [3]string{"2026-12", "2027-01", "2027-02"}},
		{"2026-02-10", 28, 31, [3]string{"2026-02", "2026-03", "2026-04"}},
		{"2028-02-08", 29, 31, [3]string{"2028-02", "2028-03", "2028-04"}},
		{"2026-10-13", 31, 30, [3]string{"2026-10", "2026-11", "2026-12"}},
	} {
		released := day(tt.released)
		for days := range 46 {
			of, in := tt.months[0], released.Midnight().Day()+days
			switch {
			case in > tt.length+tt.nextLength:
				of, in = tt.months[2], in-tt.length-tt.nextLength
			case in > tt.length:
				of, in = tt.months[1], in-tt.length
			}
			w := after(t, days, "22:00", "Europe/Berlin")
			got := w.First(released, released.Midnight()).Start.In(w.Zone)
			if want := time.Date(month(of).Year(), month(of).Of(), in, 22, 0, 0, 0, w.Zone); !got.Equal(want) {
				t.Errorf("%d days after %s = %v, want %v", days, released, got, want)
			}
		}
	}
}

// windowZones are zones of all sorts, with changes of clocks at 1, 2, 23 and 24 o'clock.
var windowZones = []string{
	"UTC", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Africa/Cairo", "America/Havana", "America/Nuuk", "America/Santiago",
	"Asia/Beirut", "Asia/Gaza", "Asia/Kathmandu", "Atlantic/Azores", "Australia/Lord_Howe", "Pacific/Kiritimati", "Pacific/Pago_Pago",
}

func randomWindow(random *rand.Rand) cycle.Window {
	w := cycle.Window{
		ByWeekday: random.IntN(2) == 0, Hour: random.IntN(24), Minute: 15 * random.IntN(4),
		Duration: time.Duration(60+random.IntN(23*60+1)) * time.Minute, Zone: zone(windowZones[random.IntN(len(windowZones))]),
	}
	if w.ByWeekday {
		w.Weekday = time.Weekday(random.IntN(7))
	} else {
		w.OffsetDays = random.IntN(46)
	}
	return w
}

// startOn looks for a window's beginning among all instants at which it may be that
// day: the first at which the clocks show it. Where there is none, it is the instant at
// which they would show it without that day's change.
func startOn(w cycle.Window, d time.Time) (start time.Time, exists bool) {
	shown := time.Date(d.Year(), d.Month(), d.Day(), w.Hour, w.Minute, 0, 0, time.UTC)
	for offset := 15 * time.Hour; offset >= -15*time.Hour; offset -= 15 * time.Minute {
		t := shown.Add(-offset)
		if local := t.In(w.Zone); local.Day() == shown.Day() && local.Hour() == w.Hour && local.Minute() == w.Minute {
			return t, true
		}
	}
	_, offset := shown.Add(-30 * time.Hour).In(w.Zone).Zone()
	return shown.Add(-time.Duration(offset) * time.Second), false
}

// A window by weekday is the first of that weekday's that does not begin before the
// offer: at most a week and a change of clocks later, and as long as it should be.
func TestLawWindow(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	for range 5_000 {
		w := randomWindow(random)
		w.ByWeekday, w.Weekday = true, time.Weekday(random.IntN(7))
		offered := instant("2026-01-01T00:00:00Z").Add(time.Duration(random.IntN(2*365*24*60)) * time.Minute)
		if random.IntN(2) == 0 { // the days around a change of clocks
			change := []string{"2026-03-08", "2026-03-29", "2026-04-05", "2026-04-24", "2026-09-06", "2026-10-25", "2026-10-29", "2026-11-01"}[random.IntN(8)]
			offered = day(change).Midnight().Add(time.Duration(random.IntN(9*24*60)-8*24*60) * time.Minute)
		}
		got := w.First(day("2026-01-01"), offered)
		var want time.Time
		exists := false
		for d := offered.AddDate(0, 0, -3); want.IsZero(); d = d.AddDate(0, 0, 1) {
			if d.Weekday() != w.Weekday {
				continue
			}
			if start, shown := startOn(w, d); !start.Before(offered) {
				want, exists = start, shown
			}
		}
		if !got.Start.Equal(want) || got.End.Sub(got.Start) != w.Duration {
			t.Fatalf("%v %02d:%02d %v in %v, offered %v = %v, want it from %v", w.Weekday, w.Hour, w.Minute, w.Duration, w.Zone, offered, got, want)
		}
		local := got.Start.In(w.Zone)
		if exists && (local.Weekday() != w.Weekday || local.Hour() != w.Hour || local.Minute() != w.Minute) {
			t.Fatalf("%v %02d:%02d begins %v", w.Weekday, w.Hour, w.Minute, local)
		}
		if wait := got.Start.Sub(offered); wait < 0 || wait > (7*24+1)*time.Hour {
			t.Fatalf("%v %02d:%02d in %v begins %v after the offer at %v", w.Weekday, w.Hour, w.Minute, w.Zone, wait, offered)
		}
	}
}

// Only where a restart is due is there a window, and only for a ring that has one.
func TestLawWindowOfRestart(t *testing.T) {
	always := []cycle.Freeze{{ID: "always", From: day("2000-01-01"), To: day("2100-01-01")}}
	forRandomFacts(t, func(t *testing.T, random *rand.Rand, facts cycle.Facts) {
		s := cycle.Compile(facts, day("9999-12-31"))
		ring := cycle.Ring{Name: "r", Deferral: random.IntN(31), Deadline: random.IntN(31), Grace: random.IntN(8)}
		z := zone(windowZones[random.IntN(len(windowZones))])
		for _, m := range all(s) {
			ring.Window = randomWindow(random)
			got := s.Plan(m, ring, always, z)
			offered := cycle.DateIn(m.At, z).AddDays(ring.Deferral)
			switch {
			case m.Kind == cycle.Baseline:
				if want := ring.Window.First(m.Date, s.OfferedAt(m, ring, z)); got.Window != want || got.Freeze.ID != "always" || got.OfferedOn != offered {
					t.Errorf("%v: %v, want the window %v in a freeze", m.Month, got, want)
				}
			case diff(cycle.Plan{OfferedOn: offered}, got) != "":
				t.Errorf("%v, a hotpatch month: %v, want an offer alone", m.Month, got)
			}
			ring.Window = cycle.Window{}
			if got := s.Plan(m, ring, always, z); got.Window != (cycle.Span{}) || got.NextWindow != (cycle.Span{}) {
				t.Errorf("%v: windows %v and %v of a ring without one", m.Month, got.Window, got.NextWindow)
			}
		}
	})
}
