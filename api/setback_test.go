package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api"
)

// A change is told to who asks by time alone, also in the second of the answer before, and with the
// clock set back meanwhile.
func TestChangeIsToldByTime(t *testing.T) {
	facts := builtIn(t)
	feed := "/calendars/" + facts[0].Track.ID + ".ics"
	for _, step := range []time.Duration{100 * time.Millisecond, 0, -100 * time.Millisecond, -time.Minute, -48 * time.Hour} {
		src, c := &source{snapshotOf(facts)}, newClock(t, "2026-11-22T18:00:00.5Z")
		h := newHandler(t, api.Config{Source: src, Now: c.time})
		since := func() string {
			answer := serve(t, h, feed)
			told := answer.Header().Get("Last-Modified")
			if at, err := http.ParseTime(told); err != nil || at.After(c.time()) {
				t.Errorf("Last-Modified at %v = %q, want no later instant", c.time(), told)
			}
			return "If-Modified-Since: " + told
		}
		old := since()
		src.now = api.NewSnapshot(api.Contents{Revision: 2, Facts: withNotice(facts)})
		c.set(c.time().Add(step))
		for _, wait := range []time.Duration{0, 59 * time.Second, 72 * time.Hour} {
			c.set(c.time().Add(wait))
			if got := serve(t, h, feed, old).Code; got != http.StatusOK {
				t.Errorf("with %s after a change at %+v, %v later = %d, want 200", old, step, wait, got)
			}
		}
		if now := since(); serve(t, h, feed, now).Code != http.StatusNotModified {
			t.Errorf("with %s, which was just told, at %v: want 304", now, c.time())
		}
	}
}
