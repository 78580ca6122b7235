package main

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// ledger is what all programs on one store remember together of one receiver: a note of the
// store. It says nothing of who the receiver is.
type ledger struct {
	// Changes and Restarts have the marks of the facts that were told, joined, by the day of the fact.
	Changes  map[string]string `json:"changes"`
	Restarts map[string]string `json:"restarts"`
	// Lease is the program that sends now. It ends by itself, in case the program did.
	Lease lease `json:"lease,omitzero"`
	// Failures counts those since the last success, RetryAt is until when nothing is sent.
	Failures int       `json:"failures,omitzero"`
	RetryAt  time.Time `json:"retry_at,omitzero"`
	// Failed are the messages that could not be sent, by their ids.
	Failed map[string]failing `json:"failed,omitempty"`

	before []byte // as it is in the store; nil where it is not there
}

type lease struct {
	By    string    `json:"by"`
	Until time.Time `json:"until"`
}

type failing struct {
	Since time.Time `json:"since"`
	Tries int       `json:"tries"`
}

// For so many days it is known what was told. A change that is older is no [news], a restart that
// has passed is none to come: they are not told whatever the ledger says.
const (
	changeDays  = news + 30
	restartDays = 14
)

// A ledger in bytes. The store takes notes of 64 KiB: what the marks leave is for failures and the
// lease, what restarts leave for changes of plan.
const (
	mostMarks        = 52 << 10
	mostRestartMarks = 40 << 10 // with those of changes
	mostFailing      = 64       // messages, some 170 bytes each
)

// readLedger returns the ledger under that name, an empty one where there is none.
func readLedger(ctx context.Context, s store.Store, name string) (*ledger, error) {
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	notes, err := s.Notes(ctx)
	if err != nil {
		return nil, err
	}
	l := &ledger{before: notes[name]}
	if l.before != nil {
		err = json.Unmarshal(l.before, l)
	}
	if l.Changes == nil {
		l.Changes = map[string]string{}
	}
	if l.Restarts == nil {
		l.Restarts = map[string]string{}
	}
	return l, err
}

// save writes the ledger if nobody else has; otherwise the error matches store.ErrConflict.
func (l *ledger) save(ctx context.Context, s store.Store, name string, today cycle.Date) error {
	l.forget(today)
	after, err := json.Marshal(l)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	if err := s.SetNote(ctx, name, l.before, after); err != nil {
		return err
	}
	l.before = after
	return nil
}

func (l *ledger) forget(today cycle.Date) {
	change, restart := today.AddDays(-changeDays).String(), today.AddDays(-restartDays).String()
	maps.DeleteFunc(l.Changes, func(day, _ string) bool { return day < change })
	maps.DeleteFunc(l.Restarts, func(day, _ string) bool { return day < restart })
}

// add notes facts as told.
func (l *ledger) add(facts []fact) {
	for _, f := range l.missing(facts) {
		if f.kind == factRestart {
			l.Restarts[f.day().String()] += f.mark()
		} else {
			l.Changes[f.day().String()] += f.mark()
		}
	}
}

// fits reports whether there is room to note a message as told.
func (l *ledger) fits(m message) bool {
	const perDay = len(`"2026-11-22":"",`)
	size := len(m.facts)*markLength + perDay
	for _, told := range []map[string]string{l.Changes, l.Restarts} {
		for _, marks := range told {
			size += len(marks) + perDay
		}
	}
	if m.Kind == factRestart {
		return size <= mostRestartMarks
	}
	return size <= mostMarks
}

// allOfDay stands for the marks of all restarts of a day, told or left out.
const allOfDay = "*"

// makeRoom has a change fit, if it can, by leaving out restarts, those that are furthest away last.
// It reports whether it left out any.
func (l *ledger) makeRoom(m message) (made bool) {
	for _, day := range slices.Sorted(maps.Keys(l.Restarts)) {
		if m.Kind == factRestart || l.fits(m) {
			break
		}
		made = made || l.Restarts[day] != allOfDay
		l.Restarts[day] = allOfDay
	}
	return made
}

// missing returns the facts that were not told, on whatever day.
func (l *ledger) missing(facts []fact) []fact {
	told := map[string]bool{}
	for _, marks := range slices.Concat(slices.Collect(maps.Values(l.Changes)), slices.Collect(maps.Values(l.Restarts))) {
		for ; len(marks) >= markLength; marks = marks[markLength:] {
			told[marks[:markLength]] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(facts), func(f fact) bool {
		return told[f.mark()] || f.kind == factRestart && l.Restarts[f.day().String()] == allOfDay
	})
}

// wait returns how long a program has to wait before it may send. What is further away than it
// can be was written by a wrong clock, and holds nobody up.
func (l *ledger) wait(program string, now time.Time) time.Duration {
	wait := time.Duration(0)
	if pause := l.RetryAt.Sub(now); pause <= 2*longestPause { // the other program's clock may be a bit ahead
		wait = max(wait, pause)
	}
	if left := l.Lease.Until.Sub(now); l.Lease.By != program && left <= 2*leaseTime {
		wait = max(wait, left)
	}
	return wait
}

// turn returns the message whose turn it is: the one that failed least, so that one that a
// receiver will not have does not hold up the others. It forgets the failures of messages that
// need no telling any more.
func (l *ledger) turn(messages []message) message {
	maps.DeleteFunc(l.Failed, func(id string, _ failing) bool {
		return !slices.ContainsFunc(messages, func(m message) bool { return m.ID == id })
	})
	return slices.MinFunc(messages, func(a, b message) int { return cmp.Compare(l.Failed[a.ID].Tries, l.Failed[b.ID].Tries) })
}

// succeed notes that a message was sent.
func (l *ledger) succeed(m message) {
	l.add(m.facts)
	delete(l.Failed, m.ID)
	l.Lease, l.Failures, l.RetryAt = lease{}, 0, time.Time{}
}

// giveUp is for how long a message is tried.
const giveUp = 7 * 24 * time.Hour

// fail notes that a message was not sent, and that nothing is before that pause is over.
// It reports whether the message is given up.
func (l *ledger) fail(m message, now time.Time, pause time.Duration) (over bool) {
	f := l.Failed[m.ID]
	if f.Since.IsZero() {
		f.Since = now.UTC().Truncate(time.Second)
	}
	f.Tries++
	l.Lease, l.Failures, l.RetryAt = lease{}, l.Failures+1, now.Add(pause).UTC()
	if now.Sub(f.Since) >= giveUp {
		l.add(m.facts)
		delete(l.Failed, m.ID)
		return true
	}
	if l.Failed == nil {
		l.Failed = map[string]failing{}
	}
	l.Failed[m.ID] = f
	l.forgetFailing(m.ID)
	return false
}

// forgetFailing keeps the failures few: one that is forgotten begins anew. Restarts go first, as they
// pass by themselves.
func (l *ledger) forgetFailing(latest string) {
	for _, kind := range []string{factRestart, ""} {
		for id := range l.Failed { // in no order, so that each has its turn
			if len(l.Failed) > mostFailing && id != latest && strings.HasPrefix(id, kind) {
				delete(l.Failed, id)
			}
		}
	}
}
