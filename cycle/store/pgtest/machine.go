//go:build e2e

package pgtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// Run runs a program of PostgreSQL's with these arguments and -D, and fails the test where that fails.
func (s *Server) Run(t testing.TB, name string, args ...string) {
	t.Helper()
	if out, err := as(t, program(t, name), append(args, "-D", s.data)...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// program finds the newest that is installed.
func program(t testing.TB, name string) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil || len(found) == 0 {
		t.Fatalf("%s is missing: apt-get install postgresql", name)
	}
	slices.Sort(found)
	return found[len(found)-1]
}

// as runs a program as a user whom PostgreSQL accepts: it refuses root.
func as(t testing.TB, name string, args ...string) *exec.Cmd {
	t.Helper()
	// The test's own context ends before the server is stopped.
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), name, args...)
	cmd.Dir = "/"
	if os.Getuid() == 0 {
		u := owner(t)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(u.uid), Gid: uint32(u.gid)}}
	}
	return cmd
}

type ids struct{ uid, gid int }

func owner(t testing.TB) ids {
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
	return ids{uid, gid}
}

// Port is one of 127.0.0.1 at which nobody listens, and which no client is given by chance: while nobody listens
// there, one that dials it could even be given it itself, and be connected to itself.
func Port(t testing.TB) int {
	t.Helper()
	for {
		port := 10_000 + rand.IntN(20_000)
		l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:"+strconv.Itoa(port))
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return port
	}
}

// folder is an empty folder of the user who runs servers.
func folder(t testing.TB) string {
	t.Helper()
	at, err := os.MkdirTemp("", "cyclecal-postgres-*") //nolint:usetesting // another user can't enter the folder of t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(at); err != nil {
			t.Error(err)
		}
	})
	give(t, at)
	return at
}

// give makes the user who runs servers the owner.
func give(t testing.TB, folder string) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	if u := owner(t); os.Chown(folder, u.uid, u.gid) != nil {
		t.Fatalf("%s can't be given to the user postgres", folder)
	}
}

// Folder makes an empty folder of that name which belongs to whoever runs servers.
func Folder(t testing.TB, name string) string {
	t.Helper()
	if err := os.Mkdir(name, 0o700); err != nil {
		t.Fatal(err)
	}
	give(t, name)
	return name
}

// Disk mounts a file system of so many MiB until the test ends, and returns an empty folder on it that
// belongs to whoever runs servers. The test must run as root.
func Disk(t testing.TB, size int) string {
	t.Helper()
	at := folder(t)
	command := func(name string, args ...string) error {
		out, err := exec.CommandContext(context.WithoutCancel(t.Context()), name, args...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s: %w: %s", name, err, out)
		}
		return nil
	}
	if err := command("mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm", size), "tmpfs", at); err != nil {
		t.Fatalf("%v: this test needs a disk that it may fill, and to be root to make one", err)
	}
	t.Cleanup(func() {
		if err := command("umount", "--lazy", at); err != nil {
			t.Error(err)
		}
	})
	return Folder(t, filepath.Join(at, "disk"))
}

// Ballast takes up so many bytes of the disk that a folder is on, and returns what gives them back.
func Ballast(t testing.TB, folder string, size int) func() {
	t.Helper()
	// Beside the folder, which may have to be empty.
	name := filepath.Join(filepath.Dir(folder), "ballast")
	if err := os.WriteFile(name, make([]byte, size), 0o600); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}

// Poll calls f until it returns no error, for at most three minutes.
func Poll(t testing.TB, what string, f func() error) {
	t.Helper()
	deadline, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	for {
		err := f()
		if err == nil {
			return
		}
		if deadline.Err() != nil {
			t.Fatalf("%s: %v", what, err)
		}
		Pause(deadline, 10*time.Millisecond)
	}
}

// Pause waits, but not longer than ctx lasts.
func Pause(ctx context.Context, d time.Duration) {
	pause, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-pause.Done()
}
