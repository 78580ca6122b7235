package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/cyclecal/cyclecal/api"
)

func (p *program) serve() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the schedule as calendar feeds, JSON and pages",
		Long: `Serve the schedule as calendar feeds, JSON and pages.

Each flag can be set in the environment too, --base-url as CYCLECAL_BASE_URL, and in
the file of --config, as base-url. A flag wins over the environment, that over the file.

--sync fetches Microsoft's release information of Windows 11 and Windows Server, the
hotpatch release notes and the update history of Windows 11: every 6 hours, and
every 15 minutes from 9:30 to 14:00 in Redmond on a Patch Tuesday. --sync=URLS
fetches others, or some of them; they must be on the hosts that "cyclecal import"
takes. Through --sync-proxy the proxy connects to these hosts, wherever it is itself.

--notify tells each of its receivers once, whatever is restarted and however many
servers share a database, of what becomes known after its first start; again, with
the same id, only where no answer said that a message was taken. Several messages
at once wait for each other; a receiver that is down is tried for a week.

SIGINT and SIGTERM end the server after the requests under way, a second one at once.`,
		Args: noArgs,
		PreRunE: func(cmd *cobra.Command, _ []string) (err error) {
			f.from, err = p.settings(cmd.Flags())
			return inOrder(err, f.check(p))
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return failed(p.runServer(cmd.Context(), f)) },
	}
	f.add(cmd.Flags(), p.getenv)
	complete(cmd)
	return cmd
}

func (p *program) runServer(ctx context.Context, f serveFlags) error {
	if p.getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
	logTo := newLineBuffer(p.stderr)
	log, err := newLog(f.logFormat, logTo)
	if err != nil {
		return err
	}
	if p.log != nil {
		log = p.log
	}
	flushing := logTo.flushEvery(time.Second)
	defer flushing()
	listener, err := listen(ctx, f.listen)
	if err != nil {
		return err
	}
	server, err := p.newService(ctx, f, log)
	if err != nil {
		return errors.Join(f.from.locate(err), listener.Close())
	}
	address := server.scheme() + reachable(listener.Addr())
	base := cmp.Or(server.flags.baseURL, address)
	handler, err := server.handler(base)
	if err != nil {
		return errors.Join(err, listener.Close(), server.close())
	}
	fmt.Fprintf(p.stdout, "Page  %[1]s/\nFeed  %[1]s/calendars/all.ics\n", base)
	for _, warning := range p.warnings(f) {
		log.Warn(warning)
	}
	log.Info("listening", "address", address, "version", version())
	serving := newServer(handler, log)
	if server.certificate != nil {
		serving.TLSConfig = tlsConfig(server.certificate)
	}
	return errors.Join(serveUntil(ctx, serving, listener, log), server.close())
}

// heapGrowth is by how many percent the heap may grow until it is collected. What is kept for answers is small, and
// with Go's 100 its collection took a tenth of the time of a busy server.
const heapGrowth = 200

// reachable is the address at which this machine reaches a listener that may
// listen on every address it has.
func reachable(address net.Addr) string {
	tcp, ok := address.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return address.String()
	}
	return net.JoinHostPort("localhost", strconv.Itoa(tcp.Port))
}

func newLog(format string, to *lineBuffer) (*slog.Logger, error) {
	switch format {
	case "text":
		return slog.New(newTextHandler(to)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(to, &slog.HandlerOptions{ReplaceAttr: withUnits})), nil
	}
	return nil, usageError{fmt.Errorf("--log-format %q: want text or json", format)}
}

// withUnits writes how long something took as text does: 1.5ms, where JSON would have a number of nanoseconds.
func withUnits(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	// Calendars poll with a connection for each request, so that its making is what costs. No probe keeps an
	// idle one: the server's own timeouts end it sooner. Multipath TCP is for clients that move; ours ask again.
	config := net.ListenConfig{KeepAlive: -1, Control: acceptAsked}
	config.SetMultipathTCP(false)
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%w: choose another address with --listen HOST:PORT", err)
	}
	return listener, nil
}

// newServer bounds what a client may take: time, header bytes, and idle connections,
// which cost memory each.
func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       30 * time.Second,
		ConnContext:       api.ConnContext,
		// More than the handler takes, so that it can say what was too long.
		MaxHeaderBytes: 1<<20 + 64<<10,
		ErrorLog:       slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// patience is how long requests under way may take when the program ends.
const patience = 10 * time.Second

// serveUntil serves until the context ends, and then finishes what is under way.
func serveUntil(ctx context.Context, server *http.Server, listener net.Listener, log *slog.Logger) error {
	failed := make(chan error, 1)
	go func() {
		if server.TLSConfig != nil {
			failed <- server.ServeTLS(listener, "", "")
			return
		}
		failed <- server.Serve(api.Gathering(listener))
	}()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	log.Info("ending: finishing requests under way", "patience", patience)
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := server.Shutdown(ending); err != nil {
		return fmt.Errorf("requests were still under way after %v: %w", patience, err)
	}
	log.Info("ended")
	return nil
}
