//go:build e2e

package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// postgres is a server of Debian's package in a folder of its own.
type postgres struct {
	data string
	log  string
	port int
	more []string
	cmd  *exec.Cmd
	done chan struct{}
}

var databases struct {
	sync.Mutex
	count int
}

func postgresProgram(t *testing.T, name string) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil || len(found) == 0 {
		t.Fatalf("%s is missing: apt-get install postgresql", name)
	}
	slices.Sort(found)
	return found[len(found)-1]
}

// as runs a program as a user whom PostgreSQL accepts: it refuses root.
func as(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = "/"
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(nobody(t).uid), Gid: uint32(nobody(t).gid)}}
	}
	return cmd
}

type owner struct{ uid, gid int }

func nobody(t *testing.T) owner {
	t.Helper()
	u, err := user.Lookup("postgres")
	if err != nil {
		t.Fatal(err)
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	return owner{uid, gid}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, text, err1 := net.SplitHostPort(l.Addr().String())
	port, err2 := strconv.Atoi(text)
	if err := errors.Join(err1, err2, l.Close()); err != nil {
		t.Fatal(err)
	}
	return port
}

// startPostgres makes a cluster with these settings, and serves it until the test ends.
func startPostgres(t *testing.T, settings ...string) *postgres {
	t.Helper()
	p := newPostgres(t, settings...)
	p.initialize(t)
	p.serve(t)
	return p
}

// initialize makes the cluster.
func (p *postgres) initialize(t *testing.T) {
	t.Helper()
	out, err := as(t, postgresProgram(t, "initdb"), "-D", p.data, "-U", "cyclecal", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync").CombinedOutput()
	if err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
}

// newPostgres has an empty folder yet.
func newPostgres(t *testing.T, settings ...string) *postgres {
	t.Helper()
	return &postgres{data: serverFolder(t), log: filepath.Join(t.TempDir(), "server.log"), port: freePort(t), more: settings}
}

// serverFolder is an empty folder of the user who runs the server.
func serverFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "cyclecal-postgres-*") //nolint:usetesting // another user can't enter the folder of t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	give(t, folder)
	return folder
}

// give makes the user who runs the server the owner.
func give(t *testing.T, folder string) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	if err := os.Chown(folder, nobody(t).uid, nobody(t).gid); err != nil {
		t.Fatal(err)
	}
}

// serve starts the server, and stops it when the test ends.
func (p *postgres) serve(t *testing.T) {
	t.Helper()
	p.start(t)
	t.Cleanup(func() { p.stop(t) })
}

// synchronous makes and starts a standby, without which the server from now on acknowledges nothing.
func (p *postgres) synchronous(t *testing.T) *postgres {
	t.Helper()
	p.exec(t, "ALTER SYSTEM SET synchronous_standby_names = '*'")
	p.exec(t, "SELECT pg_reload_conf()")
	// Its own default is 5s: so long would it wait for the server that is gone, even when told that it is one itself.
	standby := newPostgres(t, append(p.more, "wal_retrieve_retry_interval=200ms")...)
	out, err := as(t, postgresProgram(t, "pg_basebackup"), "-h", "127.0.0.1", "-p", strconv.Itoa(p.port), "-U", "cyclecal", "-D", standby.data,
		"--write-recovery-conf", "--wal-method=stream", "--create-slot", "--slot=standby", "--checkpoint=fast", "--no-sync").CombinedOutput()
	if err != nil {
		t.Fatalf("pg_basebackup: %v\n%s", err, out)
	}
	standby.serve(t)
	poll(t, "the standby is synchronous", func() error {
		if got := p.ask(t, "SELECT coalesce(string_agg(sync_state, ' '), 'none') FROM pg_stat_replication"); got != "sync" {
			return fmt.Errorf("sync_state is %s", got)
		}
		return nil
	})
	return standby
}

// promote makes a standby the server that takes writes, without a standby of its own.
func (p *postgres) promote(t *testing.T) {
	t.Helper()
	if out, err := as(t, postgresProgram(t, "pg_ctl"), "promote", "-D", p.data).CombinedOutput(); err != nil {
		t.Fatalf("pg_ctl promote: %v\n%s", err, out)
	}
	p.exec(t, "ALTER SYSTEM RESET synchronous_standby_names")
	p.exec(t, "SELECT pg_reload_conf()")
}

