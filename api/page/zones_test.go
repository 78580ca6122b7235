package page_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/api/page"
	"github.com/cyclecal/cyclecal/cycle"
)

// patchDay is a track of somebody's own, of which no facts are known: each month restarts, on the second Tuesday
// at 02:00 in that zone, when it is still Monday in Redmond.
func patchDay(t *testing.T, id, name string) cycle.Facts {
	t.Helper()
	rule := cycle.Rule{Day: cycle.NthWeekday(2, time.Tuesday), Hour: 2, Zone: zone(t, name)}
	for m := time.January; m <= time.December; m++ {
		rule.BaselineMonths = append(rule.BaselineMonths, m)
	}
	return cycle.Facts{Track: cycle.Track{ID: id, Name: id, FirstMonth: month(t, "2026-11"), Rule: rule}}
}

// Days are counted from the day in the zone of each track's rule, or in the one that was chosen. At 23:30 in Berlin
// and at 00:30, it is the 22nd in Redmond; 8 December is the second Tuesday.
func TestDaysAreOfTheZone(t *testing.T) {
	for _, tt := range []struct{ now, zone, away, offered string }{
		{"2026-11-22T22:30:00Z", "", "in 16 days", "in 17 days"},
		{"2026-11-22T23:30:00Z", "", "in 15 days", "in 16 days"},
		{"2026-11-22T23:30:00Z", "Europe/Berlin", "in 15 days", "in 16 days"},
		{"2026-11-22T23:30:00Z", "America/Los_Angeles", "in 15 days", "in 16 days"}, // from the 22nd to the 7th
		{"2026-12-06T23:30:00Z", "", "tomorrow", "in 2 days"},
		{"2026-12-07T23:30:00Z", "", "today", "tomorrow"},
	} {
		for _, ids := range [][]string{{"sap"}, nil} {
			in := withRing(inputOf(t, tt.now, []cycle.Facts{patchDay(t, "sap", "Europe/Berlin")}, ids...), 1, 0, 0)
			if tt.zone != "" {
				in = inZone(t, in, tt.zone)
			}
			doc := render(t, in)
			if got := doc.the(t, "#next .away").text(); got != tt.away {
				t.Errorf("%v at %s in %q: %s, want %s", ids, tt.now, tt.zone, got, tt.away)
			}
			if got := doc.the(t, "#answer p.result").text(); !strings.Contains(got, ", "+tt.offered+";") {
				t.Errorf("%v at %s in %q: %s, want it %s", ids, tt.now, tt.zone, got, tt.offered)
			}
			if ids == nil {
				if got := doc.the(t, "#year td.next small").text(); got != tt.away {
					t.Errorf("the year at %s in %q: %s, want %s", tt.now, tt.zone, got, tt.away)
				}
			}
		}
	}
}

// Today's mark is at the day of the track, and this month is that of the page's track.
func TestTodayOfTheZone(t *testing.T) {
	in := inputOf(t, "2026-11-30T23:30:00Z", []cycle.Facts{patchDay(t, "sap", "Europe/Berlin")}, "sap")
	if got := in.Usual(); got != month(t, "2026-12") {
		t.Errorf("this month is %s, want December: it began in Berlin", got)
	}
	for i, c := range render(t, in).all("#year li.card") {
		if marks := c.all("path.now"); (i == 11) != (len(marks) == 1) || i == 11 && marks[0].attr("d") != "M2 0V16" {
			t.Errorf("month %d has %v, want a mark on 1 December alone", i+1, marks)
		}
	}
	// December's update of the track comes today, and is not late yet.
	if got := render(t, in).the(t, "#next p.honest").text(); got != "Unconfirmed: November 2026 (planned baseline)." {
		t.Errorf("unconfirmed: %q", got)
	}
}

