package main

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/importer"
	"github.com/cyclecal/cyclecal/cycle/store"
)

func pacific(t testing.TB) *time.Location {
	t.Helper()
	zone, err := cycle.ParseZone(cycle.PatchZone)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func always(f float64) func() float64 { return func() float64 { return f } }

const minutes = "2006-01-02 15:04:05"

// When a source is fetched next, in the local time of Redmond; the least, the middle and nearly the most of what is by chance.
func TestTimetable(t *testing.T) {
	zone := pacific(t)
	for _, test := range []struct {
		now               string
		least, middle, at string
	}{
		{"2026-11-22 10:00:00", "2026-11-22 15:24:00", "2026-11-22 16:00:00", "2026-11-22 16:36:00"},
		// The tenth of November 2026 and of March 2026 are Patch Tuesdays.
		{"2026-11-10 02:00:00", "2026-11-10 07:24:00", "2026-11-10 08:00:00", "2026-11-10 08:36:00"},
		{"2026-11-10 04:00:00", "2026-11-10 09:24:00", "2026-11-10 09:30:30", "2026-11-10 09:31:00"},
		{"2026-11-10 09:29:59", "2026-11-10 09:30:00", "2026-11-10 09:30:30", "2026-11-10 09:31:00"},
		{"2026-11-10 09:30:00", "2026-11-10 09:43:30", "2026-11-10 09:45:00", "2026-11-10 09:46:30"},
		{"2026-11-10 13:59:59", "2026-11-10 14:13:29", "2026-11-10 14:14:59", "2026-11-10 14:16:29"},
		{"2026-11-10 14:00:00", "2026-11-10 19:24:00", "2026-11-10 20:00:00", "2026-11-10 20:36:00"},
		{"2026-03-10 09:45:00", "2026-03-10 09:58:30", "2026-03-10 10:00:00", "2026-03-10 10:01:30"},
		// Clocks go forward on 8 March 2026 at 2:00, and back on 1 November at 2:00.
		{"2026-03-08 00:00:00", "2026-03-08 06:24:00", "2026-03-08 07:00:00", "2026-03-08 07:36:00"},
		{"2026-11-01 00:00:00", "2026-11-01 04:24:00", "2026-11-01 05:00:00", "2026-11-01 05:36:00"},
		{"2026-11-17 10:00:00", "2026-11-17 15:24:00", "2026-11-17 16:00:00", "2026-11-17 16:36:00"}, // a third Tuesday
		{"2026-12-08 03:59:59", "2026-12-08 09:23:59", "2026-12-08 09:30:30", "2026-12-08 09:31:00"},
		{"2026-12-31 23:00:00", "2027-01-01 04:24:00", "2027-01-01 05:00:00", "2027-01-01 05:36:00"},
	} {
		now, err := time.ParseInLocation(minutes, test.now, zone)
		if err != nil {
			t.Fatal(err)
		}
		for random, want := range map[float64]string{0: test.least, 0.5: test.middle, 1: test.at} {
			if got := (timetable{zone, always(random)}).next(now).In(zone).Format(minutes); got != want {
				t.Errorf("at %s, by chance of %v: next at %s, want %s", test.now, random, got, want)
			}
		}
	}
}

// Each failure doubles the pause, up to 6 hours; a host may ask for more, up to a day; nobody sleeps past a rush.
func TestRetry(t *testing.T) {
	zone := pacific(t)
	table := timetable{zone, always(0.5)}
	sunday := time.Date(2026, 11, 22, 10, 0, 0, 0, zone)
	for failures, want := range map[int]time.Duration{
		1: 5 * time.Minute, 2: 10 * time.Minute, 3: 20 * time.Minute, 7: 320 * time.Minute, 8: 6 * time.Hour, 9: 6 * time.Hour, 1 << 40: 6 * time.Hour,
	} {
		if got := table.retry(sunday, failures, 0).Sub(sunday); got != want {
			t.Errorf("after %d failures: %v, want %v", failures, got, want)
		}
	}
	for asked, want := range map[time.Duration]time.Duration{time.Minute: 5 * time.Minute, time.Hour: time.Hour, 365 * 24 * time.Hour: 24 * time.Hour} {
		if got := table.retry(sunday, 1, asked).Sub(sunday); got != want {
			t.Errorf("asked to wait for %v: %v, want %v", asked, got, want)
		}
	}
	tuesday := time.Date(2026, 11, 10, 9, 0, 0, 0, zone)
	if got := table.retry(tuesday, 20, 0).Sub(tuesday); got != 30*time.Minute+30*time.Second {
		t.Errorf("before a rush: %v, want its begin", got)
	}
	for at, want := range map[time.Duration]time.Duration{30 * time.Minute: 15 * time.Minute, 5*time.Hour - time.Second: 15 * time.Minute, 5 * time.Hour: 6 * time.Hour} {
		if got := table.retry(tuesday.Add(at), 20, 0).Sub(tuesday.Add(at)); got != want {
			t.Errorf("%v after 9:00 of a Patch Tuesday: %v, want %v", at, got, want)
		}
	}
	if got := table.retry(tuesday, 1, time.Hour).Sub(tuesday); got != time.Hour {
		t.Errorf("asked to wait into a rush: %v, want an hour", got)
	}
}

// simulated runs so many programs on one store for a day from that midnight in Redmond, and
// returns when each source was fetched.
func simulated(t *testing.T, day time.Time, programs int, answer func() (importer.Page, error)) map[string][]string {
	t.Helper()
	fetched := map[string][]string{}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		now := func() time.Time { return day.Add(time.Since(began)) }
		opened, err := store.OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "cyclecal.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = opened.Close() }()
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour-time.Nanosecond)
		defer cancel()
		var mu sync.Mutex
		var running sync.WaitGroup
		for range programs {
			f := newFleet(tracksAlone(t), firstToken{}, now, slog.New(slog.DiscardHandler))
			if err := f.use(ctx, opened); err != nil {
				t.Fatal(err)
			}
			s := &syncer{
				timetable: timetable{day.Location(), always(0.5)}, fleet: f, sources: defaultSources(), states: map[string]sourceState{},
				fetch: func(_ context.Context, address string, _ importer.Validators) (importer.Page, error) {
					mu.Lock()
					defer mu.Unlock()
					fetched[address] = append(fetched[address], now().Format("15:04:05"))
					return answer()
				},
			}
			running.Go(func() { s.run(ctx) })
		}
		running.Wait()
	})
	return fetched
}