func (p *postgres) start(t *testing.T) {
	t.Helper()
	args := []string{"-D", p.data, "-p", strconv.Itoa(p.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=60"}
	for _, s := range p.more {
		args = append(args, "-c", s)
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	poll(t, "PostgreSQL answers", func() error {
		if p.cmd == nil {
			p.cmd, p.done = as(t, postgresProgram(t, "postgres"), args...), make(chan struct{})
			p.cmd.Stdout, p.cmd.Stderr = log, log
			if err := p.cmd.Start(); err != nil {
				t.Fatal(err)
			}
			go func(cmd *exec.Cmd, done chan struct{}) {
				_ = cmd.Wait()
				close(done)
			}(p.cmd, p.done)
		}
		select {
		case <-p.done: // children of one that was killed can be there still
			p.cmd = nil
			text, _ := os.ReadFile(log.Name())
			return fmt.Errorf("it ended: %s", text)
		default:
		}
		c, err := pgx.Connect(t.Context(), p.url("postgres"))
		if err != nil {
			return err
		}
		return c.Close(t.Context())
	})
}

// stop ends the server quickly, and waits. It does nothing to one that was killed.
func (p *postgres) stop(t *testing.T) {
	t.Helper()
	if p.cmd == nil {
		return
	}
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Error(err)
	}
	<-p.done
	p.cmd = nil
}

// kill is kill -9 of the server and of all its children.
func (p *postgres) kill(t *testing.T) {
	t.Helper()
	// Stopped first, so that it has no more children meanwhile.
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", p.cmd.Process.Pid, p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for pid := range strings.FieldsSeq(string(children)) {
		n, err := strconv.Atoi(pid)
		if err != nil {
			t.Fatal(err)
		}
		_ = syscall.Kill(n, syscall.SIGKILL) // it may have ended
	}
	<-p.done
	p.cmd = nil
}

func (p *postgres) url(database string) string {
	return fmt.Sprintf("postgres://cyclecal@127.0.0.1:%d/%s?sslmode=disable", p.port, database)
}

// place is a new database.
func (p *postgres) place(t *testing.T) place {
	t.Helper()
	databases.Lock()
	databases.count++
	name := fmt.Sprintf("test%d", databases.count)
	databases.Unlock()
	p.exec(t, "CREATE DATABASE "+name)
	return placeAt(t, p.url(name))
}

func placeAt(t *testing.T, url string) place {
	t.Helper()
	return place{
		open: func(t *testing.T) Store {
			t.Helper()
			return opened(t)(OpenPostgres(t.Context(), url))
		},
		core: func(s Store) *engine {
			core, ok := s.(*postgresStore)
			if !ok {
				t.Fatalf("%T, want PostgreSQL", s)
			}
			return core.engine
		},
	}
}

func (p *postgres) exec(t *testing.T, query string) {
	t.Helper()
	p.connected(t, func(c *pgx.Conn) error { _, err := c.Exec(t.Context(), query); return err })
}

// ask returns the one text that a query finds.
func (p *postgres) ask(t *testing.T, query string) (answer string) {
	t.Helper()
	p.connected(t, func(c *pgx.Conn) error { return c.QueryRow(t.Context(), query).Scan(&answer) })
	return answer
}

func (p *postgres) connected(t *testing.T, f func(*pgx.Conn) error) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), p.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(context.WithoutCancel(t.Context())) }()
	if err := f(c); err != nil {
		t.Fatal(err)
	}
}

// cutting cuts the connections to all tests' databases every so often, for as long as f runs.
func (p *postgres) cutting(t *testing.T, every time.Duration, f func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel()
	group.Go(func() {
		c, err := pgx.Connect(ctx, p.url("postgres"))
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = c.Close(context.WithoutCancel(ctx)) }()
		for ctx.Err() == nil {
			_, err := c.Exec(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'test%'")
			if err != nil && ctx.Err() == nil {
				t.Error(err)
				return
			}
			wait(ctx, every)
		}
	})
	f()
}

// poll calls f until it returns no error, for at most a minute.
func poll(t *testing.T, what string, f func() error) {
	t.Helper()
	deadline, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		err := f()
		if err == nil {
			return
		}
		if deadline.Err() != nil {
			t.Fatalf("%s: %v", what, err)
		}
		wait(deadline, 10*time.Millisecond)
	}
}
