package main

import (
	"context"
	"fmt"
	"os"

	daemon "github.com/kardianos/service"
	"github.com/spf13/cobra"
)

// runDaemon is what the machine starts. systemd and launchd start serve itself.
func (p *program) runDaemon(manage manager) *cobra.Command {
	return &cobra.Command{
		Use: "run", Short: "Run serve for the service manager of Windows", Hidden: true, DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error {
			u := &unit{exit: os.Exit}
			s, err := manage(u, daemonConfig(nil))
			if err != nil {
				return failed(err)
			}
			log, err := s.SystemLogger(nil)
			if err != nil {
				return failed(err)
			}
			inner := p.logging(log)
			u.serve = func(ctx context.Context) int { return inner.run(ctx, append([]string{"serve"}, args...)) }
			return failed(s.Run())
		},
	}
}

// unit runs a server between a service manager's start and stop.
type unit struct {
	serve  func(context.Context) int
	exit   func(int)
	cancel context.CancelFunc
	ended  chan struct{}
	code   int
}

// Start returns at once. A server that ends by itself ends the program, so that it is started again.
func (u *unit) Start(daemon.Service) error {
	ctx, cancel := context.WithCancel(context.Background())
	u.cancel, u.ended = cancel, make(chan struct{})
	go func() {
		defer close(u.ended)
		u.code = u.serve(ctx)
		if ctx.Err() == nil {
			u.exit(max(u.code, exitFailed))
		}
	}()
	return nil
}

// Stop does what SIGTERM does, and waits for it.
func (u *unit) Stop(daemon.Service) error {
	u.cancel()
	<-u.ended
	if u.code != exitDone {
		return fmt.Errorf("serve ended with exit code %d", u.code)
	}
	return nil
}
