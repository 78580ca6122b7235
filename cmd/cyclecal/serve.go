package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/metrics"
	"github.com/cyclecal/cyclecal/cycle/catalog"
)

type serveFlags struct {
	listen, baseURL, dataDir, logFormat string
}

func (p *program) serve() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the schedule as calendar feeds, JSON and pages",
		Long: `Serve the schedule as calendar feeds, JSON and pages.

Each flag can be set in the environment too: --base-url as CYCLECAL_BASE_URL.
A flag wins over the environment. SIGINT and SIGTERM end the server after the
requests under way.`,
		Args:    noArgs,
		PreRunE: func(cmd *cobra.Command, _ []string) error { return p.fromEnvironment(cmd.Flags()) },
		RunE:    func(cmd *cobra.Command, _ []string) error { return failed(p.runServer(cmd.Context(), f)) },
	}
	cmd.Flags().StringVar(&f.listen, "listen", "127.0.0.1:8080", "`HOST:PORT` to listen on; port 0 takes a free one")
	cmd.Flags().StringVar(&f.baseURL, "base-url", "", "`URL` under which clients reach the server, as feeds tell it; default http://HOST:PORT")
	cmd.Flags().StringVar(&f.dataDir, "data-dir", dataDir(p.getenv), "`FOLDER` for what the server stores; this version stores nothing")
	cmd.Flags().StringVar(&f.logFormat, "log-format", "text", "`FORMAT` of the log on stderr: text or json")
	return cmd
}

// dataDir is where programs of this user keep their data.
func dataDir(getenv func(string) string) string {
	if dir := getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "cyclecal")
	}
	if dir := getenv("LOCALAPPDATA"); dir != "" { // Windows
		return filepath.Join(dir, "Cyclecal")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "cyclecal-data"
	}
	return filepath.Join(home, ".local", "share", "cyclecal")
}

// fromEnvironment sets each flag that the command line left alone from
// CYCLECAL_ and its name.
func (p *program) fromEnvironment(flags *pflag.FlagSet) error {
	var faults []error
	flags.VisitAll(func(f *pflag.Flag) {
		name := "CYCLECAL_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value := p.getenv(name)
		if f.Changed || value == "" {
			return
		}
		if err := flags.Set(f.Name, value); err != nil {
			faults = append(faults, usageError{fmt.Errorf("environment variable %s: %w", name, err)})
		}
	})
	return errors.Join(faults...)
}

func (p *program) runServer(ctx context.Context, f serveFlags) error {
	logTo := newLineBuffer(p.stderr)
	log, err := newLog(f.logFormat, logTo)
	if err != nil {
		return err
	}
	if f.baseURL, err = checkBaseURL(f.baseURL); err != nil {
		return err
	}
	listener, err := listen(ctx, f.listen)
	if err != nil {
		return err
	}
	address := "http://" + reachable(listener.Addr())
	if f.baseURL == "" {
		f.baseURL = address
	}
	handler, err := p.handler(f.baseURL, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	fmt.Fprintf(p.stdout, "Page  %s/\nFeed  %s/calendars/all.ics\n", f.baseURL, f.baseURL)
	log.Info("listening", "address", address, "version", version())
	flushing := logTo.flushEvery(time.Second)
	defer flushing()
	return serveUntil(ctx, newServer(handler, log), listener, log)
}

// reachable is the address at which this machine reaches a listener that may
// listen on every address it has.
func reachable(address net.Addr) string {
	tcp, ok := address.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return address.String()
	}
	return net.JoinHostPort("localhost", strconv.Itoa(tcp.Port))
}

// handler builds the whole service over the history in the program.
func (p *program) handler(baseURL string, log *slog.Logger) (http.Handler, error) {
	facts, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	snapshot := api.NewSnapshot(1, facts)
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	count := metrics.New(registry, version(), func() metrics.Snapshot { return api.Measure(snapshot, p.now()) })
	return api.New(api.Config{
		Source: snapshot, Now: p.now, BaseURL: baseURL, Log: log,
		Count: count.Request, Metrics: metrics.Handler(registry),
	})
}

func newLog(format string, to io.Writer) (*slog.Logger, error) {
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(to, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(to, nil)), nil
	}
	return nil, usageError{fmt.Errorf("--log-format %q: want text or json", format)}
}

func checkBaseURL(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || strings.Trim(u.Path, "/") != "" {
		return "", usageError{fmt.Errorf("--base-url %q: want http:// or https:// and a host, without a path, such as https://cal.example.com", s)}
	}
	return u.Scheme + "://" + u.Host, nil
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	_, port, err := net.SplitHostPort(address)
	if number, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || port != strconv.FormatUint(number, 10) {
		return nil, usageError{fmt.Errorf("--listen %q: want HOST:PORT, such as 127.0.0.1:8080 or :8080", address)}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
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
	go func() { failed <- server.Serve(listener) }()
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
