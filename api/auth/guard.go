package auth

import (
	"math"
	"net/http"
	"time"

	"github.com/go-chi/httprate"
)

// window is the time within which failures are counted together.
const window = time.Minute

// Guard slows down those who guess secrets: after a number of failures within a minute, an
// address must wait. Only failures are counted, so that a client with a good token
// rarely suffers from one with a bad token behind the same address. IPv6 addresses count by
// their /64, since one client has all addresses in it; IPv4-mapped ones count as IPv4.
//
// It keeps sixteen bytes, and what a map adds to them, for each address that failed in this
// minute or the one before, and forgets older ones at the next failure. So its memory is
// bounded by the number of failures that are answered in two minutes.
// Nothing of it survives the process. It may be used by several goroutines.
type Guard struct {
	limiter *httprate.RateLimiter
	most    float64
}

// NewGuard returns a guard that lets an address fail that often within a minute; less than
// 1 counts as 1.
func NewGuard(most int) *Guard {
	most = max(most, 1)
	return &Guard{
		// Without names for its headers it writes none.
		limiter: httprate.NewRateLimiter(most, window, httprate.WithResponseHeaders(httprate.ResponseHeaders{})),
		most:    float64(most),
	}
}

// Blocked returns whether an address has failed so often that it must wait, and how
// long: whole seconds, for Retry-After. The wait is never too short, but may be up to
// a minute too long. Asking is no failure, and does not prolong it.
func (g *Guard) Blocked(address string) (wait time.Duration, blocked bool) {
	_, rate, err := g.limiter.Status(httprate.CanonicalizeIP(address))
	if err != nil || math.Round(rate) < g.most { // counting in memory never fails
		return 0, false
	}
	return g.longestWait(rate), true
}

// longestWait returns the longest that it can take until the rate rounds to less than the
// limit. The limiter lets the failures of the last minute fade while the present minute
// passes, but doesn't tell how far that has got. At worst it has just begun and all failures
// are of this minute, so that they start to fade when it is over.
func (g *Guard) longestWait(rate float64) time.Duration {
	fade := 1 - (g.most-0.5)/rate
	seconds := math.Ceil(window.Seconds() * (1 + fade))
	return time.Duration(seconds+1) * time.Second // one more, as the rate must be less than the limit, not equal
}

// Failed counts one failure of an address. Those of an address that must wait already
// are not counted, so that failing on doesn't prolong the wait.
func (g *Guard) Failed(address string) {
	// The limiter counts requests: this one stands for the failure. Nothing is written.
	g.limiter.OnLimit(nil, new(http.Request), httprate.CanonicalizeIP(address))
}
