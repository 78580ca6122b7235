package ics

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"

	ical "github.com/arran4/golang-ical"

	"github.com/cyclecal/cyclecal/cycle"
)

// Calendar is what a feed says about itself.
type Calendar struct {
	// Name is what clients call the calendar.
	Name string
	// Description tells what it holds.
	Description string
	// Source is the address of the feed, or "" where it has none.
	Source string
	// Alarm is how long before each event it rings, as an RFC 5545 duration such as "P1D"; "" is never.
	Alarm string
}

// refresh is how often clients are asked to look for changes. Most of them decide themselves.
const refresh = "PT4H"

// Render returns a feed with these events. It returns a [*cycle.InvalidError] for an invalid
// alarm, and an error without bytes if the feed would lack one of the events.
func Render(c Calendar, events []Event) ([]byte, error) {
	if c.Alarm != "" {
		if _, err := cycle.ParseAlarm(c.Alarm); err != nil {
			return nil, err
		}
	}
	cal := ical.NewCalendarFor("Cyclecal")
	cal.SetProductId("-//Cyclecal//Cyclecal//EN")
	cal.SetCalscale("GREGORIAN")
	cal.SetName(line(c.Name))
	cal.SetXWRCalName(line(c.Name))
	cal.SetXWRCalDesc(text(c.Description))
	cal.SetDescription(text(c.Description))
	cal.SetRefreshInterval(refresh)
	cal.SetXPublishedTTL(refresh)
	cal.SetColor("orangered")
	if source := address(c.Source); source != "" {
		cal.CalendarProperties = append(cal.CalendarProperties, ical.CalendarProperty{BaseProperty: ical.BaseProperty{
			IANAToken: "SOURCE", Value: source, ICalParameters: map[string][]string{"VALUE": {"URI"}},
		}})
	}
	for _, e := range events {
		add(cal, e, c.Alarm)
	}
	var buf bytes.Buffer
	if err := cal.SerializeTo(&buf, ical.WithNewLineWindows); err != nil {
		return nil, fmt.Errorf("iCalendar: %w", err)
	}
	// A feed that lost an event would make clients delete it.
	if got := bytes.Count(buf.Bytes(), []byte("\r\nBEGIN:VEVENT\r\n")); got != len(events) {
		return nil, fmt.Errorf("iCalendar: %d events written, want %d", got, len(events))
	}
	return buf.Bytes(), nil
}

func add(cal *ical.Calendar, e Event, alarm string) {
	v := cal.AddEvent(line(e.UID))
	v.SetDtStampTime(e.Stamp)
	v.SetLastModifiedAt(e.Stamp)
	v.SetSequence(e.Sequence)
	if e.First.IsZero() {
		v.SetStartAt(e.Start)
		v.SetEndAt(e.End)
	} else {
		v.SetAllDayStartAt(e.First.Midnight())
		v.SetAllDayEndAt(e.Last.AddDays(1).Midnight()) // RFC 5545, 3.6.1: DTEND is not part of the event
	}
	v.SetSummary(line(e.Summary))
	v.SetDescription(text(e.Description))
	v.SetStatus(status(e))
	v.SetColor(color(e))
	for _, category := range e.Categories {
		v.AddCategory(line(category))
	}
	if u := address(e.URL); u != "" {
		v.SetURL(u)
	}
	// Nobody is busy because an update came.
	v.SetTimeTransparency(ical.TransparencyTransparent)
	v.SetProperty("X-MICROSOFT-CDO-BUSYSTATUS", "FREE")
	if alarm != "" {
		a := v.AddAlarm()
		a.SetAction(ical.ActionDisplay)
		a.SetTrigger("-" + alarm)
		a.SetDescription(line(e.Summary))
	}
}

func status(e Event) ical.ObjectStatus {
	if e.Confirmed {
		return ical.ObjectStatusConfirmed
	}
	return ical.ObjectStatusTentative
}

// color is a CSS3 name, as RFC 7986, 5.9, wants it.
func color(e Event) string {
	if e.Restarts == cycle.RestartNeeded {
		return "orangered"
	}
	return "seagreen"
}

// text cleans a text that anybody may have written, and keeps its lines. The library escapes
// separators and LF; every other way to end a line becomes LF here, and control characters
// are dropped.
func text(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n").Replace(s)
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' || r >= 0x7f && r <= 0x9f {
			return -1
		}
		return r
	}, s)
}

// line is text, joined into one line.
func line(s string) string { return strings.Join(strings.Fields(text(s)), " ") }

// address takes a URI apart and builds it anew, so that nothing else gets through.
// It returns "" for anything that is not an absolute web address.
func address(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	if clean := u.String(); !strings.ContainsFunc(clean, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return clean
	}
	return ""
}
