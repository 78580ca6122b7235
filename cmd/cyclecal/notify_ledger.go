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

// ledger is what all programs on one store know about one receiver. It is a note in the store, and
// does not say who the receiver is.
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

	before []byte // the note as it is in the store, nil if there is none
}

type lease struct {
	By    string    `json:"by"`
	Until time.Time `json:"until"`
}

type failing struct {
	Since time.Time `json:"since"`
	Tries int       `json:"tries"`
}

// How many days the ledger remembers what was told. An older change is no longer news, and a restart that
// has passed is no longer to come, so they are not told again.
const (
	changeDays  = news + 30
	restartDays = 14
)

// Bounds of a ledger, in bytes where not said otherwise. The store takes notes of 64 KiB: what marks may not
// use is for failures and the lease, and what restarts may not use is for changes.
const (
	mostMarks        = 52 << 10
	mostRestartMarks = 40 << 10 // of all marks together, for a restart to be added
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

// makeRoom makes room for a change by dropping the marks of restarts, day by day from the earliest one on,
// and marking all restarts of the day as told. It reports whether it did.
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

// wait returns how long a program has to wait before it may send. An instant that is too far ahead was
// written by a wrong clock, and is ignored.
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

// turn returns the message to send next: the one that failed least often, so that a message that the
// receiver refuses does not hold up the others. It forgets the failures of messages that are no longer
// to be sent.
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

// fail notes that a message could not be sent, and that nothing is to be sent during that pause.
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
