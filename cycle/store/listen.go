package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// Listen listens on a connection of its own, and makes a new one whenever that is lost.
func (s *postgresStore) Listen(ctx context.Context) <-chan struct{} {
	c := make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.closing, cancel)
	s.listening.Go(func() {
		defer close(c)
		defer stop()
		defer cancel()
		pause := 50 * time.Millisecond
		for ctx.Err() == nil {
			if s.listenOnce(ctx, c) {
				pause = 50 * time.Millisecond
			}
			wait(ctx, pause)
			pause = min(2*pause, time.Second)
		}
	})
	return c
}

// listenOnce gives hints for as long as one connection lasts, and reports whether there was one.
// Why it ended doesn't matter: the next one begins with a hint.
func (s *postgresStore) listenOnce(ctx context.Context, c chan<- struct{}) bool {
	conn, err := pgx.ConnectConfig(ctx, s.pool.Config().ConnConfig)
	if err != nil {
		return false
	}
	defer func() {
		// The context that ended can't say good-bye.
		bye, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(bye)
	}()
	if _, err := conn.Exec(ctx, `LISTEN `+channel); err != nil {
		return false
	}
	for {
		hint(c)
		if waitForHint(ctx, conn) != nil {
			return true
		}
	}
}

// waitForHint waits for a notification. Every few seconds it asks the server whether it is still there,
// as a connection that a firewall has forgotten stays silent for ever.
func waitForHint(ctx context.Context, conn *pgx.Conn) error {
	const patience = 5 * time.Second
	for {
		part, cancel := context.WithTimeout(ctx, patience)
		_, err := conn.WaitForNotification(part)
		cancel()
		if err == nil || ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		part, cancel = context.WithTimeout(ctx, patience)
		err = conn.Ping(part)
		cancel()
		if err != nil {
			return err
		}
	}
}
