//go:build e2e

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// scheduleEntry and releaseEntry are rows of the API, as far as feeds show them.
type scheduleEntry struct {
	Track       string  `json:"track"`
	TrackName   string  `json:"track_name"`
	Month       string  `json:"month"`
	Kind        string  `json:"kind"`
	Unplanned   bool    `json:"unplanned"`
	Status      string  `json:"status"`
	ReleaseDate string  `json:"release_date"`
	KB          *string `json:"kb"`
	Ring        string  `json:"ring"`
	OfferedOn   string  `json:"offered_on"`
	RestartBy   *string `json:"restart_by"`
	URL         string  `json:"url"` // "" for null

	WindowStart    *time.Time `json:"window_start"`
	WindowEnd      *time.Time `json:"window_end"`
	Freeze         string     `json:"freeze"`
	FreezeConflict bool       `json:"freeze_conflict"`
}

type releaseEntry struct {
	Track       string  `json:"track"`
	Month       string  `json:"month"` // "" for null
	KB          string  `json:"kb"`
	Type        string  `json:"type"`
	OutOfBand   bool    `json:"out_of_band"`
	Restart     *bool   `json:"restart"`
	ReleaseDate *string `json:"release_date"`
	URL         string  `json:"url"` // "" for null
}

const monthForm = "2006-01"

// expectation collects what the JSON says about a feed.
type expectation struct {
	query    url.Values // of the feed
	from, to time.Time  // first days of the first and the last month
	tracks   url.Values // track=…, as the JSON routes take them
	names    map[string]string
	events   []clientEvent
}

// expectedEvents makes the events out of the JSON: one for each row of the schedule,
// one for each hotpatch out of band, one for each restart of a ring, and the releases
// that the feed includes.
func expectedEvents(t *testing.T, s *testServer, c *feedCase) []clientEvent {
	t.Helper()
	t.Helper()
	query, err := url.ParseQuery(c.query)
	if err != nil {
		t.Fatal(err)
	}
	x := &expectation{query: query, tracks: url.Values{}, names: map[string]string{}, events: []clientEvent{}}
	if c.tracks != "all" {
		x.tracks["track"] = strings.Split(c.tracks, ",")
	}
	now := time.Date(testClock().Year(), testClock().Month(), 1, 0, 0, 0, 0, time.UTC)
	x.from = now.AddDate(0, -number(t, query.Get("past"), 12), 0)
	x.to = now.AddDate(0, number(t, query.Get("ahead"), 18), 0)
	x.months(t, s)
	x.releases(t, s)
	return sorted(x.events)
}

func (x *expectation) months(t *testing.T, s *testServer) {
	for from := x.from; !from.After(x.to); from = from.AddDate(25, 0, 0) { // one range must not be longer than 50 years
		to := from.AddDate(25, -1, 0)
		if to.After(x.to) {
			to = x.to
		}
		q := url.Values{"from": {from.Format(monthForm)}, "to": {to.Format(monthForm)}, "track": x.tracks["track"]}
		for _, row := range pages[scheduleEntry](t, s, q) {
			x.names[row.Track] = row.TrackName
			x.add(t, row.event(t, s), row.ReleaseDate, row.ReleaseDate)
		}
		if q["ring"] = x.query["ring"]; len(q["ring"]) == 0 {
			continue
		}
		for _, row := range pages[scheduleEntry](t, s, q) {
			if row.RestartBy != nil {
				x.add(t, row.ringEvent(t, s), row.OfferedOn, *row.RestartBy)
			}
		}
	}
}

func (x *expectation) releases(t *testing.T, s *testServer) {
	var hotpatches, others []releaseEntry
	ask(t, s, "/api/v1/releases", url.Values{"track": x.tracks["track"], "type": {"hotpatch"}, "out_of_band": {"true"}}, &hotpatches)
	for _, typ := range x.query["include"] {
		var more []releaseEntry
		ask(t, s, "/api/v1/releases", url.Values{"track": x.tracks["track"], "type": {typ}}, &more)
		others = append(others, more...)
	}
	for _, r := range append(hotpatches, others...) {
		if r.ReleaseDate == nil { // nobody knows when: it stands in no calendar
			continue
		}
		month, err := time.Parse(monthForm, cmp.Or(r.Month, (*r.ReleaseDate)[:len(monthForm)]))
		if err != nil {
			t.Fatal(err)
		}
		if !month.Before(x.from) && !month.After(x.to) {
			x.add(t, r.event(x.names[r.Track], month), *r.ReleaseDate, *r.ReleaseDate)
		}
	}
}

