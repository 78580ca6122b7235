package main

import (
	"strings"
	"testing"
)

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

// Of a fleet with very many rings a month tells the first ones, and how many there are.
func TestMonthOfManyRings(t *testing.T) {
	for n, want := range map[int]string{0: "", 20: "ring r: offered on 2027-01-12, no restart", 23: "and 3 rings more: --ring NAME tells of one"} {
		r := &reading{program: &program{getenv: func(string) string { return "" }}}
		rings := make([]row, n)
		for i := range rings {
			rings[i] = row{"ring": "r", "offered_on": "2027-01-12"}
		}
		r.ringLines(rings)
		lines := strings.Split(strings.TrimSuffix(r.out.String(), "\n"), "\n")
		if got := strings.TrimSpace(lines[len(lines)-1]); got != want || len(lines) > 21 {
			t.Errorf("%d rings: %d lines, the last is %q, want %q", n, len(lines), got, want)
		}
	}
}
