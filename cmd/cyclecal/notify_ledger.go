package main

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// ledger is what all programs on one store remember together of one receiver: a note of the
// store. It says nothing of who the receiver is.
type ledger struct {
	// Told has the marks of the facts that were told, joined, by the day of the fact.
	Told map[string]string `json:"told"`
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

// ledgerDays is for how long it is known what was told. What is older is no [news], and is not
// told whatever the ledger says.
const ledgerDays = news + 30

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
	if l.Told == nil {
		l.Told = map[string]string{}
	}
	return l, err
}

// save writes the ledger if nobody else has; otherwise the error matches store.ErrConflict.
func (l *ledger) save(ctx context.Context, s store.Store, name string, today cycle.Date) error {
	oldest := today.AddDays(-ledgerDays).String()
	maps.DeleteFunc(l.Told, func(day, _ string) bool { return day < oldest })
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

// add notes facts as told.
func (l *ledger) add(facts []fact) {
	for _, f := range l.missing(facts) {
		l.Told[f.day().String()] += f.mark()
	}
}

// missing returns the facts that were not told, on whatever day.
func (l *ledger) missing(facts []fact) []fact {
	told := map[string]bool{}
	for _, marks := range l.Told {
		for ; len(marks) >= markLength; marks = marks[markLength:] {
			told[marks[:markLength]] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(facts), func(f fact) bool { return told[f.mark()] })
}

// wait returns how long a program has to wait before it may send. What is further away than it
// can be was written by a wrong clock, and holds nobody up.
func (l *ledger) wait(program string, now time.Time) time.Duration {
	wait := time.Duration(0)
	if pause := l.RetryAt.Sub(now); pause <= longestPause {
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
		f.Since = now.UTC()
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
	return false
}
