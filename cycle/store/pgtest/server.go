//go:build e2e

package pgtest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Server is a PostgreSQL server with a cluster of its own, on a port of 127.0.0.1.
// Everybody may enter it as cyclecal, without a password.
type Server struct {
	data      string
	log       string
	port      int
	settings  []string
	databases atomic.Int64 // how many Database has made

	cmd  *exec.Cmd // nil while it does not run
	done chan struct{}
}

// Start makes a cluster with these settings, such as "fsync=off", and serves it until the test ends.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	return StartIn(t, folder(t), settings...)
}

// StartIn is [Start] with the cluster in an empty folder that belongs to whoever runs servers, as [Disk] returns it.
func StartIn(t testing.TB, data string, settings ...string) *Server {
	t.Helper()
	s := newServer(t, data, settings)
	s.Run(t, "initdb", "-U", "cyclecal", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	s.serve(t)
	return s
}

func newServer(t testing.TB, data string, settings []string) *Server {
	t.Helper()
	return &Server{data: data, log: filepath.Join(t.TempDir(), "server.log"), port: Port(t), settings: settings}
}

// serve starts the server, and stops it when the test ends.
func (s *Server) serve(t testing.TB) {
	t.Helper()
	t.Cleanup(func() { s.Stop(t) }) // also one that never answered
	s.Start(t)
}

// Synchronous makes and starts a standby, without which the server from now on acknowledges nothing.
func (s *Server) Synchronous(t testing.TB) *Server {
	t.Helper()
	s.Exec(t, "ALTER SYSTEM SET synchronous_standby_names = '*'")
	s.Exec(t, "SELECT pg_reload_conf()")
	// Its own default is 5s: so long would it wait for the server that is gone, even when told that it is one itself.
	standby := newServer(t, folder(t), slices.Concat(s.settings, []string{"wal_retrieve_retry_interval=200ms"}))
	standby.Run(t, "pg_basebackup", "-h", "127.0.0.1", "-p", strconv.Itoa(s.port), "-U", "cyclecal",
		"--write-recovery-conf", "--wal-method=stream", "--create-slot", "--slot=standby", "--checkpoint=fast", "--no-sync")
	standby.serve(t)
	Poll(t, "the standby is synchronous", func() error {
		if got := s.Ask(t, "SELECT coalesce(string_agg(sync_state, ' '), 'none') FROM pg_stat_replication"); got != "sync" {
			return fmt.Errorf("sync_state is %s", got)
		}
		return nil
	})
	return standby
}

// Promote makes a standby the server that takes writes, without a standby of its own.
func (s *Server) Promote(t testing.TB) {
	t.Helper()
	s.Run(t, "pg_ctl", "promote")
	s.Exec(t, "ALTER SYSTEM RESET synchronous_standby_names")
	s.Exec(t, "SELECT pg_reload_conf()")
}

// Start starts a server that was stopped or killed, or that ended by itself, and waits until it answers.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	Poll(t, "PostgreSQL answers", func() error {
		if s.cmd == nil {
			s.spawn(t)
		}
		select {
		case <-s.done: // children of one that was killed can be there still
			s.cmd = nil
			text, _ := os.ReadFile(s.log)
			return fmt.Errorf("it ended: %s", text)
		default:
		}
		c, err := pgx.Connect(t.Context(), s.URL("postgres"))
		if err != nil {
			return err
		}
		return c.Close(t.Context())
	})
}

func (s *Server) spawn(t testing.TB) {
	t.Helper()
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	args := []string{"-D", s.data, "-p", strconv.Itoa(s.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=60"}
	for _, setting := range s.settings {
		args = append(args, "-c", setting)
	}
	cmd, done := as(t, program(t, "postgres"), args...), make(chan struct{})
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = cmd.Wait()
		close(done)
	}()
	s.cmd, s.done = cmd, done
}

// Stop ends the server quickly, and waits. It does nothing to one that does not run.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if s.cmd == nil {
		return
	}
	// It may have ended by itself.
	_ = s.cmd.Process.Signal(syscall.SIGINT)
	<-s.done
	s.cmd = nil
}

// Kill is kill -9 of the server and of all its children.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	// Stopped first, so that it has no more children meanwhile.
	if err := s.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", s.cmd.Process.Pid, s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for pid := range strings.FieldsSeq(string(children)) {
		n, err := strconv.Atoi(pid)
		if err != nil {
			t.Fatal(err)
		}
		_ = syscall.Kill(n, syscall.SIGKILL) // it may have ended
	}
	<-s.done
	s.cmd = nil
}

// URL names a database on the server.
func (s *Server) URL(database string) string {
	return fmt.Sprintf("postgres://cyclecal@%s/%s?sslmode=disable", s.address(), database)
}

func (s *Server) address() string { return "127.0.0.1:" + strconv.Itoa(s.port) }

// URL names a database on that one of several servers which takes writes.
func URL(database string, servers ...*Server) string {
	hosts := make([]string, len(servers))
	for i, s := range servers {
		hosts[i] = s.address()
	}
	return fmt.Sprintf("postgres://cyclecal@%s/%s?sslmode=disable&target_session_attrs=read-write", strings.Join(hosts, ","), database)
}

// Database makes a new database, and returns its name.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test%d", s.databases.Add(1))
	s.Exec(t, "CREATE DATABASE "+name)
	return name
}

// Exec executes a statement in the database postgres.
func (s *Server) Exec(t testing.TB, query string) {
	t.Helper()
	s.connected(t, func(c *pgx.Conn) error { _, err := c.Exec(t.Context(), query); return err })
}

// Ask returns the one text that a query in the database postgres finds.
func (s *Server) Ask(t testing.TB, query string) (answer string) {
	t.Helper()
	s.connected(t, func(c *pgx.Conn) error { return c.QueryRow(t.Context(), query).Scan(&answer) })
	return answer
}

func (s *Server) connected(t testing.TB, f func(*pgx.Conn) error) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), s.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(context.WithoutCancel(t.Context())) }()
	if err := f(c); err != nil {
		t.Fatal(err)
	}
}

// Cut cuts all connections to databases other than postgres, every so often, for as long as f runs.
func (s *Server) Cut(t testing.TB, every time.Duration, f func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel()
	group.Go(func() {
		c, err := pgx.Connect(ctx, s.URL("postgres"))
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
		for ctx.Err() == nil {
			_, err := c.Exec(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname <> 'postgres'")
			if err != nil && ctx.Err() == nil {
				t.Error(err)
				return
			}
			Pause(ctx, every)
		}
	})
	f()
}
