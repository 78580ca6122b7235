package cycle_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/cycle"
)

func TestParseRing(t *testing.T) {
	long := strings.Repeat("a", 64)
	for _, tt := range []struct {
		in, want string
		ring     cycle.Ring
	}{
		{"pilot:1/2/2", "pilot:1/2/2", cycle.Ring{Name: "pilot", Deferral: 1, Deadline: 2, Grace: 2}},
		{"broad:9/5", "broad:9/5/0", cycle.Ring{Name: "broad", Deferral: 9, Deadline: 5}},
		{"last:30", "last:30/0/0", cycle.Ring{Name: "last", Deferral: 30}},
		{"r2-d2:30/30/7", "r2-d2:30/30/7", cycle.Ring{Name: "r2-d2", Deferral: 30, Deadline: 30, Grace: 7}},
		{"0:0/0/0", "0:0/0/0", cycle.Ring{Name: "0"}},
		{long + ":1", long + ":1/0/0", cycle.Ring{Name: long, Deferral: 1}},
	} {
		got, err := cycle.ParseRing(tt.in)
		if err != nil || !cmp.Equal(got, tt.ring) || got.String() != tt.want {
			t.Errorf("ParseRing(%q) = %v, %v, want %v", tt.in, got, err, tt.ring)
		}
	}
	for _, in := range []string{
		"", "pilot", "pilot:", ":1", ":", "pilot:/", "pilot:1/", "pilot:1//2", "pilot:/1", "pilot:1/2/2/", "pilot:1/2/2/2",
		"pilot:99", "pilot:31", "pilot:1/31", "pilot:1/2/8", "pilot:-1", "pilot:1/-2", "pilot:+1", "pilot:01", "pilot:1/02",
		"pilot:1.5", "pilot:1e1", "pilot:0x1", "pilot:1_0", "pilot: 1", "pilot:1 ", " pilot:1", "pilot:１", "pilot:\xff",
		"pilot:99999999999999999999", "pilot:1:2", "Pilot:1", "pi lot:1", "pi.lot:1", "pi_lot:1", "pilöt:1", "pilot\n:1",
		"\xff:1", long + "a:1",
	} {
		if got, err := cycle.ParseRing(in); err == nil || !cmp.Equal(got, cycle.Ring{}) {
			t.Errorf("ParseRing(%q) = %v, %v, want an error", in, got, err)
		}
	}
}

// All spans are calendar days, counted one after the other from the release.
func TestRingDays(t *testing.T) {
	for _, tt := range []struct {
		ring, released, offered, deadline, restartBy string
	}{
		{"test:0", "2026-06-09", "2026-06-09", "2026-06-09", "2026-06-09"},
		{"pilot:1/2/2", "2026-06-09", "2026-06-10", "2026-06-12", "2026-06-14"},
		{"broad:9/5/2", "2026-06-09", "2026-06-18", "2026-06-23", "2026-06-25"},
		{"broad:9/5/2", "2026-10-27", "2026-11-05", "2026-11-10", "2026-11-12"}, // over the change of clocks
		{"last:30/30/7", "2026-06-09", "2026-07-09", "2026-08-08", "2026-08-15"},
		{"last:30/30/7", "2023-12-12", "2024-01-11", "2024-02-10", "2024-02-17"},
		{"year:20/3/0", "2024-02-13", "2024-03-04", "2024-03-07", "2024-03-07"}, // over a 29th of February
	} {
		ring, released := must(cycle.ParseRing(tt.ring)), day(tt.released)
		if got := ring.OfferedOn(released).String(); got != tt.offered {
			t.Errorf("%s.OfferedOn(%s) = %v, want %v", tt.ring, tt.released, got, tt.offered)
		}
		if got := ring.DeadlineOn(released).String(); got != tt.deadline {
			t.Errorf("%s.DeadlineOn(%s) = %v, want %v", tt.ring, tt.released, got, tt.deadline)
		}
		if got := ring.RestartBy(released).String(); got != tt.restartBy {
			t.Errorf("%s.RestartBy(%s) = %v, want %v", tt.ring, tt.released, got, tt.restartBy)
		}
	}
}
