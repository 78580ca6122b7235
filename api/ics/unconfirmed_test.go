package ics_test

import (
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api/ics"
	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/catalog"
)

// When a day passes without a release, the event says something else: clients that
// look at SEQUENCE and LAST-MODIFIED must see that it changed.
func TestPassedDayIsAChange(t *testing.T) {
	facts, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	zone, err := cycle.ParseZone("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	october := cycle.MonthOf(2026, time.October)
	event := func(asOf cycle.Date) ics.Event {
		s := cycle.Compile(facts[0], asOf)
		events := ics.Events([]cycle.Schedule{s}, ics.Query{From: october, To: october, Zone: zone})
		if len(events) != 1 {
			t.Fatalf("%d events in %v, want 1", len(events), october)
		}
		return events[0]
	}
	before, after := event(october.Day(13)), event(october.Day(14)) // the second Tuesday is the 13th
	if before.UID != after.UID {
		t.Errorf("UID %q became %q, want the same", before.UID, after.UID)
	}
	if before.Summary == after.Summary || after.Sequence <= before.Sequence || !after.Stamp.After(before.Stamp) {
		t.Errorf("before %q %d %v, after %q %d %v: want another summary, a higher sequence and a later stamp",
			before.Summary, before.Sequence, before.Stamp, after.Summary, after.Sequence, after.Stamp)
	}
	if want := time.Date(2026, time.October, 14, 7, 0, 0, 0, time.UTC); !after.Stamp.Equal(want) {
		t.Errorf("stamp = %v, want %v, when the day ended in Redmond", after.Stamp, want)
	}
}
