package main

import (
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// How often a source is fetched.
const (
	fetchEvery  = 6 * time.Hour
	fetchOften  = 15 * time.Minute // while updates are released
	retryFirst  = 5 * time.Minute  // doubled with each failure
	retryLast   = 6 * time.Hour
	retryBounds = 24 * time.Hour // of what a host may ask for
)

// timetable says when a source is fetched next.
type timetable struct {
	zone   *time.Location
	random func() float64 // from 0 to 1, without 1
}

// spread makes a time longer or shorter by up to a tenth, so that not all programs come at once.
func (t timetable) spread(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.9 + 0.2*t.random()))
}

// rush returns the hours about the release of the next Patch Tuesday, or of this one: 9:30 to 14:00 in Redmond.
func (t timetable) rush(now time.Time) (begin, end time.Time) {
	month := cycle.DateIn(now, t.zone).Month()
	if begin, end = t.rushOf(month); now.Before(end) {
		return begin, end
	}
	return t.rushOf(month.AddMonths(1))
}

func (t timetable) rushOf(month cycle.Month) (begin, end time.Time) {
	rule := cycle.Rule{Day: cycle.NthWeekday(2, time.Tuesday), Hour: 9, Minute: 30, Zone: t.zone}
	begin = rule.At(rule.Date(month))
	rule.Hour, rule.Minute = 14, 0
	return begin, rule.At(rule.Date(month))
}

// next returns when to fetch again after a success.
func (t timetable) next(now time.Time) time.Time {
	begin, _ := t.rush(now)
	if !now.Before(begin) {
		return now.Add(t.spread(fetchOften))
	}
	return t.notPast(begin, now.Add(t.spread(fetchEvery)))
}

// retry returns when to try again after so many failures, and after what the host asked for, if it did.
func (t timetable) retry(now time.Time, failures int, asked time.Duration) time.Time {
	pause := retryLast
	if doublings := failures - 1; doublings < 7 { // 5 minutes become more than 6 hours
		pause = min(retryFirst<<max(doublings, 0), retryLast)
	}
	begin, _ := t.rush(now)
	if !now.Before(begin) {
		pause = min(pause, fetchOften)
	}
	at := now.Add(t.spread(pause))
	if now.Before(begin) {
		at = t.notPast(begin, at)
	}
	if wait := now.Add(min(asked, retryBounds)); wait.After(at) {
		return wait
	}
	return at
}

// notPast lets nobody sleep past the begin of a rush; all programs come within its first minute.
func (t timetable) notPast(begin, at time.Time) time.Time {
	if !at.After(begin) {
		return at
	}
	return begin.Add(time.Duration(t.random() * float64(time.Minute)))
}
