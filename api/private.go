package api

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/cyclecal/cyclecal/api/auth"
	"github.com/cyclecal/cyclecal/cycle"
)

// feedsPath is where private feeds are. What follows it is a secret.
const feedsPath = "/feeds/"

// privateFeed answers with the feed behind a secret address.
func (s *server) privateFeed(rt *route) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		snapshot := s.Source.Snapshot()
		if snapshot == nil {
			return notReady()
		}
		now := s.Now()
		feed, ok, err := look(s, snapshot.Feeds, r.PathValue("secret"), r, now)
		if err != nil {
			return err
		}
		if !ok {
			return noFeed()
		}
		if feed.Broken {
			return newProblem(http.StatusServiceUnavailable, "the feed is not whole just now: something that it shows is missing, and an admin should look")
		}
		if err := newQuery(r.URL.RawQuery, nil).err(); err != nil {
			return err
		}
		stored := *r // with the stored query, and the feed's id in place of its secret
		stored.URL = &url.URL{Path: feedsPath + feed.ID, RawQuery: feed.Query.Encode()}
		if err := s.answer(w, &stored, rt, reader{role: auth.Viewer, feed: feed}, snapshot, now); err != nil {
			return err
		}
		if s.Fetched != nil && r.Method == http.MethodGet {
			s.Fetched(r.PathValue("secret"), clientFamily(r.UserAgent()))
		}
		return nil
	}
}

// noFeed is the answer for an address that never was, and for one that was revoked.
func noFeed() error {
	return fmt.Errorf("feed %w at this address: ask whoever gave it to you for the present one", cycle.ErrNotFound)
}

// clientFamily names the sort of program that fetches a feed, never more.
func clientFamily(agent string) string {
	for _, f := range []struct{ word, family string }{
		{"Google-Calendar", "Google Calendar"},
		{"Thunderbird", "Thunderbird"},
		{"Outlook", "Outlook"},
		{"Microsoft", "Outlook"},
		{"Exchange", "Outlook"},
		{"ICSx5", "ICSx5"},
		{"DAVx5", "DAVx5"},
		{"Nextcloud", "Nextcloud"},
		{"dataaccessd", "Apple Calendar"},
		{"CalendarAgent", "Apple Calendar"},
		{"CalendarStore", "Apple Calendar"},
		{"iCal", "Apple Calendar"},
		{"curl", "curl"},
		{"python", "script"},
		{"Go-http-client", "script"},
		{"PowerShell", "script"},
		{"Mozilla", "browser"},
	} {
		if strings.Contains(strings.ToLower(agent), strings.ToLower(f.word)) {
			return f.family
		}
	}
	return "other"
}

// secretForm matches what may be a secret. The first admin token may be base64 of any alphabet.
var secretForm = regexp.MustCompile(`[A-Za-z0-9_+=-]{43,}`)

// shortestSecret is the least that secretForm matches.
const shortestSecret = 43

func firstSegment(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return first
}

// shownPath is a path as logs and errors may show it: without the secret of a feed, even in a mistyped
// address.
func shownPath(path string) string {
	if len(path) < shortestSecret && !strings.EqualFold(firstSegment(path), "feeds") {
		return clip(path)
	}
	segments := strings.Split(path, "/")
	for i, s := range segments {
		if i > 1 && strings.EqualFold(segments[1], "feeds") && s != "" || secretForm.MatchString(s) {
			segments[i] = "…"
		}
	}
	return clip(strings.Join(segments, "/"))
}
