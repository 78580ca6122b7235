package devices_test

import (
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api/devices"
	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/catalog"
)

const today = "2026-11-22"

// options are those of the built-in history.
func options(t testing.TB) devices.Options {
	t.Helper()
	facts, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	day, err := cycle.ParseDate(today)
	if err != nil {
		t.Fatal(err)
	}
	o := devices.Options{At: time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)}
	for _, f := range facts {
		o.Schedules = append(o.Schedules, cycle.Compile(f, day))
	}
	return o
}