// A time stands beside the day on which it is, in the zone of its track. Tracks that restart at different times of
// the same day are apart, and those whose zones have the same time are together.
func TestClockOfTheZone(t *testing.T) {
	facts := append(history(t), patchDay(t, "berlin", "Europe/Berlin"), patchDay(t, "paris", "Europe/Paris"), patchDay(t, "tokyo", "Asia/Tokyo"))
	doc := render(t, inputOf(t, today, facts))
	want := []string{
		"Tuesday, 8 December 2026 in 16 days", "tokyo: planned baseline, KB not known yet. 02:00 JST, 17:00 UTC on 7 December.",
		"Tuesday, 8 December 2026 in 16 days", "berlin and paris: planned baseline, KB not known yet. 02:00 CET, 01:00 UTC.",
		"Tuesday, 12 January 2027 in 51 days",
	}
	if got := doc.texts("#next p")[:5]; cmp.Diff(want, got) != "" {
		t.Errorf("next restarts (-want +got):\n%s", cmp.Diff(want, got))
	}
	in := inputOf(t, today, facts)
	in.Month = month(t, "2026-12")
	got := strings.Join(render(t, in).texts("#month article p"), "\n")
	for _, want := range []string{"Tuesday, 8 December 2026, 02:00 CET, 01:00 UTC.", "Tuesday, 8 December 2026, 02:00 JST, 17:00 UTC on 7 December."} {
		if !strings.Contains(got, want) {
			t.Errorf("December: %q, want %q in it", got, want)
		}
	}
	if got := render(t, in).the(t, "#month pre").text(); !strings.Contains(got, "02:00 JST") {
		t.Errorf("the ticket: %q, want the time in Tokyo in it", got)
	}
}

// Two zones that have the same instant, but not the same time, are not one group.
func TestSameInstantInTwoZones(t *testing.T) {
	london := patchDay(t, "london", "Europe/London")
	london.Track.Rule.Hour = 1
	doc := render(t, inputOf(t, today, []cycle.Facts{patchDay(t, "berlin", "Europe/Berlin"), london}))
	want := []string{"berlin: planned baseline, KB not known yet. 02:00 CET, 01:00 UTC.", "london: planned baseline, KB not known yet. 01:00 GMT, 01:00 UTC."}
	if got := doc.texts("#next p.why"); cmp.Diff(want, got) != "" {
		t.Errorf("next restarts (-want +got):\n%s", cmp.Diff(want, got))
	}
}

// Why no restart is to come is said of each kind of track that has none.
func TestNoRestartToCome(t *testing.T) {
	never := patchDay(t, "never", "America/Los_Angeles")
	never.Track.Rule.BaselineMonths = nil
	ending := never
	ending.Track.ID, ending.Track.LastMonth, ending.Track.Rule.BaselineMonths = "ending", month(t, "2026-12"), []time.Month{time.October}
	const byRule, ends, has = "by its rule no month restarts", "the track ends with December 2026", "the track has ended"
	for _, tt := range []struct {
		facts     cycle.Facts
		now       string
		why, next string
	}{
		{never, today, byRule, "By its rule no month restarts."},
		{ending, today, ends, "The track ends with December 2026."},
		{ending, "2026-12-08T10:00:00Z", ends, "The track ends with December 2026."}, // its update has come and is in force,
		{ending, "2027-01-12T09:59:59Z", ends, "The track ends with December 2026."}, // until the next one would come
		{ending, "2027-01-12T10:00:00Z", has, "The track ended with December 2026."},
	} {
		in := withRing(inputOf(t, tt.now, []cycle.Facts{tt.facts}, tt.facts.Track.ID), 1, 1, 1)
		doc := render(t, in)
		want := []string{"None to come", tt.next}
		if got := doc.texts("#next p")[:2]; cmp.Diff(want, got) != "" {
			t.Errorf("%s at %s (-want +got):\n%s", in.Schedules[0].Track().ID, tt.now, cmp.Diff(want, got))
		}
		if got, want := doc.the(t, "#answer p.result").text(), "No restart to come: "+tt.why+"."; got != want {
			t.Errorf("%s at %s: %q, want %q", in.Schedules[0].Track().ID, tt.now, got, want)
		}
		in = inputOf(t, tt.now, []cycle.Facts{tt.facts})
		in.Year, in.Month = 2026, month(t, "2026-12")
		doc = render(t, withRing(in, 1, 1, 1))
		if got := doc.the(t, "#year td.next").text(); got != "none: "+tt.why {
			t.Errorf("%s at %s: %q, want %q", in.Schedules[0].Track().ID, tt.now, got, "none: "+tt.why)
		}
		if got := doc.texts("#next p.why"); len(got) != 1 || got[0] != in.Schedules[0].Track().Name+": "+tt.why+"." {
			t.Errorf("%s at %s among all: %q, want %q", in.Schedules[0].Track().ID, tt.now, got, tt.why)
		}
	}
}

