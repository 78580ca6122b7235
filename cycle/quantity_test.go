package cycle_test

import (
	"testing"

	"github.com/cyclecal/cyclecal/cycle"
)

func TestQuantity(t *testing.T) {
	for n, want := range map[int]string{0: "0 days", 1: "1 day", 2: "2 days", -1: "-1 days", 51: "51 days"} {
		if got := cycle.Quantity(n, "day", "days"); got != want {
			t.Errorf("Quantity(%d) = %q, want %q", n, got, want)
		}
	}
}
