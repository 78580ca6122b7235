package page_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/api/page"
	"github.com/cyclecal/cyclecal/cycle"
)

// picture is what an SVG says to those who can't see it, and those who can.
type picture struct {
	XMLName xml.Name `xml:"http://www.w3.org/2000/svg svg"`
	Label   string   `xml:"aria-label,attr"`
	Role    string   `xml:"role,attr"`
	Title   string   `xml:"title"`
	Words   []string `xml:"g>text"`
	Months  []string `xml:"g>g>text"`
	Squares []string `xml:"g>g>rect"`
	Circles []string `xml:"g>g>circle"`
}

func look(t *testing.T, svg []byte) picture {
	t.Helper()
	var p picture
	if err := xml.Unmarshal(svg, &p); err != nil {
		t.Fatalf("%v in %s", err, svg)
	}
	return p
}

// xmlFaults tells why a picture is not well-formed, or does more than draw.
func xmlFaults(svg []byte) []string {
	var faults []string
	dec := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return faults
		}
		if err != nil {
			return append(faults, err.Error())
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if !strings.Contains(" svg g title rect circle path text ", " "+start.Name.Local+" ") {
			faults = append(faults, "has an element "+start.Name.Local)
		}
		for _, a := range start.Attr {
			if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" || a.Name.Local == "style" {
				faults = append(faults, start.Name.Local+" has "+a.Name.Local)
			}
		}
	}
}

// scheduleOf is a track as it is known today.
func scheduleOf(t testing.TB, id string) cycle.Schedule {
	t.Helper()
	for _, f := range history(t) {
		if f.Track.ID == id {
			return cycle.Compile(f, cycle.DateIn(instant(t, today), zone(t, "America/Los_Angeles")))
		}
	}
	t.Fatalf("no track %s", id)
	return cycle.Schedule{}
}

func TestBadge(t *testing.T) {
	for _, tt := range []struct{ track, now, zone, want string }{
		{server2025, today, "America/Los_Angeles", "12 Jan 2027"},
		{server2025, today, "Asia/Tokyo", "13 Jan 2027"},
		{server2025, "2026-10-13T16:59:59Z", "America/Los_Angeles", "13 Oct 2026"},
		{server2025, "2026-10-13T17:00:00Z", "America/Los_Angeles", "12 Jan 2027"},
		{ended, today, "America/Los_Angeles", "none to come"},
	} {
		s := scheduleOf(t, tt.track)
		p := look(t, page.Badge(s, instant(t, tt.now), zone(t, tt.zone)))
		title := s.Track().Name + ", next restart: " + tt.want
		if len(p.Words) != 2 || p.Words[0] != "next restart" || p.Words[1] != tt.want || p.Title != title || p.Label != title || p.Role != "img" {
			t.Errorf("badge of %s at %s = %+v, want %q", tt.track, tt.now, p, tt.want)
		}
	}
}

// The picture of a year says what the page says.
func TestYearPicture(t *testing.T) {
	for _, tt := range []struct {
		track            string
		year             int
		squares, circles int // an unplanned baseline is a square in a square
		days             string
	}{
		{windows11, 2026, 6 + 2, 6, "13 10 10 14 12 9! 14 11 8! 13? 10? 8"},
		{server2022, 2022, 7 + 3, 5, "11 8 8 12 10! 14 12 9! 13 11 8 13!"},
		{ended, 2021, 2, 4, "9 13 11 8 13 10"},
		{ended, 2026, 0, 0, ""},
	} {
		s := scheduleOf(t, tt.track)
		svg := page.Year(s, tt.year)
		p := look(t, svg)
		if len(p.Squares) != tt.squares || len(p.Circles) != tt.circles {
			t.Errorf("%s in %d: %d squares and %d circles, want %d and %d", tt.track, tt.year, len(p.Squares), len(p.Circles), tt.squares, tt.circles)
		}
		var days []string
		for _, word := range p.Months {
			if word[0] >= '0' && word[0] <= '9' {
				days = append(days, word)
			}
		}
		if got := strings.Join(days, " "); got != tt.days {
			t.Errorf("days of %s in %d = %q, want %q", tt.track, tt.year, got, tt.days)
		}
		if got := strings.Count(p.Label, "unplanned baseline"); got != strings.Count(tt.days, "!") {
			t.Errorf("label of %s in %d = %q, want %d unplanned baselines in it", tt.track, tt.year, p.Label, strings.Count(tt.days, "!"))
		}
		if faults := xmlFaults(svg); len(faults) > 0 {
			t.Errorf("%s in %d: %v", tt.track, tt.year, faults)
		}
	}
}

// Every year of every track is a picture.
func TestYearPictures(t *testing.T) {
	for _, f := range history(t) {
		for year := 2020; year <= 2033; year++ {
			for _, fault := range xmlFaults(page.Year(scheduleOf(t, f.Track.ID), year)) {
				t.Errorf("%s in %d: %s", f.Track.ID, year, fault)
			}
		}
	}
}
