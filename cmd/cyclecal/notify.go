package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	random "math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/metrics"
	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// notifier sends messages to one receiver, in the background.
//
// There is no queue: what is to be sent is everything that is known, without what the ledger in the
// store lists as told. A program takes the ledger's lease before it sends, and notes afterwards what
// it sent, so that a message is sent once, also across restarts and replicas. It is sent again, with
// the same id, only if nobody can know that it arrived: the receiver did not confirm it or, between
// sending and noting, the program died, or was paused or without the store for longer than the lease.
type notifier struct {
	receiver
	fleet    *fleet
	log      *slog.Logger
	days     int
	baseURL  string
	program  string // a random name of this program, for the lease
	sendTime time.Duration
	unnoted  []fact // were sent, but are not noted in the ledger yet
	full     bool   // the ledger is full, and this was logged

	sent, failed, givenUp atomic.Int64
}

const (
	sendTime  = 30 * time.Second
	leaseTime = 5 * time.Minute // longer than sending and noting may take
	graceTime = 5 * time.Second // for a message under way when the program ends

	settleTime = 30 * time.Second // how long there must be no other write before a message is sent
	mostSettle = 5 * time.Minute  // how long a message waits at most for that

	askEvery   = time.Hour        // for restarts, which come nearer
	storePause = 10 * time.Second // while the store is away
)

func newNotifiers(receivers []receiver, f *fleet, flags serveFlags, log *slog.Logger) []*notifier {
	list := make([]*notifier, len(receivers))
	for i, r := range receivers {
		list[i] = &notifier{
			receiver: r, fleet: f, log: log, days: flags.notify.days, baseURL: flags.baseURL,
			program: rand.Text(), sendTime: sendTime,
		}
	}
	return list
}

// run sends messages until the context ends.
func (n *notifier) run(ctx context.Context) {
	second := time.NewTicker(time.Second)
	defer second.Stop()
	wait := func() bool {
		select {
		case <-ctx.Done():
			return false
		case <-second.C:
			return true
		}
	}
	var seen *api.Snapshot
	var changed, next time.Time
	for on := true; on; on = wait() { // at once: what comes before a new receiver's first look is not told to it
		snapshot, now := n.fleet.Snapshot(), n.fleet.now()
		if snapshot == nil {
			continue
		}
		if snapshot != seen && seen != nil { // facts that are written one by one belong into one message
			if changed.IsZero() {
				changed = now
			}
			next = slices.MinFunc([]time.Time{now.Add(settleTime), changed.Add(mostSettle)}, time.Time.Compare)
		}
		if seen = snapshot; now.Before(next) {
			continue
		}
		changed, next = time.Time{}, now.Add(n.look(ctx, snapshot))
	}
}

// look sends at most one message. It returns after what time to look again, unless a new snapshot
// comes before.
func (n *notifier) look(ctx context.Context, snapshot *api.Snapshot) time.Duration {
	s, err := n.fleet.store()
	if err != nil {
		return storePause
	}
	book, err := readLedger(ctx, s, n.book)
	if err != nil {
		return n.trouble(ctx, err)
	}
	facts := factsOf(snapshot, n.fleet.now(), n.days)
	if book.before == nil {
		return n.begin(ctx, s, book, facts)
	}
	if len(n.unnoted) > 0 {
		return n.note(ctx, s, book)
	}
	messages := n.fitting(book, compose(book.missing(facts), n.baseURL))
	if len(messages) == 0 {
		return askEvery
	}
	if wait := book.wait(n.program, n.fleet.now()); wait > 0 {
		return min(wait, time.Minute) // another program may give the lease back
	}
	return n.tell(ctx, s, book, book.turn(messages))
}

// begin notes everything that is known as told, so that a new receiver gets only what is new from now on.
func (n *notifier) begin(ctx context.Context, s store.Store, book *ledger, facts []fact) time.Duration {
	messages := compose(facts, n.baseURL)
	slices.SortStableFunc(messages, func(a, b message) int { return cmp.Compare(a.Kind, b.Kind) }) // restarts after the changes
	for _, m := range messages {
		if book.fits(m) {
			book.add(m.facts)
		}
	}
	if err := n.save(ctx, s, book); err != nil {
		return n.trouble(ctx, err)
	}
	n.log.Info("a new receiver: it is told what is new from now on", "receiver", n.name)
	return askEvery
}

