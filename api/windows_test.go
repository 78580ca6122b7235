package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle"
)

// The windows are those of the schedule: a row for each month that restarts, with the same days,
// instants and freezes.
func TestWindowsAreThoseOfTheSchedule(t *testing.T) {
	s := newSite(t, fleetConfig(t))
	const query = "?ring=pilot&from=2025-01&to=2028-12"
	var want []any
	for _, row := range rows(t, s.get("/api/v1/schedule"+query+"&restart=true", asAdmin)) {
		row, ok := row.(map[string]any)
		if !ok {
			t.Fatalf("row %v: want an object", row)
		}
		short := map[string]any{}
		for _, name := range []string{"ring", "track", "month", "offered_on", "deadline_on", "restart_by", "window_start", "window_end", "freeze", "freeze_conflict", "status", "unplanned", "note"} {
			short[name] = row[name]
		}
		short["time_zone"], short["whole_days"] = "Europe/Berlin", false
		want = append(want, short)
	}
	if len(want) < 12 { // the track ends in 2027
		t.Fatalf("the schedule has %d restarts, want 12 at least", len(want))
	}
	if diff := cmp.Diff(want, rows(t, s.get("/api/v1/windows"+query, asAdmin))); diff != "" {
		t.Errorf("(-schedule +windows):\n%s", diff)
	}
}

// They are, too, where a freeze has some days of a ring without a window: both tell of it, and tools
// are given the days that it leaves.
func TestWindowsOfFrozenDays(t *testing.T) {
	contents := fleetContents(t)
	day := func(s string) cycle.Date { return cycle.DateIn(instant(t, s+"T12:00:00Z"), time.UTC) }
	contents.Freezes = append(contents.Freezes, cycle.Freeze{ID: "easter", From: day("2027-04-15"), To: day("2027-04-17")})
	s := newSite(t, api.Config{Source: api.NewSnapshot(contents), Documents: keeper{}})
	const query = "?ring=r:3/2/1&track=windows-11-24h2&from=2027-04&to=2027-04"
	for _, path := range []string{"/api/v1/schedule", "/api/v1/windows"} {
		list := rows(t, s.get(path+query, asAdmin))
		if row, ok := list[0].(map[string]any); !ok || row["freeze"] != "easter" || row["freeze_conflict"] != true {
			t.Errorf("%s: %v, want a conflict with easter", path, list)
		}
	}
	body := s.get("/api/v1/windows"+query+"&format=cron", asAdmin).body
	if want := "\n0 7 18 4 * [ "; !strings.Contains(body, want) || !strings.Contains(body, "without 2027-04-16 to 2027-04-17, in freeze easter.") { // midnight in Redmond
		t.Errorf("want %q, and what is left out, in:\n%s", want, body)
	}
}

// No window is told of that ends before it begins, as calendars end with the year 9999.
func TestWindowsAtTheEnd(t *testing.T) {
	s := newSite(t, api.Config{})
	const query = "/api/v1/windows?ring=r:30/30/7&track=windows-server-2025&from="
	for _, row := range rows(t, s.get(query+"9998-01&to=9998-12")) {
		if row, ok := row.(map[string]any); !ok || fmt.Sprint(row["window_end"]) <= fmt.Sprint(row["window_start"]) {
			t.Errorf("%v: want an end after the start", row)
		}
	}
	for _, months := range []string{"9999-12&to=9999-12", "9998-06"} {
		if a := s.get(query + months); a.StatusCode != http.StatusBadRequest || !strings.Contains(a.body, "want at most 9998-12") {
			t.Errorf("from %s: %d %s, want 400 and what can be asked", months, a.StatusCode, a.body)
		}
	}
}

// Rows have shapes, and what is for a tool has one form.
func TestWindowsHaveNoShape(t *testing.T) {
	s := newSite(t, api.Config{})
	const query = "/api/v1/windows?ring=r:3/2/1&shape=rows"
	if a := s.get(query + "&format=cron"); a.StatusCode != http.StatusBadRequest || !strings.Contains(a.body, "want one of the two") {
		t.Errorf("%d %s, want 400: shape and format", a.StatusCode, a.body)
	}
	if a := s.get(query); a.StatusCode != http.StatusOK {
		t.Errorf("%d %s, want rows", a.StatusCode, a.body)
	}
}

