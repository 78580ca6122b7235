package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api"
)

// A clock that was ahead is set back over an instant at which something changes, and comes there
// again: what is answered, and what a client is told to keep, is always what would be rendered anew.
func TestClockIsSetBack(t *testing.T) {
	facts := builtIn(t)
	for _, name := range []string{"midnight after spring", "midnight before autumn", "release", "end of a ring in Tokyo", "year"} {
		change := changes[name]
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			at, c := instant(t, change), newClock(t, change)
			kept := newHandler(t, api.Config{Source: api.NewSnapshot(api.Contents{Revision: 1, Facts: facts}), Now: c.time})
			clients := make([]holder, len(askedAround))
			for _, step := range []time.Duration{301 * time.Second, -24 * time.Hour, -299 * time.Second, 0, -time.Second, 302 * time.Second} {
				c.set(at.Add(step))
				anew := newHandler(t, api.Config{Source: api.NewSnapshot(api.Contents{Revision: 1, Facts: facts}), Now: c.time})
				for i, target := range askedAround {
					truth := serve(t, anew, target).Body.String()
					if got := serve(t, kept, target).Body.String(); got != truth {
						t.Errorf("GET %s at change%+v is not what is rendered anew", target, step)
					}
					clients[i].until = time.Time{} // it asks each time
					clients[i].check(t, kept, target, c.time(), truth)
				}
			}
		})
	}
}

// A change is told to who asks by time alone, also in the second of the answer before, and with the
// clock set back meanwhile.
func TestChangeIsToldByTime(t *testing.T) {
	facts := builtIn(t)
	feed := "/calendars/" + facts[0].Track.ID + ".ics"
	for _, step := range []time.Duration{100 * time.Millisecond, 0, -100 * time.Millisecond, -time.Minute, -48 * time.Hour} {
		src, c := &source{api.NewSnapshot(api.Contents{Revision: 1, Facts: facts})}, newClock(t, "2026-11-22T18:00:00.5Z")
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
