package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle"
)

// annotation is a row as a dashboard reads it.
type annotation struct {
	Time, TimeEnd     int64
	Title, Text, Tags string
}

func (a annotation) has(tag string) bool { return slices.Contains(strings.Split(a.Tags, ","), tag) }

func (a annotation) restarts() bool { return strings.HasPrefix(a.Title, "Restart") }

// rowsOf reads an answer that is an array of rows and nothing else.
func rowsOf[T any](t testing.TB, h http.Handler, target string) []T {
	t.Helper()
	path, query, _ := strings.Cut(target, "?")
	w := serve(t, h, path+"?shape=rows&"+query)
	var list []T
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || w.Code != http.StatusOK {
		t.Fatalf("GET %s = %d %.200s, want an array: %v", target, w.Code, w.Body, err)
	}
	return list
}

func milliseconds(t testing.TB, s string) int64 { return instant(t, s).UnixMilli() }

// What Microsoft did in 2026: two months that were planned without a restart had one, known on the day.
func TestAnnotationsOf2026(t *testing.T) {
	h := newHandler(t, api.Config{})
	var restarts, changed []string
	for _, a := range rowsOf[annotation](t, h, "/api/v1/annotations?track=windows-11-24h2&from=2026-01&to=2026-09") {
		day := time.UnixMilli(a.Time).UTC().Format(time.DateOnly)
		switch {
		case a.has("change"):
			changed = append(changed, day)
		case a.restarts():
			restarts = append(restarts, day)
		}
		if a.restarts() != a.has("restart") || !a.has("windows-11-24h2") || a.Time != a.TimeEnd || a.Text == "" {
			t.Errorf("%+v, want a point with the tag of its track, and restart if its title says so", a)
		}
	}
	if diff := cmp.Diff([]string{"2026-01-13", "2026-04-14", "2026-06-09", "2026-07-14", "2026-09-08"}, restarts); diff != "" {
		t.Errorf("restarts of 2026 (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"2026-06-09", "2026-09-08"}, changed); diff != "" {
		t.Errorf("changes of plan of 2026 (-want +got):\n%s", diff)
	}
}

// In the first quarter of 2026 only January restarted; it had a hotpatch out of band, and March three.
func TestAnnotationsOfAKind(t *testing.T) {
	h := newHandler(t, api.Config{})
	for query, want := range map[string][]string{
		"kind=baseline":              {"2026-01-13"},
		"restart=true":               {"2026-01-13"},
		"kind=hotpatch":              {"2026-01-24", "2026-02-10", "2026-03-10", "2026-03-13", "2026-03-16", "2026-03-23"},
		"restart=false":              {"2026-01-24", "2026-02-10", "2026-03-10", "2026-03-13", "2026-03-16", "2026-03-23"},
		"kind=hotpatch&restart=true": nil,
	} {
		var days []string
		for _, a := range rowsOf[annotation](t, h, "/api/v1/annotations?track=windows-11-24h2&from=2026-01&to=2026-03&"+query) {
			days = append(days, time.UnixMilli(a.Time).UTC().Format(time.DateOnly))
		}
		if diff := cmp.Diff(want, days); diff != "" {
			t.Errorf("annotations with %s (-want +got):\n%s", query, diff)
		}
	}
}

// Nothing is lost, and nothing is there that no other list knows: each month of the schedule, each
// out-of-band hotpatch, each change of plan, each restart of a ring.
func TestAnnotationsAreOfTheOtherLists(t *testing.T) {
	h := newHandler(t, api.Config{})
	want := map[string]int{}
	count := func(what, track, at string) {
		if strings.HasSuffix(at, "Z") {
			want[fmt.Sprint(what, track, milliseconds(t, at))]++
			return
		}
		want[what+track+at]++
	}
	type row struct {
		Track      string `json:"track"`
		Kind       string `json:"kind"`
		Type       string `json:"type"`
		ReleaseAt  string `json:"release_at"`
		Date       string `json:"release_date"`
		KnownOn    string `json:"known_on"`
		Change     string `json:"change"`
		OfferedOn  string `json:"offered_on"`
		RestartsBy string `json:"restart_by"`
	}
	for _, r := range rowsOf[row](t, h, "/api/v1/schedule?from=2021-01&to=2026-12") {
		count("month", r.Track, r.ReleaseAt)
	}
	for _, r := range rowsOf[row](t, h, "/api/v1/schedule?from=2021-01&to=2026-12&kind=baseline&ring=broad:9/5/2") {
		count("ring", r.Track, r.OfferedOn+" to "+r.RestartsBy)
	}
	for _, r := range rowsOf[row](t, h, "/api/v1/releases?out_of_band=true&type=hotpatch") {
		count("out-of-band", r.Track, r.Date)
	}
	for _, r := range rowsOf[row](t, h, "/api/v1/changes") {
		if r.Change == "plan" {
			count("change", r.Track, r.KnownOn)
		}
	}
	pacific, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, a := range rowsOf[annotation](t, h, "/api/v1/annotations?from=2021-01&to=2026-12&ring=broad:9/5/2") {
		track, _, _ := strings.Cut(a.Tags, ",")
		from, to := time.UnixMilli(a.Time).In(pacific), time.UnixMilli(a.TimeEnd-1).In(pacific)
		switch {
		case a.has("ring"):
			got["ring"+track+from.Format(time.DateOnly)+" to "+to.Format(time.DateOnly)]++
		case a.has("change"):
			got["change"+track+from.Format(time.DateOnly)]++
		case a.has("out-of-band"):
			got["out-of-band"+track+from.Format(time.DateOnly)]++
		default:
			got[fmt.Sprint("month", track, a.Time)]++
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(got) < 200 {
		t.Errorf("annotations (-other lists +got):\n%s", diff)
	}
}

// from and to name the same range by a month, by days, by instants and by milliseconds, and leave
// out what lies a millisecond outside.
func TestAnnotationRange(t *testing.T) {
	h := newHandler(t, api.Config{})
	release := milliseconds(t, "2026-06-09T17:00:00Z")
	const june = 5 // tracks of that month: no release of it is known by another hour
	for _, tt := range []struct {
		from, to string
		want     int
	}{
		{"2026-06", "2026-06", june},
		{"2026-06-01", "2026-06-30", june},
		{"2026-06-09", "2026-06-09", june},
		{"2026-06-01T07:00:00Z", "2026-07-01T06:59:59.999Z", june},
		{"2026-06-09T17:00:00Z", "2026-06-09T17:00:00Z", june},
		{"2026-06-09T19:00:00%2B02:00", "2026-06-09", june},
		{fmt.Sprint(release), fmt.Sprint(release), june},
		{fmt.Sprint(release - 1), fmt.Sprint(release + 1), june},
		{fmt.Sprint(release + 1), "2026-06", 0},
		{"2026-06", fmt.Sprint(release - 1), 0},
		{"2026-06-10", "2026-06", 0},
		{"2026-06-09&tz=Asia/Tokyo", "2026-06-09", 0}, // it is the 10th there
		{"2026-06-10&tz=Asia/Tokyo", "2026-06-10", june},
	} {
		target := "/api/v1/annotations?from=" + tt.from + "&to=" + tt.to
		months := slices.DeleteFunc(rowsOf[annotation](t, h, target), func(a annotation) bool { return a.has("change") })
		if len(months) != tt.want {
			t.Errorf("GET %s = %d months, want %d", target, len(months), tt.want)
		}
	}
}

// A span is there for as long as it has an instant in common with the range; its end is none of it.
func TestAnnotationSpan(t *testing.T) {
	h := newHandler(t, api.Config{})
	begins, ends := milliseconds(t, "2026-06-18T17:00:00Z"), milliseconds(t, "2026-06-26T07:00:00Z")
	for _, tt := range []struct {
		from, to int64
		want     int
	}{
		{begins - 10, begins - 1, 0},
		{begins - 10, begins, 1},
		{begins + 10, begins + 20, 1},
		{ends - 1, ends + 10, 1},
		{ends, ends + 10, 0},
	} {
		list := rowsOf[annotation](t, h, fmt.Sprintf("/api/v1/annotations?track=windows-11-24h2&ring=broad:9/5/2&from=%d&to=%d", tt.from, tt.to))
		if len(list) != tt.want || len(list) == 1 && (list[0].Time != begins || list[0].TimeEnd != ends) {
			t.Errorf("from %d to %d: %+v, want %d from %d to %d", tt.from, tt.to, list, tt.want, begins, ends)
		}
	}
}

// The restart of a ring for the second baseline of a month tells of that baseline, which nobody need say restarts.
func TestAnnotationOfASecondBaseline(t *testing.T) {
	facts := patchDays(t, "America/Los_Angeles")
	id, month, day := facts[0].Track.ID, cycle.MonthOf(2026, time.March), cycle.DateOf(2026, time.March, 20)
	facts[0].Releases = []cycle.Release{
		{Track: id, Month: month, KB: "KB5000001", Type: cycle.TypeBaseline, Restart: cycle.RestartNeeded, Date: day.AddDays(-10), KnownOn: day.AddDays(-10)},
		{Track: id, Month: month, KB: "KB5000002", Type: cycle.TypeBaseline, OutOfBand: true, Date: day, KnownOn: day},
	}
	h := newHandler(t, api.Config{Source: snapshotOf(facts)})
	var got []string
	for _, a := range rowsOf[annotation](t, h, "/api/v1/annotations?restart=true&ring=pilot:1/2/2&from=2026-03-20&to=2026-03-21T23:00:00Z") {
		got = append(got, a.Title)
	}
	name := facts[0].Track.Name
	want := []string{"Restart: " + name + " out-of-band baseline, March 2026, KB5000002", "Restart: ring pilot, " + name + " out-of-band baseline, March 2026"}
	if diff := cmp.Diff(want, slices.DeleteFunc(got, func(title string) bool { return !strings.Contains(title, "out-of-band") })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Pages of annotations, joined, are the annotations of one page, whatever their size.
func TestAnnotationPages(t *testing.T) {
	s := newSite(t, api.Config{})
	query := "/api/v1/annotations?from=2026-04&to=2026-08&ring=a:1&ring=b:2"
	whole := rows(t, s.get(query))
	if !slices.IsSortedFunc(whole, func(a, b any) int { return int(timeOf(t, a) - timeOf(t, b)) }) {
		t.Errorf("GET %s is not in order", query)
	}
	checkPages(t, s, query, whole, "1", "7", "1000")
}

func timeOf(t testing.TB, row any) float64 {
	t.Helper()
	fields, _ := row.(map[string]any)
	at, ok := fields["time"].(float64)
	if !ok {
		t.Fatalf("%v has no time", row)
	}
	return at
}

// A dashboard names other milliseconds at each refresh: where only the month counts, all of them
// are one answer that is kept once; of /api/v1/annotations none is kept.
func TestMillisecondsDoNotFloodTheCache(t *testing.T) {
	snapshot := snapshotOf(builtIn(t))
	h := newHandler(t, api.Config{Source: snapshot})
	tokyo := url.Values{"tz": {"Asia/Tokyo"}}
	for _, tt := range []struct{ path, months string }{
		{"/api/v1/schedule?", "from=2026-06&to=2026-07"},
		{"/api/v1/schedule.csv?" + tokyo.Encode() + "&", "from=2026-06&to=2026-07"},
		{"/api/v1/releases?", "from=2026-06&to=2026-07"},
	} {
		want := serve(t, h, tt.path+tt.months)
		before, _ := snapshot.Kept()
		for i := range int64(50) {
			from, to := milliseconds(t, "2026-06-09T17:00:00Z")+i, milliseconds(t, "2026-07-09T17:00:00Z")+i
			got := serve(t, h, fmt.Sprintf("%sfrom=%d&to=%d", tt.path, from, to))
			if got.Body.String() != want.Body.String() || !maps.EqualFunc(got.Header(), want.Header(), equalIDs) {
				t.Fatalf("%s from %d to %d = %d %.200s, want what %s is", tt.path, from, to, got.Code, got.Body, tt.months)
			}
		}
		if after, _ := snapshot.Kept(); after > before+1 {
			t.Errorf("%s: %d answers are kept of 50 refreshes, want at most one more than %d", tt.path, after, before)
		}
	}
	before, _ := snapshot.Kept()
	for i := range 20 {
		serve(t, h, fmt.Sprintf("/api/v1/annotations?from=%d&to=2026-12", 1781024400000+i))
	}
	if after, _ := snapshot.Kept(); after != before {
		t.Errorf("%d annotations are kept of 20 refreshes, want none", after-before)
	}
	serve(t, h, "/api/v1/annotations?from=2026-06")
	if after, _ := snapshot.Kept(); after == before {
		t.Error("the annotations of whole months are not kept, want them kept as all that somebody asks for again")
	}
}

// equalIDs compares the values of a header; a request's id is its own.
func equalIDs(a, b []string) bool {
	return slices.Equal(a, b) || len(a) == 1 && len(b) == 1 && len(a[0]) == 26 && len(b[0]) == 26
}

// Where only the month counts, an instant is that month of the zone that is asked for.
func TestMonthOfAnInstant(t *testing.T) {
	h := newHandler(t, api.Config{})
	for target, want := range map[string]string{
		"from=2026-07-01T06:59:59Z&to=2026-07-01T06:59:59Z":               "2026-06", // 23:59 in Redmond
		"from=2026-07-01T07:00:00Z&to=2026-07-01T07:00:00Z":               "2026-07",
		"from=2026-06-30T15:00:00Z&to=2026-06-30T15:00:00Z&tz=Asia/Tokyo": "2026-07",
		"from=1782827999999&to=1782827999999&tz=Europe/Berlin":            "2026-06", // 2026-06-30T13:59:59.999Z
		"from=2026-06-09&to=2026-06-01":                                   "2026-06",
	} {
		for _, row := range rowsOf[map[string]any](t, h, "/api/v1/schedule?track=windows-11-24h2&"+target) {
			if row["month"] != want {
				t.Errorf("%s is %v, want %s", target, row["month"], want)
			}
		}
	}
}

// What is neither a month, a day, an instant nor milliseconds is refused: above all seconds, years,
// and days without hyphens, which would otherwise be milliseconds of 1970.
func TestNoTime(t *testing.T) {
	h := newHandler(t, api.Config{})
	for _, path := range []string{"/api/v1/annotations", "/api/v1/schedule", "/api/v1/releases.csv"} {
		for _, value := range []string{
			"", "now", "2026", "202606", "20260609", "1781024400", "1781024400.5", "1781024400000.5", "01781024400000", "%2B1781024400000", "-1781024400000",
			"1781024400000000", "253402300800000", "2026-6", "2026-02-30", "2026-06-09T17:00", "2026-06-09T17:00:00", "2026-06-09T25:00:00Z", "%20 2026-06",
		} {
			w := serve(t, h, path+"?to=2026-12&from="+strings.ReplaceAll(value, " ", ""))
			if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "want a month YYYY-MM, a day YYYY-MM-DD, an instant") {
				t.Errorf("GET %s from %q = %d %.200s, want 400 that says what would be right", path, value, w.Code, w.Body)
			}
		}
	}
}

// Without tz, months and days are those of each track's rule: a release of 1 March at 02:00 on Lord Howe, when it is
// still February in Redmond, is in March, and one of 1 April is not.
func TestAnnotationsOfTheZone(t *testing.T) {
	facts := patchDays(t, "Australia/Lord_Howe", "America/Los_Angeles")
	for i := range facts {
		facts[i].Track.Rule.Day = cycle.FixedDay(1)
	}
	h := newHandler(t, api.Config{Source: snapshotOf(facts)})
	for query, want := range map[string][]string{
		"track=lord_howe&from=2026-03&to=2026-03":                        {"lord_howe 2026-02-28T15:00:00Z"},
		"track=lord_howe&from=2026-03-01&to=2026-03-01":                  {"lord_howe 2026-02-28T15:00:00Z"},
		"from=2026-03&to=2026-03":                                        {"lord_howe 2026-02-28T15:00:00Z", "los_angeles 2026-03-01T10:00:00Z"},
		"from=2026-03&to=2026-03&limit=1":                                {"lord_howe 2026-02-28T15:00:00Z"},
		"from=2026-03&to=2026-04&limit=3":                                {"lord_howe 2026-02-28T15:00:00Z", "los_angeles 2026-03-01T10:00:00Z", "lord_howe 2026-03-31T15:00:00Z"},
		"track=lord_howe&from=2026-03&to=2026-03&tz=America/Los_Angeles": {"lord_howe 2026-03-31T15:00:00Z"},
		"track=lord_howe&from=2026-02-28T15:00:00Z&to=2026-03":           {"lord_howe 2026-02-28T15:00:00Z"},
		"track=lord_howe&from=2026-02-28T15:00:01Z&to=2026-03":           {},
	} {
		got := []string{}
		for _, a := range rowsOf[annotation](t, h, "/api/v1/annotations?"+query) {
			got = append(got, strings.Split(a.Tags, ",")[0]+" "+time.UnixMilli(a.Time).UTC().Format(time.RFC3339))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

// A range that is wrong in the zone of any track is refused, and each fault is told once.
func TestAnnotationsOfNoRange(t *testing.T) {
	h := newHandler(t, api.Config{Source: snapshotOf(patchDays(t, "Australia/Lord_Howe", "America/Los_Angeles"))})
	for query, want := range map[string]string{
		"from=2026-03&to=2026-02":                 `"to: 2026-02 comes before from, which is 2026-03: want from at or before to"`,
		"from=2026-3":                             `"from: `,
		"from=2026-03-01T05:00:00Z&to=2026-02-28": `"to: 2026-02 comes before from, which is 2026-03: want from at or before to"`, // on Lord Howe
	} {
		w := serve(t, h, "/api/v1/annotations?"+query)
		if body := w.Body.String(); w.Code != http.StatusBadRequest || !strings.Contains(body, want) || strings.Count(body, `"parameter"`) != 1 {
			t.Errorf("%s = %d %s, want one fault, %s", query, w.Code, body, want)
		}
	}
}

// Where there is no track there is no mark.
func TestAnnotationsOfNoTrack(t *testing.T) {
	h := newHandler(t, api.Config{Source: snapshotOf(nil)})
	if got := rowsOf[annotation](t, h, "/api/v1/annotations?from=2026-03"); len(got) != 0 {
		t.Errorf("%v, want none", got)
	}
}
