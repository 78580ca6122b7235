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
	data, err := os.MkdirTemp("", "cyclecal-postgres-*") //nolint:usetesting // another user can't enter the folder of t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(data); err != nil {
			t.Error(err)
		}
	})
	if os.Getuid() == 0 {
		if err := os.Chown(data, nobody(t).uid, nobody(t).gid); err != nil {
			t.Fatal(err)
		}
	}
	p := &postgres{data: data, port: freePort(t), more: settings}
	out, err := as(t, postgresProgram(t, "initdb"), "-D", data, "-U", "cyclecal", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync").CombinedOutput()
	if err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	p.start(t)
	t.Cleanup(func() { p.stop(t) })
	return p
}

func (p *postgres) start(t *testing.T) {
	t.Helper()
	args := []string{"-D", p.data, "-p", strconv.Itoa(p.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=60"}
	for _, s := range p.more {
		args = append(args, "-c", s)
	}
	log, err := os.OpenFile(filepath.Join(p.data, "server.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
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

// stop ends the server quickly, and waits.
func (p *postgres) stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Error(err)
	}
	<-p.done
	p.cmd = nil
}

// kill is kill -9 of the server and of all its children.
func (p *postgres) kill(t *testing.T) {
	t.Helper()
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
	return place{
		open: func(t *testing.T) Store {
			t.Helper()
			return opened(t)(OpenPostgres(t.Context(), p.url(name)))
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
	c, err := pgx.Connect(t.Context(), p.url("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close(context.WithoutCancel(t.Context())) }()
	if _, err := c.Exec(t.Context(), query); err != nil {
		t.Fatal(err)
	}
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
