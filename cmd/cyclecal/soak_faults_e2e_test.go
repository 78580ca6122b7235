//go:build e2e

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/cycle/store/pgtest"
)

// testSoak is a soak over PostgreSQL, which is stopped, and killed.
func testSoak(t *testing.T, program built) {
	server := pgtest.Start(t)
	s := newSoak(t, program, "--data-dir", t.TempDir(), "--database", server.URL(server.Database(t)))
	s.run(t, func(ctx context.Context) {
		s.loses(server.Stop, t)
		pgtest.Pause(ctx, time.Second)
		server.Start(t)
	}, func(context.Context) {
		s.loses(server.Kill, t)
		server.Start(t)
	}, func(ctx context.Context) {
		s.loses(server.Stop, t)
		s.die(t, func() {
			server.Start(t)
			s.ready(ctx, t)
		})
	})
}

// loses takes the database away, and notes when.
func (s *soak) loses(take func(testing.TB), t *testing.T) {
	t.Helper()
	now := time.Now()
	s.away.Store(&now)
	take(t)
}

// testSoakOnDisk is a soak over a file, on a disk that fills.
func testSoakOnDisk(t *testing.T, program built) {
	disk := pgtest.Disk(t, 64+int(soakTime(t)/time.Second))
	s := newSoak(t, program, "--data-dir", disk)
	s.run(t, func(ctx context.Context) {
		makeRoom := fill(t, filepath.Join(filepath.Dir(disk), "full"))
		s.until503(ctx, t)
		pgtest.Pause(ctx, time.Second)
		makeRoom()
	}, func(ctx context.Context) {
		makeRoom := fill(t, filepath.Join(filepath.Dir(disk), "full"))
		s.until503(ctx, t)
		s.die(t, func() {}) // what was stored is read without room
		pgtest.Pause(ctx, time.Second/2)
		makeRoom()
	})
}

// fill writes until the disk takes no more, and returns what gives it back.
func fill(t *testing.T, name string) (makeRoom func()) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 64<<10))
	}
	if closed := f.Close(); !errors.Is(err, syscall.ENOSPC) || closed != nil {
		t.Fatalf("filling the disk: %v, %v, want ENOSPC", err, closed)
	}
	return func() {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}

// until503 writes until the log of the store has no room left either.
func (s *soak) until503(ctx context.Context, t *testing.T) {
	t.Helper()
	for n := 0; ctx.Err() == nil; n++ {
		body := fmt.Sprintf(`{"from":"2020-01-01","to":"2020-01-02","reason":"%d %s"}`, n, strings.Repeat("x", 900))
		a, err := s.p.ask(ctx, http.MethodPut, "/api/v1/freezes/filling", firstTestToken, body)
		if err == nil && a.closed() {
			return
		}
		if err != nil || a.status != http.StatusOK && a.status != http.StatusCreated {
			t.Fatalf("PUT on a full disk = %d %s, %v: want 200 or 201, and then 503", a.status, a.body, err)
		}
	}
}

// die is kill -9, and a new start; what happens then belongs to it.
func (s *soak) die(t *testing.T, then func()) {
	t.Helper()
	s.deaths.Add(1)
	s.running.kill()
	s.running = s.program.serve(t, s.flags...)
	then()
	s.deaths.Add(1)
}

// ready waits until the program says that all is well.
func (s *soak) ready(ctx context.Context, t *testing.T) {
	t.Helper()
	pgtest.Poll(t, "it recovers by itself", func() error {
		a, err := s.p.ask(ctx, http.MethodGet, "/readyz", firstTestToken, "")
		if err == nil && (a.status != http.StatusOK || !strings.Contains(a.body, `"status":"ok"`)) {
			err = fmt.Errorf("/readyz is %d %s", a.status, a.body)
		}
		return err
	})
}

// recover waits until all is well, and writes are taken.
func (s *soak) recover(ctx context.Context, t *testing.T) {
	t.Helper()
	s.ready(ctx, t)
	told := s.writers.told.Load()
	pgtest.Poll(t, "it takes writes again", func() error {
		if s.writers.told.Load() == told && !t.Failed() {
			return fmt.Errorf("no write was acknowledged after %d", told)
		}
		return nil
	})
}
