package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle"
)

// aheadOfRedmond returns tracks whose update of November turns out to be a baseline on the day itself, 23 November
// at 06:00 of the rule's zone, when it is still 22 November in Redmond.
func aheadOfRedmond(t *testing.T, zones ...string) []cycle.Facts {
	t.Helper()
	var list []cycle.Facts
	for _, name := range zones {
		zone, err := cycle.ParseZone(name)
		if err != nil {
			t.Fatal(err)
		}
		id, day := strings.ToLower(name[strings.Index(name, "/")+1:]), cycle.DateOf(2026, 11, 23)
		rule := cycle.Rule{BaselineMonths: []time.Month{1}, Day: cycle.FixedDay(23), Hour: 6, Zone: zone}
		list = append(list, cycle.Facts{
			Track: cycle.Track{ID: id, Name: name, FirstMonth: cycle.MonthOf(2026, 1), Rule: rule},
			Releases: []cycle.Release{{
				Track: id, Month: day.Month(), KB: "KB1234567", Type: cycle.TypeBaseline, Restart: cycle.RestartNeeded, Date: day, KnownOn: day,
			}},
		})
	}
	return list
}

// A fact is known from the midnight on that begins its day in the zone of the rule, and the API tells the same of it
// as the metrics.
func TestDayOfTheRule(t *testing.T) {
	facts := aheadOfRedmond(t, "Asia/Tokyo", "Pacific/Honolulu")
	for _, tt := range []struct{ now, track, want, until string }{
		{"2026-11-22T14:59:00Z", "tokyo", "hotpatch planned", "public, max-age=60"}, // 23:59 in Tokyo
		{"2026-11-22T15:00:00Z", "tokyo", "baseline released", "public, max-age=300"},
		{"2026-11-22T21:53:00Z", "tokyo", "baseline released", "public, max-age=300"},
		{"2026-11-23T07:59:00Z", "tokyo", "baseline released", "public, max-age=60"},   // 23:59 in Redmond
		{"2026-11-23T07:59:00Z", "honolulu", "hotpatch planned", "public, max-age=60"}, // west of it, Redmond's day counts
		{"2026-11-23T08:00:00Z", "honolulu", "baseline released", "public, max-age=300"},
	} {
		h := newHandler(t, api.Config{Source: snapshotOf(facts), Now: newClock(t, tt.now).time})
		for _, asOf := range []string{"", "&as_of=2026-11-22", "&as_of=2026-11-23"} {
			if asOf != "" && (asOf == "&as_of=2026-11-22") != strings.HasPrefix(tt.now, "2026-11-22") {
				continue // a day that has passed, or a day too far
			}
			a := serve(t, h, "/api/v1/schedule.csv?track="+tt.track+"&from=2026-11&to=2026-11"+asOf)
			row := strings.Split(strings.Split(a.Body.String(), "\n")[1], ",")
			if got := row[3] + " " + row[7]; got != tt.want || a.Header().Get("Cache-Control") != tt.until {
				t.Errorf("%s of %s at %s = %s, %s, want %s, %s", asOf, tt.track, tt.now, got, a.Header().Get("Cache-Control"), tt.want, tt.until)
			}
		}
		if tt.track == "honolulu" {
			continue
		}
		for _, m := range api.Measure(api.NewSnapshot(api.Contents{Facts: facts}), instant(t, tt.now)).Tracks[0].Months {
			if got := m.Kind + " " + m.Status; m.Month == "2026-11" && got != tt.want {
				t.Errorf("the metrics at %s say %s, want %s", tt.now, got, tt.want)
			}
		}
	}
}

// The past of a track is that of its own days: on 22 November nothing was known yet, also in Tokyo.
func TestPastDayOfTheRule(t *testing.T) {
	h := newHandler(t, api.Config{
		Source: snapshotOf(aheadOfRedmond(t, "Asia/Tokyo")), Now: newClock(t, "2026-11-23T08:00:00Z").time,
	})
	for asOf, want := range map[string]string{"2026-11-22": `"kind":"hotpatch"`, "2026-11-23": `"kind":"baseline"`} {
		if a := serve(t, h, "/api/v1/tracks/tokyo/months/2026-11?as_of="+asOf); !strings.Contains(a.Body.String(), want) {
			t.Errorf("as of %s: want %s in %s", asOf, want, a.Body)
		}
	}
}

// Nothing is kept beyond a midnight of a rule's zone, nor beyond one of Redmond.
func TestNothingIsKeptBeyondTheDayOfARule(t *testing.T) {
	facts := aheadOfRedmond(t, "Asia/Tokyo", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Los_Angeles")
	asked := []string{
		"/api/v1/schedule", "/api/v1/schedule?track=tokyo&as_of=2026-11-22", "/api/v1/state", "/api/v1/next", "/calendars/all.ics", "/tracks/tokyo",
		"/api/v1/changes", "/api/v1/tracks", "/tracks/kiritimati/badge.svg", "/api/v1/state?at=2026-11-22T22:00:00Z", "/api/v1/releases",
		"/api/v1/windows?ring=pilot:1/2/2", "/calendars/tokyo.ics?past=0&ahead=1",
	}
	for _, change := range []string{"2026-11-22T08:00:00Z", "2026-11-22T10:00:00Z", "2026-11-22T15:00:00Z", "2026-11-23T08:00:00Z", "2026-11-23T11:00:00Z"} {
		checkKept(t, facts, asked, change, -301*time.Second, -299*time.Second, -time.Second, 0, 301*time.Second, -time.Second)
	}
}