// Where no fact is known, none is called the newest.
func TestUnconfirmedWithoutFacts(t *testing.T) {
	in := inputOf(t, today, []cycle.Facts{patchDay(t, "sap", "Europe/Berlin")}, "sap")
	if got, want := render(t, in).the(t, "#next p.honest").text(), "Unconfirmed: November 2026 (planned baseline)."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Of many months without a fact the page names the last ones, and says how many came before.
func TestManyUnconfirmed(t *testing.T) {
	facts := patchDay(t, "sap", "Europe/Berlin")
	for first, want := range map[string]string{
		"2026-07": "July 2026 (planned baseline), August 2026 (planned baseline), September 2026 (planned baseline), October 2026 (planned baseline) and November 2026 (planned baseline).",
		"2025-01": "19 since January 2025, August 2026 (planned baseline), September 2026 (planned baseline), October 2026 (planned baseline) and November 2026 (planned baseline).",
	} {
		facts.Track.FirstMonth = month(t, first)
		if got := render(t, inputOf(t, today, []cycle.Facts{facts}, "sap")).the(t, "#next p.honest").text(); got != "Unconfirmed: "+want {
			t.Errorf("from %s on: %q, want %q", first, got, want)
		}
	}
}

// A day that a rule puts into the next month is told with that month, and lies at the edge of its strip.
func TestDayOfAnotherMonth(t *testing.T) {
	facts := patchDay(t, "late", "Europe/Berlin")
	facts.Track.Rule.OffsetDays = 20
	card := render(t, inputOf(t, today, []cycle.Facts{facts}, "late")).all("#year li.card")[11]
	if got := card.the(t, ".sub").text(); !strings.HasPrefix(got, "28 · ") { // 8 December and 20 days
		t.Errorf("the card says %q, want the 28th", got)
	}
	facts.Track.Rule.OffsetDays = 28
	doc := render(t, inputOf(t, today, []cycle.Facts{facts}, "late"))
	card = doc.all("#year li.card")[11]
	if got := card.the(t, ".sub").text(); !strings.HasPrefix(got, "5 Jan · ") {
		t.Errorf("the card says %q, want 5 January", got)
	}
	if got := card.the(t, "circle").attr("cx"); got != "122" { // the 31st of December, at four units a day
		t.Errorf("its mark lies at %s, want the last day's place", got)
	}
	if svg := string(page.Year(cycle.Compile(facts, cycle.DateOf(2026, 11, 22)), 2026)); !strings.Contains(svg, ">5 Jan<") {
		t.Errorf("the picture does not say 5 January: %s", svg)
	}
}

// A month that was announced is named too, once its day has passed without a release.
func TestAnnouncedUnconfirmed(t *testing.T) {
	facts := patchDay(t, "sap", "Europe/Berlin")
	facts.Track.FirstMonth = month(t, "2026-11")
	facts.Notices = []cycle.Notice{{Track: "sap", Month: month(t, "2026-11"), Kind: cycle.Hotpatch, KnownOn: cycle.DateOf(2026, 11, 2), Reason: "Said so"}}
	for now, want := range map[string]bool{"2026-11-10T20:00:00Z": false, today: true} {
		doc := render(t, inputOf(t, now, []cycle.Facts{facts}, "sap"))
		if got := doc.the(t, "#next").text(); strings.Contains(got, "Unconfirmed: November 2026 (announced hotpatch).") != want {
			t.Errorf("at %s: %q, want November named: %t", now, got, want)
		}
	}
}

// A month is named once for all products of which the same is known, wherever they stand in the list; with them, where
// they are not all that have the month.
func TestUnconfirmedOnce(t *testing.T) {
	var all []cycle.Facts
	for i, id := range []string{"a", "b", "c"} {
		facts := patchDay(t, id, "Europe/Berlin")
		facts.Track.FirstMonth = month(t, "2026-11")
		if i == 1 {
			facts.Notices = []cycle.Notice{{Track: id, Month: month(t, "2026-11"), Kind: cycle.Hotpatch, KnownOn: cycle.DateOf(2026, 11, 2), Reason: "Said so"}}
		}
		all = append(all, facts)
	}
	got := render(t, inputOf(t, today, all, "a", "b", "c")).the(t, "#next").text()
	if want := "Unconfirmed: November 2026 (announced hotpatch, b) and November 2026 (planned baseline, a and c). "; !strings.Contains(got, want) {
		t.Errorf("%q, want %q in it", got, want)
	}
}
