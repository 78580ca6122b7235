package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/auth"
	"github.com/cyclecal/cyclecal/api/metrics"
	"github.com/cyclecal/cyclecal/cycle/catalog"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// service is what the command serve runs: the fleet, what its flags say, and the background tasks.
type service struct {
	*fleet
	flags       serveFlags
	proxies     auth.Proxies
	certificate *certificate // nil without TLS
	notifiers   []*notifier
	sync        *syncer // nil without --sync
	counts      counts

	stop   context.CancelFunc
	beside sync.WaitGroup
}

// newService checks the flags and opens the store. The caller closes it.
func (p *program) newService(ctx context.Context, f serveFlags, log *slog.Logger) (*service, error) {
	base, err := checkBaseURL(f.baseURL)
	if err != nil {
		return nil, err
	}
	f.baseURL = base
	s := &service{flags: f}
	if s.proxies, err = f.proxies(); err != nil {
		return nil, err
	}
	if f.tlsCert != "" {
		if s.certificate, err = newCertificate(f.tlsCert, f.tlsKey, p.now, log); err != nil {
			return nil, err
		}
	}
	receivers, err := parseReceivers(f.notify.urls, p.now)
	if err != nil {
		return nil, err
	}
	token, err := p.firstToken(f)
	if err != nil {
		return nil, err
	}
	facts, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	s.fleet = newFleet(facts, firstToken{"(first admin token)", token}, p.now, log)
	s.notifiers = newNotifiers(receivers, s.fleet, f, log)
	if s.sync, err = newSyncer(f.syncFlags, s.fleet); err != nil {
		return nil, err
	}
	s.counts = s.newCounts()
	if err := s.begin(ctx); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// begin opens the store and starts to follow it. It waits in the background for a database that can't be
// reached yet. Until then nothing is served, since the database may correct the built-in history.
func (s *service) begin(ctx context.Context) error {
	first, err := s.open(ctx)
	if err == nil {
		err = s.use(ctx, first)
	}
	if err != nil && (!s.flags.shared() || !errors.Is(err, store.ErrUnavailable)) {
		return err
	}
	ctx, s.stop = context.WithCancel(ctx)
	s.beside.Go(func() {
		if err != nil {
			s.log.Error("the database can't be reached: waiting for it", "error", err)
			s.await(ctx)
		}
		s.tellState()
		s.beside.Go(func() { s.verify(ctx) })
		s.beside.Go(func() { s.flushEvery(ctx, time.Minute) })
		for _, n := range s.notifiers {
			s.beside.Go(func() { n.run(ctx) })
		}
		if s.sync != nil {
			s.beside.Go(func() { s.sync.run(ctx) })
		}
		s.follow(ctx)
	})
	return nil
}

// await opens the store as soon as it can be opened.
func (s *service) await(ctx context.Context) {
	why := ""
	for sleep(ctx, time.Second) {
		if _, err := s.store(); err != nil {
			opened, err := s.open(ctx)
			if err != nil {
				if why != err.Error() && ctx.Err() == nil {
					why = err.Error()
					s.log.Error("the database still can't be reached", "error", err)
				}
				continue
			}
			s.opened.Store(&opened)
		}
		if s.catchUp(ctx) == nil {
			s.log.Info("the database is there")
			return
		}
	}
}

// tellState logs what an administrator should know at the start.
func (s *service) tellState() {
	opened, err := s.store()
	if err != nil {
		return
	}
	for _, warning := range opened.Warnings() {
		s.log.Warn(warning)
	}
	const safe = 32
	if n := len(s.first.secret); n > 0 && n < safe {
		s.log.Warn("the first admin token is short, and so can be guessed: want 32 random bytes, as by openssl rand -base64 32", "characters", n)
	}
	if snapshot := s.Snapshot(); snapshot != nil && snapshot.Tokens.Len() == 0 {
		s.log.Info("writing is off, as there is no token: start with --admin-token-file FILE or CYCLECAL_ADMIN_TOKEN to turn it on, or run cyclecal token create NAME --role editor on its store")
	}
}

// verify reads the whole log of changes once, as for a backup, since corruption in the log shows in no document.
func (s *service) verify(ctx context.Context) {
	opened, err := s.store()
	if err != nil {
		return
	}
	if corrupt, ok := errors.AsType[*store.CorruptError](opened.Backup(ctx, io.Discard)); ok {
		s.log.Error("the log of changes is not as it was written", "error", corrupt)
	}
}

// close ends what runs beside the requests, and the store.
func (s *service) close() error {
	if s.stop != nil {
		s.stop()
	}
	s.beside.Wait()
	if opened, err := s.store(); err == nil {
		return opened.Close()
	}
	return nil
}

func (s *service) scheme() string {
	if s.certificate != nil {
		return "https://"
	}
	return "http://"
}

// handler serves it all.
func (s *service) handler(baseURL string) (http.Handler, error) {
	requirements, err := catalog.Requirements()
	if err != nil {
		return nil, err
	}
	texts, err := topics()
	if err != nil {
		return nil, err
	}
	return api.New(api.Config{
		Source: s.fleet, Documents: s.fleet, Confirmed: s.Confirmed, Details: s.details, Fetched: s.fetched,
		Now: s.now, BaseURL: baseURL, Log: s.log, Closed: !s.flags.public, PublicDevices: s.flags.publicDevices, Proxies: s.proxies,
		Requirements: requirements, Topics: texts, Count: s.counts.Request, Metrics: metrics.Handler(s.counts.registry, s.now),
	})
}