// A window is there until it ends, and no answer of before is kept for longer.
func TestWindowsUntilTheyAreOver(t *testing.T) {
	now := newClock(t, "2026-06-15T14:59:30Z") // half a minute before the end of the ring's last day in Tokyo
	s := newSite(t, api.Config{Now: now.time})
	const query = "/api/v1/windows?ring=pilot:1/2/2&track=windows-11-24h2&tz=Asia/Tokyo&to=2026-06"
	answer := s.get(query)
	if list, keep := rows(t, answer), answer.Header.Get("Cache-Control"); len(list) != 1 || keep != "public, max-age=30" {
		t.Errorf("before its end %d windows, %s: want 1, and no longer than 30 s", len(list), keep)
	}
	now.set(now.time().Add(30 * time.Second))
	if list := rows(t, s.get(query)); len(list) != 0 {
		t.Errorf("at its end windows %v: want none", list)
	}
}

// The last day of a ring may come five months after the one that its update is named for: of
// January 31, 28 days later, 67 days more.
func TestWindowsOfLongAgo(t *testing.T) {
	zone, err := cycle.ParseZone("UTC")
	if err != nil {
		t.Fatal(err)
	}
	late := cycle.Track{ID: "late", Name: "Late", FirstMonth: cycle.DateIn(instant(t, "2026-01-01T00:00:00Z"), zone).Month(), Rule: cycle.Rule{BaselineMonths: []time.Month{time.January}, OffsetDays: 28, Zone: zone}}
	snapshot := api.NewSnapshot(api.Contents{Facts: []cycle.Facts{{Track: late}}})
	s := newSite(t, api.Config{Source: snapshot, Now: func() time.Time { return instant(t, "2026-05-06T12:00:00Z") }})
	list := rows(t, s.get("/api/v1/windows?ring=last:30/30/7&to=2026-12"))
	if len(list) != 1 {
		t.Errorf("on its last day the windows are %v: want that of January", list)
	}
}

// Whoever may not know of freezes is told that they are not looked at, and nobody else is.
func TestWindowsOfTheBlind(t *testing.T) {
	s := newSite(t, fleetConfig(t))
	const query, told = "/api/v1/windows?ring=broad:9/5/2&track=windows-server-2025&to=2027-12&format=azure", "No freeze is looked at"
	if body := s.get(query).body; !strings.Contains(body, told) {
		t.Errorf("the public is not told that freezes are not known:\n%s", body)
	}
	if body := s.get(query, asAdmin).body; strings.Contains(body, told) {
		t.Errorf("the admin is told that freezes are not known:\n%s", body)
	}
}

// The window of a ring without hours is the span in which /api/v1/state says that its restart is due.
func TestWindowsAreThoseOfTheState(t *testing.T) {
	s := newSite(t, api.Config{})
	for _, query := range []string{"ring=now:0&tz=America/Los_Angeles", "ring=broad:9/5/2&tz=Asia/Tokyo", "ring=late:30/30/7&tz=Europe/Berlin"} {
		query += "&track=windows-11-24h2"
		for _, row := range rows(t, s.get("/api/v1/windows?from=2026-01&to=2026-07&"+query)) {
			window, ok := row.(map[string]any)
			if !ok {
				t.Fatalf("row %v: want an object", row)
			}
			state := rows(t, s.get(fmt.Sprintf("/api/v1/state?at=%s&%s", window["window_start"], query)))
			now, ok := state[0].(map[string]any)
			if !ok || now["restart_month"] == window["month"] && (now["restart_since"] != window["window_start"] || now["restart_until"] != window["window_end"]) {
				t.Errorf("%s: window %v, state %v: want one span", query, window, state)
			}
			if now["restart_due"] != true {
				t.Errorf("%s: at %s no restart is due", query, window["window_start"])
			}
		}
	}
}
