package cycle_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

func freeze(id, from, to string) cycle.Freeze {
	return cycle.Freeze{ID: id, From: day(from), To: day(to)}
}

// A freeze holds for the tracks and the rings that it names; where it names none, for all.
func TestFreezeHolds(t *testing.T) {
	for _, tt := range []struct {
		tracks, rings []string
		track, ring   string
		want          bool
	}{
		{nil, nil, "windows", "pilot", true},
		{[]string{"server", "windows"}, nil, "windows", "pilot", true},
		{[]string{"server"}, nil, "windows", "pilot", false},
		{nil, []string{"broad", "pilot"}, "windows", "pilot", true},
		{nil, []string{"broad"}, "windows", "pilot", false},
		{[]string{"windows"}, []string{"pilot"}, "windows", "pilot", true},
		{[]string{"windows"}, []string{"pilot"}, "windows", "broad", false},
		{[]string{"windows"}, []string{"pilot"}, "server", "pilot", false},
	} {
		if got := (cycle.Freeze{Tracks: tt.tracks, Rings: tt.rings}).Holds(tt.track, tt.ring); got != tt.want {
			t.Errorf("freeze of %v and %v holds for %s, %s: %v, want %v", tt.tracks, tt.rings, tt.track, tt.ring, got, tt.want)
		}
	}
}

// A span touches the days on which it lasts in that zone; its end is no part of it.
func TestFreezeForbids(t *testing.T) {
	night := cycle.Span{Start: instant("2026-06-13T20:00:00Z"), End: instant("2026-06-13T22:00:00Z")}
	for _, tt := range []struct {
		on, zone string
		want     bool
	}{
		{"2026-06-12", "Europe/Berlin", false},
		{"2026-06-13", "Europe/Berlin", true},
		{"2026-06-14", "Europe/Berlin", false}, // it ends as that day begins
		{"2026-06-13", "UTC", true},
		{"2026-06-13", "Asia/Tokyo", false},
		{"2026-06-14", "Asia/Tokyo", true},
	} {
		if got := freeze("f", tt.on, tt.on).Forbids(night, zone(tt.zone)); got != tt.want {
			t.Errorf("a freeze on %s forbids a window to midnight in %s: %v, want %v", tt.on, tt.zone, got, tt.want)
		}
	}
}

