package cycle_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// A restart is due from the very instant of the offer to the end of the ring's
// last day, in the zone that was asked for.
func TestRingRestart(t *testing.T) {
	const redmond, berlin, tokyo = "America/Los_Angeles", "Europe/Berlin", "Asia/Tokyo"
	s := cycle.Compile(flips(), day("2026-11-22"))
	for _, tt := range []struct{ ring, zone, at, month, since, until string }{
		{"test:0", redmond, "2026-06-09T16:59:59.999999999Z", "", "", ""},
		{"test:0", redmond, "2026-06-09T17:00:00Z", "2026-06", "2026-06-09T17:00:00Z", "2026-06-10T07:00:00Z"},
		{"test:0", redmond, "2026-06-10T06:59:59.999999999Z", "2026-06", "2026-06-09T17:00:00Z", "2026-06-10T07:00:00Z"},
		{"test:0", redmond, "2026-06-10T07:00:00Z", "", "", ""},
		{"test:0", berlin, "2026-06-09T17:00:00Z", "2026-06", "2026-06-09T17:00:00Z", "2026-06-09T22:00:00Z"},
		{"test:0", tokyo, "2026-06-09T17:00:00Z", "2026-06", "2026-06-09T17:00:00Z", "2026-06-10T15:00:00Z"}, // it came on the 10th there
		{"broad:9/5/2", redmond, "2026-06-18T16:59:59Z", "", "", ""},
		{"broad:9/5/2", redmond, "2026-06-18T17:00:00Z", "2026-06", "2026-06-18T17:00:00Z", "2026-06-26T07:00:00Z"},
		{"broad:9/5/2", redmond, "2026-06-26T07:00:00Z", "", "", ""},
		{"broad:9/5/2", redmond, "2026-05-25T00:00:00Z", "", "", ""}, // a hotpatch month asks for no restart

		// The span for June reaches into the one for July: June's counts to its end, as its last day comes first.
		{"slow:30/30/7", redmond, "2026-07-09T17:00:00Z", "2026-06", "2026-07-09T17:00:00Z", "2026-08-16T07:00:00Z"},
		{"slow:30/30/7", redmond, "2026-08-13T16:59:59Z", "2026-06", "2026-07-09T17:00:00Z", "2026-08-16T07:00:00Z"},
		{"slow:30/30/7", redmond, "2026-08-16T06:59:59Z", "2026-06", "2026-07-09T17:00:00Z", "2026-08-16T07:00:00Z"},
		{"slow:30/30/7", redmond, "2026-08-16T07:00:00Z", "2026-07", "2026-08-13T17:00:00Z", "2026-09-20T07:00:00Z"},
		{"slow:30/30/7", redmond, "2026-09-12T00:00:00Z", "2026-07", "2026-08-13T17:00:00Z", "2026-09-20T07:00:00Z"}, // August's hotpatch is offered too
		{"slow:30/30/7", redmond, "2026-09-20T07:00:00Z", "", "", ""},

		// Over a change of clocks the offer keeps its hour, and the last day ends at midnight.
		{"fall:15/5/2", redmond, "2026-11-01T12:00:00Z", "2026-10", "2026-10-28T17:00:00Z", "2026-11-05T08:00:00Z"},
		{"fall:20/0/0", redmond, "2026-11-02T17:59:59Z", "", "", ""},
		{"fall:20/0/0", redmond, "2026-11-02T18:00:00Z", "2026-10", "2026-11-02T18:00:00Z", "2026-11-03T08:00:00Z"},
		{"spring:30/30/0", redmond, "2026-03-08T12:00:00Z", "2026-01", "2026-02-12T18:00:00Z", "2026-03-15T07:00:00Z"},
		{"spring:30/30/0", berlin, "2026-03-08T12:00:00Z", "2026-01", "2026-02-12T18:00:00Z", "2026-03-14T23:00:00Z"},
	} {
		got, _ := s.NextRingRestart(instant(tt.at), must(cycle.ParseRing(tt.ring)), zone(tt.zone))
		if due := got.Due(instant(tt.at)); due != (tt.month != "") || due && (got.Milestone.Month.String() != tt.month || text(got.Since) != tt.since || text(got.Until) != tt.until) {
			t.Errorf("NextRingRestart(%s, %s, %s) = due %v for %v from %s to %s, want %q from %s to %s", tt.at, tt.ring, tt.zone,
				due, got.Milestone.Month, text(got.Since), text(got.Until), tt.month, tt.since, tt.until)
		}
	}
}