// add adds an event that takes these days; one with a window has its hours already.
func (x *expectation) add(t *testing.T, e clientEvent, first, last string) {
	t.Helper()
	e.UID += "@cyclecal"
	timed := x.query.Get("style") == "timed"
	switch {
	case e.Start != "":
	case timed && first == last:
		e.Start, e.End = inRedmond(t, first, "10:00:00"), inRedmond(t, first, "11:00:00")
	case timed:
		e.Start, e.End = inRedmond(t, first, "10:00:00"), inRedmond(t, dayAfter(t, last), "00:00:00")
	default:
		e.Start, e.End = first, dayAfter(t, last)
	}
	if x.query.Has("alarm") {
		e.Alarms = 1
	}
	x.events = append(x.events, e)
}

func dayAfter(t *testing.T, day string) string {
	t.Helper()
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return d.AddDate(0, 0, 1).Format(time.DateOnly)
}

// event is what the row of a month must be in a calendar, without its days.
func (r scheduleEntry) event(t *testing.T, s *testServer) clientEvent {
	t.Helper()
	e := clientEvent{
		UID: r.Month + "." + r.Track, Summary: r.summary(), Status: r.sure(), URL: r.URL,
		Categories: []string{"Hotpatch month", "No restart"}, Sequence: sequence(t, s, r),
	}
	if r.Kind == "baseline" {
		e.Categories = []string{"Baseline month", "Restart"}
	}
	if r.Unplanned {
		e.Categories = append(e.Categories, "Unplanned")
	}
	return e
}

// ringEvent is what the row of a ring's restart must be.
func (r scheduleEntry) ringEvent(t *testing.T, s *testServer) clientEvent {
	t.Helper()
	e := clientEvent{
		UID: r.Month + "." + r.Track + "." + r.Ring, Summary: r.ringSummary(t), Status: r.sure(), URL: r.URL,
		Categories: []string{"Ring restart", "Restart"}, Sequence: sequence(t, s, r),
	}
	if r.WindowStart != nil {
		e.Start, e.End = r.WindowStart.UTC().Format(time.RFC3339), r.WindowEnd.UTC().Format(time.RFC3339)
	}
	if r.FreezeConflict {
		e.Categories = append(e.Categories, "Freeze conflict")
	}
	return e
}

func (r releaseEntry) event(track string, month time.Time) clientEvent {
	summary := r.summary(track, month)
	restart, _, _ := strings.Cut(summary, ":")
	what := r.what()
	return clientEvent{
		UID: strings.ToLower(r.KB) + "." + r.Track, Summary: summary, Status: "CONFIRMED", URL: r.URL,
		Categories: []string{strings.ToUpper(what[:1]) + what[1:], restart},
	}
}

// sure is TENTATIVE for what rests on the plan alone.
func (r scheduleEntry) sure() string {
	if r.Status == "released" || r.Status == "announced" {
		return "CONFIRMED"
	}
	return "TENTATIVE"
}

// summary begins with whether it restarts, and how sure that is.
func (r scheduleEntry) summary() string {
	s := fmt.Sprintf("%s: %s %s, %s", r.headline(), r.TrackName, r.kind(), monthInWords(r.Month))
	if r.KB != nil {
		s += ", " + *r.KB
	}
	return s
}

func (r scheduleEntry) ringSummary(t *testing.T) string {
	t.Helper()
	by, err := time.Parse(time.DateOnly, *r.RestartBy)
	if err != nil {
		t.Fatal(err)
	}
	until, in, freeze := " by "+by.Format("2 January"), "", ""
	if r.WindowStart != nil {
		until, in = "", windowInWords(t, *r.WindowStart, *r.WindowEnd)+", "
	}
	if r.FreezeConflict {
		freeze = ", in freeze " + r.Freeze
	}
	return fmt.Sprintf("%s%s: ring %s, %s%s %s, %s%s", r.headline(), until, r.Ring, in, r.TrackName, r.kind(), monthInWords(r.Month), freeze)
}

// windowZone is where the windows of these tests are.
const windowZone = "Europe/Berlin"