// How often the sources are asked in a day, by one program or by three on one store.
func TestDay(t *testing.T) {
	zone := pacific(t)
	unchanged := func() (importer.Page, error) { return importer.Page{Unchanged: true}, nil }
	broken := func() (importer.Page, error) {
		return importer.Page{}, &importer.StatusError{Address: "https://learn.microsoft.com/", Status: "500 Internal Server Error"}
	}
	var rush []string
	for at := time.Date(2026, 11, 10, 9, 30, 30, 0, zone); at.Hour() < 14; at = at.Add(15 * time.Minute) {
		rush = append(rush, at.Format("15:04:05"))
	}
	patchTuesday := append(append([]string{"00:00:00", "06:00:00"}, rush...), "14:00:30", "20:00:30")
	for _, test := range []struct {
		what     string
		day      time.Time
		programs int
		answer   func() (importer.Page, error)
		want     []string
	}{
		{"a Sunday", time.Date(2026, 11, 22, 0, 0, 0, 0, zone), 1, unchanged, []string{"00:00:00", "06:00:00", "12:00:00", "18:00:00"}},
		{"a Patch Tuesday", time.Date(2026, 11, 10, 0, 0, 0, 0, zone), 1, unchanged, patchTuesday},
		{"three programs", time.Date(2026, 3, 10, 0, 0, 0, 0, zone), 3, unchanged, patchTuesday},
		{"a broken Sunday", time.Date(2026, 11, 22, 0, 0, 0, 0, zone), 2, broken, []string{
			"00:00:00", "00:05:00", "00:15:00", "00:35:00", "01:15:00", "02:35:00", "05:15:00", "10:35:00", "16:35:00", "22:35:00",
		}},
	} {
		t.Run(test.what, func(t *testing.T) {
			fetched := simulated(t, test.day, test.programs, test.answer)
			if len(fetched) != len(defaultSources()) {
				t.Errorf("%d sources were fetched, want %d", len(fetched), len(defaultSources()))
			}
			for address, times := range fetched {
				if fmt.Sprint(times) != fmt.Sprint(test.want) {
					t.Errorf("%s was fetched %d times at %v, want %d at %v", address, len(times), times, len(test.want), test.want)
				}
			}
		})
	}
}
