package store

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// What tells the test binary that it is a writer to be killed.
const childVariable = "CYCLECAL_STORE_WRITES"

// childOpen opens what the variable names.
func childOpen(ctx context.Context, where string) (Store, error) {
	if strings.HasPrefix(where, "postgres:") {
		return OpenPostgres(ctx, where)
	}
	return OpenSQLite(ctx, where)
}

// TestMain is a test, or the program that writes for one.
func TestMain(m *testing.M) {
	where := os.Getenv(childVariable)
	if where == "" {
		os.Exit(m.Run())
	}
	if err := writeAndSay(context.Background(), where, childWrites); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// writeAndSay writes pairs of documents, and says the revision of each pair once it is acknowledged.
func writeAndSay(ctx context.Context, where string, count int) error {
	s, err := childOpen(ctx, where)
	if err != nil {
		return err
	}
	for i := range count {
		var r Result
		if err := patiently(func() (err error) { r, err = s.Write(ctx, pair(strconv.Itoa(i))); return err }); err != nil {
			return err
		}
		if _, err := fmt.Fprintln(os.Stdout, r.Revision, i); err != nil {
			return err
		}
	}
	return s.Close()
}

func pair(body string) Batch {
	return Batch{Who: "child", At: day(), Writes: []Write{
		put("left", "document "+body, body, Any), put("right", "document "+body, body, Any),
	}}
}

// startChild starts a writer, and returns what it says.
func startChild(t *testing.T, where string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+where)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// eachWrite calls f with the revision and the body of each write that a program says was acknowledged.
func eachWrite(t *testing.T, lines *bufio.Scanner, f func(revision int64, body string)) {
	t.Helper()
	for lines.Scan() {
		revision, body, _ := strings.Cut(lines.Text(), " ")
		n, err := strconv.ParseInt(revision, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		f(n, body)
	}
}

// killWriters kills, as often as asked for, a program in the middle of childWrites acknowledged writes.
func killWriters(t *testing.T, where string, open func(*testing.T) Store, rounds int) {
	for round := range rounds {
		cmd, lines := startChild(t, where)
		acknowledged := map[int64]string{}
		stop := 1 + rand.IntN(childWrites-2)
		eachWrite(t, lines, func(n int64, body string) {
			acknowledged[n] = body
			if len(acknowledged) == stop {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		})
		if err := cmd.Wait(); err == nil {
			t.Logf("round %d: it was done before it was killed", round)
		}
		if len(acknowledged) < stop {
			t.Fatalf("round %d: %d writes, want at least %d", round, len(acknowledged), stop)
		}
		holds(t, open(t), acknowledged)
	}
}

// holds says that all that was acknowledged is there, and nothing half.
func holds(t *testing.T, s Store, acknowledged map[int64]string) {
	t.Helper()
	log, err := s.Changes(t.Context(), 0, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	bodies := map[int64][]string{}
	for _, c := range log {
		bodies[c.Revision] = append(bodies[c.Revision], string(c.After))
	}
	for revision, body := range acknowledged {
		if got := bodies[revision]; len(got) != 2 || got[0] != body || got[1] != body {
			t.Errorf("revision %d has %q, want %q twice", revision, got, body)
		}
	}
	for revision, pair := range bodies {
		if len(pair) != 2 || pair[0] != pair[1] {
			t.Errorf("revision %d has %q: half of it is missing", revision, pair)
		}
	}
	got := mustLoad(t, s)
	if len(got.Corrupt) > 0 || got.Revision != int64(len(bodies)) || len(got.Documents)%2 != 0 {
		t.Errorf("revision %d, %d documents, corrupt %v, want %d revisions of pairs", got.Revision, len(got.Documents), got.Corrupt, len(bodies))
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestKilledWriter(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/store.db"
	killWriters(t, path, func(t *testing.T) Store {
		t.Helper()
		return opened(t)(OpenSQLite(t.Context(), path))
	}, killRounds)
}

// testTwoPrograms opens one place from several stores at once, and writes through all.
func testTwoPrograms(t *testing.T, p place) {
	stores := make([]Store, 4)
	var group sync.WaitGroup
	for i := range stores {
		group.Go(func() { stores[i] = p.open(t) })
	}
	group.Wait()
	if t.Failed() {
		return
	}
	for i, s := range stores {
		group.Go(func() {
			for n := range 50 {
				if err := patiently(func() error { _, err := s.Write(t.Context(), pair(fmt.Sprint(i, " ", n))); return err }); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	for _, s := range stores {
		holds(t, s, nil)
	}
}

// TestTwoProcesses has another program write to the same file meanwhile.
func TestTwoProcesses(t *testing.T) {
	path := t.TempDir() + "/store.db"
	s := opened(t)(OpenSQLite(t.Context(), path))
	cmd, lines := startChild(t, path)
	acknowledged := map[int64]string{}
	eachWrite(t, lines, func(n int64, body string) {
		acknowledged[n] = body
		if n%10 == 0 {
			own := "mine " + body
			acknowledged[mustWrite(t, s, pair(own))] = own
		}
	})
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	holds(t, s, acknowledged)
}

// TestLockedFile: a program that holds the lock of the file makes writers wait, but not for ever.
func TestLockedFile(t *testing.T) {
	p := sqlitePlace(t)
	s, other := p.open(t), p.open(t)
	tx, err := p.core(other).writes.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if _, err := s.Write(short, pair("1")); !errors.Is(err, ErrUnavailable) {
		t.Errorf("while locked: %v, want ErrUnavailable", err)
	}
	nothing := func(*sql.Tx) error { return nil }
	if err := p.core(s).writing(t.Context(), nothing); !(sqliteDialect{}).again(err) {
		t.Errorf("while locked: %v, want an error after which a write is tried again", err)
	}
	mustLoad(t, s)
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	same(t, "once it is free", mustWrite(t, s, pair("2")), int64(1))
}