// June 2026 came on Tuesday the 9th: the ring is offered it on the 10th, must restart by
// the 14th, and has its window in the night to the 14th.
func TestPlanFreezes(t *testing.T) {
	s := cycle.Compile(flips(), day("2026-11-22"))
	june, _ := s.Milestone(month("2026-06"))
	pilot := cycle.Ring{Name: "pilot", Deferral: 1, Deadline: 2, Grace: 2}
	other := freeze("other", "2026-06-01", "2026-06-30")
	other.Rings = []string{"broad"}
	for _, tt := range []struct {
		freezes             []cycle.Freeze
		windowed            bool
		freeze, next, early string
	}{
		{nil, true, "", "", ""},
		{[]cycle.Freeze{other}, true, "", "", ""},
		{[]cycle.Freeze{freeze("before", "2026-06-01", "2026-06-12")}, true, "", "", ""},
		{[]cycle.Freeze{freeze("after", "2026-06-15", "2026-06-30")}, true, "", "", ""},
		{[]cycle.Freeze{freeze("first", "2026-06-13", "2026-06-13")}, true, "first", "2026-06-20T20:00:00Z", "2026-06-12"},
		{[]cycle.Freeze{freeze("first", "2026-06-13", "2026-06-13")}, false, "first", "", "2026-06-12"}, // one of its days
		{[]cycle.Freeze{freeze("before", "2026-06-01", "2026-06-09")}, false, "", "", ""},
		{[]cycle.Freeze{freeze("after", "2026-06-15", "2026-06-30")}, false, "", "", ""},
		{[]cycle.Freeze{freeze("first", "2026-06-10", "2026-06-10"), freeze("last", "2026-06-14", "2026-06-14")}, false, "last", "", "2026-06-13"},
		{[]cycle.Freeze{freeze("last", "2026-06-14", "2026-06-14")}, true, "last", "2026-06-20T20:00:00Z", "2026-06-13"},
		{[]cycle.Freeze{freeze("last", "2026-06-14", "2026-06-14")}, false, "last", "", "2026-06-13"},
		{[]cycle.Freeze{freeze("all", "2026-06-10", "2026-06-14")}, false, "all", "", ""},
		{[]cycle.Freeze{freeze("all", "2026-06-11", "2026-06-14")}, false, "all", "", "2026-06-10"},
		{[]cycle.Freeze{freeze("two", "2026-06-14", "2026-06-20"), freeze("more", "2026-06-28", "2026-06-28")}, true, "two", "2026-07-04T20:00:00Z", "2026-06-13"},
		{[]cycle.Freeze{freeze("touch", "2026-06-14", "2026-06-21")}, true, "touch", "2026-06-27T20:00:00Z", "2026-06-13"},
		{[]cycle.Freeze{other, freeze("second", "2026-06-14", "2026-06-14"), freeze("third", "2026-06-13", "2026-06-14")}, true, "second", "2026-06-20T20:00:00Z", "2026-06-12"},
		{[]cycle.Freeze{freeze("year", "2026-06-13", "2027-06-12")}, true, "year", "", "2026-06-12"}, // the next would come on 2027-06-19
		{[]cycle.Freeze{freeze("less", "2026-06-13", "2027-06-11")}, true, "less", "2027-06-12T20:00:00Z", "2026-06-12"},
	} {
		ring := pilot
		if tt.windowed {
			ring.Window = weekly(t, "saturday", "22:00", "Europe/Berlin")
		}
		got := s.Plan(june, ring, tt.freezes, zone("America/Los_Angeles"))
		next := ""
		if !got.NextWindow.Start.IsZero() {
			next = text(got.NextWindow.Start)
		}
		if got.Freeze.ID != tt.freeze || next != tt.next || got.EarlierDay.String() != tt.early {
			t.Errorf("%v, window %v: freeze %q, next window %q, earlier day %q, want %q, %q, %q",
				tt.freezes, tt.windowed, got.Freeze.ID, next, got.EarlierDay, tt.freeze, tt.next, tt.early)
		}
	}
}

// A window that ends before the last day is allowed although the last day is not: the
// freeze is named, and no other window.
func TestPlanFreezeOfLastDay(t *testing.T) {
	s := cycle.Compile(flips(), day("2026-11-22"))
	june, _ := s.Milestone(month("2026-06"))
	ring := cycle.Ring{Name: "pilot", Deferral: 1, Deadline: 5, Grace: 2, Window: weekly(t, "friday", "20:00", "Europe/Berlin")}
	got := s.Plan(june, ring, []cycle.Freeze{freeze("late", "2026-06-17", "2026-06-30")}, zone("Europe/Berlin"))
	if text(got.Window.Start) != "2026-06-12T18:00:00Z" || got.Freeze.ID != "late" || got.NextWindow != (cycle.Span{}) || got.EarlierDay != day("2026-06-16") {
		t.Errorf("%v, want the window of the 12th, the freeze of the 17th, no other window and the 16th", got)
	}
}

// A freeze in the way of a window that a skipped hour moved to the next day does not move
// the windows after it.
func TestPlanAfterSkippedHour(t *testing.T) {
	s := cycle.Compile(flips(), day("2026-11-22"))
	at := instant("2026-03-25T12:00:00Z")
	m := cycle.Milestone{Kind: cycle.Baseline, Date: day("2026-03-25"), At: at}
	for _, tt := range []struct {
		window    cycle.Window
		next, end string
	}{
		{weekly(t, "saturday", "23:30", "America/Nuuk"), "2026-04-05T00:30:00Z", "2026-04-05T04:30:00Z"},
		{after(t, 3, "23:30", "America/Nuuk"), "2026-03-31T00:30:00Z", "2026-03-31T04:30:00Z"}, // of the 30th, as that of the 29th begins in the freeze
	} {
		freezes := []cycle.Freeze{freeze("change", "2026-03-29", "2026-03-29")}
		got := s.Plan(m, cycle.Ring{Name: "nuuk", Window: tt.window}, freezes, time.UTC)
		if text(got.Window.Start) != "2026-03-29T01:30:00Z" || text(got.NextWindow.Start) != tt.next || text(got.NextWindow.End) != tt.end {
			t.Errorf("%v and next %v, want 2026-03-29T01:30:00Z and next %s", got.Window, got.NextWindow, tt.next)
		}
	}
}