// The ring's next restart is the one whose last day has not passed.
func TestNextRingRestart(t *testing.T) {
	facts := flips()
	facts.Track.LastMonth = month("2026-12")
	s := cycle.Compile(facts, day("2026-11-22"))
	for _, tt := range []struct{ ring, at, want string }{
		{"broad:9/5/2", "1900-01-01T00:00:00Z", "2025-10"},
		{"broad:9/5/2", "2026-06-26T06:59:59.999999999Z", "2026-06"},
		{"broad:9/5/2", "2026-06-26T07:00:00Z", "2026-07"},
		{"broad:9/5/2", "2026-07-31T07:00:00Z", "2026-09"},
		{"slow:30/30/7", "2026-08-16T06:59:59Z", "2026-06"}, // July is offered too, but June is not over
		{"slow:30/30/7", "2026-08-16T07:00:00Z", "2026-07"},
		{"slow:30/30/7", "2026-12-20T07:59:59Z", "2026-10"}, // two months after the release
		{"slow:30/30/7", "2026-12-20T08:00:00Z", ""},
	} {
		got, ok := s.NextRingRestart(instant(tt.at), must(cycle.ParseRing(tt.ring)), zone("America/Los_Angeles"))
		if got.Milestone.Month.String() != tt.want || ok != (tt.want != "") {
			t.Errorf("NextRingRestart(%s, %s) = %v, %v, want %q", tt.at, tt.ring, got.Milestone.Month, ok, tt.want)
		}
	}
}

// The latest last day there can be: a release 14 days after the month of its
// label, and a ring that waits as long as it may.
func TestNextRingRestartLate(t *testing.T) {
	late := baseline("2026-11-14", "KB5130000")
	late.Month = month("2026-10")
	facts := cycle.Facts{Track: windows(), Releases: []cycle.Release{late}}
	s, slow := cycle.Compile(facts, day("2026-11-22")), cycle.Ring{Name: "slow", Deferral: 30, Deadline: 30, Grace: 7}
	for at, want := range map[string]string{"2027-01-21T07:59:59Z": "2026-10", "2027-01-21T08:00:00Z": "2027-01"} {
		if got, _ := s.NextRingRestart(instant(at), slow, zone("America/Los_Angeles")); got.Milestone.Month.String() != want {
			t.Errorf("NextRingRestart(%s) = %v, want %s", at, got.Milestone.Month, want)
		}
	}
}

// The offer comes at the hour of the release, so many calendar days later.
func TestOfferedAt(t *testing.T) {
	s := cycle.Compile(flips(), day("2026-11-22"))
	for _, tt := range []struct{ month, ring, want string }{
		{"2026-06", "test:0", "2026-06-09T17:00:00Z"},
		{"2026-06", "broad:9/5/2", "2026-06-18T17:00:00Z"},
		{"2026-10", "wide:19", "2026-11-01T18:00:00Z"}, // on the day of the change
		{"2026-02", "wide:26", "2026-03-08T17:00:00Z"}, // on the day of the change
		{"2026-12", "wide:30", "2027-01-07T18:00:00Z"},
	} {
		m, _ := s.Milestone(month(tt.month))
		if got := s.OfferedAt(m, must(cycle.ParseRing(tt.ring)), s.Track().Rule.Zone); text(got) != tt.want {
			t.Errorf("OfferedAt(%s, %s) = %s, want %s", tt.month, tt.ring, text(got), tt.want)
		}
	}
	ring := cycle.Ring{Name: "broad", Deferral: 9}
	for at, want := range map[string]string{
		"2026-06-18T16:59:59.999999999Z": "2026-06", "2026-06-18T17:00:00Z": "2026-07", "1900-01-01T00:00:00Z": "2025-10",
	} {
		if got, ok := s.NextOffer(instant(at), ring, s.Track().Rule.Zone); !ok || got.Month.String() != want {
			t.Errorf("NextOffer(%s) = %v, %v, want %s", at, got.Month, ok, want)
		}
	}
}

// Before a track's first release no ring has anything to do.
func TestRingBeforeTrack(t *testing.T) {
	s, at := cycle.Compile(flips(), day("2026-11-22")), instant("2025-10-14T16:59:59Z")
	if got, ok := s.NextRingRestart(at, cycle.Ring{Name: "test"}, time.UTC); !ok || got.Due(at) {
		t.Errorf("NextRingRestart before the first release = %v, %v, want one to come", got, ok)
	}
}

// A restart is not over while the ring's maintenance window is still to come, be it after the last day.
func TestRingRestartInALateWindow(t *testing.T) {
	s := cycle.Compile(flips(), day("2026-11-22"))
	ring := cycle.Ring{Name: "test", Window: cycle.Window{Hour: 3, Duration: 2 * time.Hour, Zone: zone("America/Los_Angeles")}}
	for at, want := range map[string]string{
		"2026-07-15T08:00:00Z":           "2026-07", // the last day ended at 07:00, the window begins at 10:00
		"2026-07-15T11:59:59.999999999Z": "2026-07",
		"2026-07-15T12:00:00Z":           "2026-09",
	} {
		if got, _ := s.NextRingRestart(instant(at), ring, ring.Window.Zone); got.Milestone.Month.String() != want {
			t.Errorf("NextRingRestart(%s) = %v, want %s", at, got.Milestone.Month, want)
		}
	}
}