// fitting returns the messages for which the ledger has room, as a message that can't be noted would be sent
// again and again. Restarts are left out first. This is logged once, until everything fits again.
func (n *notifier) fitting(book *ledger, messages []message) []message {
	book.forget(cycle.DateIn(n.fleet.now(), time.UTC))
	var fit []message
	full := false
	for _, m := range messages {
		full = book.makeRoom(m) || full
		if book.fits(m) {
			fit = append(fit, m)
		}
	}
	full = full || len(fit) < len(messages)
	if full && !n.full {
		n.log.Error("more is to be told than can be kept: it is left out", "receiver", n.name, "messages", len(messages)-len(fit))
	}
	n.full = full
	return fit
}

// note writes down what was told.
func (n *notifier) note(ctx context.Context, s store.Store, book *ledger) time.Duration {
	book.add(n.unnoted)
	if err := n.save(ctx, s, book); err != nil {
		return n.trouble(ctx, err)
	}
	n.unnoted = nil
	return 0
}

// save writes the ledger, also while the program ends.
func (n *notifier) save(ctx context.Context, s store.Store, book *ledger) error {
	return book.save(context.WithoutCancel(ctx), s, n.book, cycle.DateIn(n.fleet.now(), time.UTC))
}

// tell sends a message under a lease, and notes how it went.
func (n *notifier) tell(ctx context.Context, s store.Store, book *ledger, m message) time.Duration {
	book.Lease = lease{n.program, n.fleet.now().Add(leaseTime).UTC()}
	if err := n.save(ctx, s, book); err != nil {
		return n.trouble(ctx, err)
	}
	err := n.deliver(ctx, m)
	if err == nil {
		n.sent.Add(1)
		n.log.Info("told", "receiver", n.name, "message", m.ID)
		n.unnoted = m.facts
		book.succeed(m)
		return n.note(ctx, s, book)
	}
	n.failed.Add(1)
	if n.hung.news() {
		n.log.Error("tries hang, as many as may be: a receiver that hangs is not tried until some end, or the program is restarted", "tries", mostHung)
	}
	pause := backOff(book.Failures)
	if refusal, ok := errors.AsType[sendError](err); ok {
		pause = max(pause, refusal.after)
	}
	if book.fail(m, n.fleet.now(), pause) {
		n.givenUp.Add(1)
		n.log.Error("a message is given up", "receiver", n.name, "message", m.ID, "title", m.Title, "error", err)
	} else {
		n.log.Warn("a message was not taken", "receiver", n.name, "message", m.ID, "error", err, "again_in", pause.Round(time.Second))
	}
	if err := n.save(ctx, s, book); err != nil {
		return max(pause, n.trouble(ctx, err))
	}
	return pause
}

// deliver sends a message within its time. When the program ends, it has a few more seconds.
func (n *notifier) deliver(ctx context.Context, m message) error {
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), n.sendTime)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(graceTime, cancel) })
	defer stop()
	return n.send(sending, m)
}

// backOff returns how long to wait after so many failures: from one minute to one hour, and a
// bit, so that programs do not come all at once.
func backOff(failures int) time.Duration {
	pause := min(time.Minute<<min(failures, 6), time.Hour)
	return pause + random.N(pause/4)
}

// trouble says how long to wait after the store said no.
func (n *notifier) trouble(ctx context.Context, err error) time.Duration {
	switch {
	case errors.Is(err, store.ErrConflict): // another program was quicker: look again
		return 0
	case errors.Is(err, store.ErrUnavailable), ctx.Err() != nil: // the fleet tells
		return storePause
	}
	n.log.Error("it can't be kept what was told: nothing is sent", "receiver", n.name, "error", err)
	return askEvery
}

// counted returns how many messages each receiver was sent, by result.
func counted(notifiers []*notifier) []metrics.Notification {
	var list []metrics.Notification
	for _, n := range notifiers {
		list = append(list,
			metrics.Notification{Receiver: n.name, Result: "sent", Count: n.sent.Load()},
			metrics.Notification{Receiver: n.name, Result: "failed", Count: n.failed.Load()},
			metrics.Notification{Receiver: n.name, Result: "given_up", Count: n.givenUp.Load()})
	}
	return list
}
