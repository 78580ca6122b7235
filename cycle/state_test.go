package cycle_test

import (
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// endsIn2026 is the schedule of 2026 as it came, on a track that ends with that year.
func endsIn2026() cycle.Schedule {
	facts := flips()
	facts.Track.LastMonth = month("2026-12")
	return cycle.Compile(facts, day("2026-11-22"))
}

// The month in force changes at the very instant of a release.
func TestStateAt(t *testing.T) {
	s := endsIn2026()
	for _, tt := range []struct{ at, month, until string }{
		{"1900-01-01T00:00:00Z", "", "2025-10-14T17:00:00Z"},
		{"2025-10-14T16:59:59.999999999Z", "", "2025-10-14T17:00:00Z"}, // before the first release
		{"2025-10-14T17:00:00Z", "2025-10", "2025-11-11T18:00:00Z"},
		{"2026-06-09T16:59:59.999999999Z", "2026-05", "2026-06-09T17:00:00Z"},
		{"2026-06-09T17:00:00Z", "2026-06", "2026-07-14T17:00:00Z"},
		{"2026-06-09T17:00:00.000000001Z", "2026-06", "2026-07-14T17:00:00Z"},
		{"2026-06-30T23:59:59Z", "2026-06", "2026-07-14T17:00:00Z"},
		{"2026-07-01T00:00:00Z", "2026-06", "2026-07-14T17:00:00Z"}, // a month begins with its release
		{"2026-11-10T17:59:59Z", "2026-10", "2026-11-10T18:00:00Z"},
		{"2026-12-08T17:59:59Z", "2026-11", "2026-12-08T18:00:00Z"},
		{"2026-12-08T18:00:00Z", "2026-12", "2027-01-12T18:00:00Z"}, // the last one
		{"2027-01-12T17:59:59.999999999Z", "2026-12", "2027-01-12T18:00:00Z"},
		{"2027-01-12T18:00:00Z", "", ""}, // the end
		{"9999-12-31T23:59:59Z", "", ""},
	} {
		got := s.At(instant(tt.at))
		if got.Milestone.Month.String() != tt.month || text(got.Until) != tt.until || (got.Milestone.Kind == 0) != (tt.month == "") {
			t.Errorf("At(%s) = %v %v until %s, want %q until %s", tt.at, got.Milestone.Month, got.Milestone.Kind, text(got.Until), tt.month, tt.until)
		}
	}
}

// text writes an instant, "" for none.
func text(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339Nano)
}

// At the very instant of a release the next one is already the one after.
func TestNext(t *testing.T) {
	s := endsIn2026()
	for _, tt := range []struct{ at, next, restart, hotpatch string }{
		{"1900-01-01T00:00:00Z", "2025-10", "2025-10", "2025-11"},
		{"2025-10-14T17:00:00Z", "2025-11", "2026-01", "2025-11"},
		{"2026-06-09T16:59:59.999999999Z", "2026-06", "2026-06", "2026-08"},
		{"2026-06-09T17:00:00Z", "2026-07", "2026-07", "2026-08"},
		{"2026-07-14T17:00:00Z", "2026-08", "2026-09", "2026-08"},
		{"2026-10-13T16:59:59.999999999Z", "2026-10", "2026-10", "2026-11"},
		{"2026-10-13T17:00:00Z", "2026-11", "", "2026-11"}, // the track ends before the next baseline
		{"2026-12-08T17:59:59.999999999Z", "2026-12", "", "2026-12"},
		{"2026-12-08T18:00:00Z", "", "", ""},
		{"9999-12-31T23:59:59Z", "", "", ""},
	} {
		if got, ok := s.Next(instant(tt.at)); got.Month.String() != tt.next || ok != (tt.next != "") {
			t.Errorf("Next(%s) = %v, %v, want %q", tt.at, got.Month, ok, tt.next)
		}
		if got, ok := s.NextRestart(instant(tt.at)); got.Month.String() != tt.restart || ok != (tt.restart != "") {
			t.Errorf("NextRestart(%s) = %v, %v, want %q", tt.at, got.Month, ok, tt.restart)
		}
		if got, ok := s.NextHotpatch(instant(tt.at)); got.Month.String() != tt.hotpatch || ok != (tt.hotpatch != "") {
			t.Errorf("NextHotpatch(%s) = %v, %v, want %q", tt.at, got.Month, ok, tt.hotpatch)
		}
	}
}

// A restart that a notice tells of years ahead is found, on a rule that plans none at all.
func TestNextRestartFarAhead(t *testing.T) {
	facts := cycle.Facts{Track: windows(), Notices: []cycle.Notice{notice("2031-05", "2026-01-01", cycle.Baseline)}}
	facts.Track.Rule.BaselineMonths = nil
	s := cycle.Compile(facts, day("2026-11-22"))
	for at, want := range map[string]string{
		"1900-01-01T00:00:00Z": "2031-05", "2026-11-22T00:00:00Z": "2031-05", "2031-05-13T17:00:00Z": "",
	} {
		if got, ok := s.NextRestart(instant(at)); got.Month.String() != want || ok != (want != "") {
			t.Errorf("NextRestart(%s) = %v, %v, want %q", at, got.Month, ok, want)
		}
	}
}

// With one baseline a year, the next one is found on the day after the last.
func TestNextRestartOnceAYear(t *testing.T) {
	track := windows()
	track.Rule.BaselineMonths = []time.Month{time.March}
	s := cycle.Compile(cycle.Facts{Track: track}, day("2026-11-22"))
	for at, want := range map[string]string{
		"2026-03-10T16:59:59Z": "2026-03", "2026-03-10T17:00:00Z": "2027-03", "2026-03-31T00:00:00Z": "2027-03",
	} {
		if got, _ := s.NextRestart(instant(at)); got.Month.String() != want {
			t.Errorf("NextRestart(%s) = %v, want %s", at, got.Month, want)
		}
	}
}

// The calendar ends in 9999; asking there ends too.
func TestStateAtEndOfCalendar(t *testing.T) {
	track := windows()
	track.Rule.BaselineMonths = []time.Month{time.December}
	s := cycle.Compile(cycle.Facts{Track: track}, day("2026-11-22"))
	at := instant("9999-12-20T00:00:00Z")
	if got, ok := s.Next(at); ok {
		t.Errorf("Next(%v) = %v, want none", at, got.Month)
	}
	done := make(chan cycle.RingRestart, 1)
	go func() {
		got, _ := s.NextRingRestart(at, cycle.Ring{Name: "slow", Deadline: 10}, time.UTC)
		done <- got
	}()
	select {
	case got := <-done:
		if !got.Due(at) || got.Milestone.Month != month("9999-12") {
			t.Errorf("NextRingRestart(%v) = %v, want a restart for 9999-12", at, got)
		}
	case <-time.After(time.Minute):
		t.Errorf("NextRingRestart(%v) does not come back", at)
	}
}