// At the end of all days there is no next window, and nobody waits for one.
func TestPlanAtTheEnd(t *testing.T) {
	s := cycle.Compile(flips(), day("2026-11-22"))
	m, _ := s.Milestone(month("9999-12"))
	m.Kind = cycle.Baseline
	freezes := []cycle.Freeze{freeze("end", "9999-01-01", "9999-12-31")}
	for _, w := range []cycle.Window{weekly(t, "saturday", "22:00", "UTC"), after(t, 14, "12:00", "Asia/Tokyo"), after(t, 45, "12:00", "UTC")} {
		got := s.Plan(m, cycle.Ring{Name: "last", Window: w}, freezes, time.UTC)
		if got.Freeze.ID != "end" || got.NextWindow != (cycle.Span{}) {
			t.Errorf("%v and next %v in %q, want none after the end", got.Window, got.NextWindow, got.Freeze.ID)
		}
	}
}

// randomFreezes are spans of some days or months around a day.
func randomFreezes(random *rand.Rand, around cycle.Date) []cycle.Freeze {
	freezes := make([]cycle.Freeze, random.IntN(6))
	for i := range freezes {
		from := around.AddDays(random.IntN(120) - 20)
		freezes[i] = cycle.Freeze{ID: fmt.Sprint(i), From: from, To: from.AddDays(random.IntN([]int{1, 5, 40, 366}[random.IntN(4)]))}
		switch random.IntN(5) {
		case 0:
			freezes[i].Rings = []string{"other"}
		case 1:
			freezes[i].Tracks = []string{"windows", "server"}
		case 2:
			freezes[i].Tracks = []string{"server"}
		}
	}
	return freezes
}

// frozen counts, one after the other, the days of the freezes that hold for the ring:
// which of them is first in the list.
func frozen(freezes []cycle.Freeze, day time.Time) int {
	return slices.IndexFunc(freezes, func(f cycle.Freeze) bool {
		if len(f.Rings) > 0 || len(f.Tracks) == 1 { // randomFreezes names others then
			return false
		}
		year, month, of := day.Date()
		for at := f.From.Midnight(); !at.After(f.To.Midnight()); at = at.AddDate(0, 0, 1) {
			if y, m, d := at.Date(); d == of && m == month && y == year {
				return true
			}
		}
		return false
	})
}

// frozenWindow looks at each quarter of an hour of a window that begins at an instant:
// which of the freezes that hold is first in the list, or -1.
func frozenWindow(freezes []cycle.Freeze, w cycle.Window, start time.Time) int {
	found, seen := -1, -1
	see := func(at time.Time) {
		local := at.In(w.Zone)
		if local.YearDay() == seen {
			return
		}
		seen = local.YearDay()
		if i := frozen(freezes, local); i >= 0 && (found < 0 || i < found) {
			found = i
		}
	}
	for at := start; at.Before(start.Add(w.Duration)); at = at.Add(15 * time.Minute) {
		see(at)
	}
	see(start.Add(w.Duration - time.Minute))
	return found
}

// A freeze is found where a count of days finds one in common, and what would do
// instead is the first or the last that such a count allows.
func TestLawFreeze(t *testing.T) {
	s := cycle.Compile(flips(), day("2026-11-22"))
	random := rand.New(rand.NewPCG(2, 0))
	met := map[bool]int{}
	for range 1_500 {
		m, _ := s.Milestone(month("2025-10").AddMonths(3 * random.IntN(12)))
		ring := cycle.Ring{Name: "r", Deferral: random.IntN(31), Deadline: random.IntN(31), Grace: random.IntN(8)}
		if random.IntN(4) > 0 {
			ring.Window = randomWindow(random)
		}
		z, freezes := zone(windowZones[random.IntN(len(windowZones))]), randomFreezes(random, m.Date)
		got := s.Plan(m, ring, freezes, z)
		checkFreeze(t, got, ring, freezes, z, m)
		met[got.Freeze.ID != ""]++
		if t.Failed() {
			t.Fatalf("month %v, ring %v, window %v, freezes %v in %v", m.Month, ring, ring.Window, freezes, z)
		}
	}
	if met[true] < 300 || met[false] < 300 {
		t.Errorf("%d plans with a freeze and %d without: want many of both", met[true], met[false])
	}
}