// Of two baselines of a month the out-of-band one may come first: then a device takes that next, and restarts for it.
func TestSecondBaselineFirst(t *testing.T) {
	facts := flips()
	early := baseline("2026-12-01", "KB5199998")
	early.OutOfBand, early.KnownOn = true, day("2026-11-20")
	regular := baseline("2026-12-08", "KB5199999")
	regular.KnownOn = early.KnownOn
	october := baseline("2026-10-13", "KB5199997")
	october.Build = "26100.9200"
	november := hotpatch("2026-11-10", "KB5199996")
	november.Build = "26100.9300"
	facts.Releases = append(facts.Releases, october, november, early, regular)
	s, at := cycle.Compile(facts, day("2026-11-22")), instant("2026-11-22T00:00:00Z")
	st := s.Place(must(cycle.ParseBuild("26100.9300")), at)
	if next, _ := s.Next(at); next.Date.String() != "2026-12-01" || st.Next.Date != next.Date || st.NextRestart.Date != next.Date || !st.NextRestarts {
		t.Errorf("a device takes the update of %v and restarts for that of %v, want that of %v for both", st.Next.Date, st.NextRestart.Date, next.Date)
	}
	var days []string
	for _, step := range s.Forecast(st, at, 2) {
		days = append(days, step.Milestone.Date.String())
	}
	if d := diff([]string{"2026-12-01", "2026-12-08", "2027-01-12"}, days); d != "" {
		t.Errorf("forecast (-want +got):\n%s", d)
	}
}

// A month with a second baseline restarts twice, and rings wait for each.
func TestSecondBaseline(t *testing.T) {
	facts := flips()
	second := baseline("2026-07-24", "KB5199999")
	second.OutOfBand, second.Build = true, "26100.8900"
	facts.Releases = append(facts.Releases, second)
	facts.Releases[6].Build = "26100.8875" // of July
	s := cycle.Compile(facts, day("2026-11-22"))
	for at, want := range map[string]string{
		"2026-07-14T16:59:59Z": "2026-07-14", "2026-07-14T17:00:00Z": "2026-07-24", "2026-07-24T17:00:00Z": "2026-09-08",
	} {
		if got, _ := s.NextRestart(instant(at)); got.Date.String() != want {
			t.Errorf("NextRestart(%s) = %v, want %s", at, got.Date, want)
		}
	}
	for at, want := range map[string]cycle.Place{"2026-07-24T16:59:59Z": cycle.Current, "2026-07-24T17:00:00Z": cycle.BaselineDue} {
		got := s.Place(must(cycle.ParseBuild("26100.8875")), instant(at))
		if got.Place != want || !got.NextRestarts || got.Next.Date.String() != "2026-07-24" || got.NextRestart.Date != got.Next.Date {
			t.Errorf("Place at %s = %v, want %v and the restart of 24 July", at, got, want)
		}
	}
	ring := must(cycle.ParseRing("pilot:1/2/2"))
	for at, want := range map[string]string{
		"2026-07-20T06:59:59Z": "2026-07-15T17:00:00Z", "2026-07-20T07:00:00Z": "2026-07-25T17:00:00Z", "2026-07-30T07:00:00Z": "2026-09-09T17:00:00Z",
	} {
		if got, _ := s.NextRingRestart(instant(at), ring, zone("America/Los_Angeles")); text(got.Since) != want {
			t.Errorf("NextRingRestart(%s) since %s, want %s", at, text(got.Since), want)
		}
	}
	missing := s.Place(must(cycle.ParseBuild("26100.8875")), instant("2026-08-01T00:00:00Z")).Next
	if got := text(s.OfferedAt(s.ForRing(missing, ring, zone("UTC")), ring, zone("UTC"))); got != "2026-07-25T17:00:00Z" {
		t.Errorf("a device that lacks it is offered it at %s, want the instant of the ring's restart", got)
	}
	var days []string
	for _, step := range s.Forecast(cycle.Standing{}, instant("2026-07-10T00:00:00Z"), 3) {
		days = append(days, fmt.Sprintf("%v %v", step.Milestone.Date, step.Restarts))
	}
	if d := diff([]string{"2026-07-14 true", "2026-07-24 true", "2026-08-11 false", "2026-09-08 true"}, days); d != "" {
		t.Errorf("forecast (-want +got):\n%s", d)
	}
}
