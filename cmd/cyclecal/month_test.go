package main

import "testing"

// A window that begins when the ring's last day is over says so: by then Windows has restarted its devices.
func TestWindowAfterTheLastDay(t *testing.T) {
	for start, want := range map[string]string{
		"2027-01-13T22:00:00Z": ", window 2027-01-13T22:00:00Z to 2027-02-02T02:00:00Z",
		"2027-01-14T10:00:00Z": ", window 2027-01-14T10:00:00Z to 2027-02-02T02:00:00Z", // still the 13th in some zone
		"2027-02-01T22:00:00Z": ", window 2027-02-01T22:00:00Z to 2027-02-02T02:00:00Z, after the ring's last day, 2027-01-13",
	} {
		if got := windowOf(row{"window_start": start, "window_end": "2027-02-02T02:00:00Z", "restart_by": "2027-01-13"}); got != want {
			t.Errorf("a window at %s: %q, want %q", start, got, want)
		}
	}
	if got := windowOf(row{"window_start": nil, "restart_by": "2027-01-13"}); got != "" {
		t.Errorf("no window: %q", got)
	}
}
