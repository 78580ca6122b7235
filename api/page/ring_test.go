package page_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/api/page"
	"github.com/cyclecal/cyclecal/cycle"
)

func withRing(in page.Input, deferral, deadline, grace int) page.Input {
	in.Ring = cycle.Ring{Name: "mine", Deferral: deferral, Deadline: deadline, Grace: grace}
	in.Calculated = true
	return in
}

func TestRing(t *testing.T) {
	for _, tt := range []struct {
		name, now, track          string
		deferral, deadline, grace int
		want                      []string
	}{
		{"to come", today, "", 9, 5, 2, []string{
			"Offered on Thu 21 Jan 2027, in 60 days; deadline Tue 26 Jan 2027; every device restarted by Thu 28 Jan 2027. " +
				"January 2027, planned baseline, all 5 tracks",
		}},
		{"at once", today, server2025, 0, 0, 0, []string{
			"Offered on Tue 12 Jan 2027, in 51 days; deadline Tue 12 Jan 2027; every device restarted by Tue 12 Jan 2027. " +
				"January 2027, planned baseline, Windows Server 2025",
		}},
		{"tomorrow", "2026-09-13T20:00:00Z", server2025, 6, 2, 2, []string{
			"Offered on Mon 14 Sep 2026, tomorrow; deadline Wed 16 Sep 2026; every device restarted by Fri 18 Sep 2026. " +
				"September 2026, unplanned baseline, Windows Server 2025",
		}},
		{"due today", "2026-09-14T20:00:00Z", server2025, 6, 2, 2, []string{
			"A restart is due. Offered since Mon 14 Sep 2026, today; deadline Wed 16 Sep 2026; every device restarted by Fri 18 Sep 2026. " +
				"September 2026, unplanned baseline, Windows Server 2025",
		}},
		{"due until the day ends", "2026-09-19T06:59:59Z", server2025, 6, 2, 2, []string{
			"A restart is due. Offered since Mon 14 Sep 2026, 4 days ago; deadline Wed 16 Sep 2026; every device restarted by Fri 18 Sep 2026. " +
				"September 2026, unplanned baseline, Windows Server 2025",
		}},
		{"over", "2026-09-19T07:00:00Z", server2025, 6, 2, 2, []string{
			"Offered on Mon 19 Oct 2026, in 30 days; deadline Wed 21 Oct 2026; every device restarted by Fri 23 Oct 2026. " +
				"October 2026, planned baseline, Windows Server 2025",
		}},
		// A long deferral may reach past the next baseline.
		{"30/30/7", "2026-11-22T09:00:00Z", server2025, 30, 30, 7, []string{
			"A restart is due by the plan, unconfirmed. Offered since Thu 12 Nov 2026, 10 days ago; deadline Sat 12 Dec 2026; every device restarted by Sat 19 Dec 2026. " +
				"October 2026, baseline, Windows Server 2025",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := lookAt(t, tt.now)
			if tt.track != "" {
				in = lookAt(t, tt.now, tt.track)
			}
			doc := render(t, withRing(in, tt.deferral, tt.deadline, tt.grace))
			if diff := cmp.Diff(tt.want, doc.texts("#ring p.result")); diff != "" {
				t.Errorf("results (-want +got):\n%s", diff)
			}
		})
	}
}

// Who calculates for a track that has ended is told so.
func TestRingOfEnded(t *testing.T) {
	got := render(t, withRing(lookAt(t, today, ended), 9, 5, 2)).texts("#ring p.result")
	if diff := cmp.Diff([]string{"No restart to come: the track has ended."}, got); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

// Without a ring nothing is calculated, and the form stands ready.
func TestNoRing(t *testing.T) {
	doc := render(t, lookAt(t, today))
	if got := doc.all("#ring p.result"); len(got) != 0 {
		t.Errorf("%d results, want none", len(got))
	}
	var names []string
	for _, input := range doc.all("#ring form input") {
		names = append(names, input.attr("name"))
	}
	if diff := cmp.Diff([]string{"deferral", "deadline", "grace", "tz"}, names); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

// The presets are Microsoft's table, in both versions of its page.
func TestPresets(t *testing.T) {
	want := map[string][][4]string{
		"Sep 2024:": {{"Test", "0", "0", "0"}, {"Ring 1", "1", "2", "2"}, {"Ring 2", "6", "2", "2"}, {"Ring 3", "9", "5", "2"}, {"Last", "11", "3", "2"}},
		"Mar 2025:": {{"Test", "0", "0", "0"}, {"Ring 1", "1", "2", "2"}, {"Ring 2", "5", "2", "2"}, {"Ring 3", "9", "5", "2"}, {"Last", "10", "3", "2"}},
	}
	got := map[string][][4]string{}
	for _, p := range render(t, lookAt(t, today)).all("#ring div.presets p") {
		for _, a := range p.all("a") {
			q := queryOf(t, a.attr("href"))
			got[p.the(t, "span").text()] = append(got[p.the(t, "span").text()], [4]string{a.text(), q.Get("deferral"), q.Get("deadline"), q.Get("grace")})
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("presets (-want +got):\n%s", diff)
	}
}
