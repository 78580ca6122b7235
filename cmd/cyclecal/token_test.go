package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// When a token expires, by the time or by the span that was asked for.
func TestExpiry(t *testing.T) {
	for _, tt := range []struct{ at, in, want string }{
		{"", "", ""},
		{"", "90d", "2027-02-20T18:00:00Z"},
		{"", "2w", "2026-12-06T18:00:00Z"},
		{"", "8h", "2026-11-23T02:00:00Z"},
		{"2027-01-01T00:00:00+01:00", "", "2027-01-01T00:00:00+01:00"},
		{"", "0d", "--expires-in \"0d\": want days, weeks or hours, such as 90d, 12w or 8h"},
		{"", "-1d", "--expires-in \"-1d\": want days, weeks or hours, such as 90d, 12w or 8h"},
		{"", "999999d", "--expires-in \"999999d\": want days, weeks or hours, such as 90d, 12w or 8h"},
	} {
		got, err := expiry(tt.at, tt.in, testClock())
		if err != nil {
			got = err.Error()
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("expiry(%q, %q) (-want +got):\n%s", tt.at, tt.in, diff)
		}
	}
}