func checkFreeze(t *testing.T, got cycle.Plan, ring cycle.Ring, freezes []cycle.Freeze, z *time.Location, m cycle.Milestone) {
	t.Helper()
	released := m.At.In(z)
	dayAfter := func(days int) time.Time {
		return time.Date(released.Year(), released.Month(), released.Day()+days, 0, 0, 0, 0, time.UTC)
	}
	last := ring.Deferral + ring.Deadline + ring.Grace
	want, next := frozen(freezes, dayAfter(last)), cycle.Span{}
	if ring.Window.IsZero() && want < 0 { // each of its days is one on which devices restart
		want = firstFrozen(freezes, dayAfter, ring.Deferral, last)
	}
	if !ring.Window.IsZero() {
		if of := frozenWindow(freezes, ring.Window, got.Window.Start); of >= 0 {
			want, next = of, nextWindow(ring.Window, got.Window.Start, freezes)
		}
	}
	id, early := "", ""
	if want >= 0 {
		id = freezes[want].ID
		for n := ring.Deferral; n < last; n++ {
			if frozen(freezes, dayAfter(n)) < 0 {
				early = dayAfter(n).Format(time.DateOnly)
			}
		}
	}
	if got.Freeze.ID != id || got.EarlierDay.String() != early || !got.NextWindow.Start.Equal(next.Start) || !got.NextWindow.End.Equal(next.End) {
		t.Errorf("freeze %q, earlier day %q, next window %v, want %q, %q, %v", got.Freeze.ID, got.EarlierDay, got.NextWindow, id, early, next)
	}
}

// firstFrozen returns which freeze is first in the list of those that have one of the days, or -1.
func firstFrozen(freezes []cycle.Freeze, dayAfter func(int) time.Time, from, to int) int {
	found := -1
	for n := from; n <= to; n++ {
		if i := frozen(freezes, dayAfter(n)); i >= 0 && (found < 0 || i < found) {
			found = i
		}
	}
	return found
}

// April 2027 comes on Tuesday the 13th. A ring without a window restarts on any day from the 16th to
// the 19th, so that a freeze to the 17th is in its way, although the last day is not in it.
func TestPlanFreezeOfDays(t *testing.T) {
	s := cycle.Compile(flips(), day("2026-11-22"))
	april, _ := s.Milestone(month("2027-04"))
	got := s.Plan(april, cycle.Ring{Name: "r", Deferral: 3, Deadline: 2, Grace: 1}, []cycle.Freeze{freeze("easter", "2027-04-15", "2027-04-17")}, zone("America/Los_Angeles"))
	if got.OfferedOn != day("2027-04-16") || got.RestartBy != day("2027-04-19") || got.Freeze.ID != "easter" || got.LastDayFrozen() || got.EarlierDay != day("2027-04-18") {
		t.Errorf("%+v, want the days from the 16th to the 19th, the freeze easter but not of the last day, and the 18th", got)
	}
}

// nextWindow tries the days after the window that begins at an instant, one after the other.
func nextWindow(w cycle.Window, start time.Time, freezes []cycle.Freeze) cycle.Span {
	local := start.In(w.Zone)
	asked := time.Date(local.Year(), local.Month(), local.Day()-1, 0, 0, 0, 0, time.UTC)
	for at, _ := startOn(w, asked); !at.Equal(start) || w.ByWeekday && asked.Weekday() != w.Weekday; at, _ = startOn(w, asked) {
		asked = asked.AddDate(0, 0, 1)
	}
	for range 365 {
		asked = asked.AddDate(0, 0, 1)
		if w.ByWeekday && asked.Weekday() != w.Weekday {
			continue
		}
		if at, _ := startOn(w, asked); frozenWindow(freezes, w, at) < 0 {
			return cycle.Span{Start: at, End: at.Add(w.Duration)}
		}
	}
	return cycle.Span{}
}