func windowInWords(t *testing.T, start, end time.Time) string {
	t.Helper()
	zone, err := time.LoadLocation(windowZone)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s to %s (%s)", start.In(zone).Format("2 January 15:04"), end.In(zone).Format("15:04"), windowZone)
}

func (r scheduleEntry) headline() string {
	restart := map[string]string{"baseline": "Restart", "hotpatch": "No restart"}[r.Kind]
	return restart + map[string]string{"planned": " planned", "announced": " announced", "unconfirmed": " (unconfirmed)"}[r.Status]
}

func (r scheduleEntry) kind() string {
	if r.Unplanned {
		return "unplanned " + r.Kind
	}
	return r.Kind
}

func (r releaseEntry) summary(track string, month time.Time) string {
	restart := "Restart unknown"
	switch {
	case r.Type == "cumulative":
		restart = "Restart off the cycle only"
	case r.Restart != nil && *r.Restart:
		restart = "Restart"
	case r.Restart != nil:
		restart = "No restart"
	}
	return fmt.Sprintf("%s: %s %s, %s, %s", restart, track, r.what(), month.Format("January 2006"), r.KB)
}

func (r releaseEntry) what() string {
	what := map[string]string{"hotpatch": "hotpatch", "cumulative": "cumulative update", "component": "component update"}[r.Type]
	if r.OutOfBand {
		return "out-of-band " + what
	}
	return what
}

func monthInWords(month string) string {
	m, err := time.Parse(monthForm, month)
	if err != nil {
		return err.Error()
	}
	return m.Format("January 2006")
}

// inRedmond is an hour where the updates come from.
func inRedmond(t *testing.T, day, hour string) string {
	t.Helper()
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation(time.DateTime, day+" "+hour, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC().Format(time.RFC3339)
}

// sequence is what a month's SEQUENCE must be: two for each fact that the API tells
// about it, and one more where its day passed without a release.
func sequence(t *testing.T, s *testServer, row scheduleEntry) int {
	t.Helper()
	var month struct{ Releases, Notices []json.RawMessage }
	ask(t, s, "/api/v1/tracks/"+row.Track+"/months/"+row.Month, nil, &month)
	n := 2 * (len(month.Releases) + len(month.Notices))
	passed := row.ReleaseDate < testClock().Format(time.DateOnly)
	if row.Status == "unconfirmed" || row.Status == "announced" && passed {
		n++
	}
	return n
}

// ask decodes the data of an answer and returns where the next page begins.
func ask(t *testing.T, s *testServer, path string, query url.Values, data any) (next string) {
	t.Helper()
	status, body := getAsAdmin(t, s.url+path+"?"+query.Encode())
	document := struct {
		Data any
		Meta struct {
			NextCursor string `json:"next_cursor"`
		}
	}{Data: data}
	if err := json.Unmarshal([]byte(body), &document); err != nil || status != 200 {
		t.Fatalf("%s?%s: %d, %v: %.500s", path, query.Encode(), status, err, body)
	}
	return document.Meta.NextCursor
}

// getAsAdmin asks with the first token: what is private is told to nobody else.
func getAsAdmin(t *testing.T, url string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+firstTestToken)
	return done(t, r)
}

// put stores a document, and returns the secret of a feed.
func put(t *testing.T, s *testServer, path, body string) (secret string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.url+"/api/v1/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+firstTestToken)
	status, answer := done(t, r)
	var told struct{ Secret string }
	if err := json.Unmarshal([]byte(answer), &told); err != nil || status != http.StatusCreated && status != http.StatusOK {
		t.Fatalf("PUT %s %.300s = %d %s, %v: want 200 or 201", path, body, status, answer, err)
	}
	return told.Secret
}

// done sends a request and reads its whole answer.
func done(t *testing.T, r *http.Request) (status int, body string) {
	t.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

// pages returns the rows of all pages of the schedule.
func pages[T any](t *testing.T, s *testServer, query url.Values) []T {
	t.Helper()
	var all []T
	for {
		var page []T
		next := ask(t, s, "/api/v1/schedule", query, &page)
		all = append(all, page...)
		if next == "" {
			query.Del("cursor")
			return all
		}
		query.Set("cursor", next)
	}
}

func number(t *testing.T, s string, missing int) int {
	t.Helper()
	if s == "" {
		return missing
	}
	var n int
	if _, err := fmt.Sscan(s, &n); err != nil {
		t.Fatal(err)
	}
	return n
}
