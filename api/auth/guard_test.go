package auth_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cyclecal/cyclecal/api/auth"
)

// An address is turned away after so many failures, and no other address is.
func TestGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := auth.NewGuard(3)
		for i := range 3 {
			if wait, blocked := g.Blocked("192.0.2.1"); blocked {
				t.Errorf("after %d failures Blocked = %v, want false", i, wait)
			}
			g.Failed("192.0.2.1")
		}
		if _, blocked := g.Blocked("192.0.2.1"); !blocked {
			t.Error("after 3 failures Blocked = false, want true")
		}
		if wait, blocked := g.Blocked("192.0.2.2"); blocked {
			t.Errorf("Blocked of another address = %v, want false", wait)
		}
	})
}

// TestGuardWait holds that whoever waits as long as was said is let in again, wherever in the
// minute the failures were.
func TestGuardWait(t *testing.T) {
	for _, most := range []int{1, 2, 3, 10, 100} {
		for _, offset := range []time.Duration{0, 1, time.Second, 29 * time.Second, 59 * time.Second, time.Minute - 1} {
			t.Run(fmt.Sprint(most, " after ", offset), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { holdWait(t, most, offset) })
			})
		}
	}
}

func holdWait(t *testing.T, most int, offset time.Duration) {
	g := auth.NewGuard(most)
	time.Sleep(offset)
	for range most {
		g.Failed("192.0.2.1")
	}
	wait, blocked := g.Blocked("192.0.2.1")
	if !blocked || wait < time.Second || wait > 2*time.Minute || wait%time.Second != 0 {
		t.Fatalf("Blocked = %v, %v, want whole seconds, no more than 120", wait, blocked)
	}
	for range 2 * most {
		g.Failed("192.0.2.1") // prolongs nothing
	}
	time.Sleep(wait)
	if more, blocked := g.Blocked("192.0.2.1"); blocked {
		t.Errorf("after the wait of %v Blocked = %v, want false", wait, more)
	}
}

// TestGuardRate holds that waiting pays no one who guesses: as many guesses as the limit
// has, in each minute but the first two.
func TestGuardRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const most, minutes = 10, 60
		g := auth.NewGuard(most)
		guesses := 0
		for range minutes * 60 {
			if _, blocked := g.Blocked("192.0.2.1"); !blocked {
				g.Failed("192.0.2.1")
				guesses++
			}
			time.Sleep(time.Second)
		}
		if guesses > most*(minutes+2) {
			t.Errorf("%d guesses in %d minutes, want about %d", guesses, minutes, most*minutes)
		}
	})
}

func TestGuardAddresses(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		same bool
	}{
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"::ffff:192.0.2.1", "::ffff:192.0.2.2", false},
		{"2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true},
		{"2001:db8::1", "2001:db8:0:1::1", false},
		{"2001:db8::1", "192.0.2.1", false},
		{"", "192.0.2.1", false}, // an address that isn't known is one like any other
	} {
		g := auth.NewGuard(1)
		g.Failed(tt.a)
		if _, blocked := g.Blocked(tt.b); blocked != tt.same {
			t.Errorf("after a failure of %q, Blocked(%q) = %v, want %v", tt.a, tt.b, blocked, tt.same)
		}
	}
}

func TestNewGuardAtLeastOne(t *testing.T) {
	g := auth.NewGuard(0)
	if wait, blocked := g.Blocked("192.0.2.1"); blocked {
		t.Errorf("Blocked before any failure = %v, want false", wait)
	}
	g.Failed("192.0.2.1")
	if _, blocked := g.Blocked("192.0.2.1"); !blocked {
		t.Error("Blocked after a failure = false, want true")
	}
}

func TestGuardRace(t *testing.T) {
	g := auth.NewGuard(100)
	var guessers sync.WaitGroup
	for range 8 {
		guessers.Go(func() {
			for range 100 {
				g.Failed("192.0.2.1")
				g.Blocked("192.0.2.1")
			}
		})
	}
	guessers.Wait()
	if _, blocked := g.Blocked("192.0.2.1"); !blocked {
		t.Error("after 800 failures Blocked = false, want true")
	}
}
