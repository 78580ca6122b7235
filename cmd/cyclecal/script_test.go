package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes the program a command of the scripts: this test binary runs
// itself under its name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"cyclecal":     func() { os.Exit(scripted(os.Stdout)) },
		"cyclecal-tty": func() { os.Exit(scriptedOnTerminal()) },
	})
}

// scripted is main with the clock at the script's variable NOW.
func scripted(stdout io.Writer) int {
	now, err := scriptClock(os.Getenv)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3 // no exit code of the program
	}
	ctx, stop := untilSignal()
	defer stop()
	return (&program{getenv: os.Getenv, environ: os.Environ, stdout: stdout, stderr: os.Stderr, now: now}).run(ctx, os.Args[1:])
}

// scriptedOnTerminal writes to the terminal that ttyin gives.
func scriptedOnTerminal() int {
	tty, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	defer tty.Close()
	return scripted(tty)
}

func scriptClock(getenv func(string) string) (func() time.Time, error) {
	now, err := time.Parse(time.RFC3339, getenv("NOW"))
	return func() time.Time { return now }, err
}

// TestScripts runs testdata/*.txtar. UPDATE=1 rewrites what they expect.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Setenv("NOW", "2026-11-22T18:00:00Z")
			env.Setenv("XDG_DATA_HOME", filepath.Join(env.WorkDir, "data")) // not that of whoever runs the tests
			env.Setenv("GORACE", "atexit_sleep_ms=0")                       // a second for each command otherwise
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status, "serving": serving, "faking": faking, "fetch": fetch, "without": without, "awaiting": awaiting,
		},
		UpdateScripts:       os.Getenv("UPDATE") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// status wants an exit code: status 2 cyclecal year 0.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status CODE COMMAND [ARGUMENT…]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%s: %v", args[1], err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// serving starts "cyclecal serve" on a free port with the script's clock and
// environment, and sets SERVER and ADDRESS to where it is.
func serving(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: serving [FLAG…]")
	}
	now, err := scriptClock(ts.Getenv)
	ts.Check(err)
	s, err := startServer(context.Background(), ts.Getenv, now, append([]string{"--listen=127.0.0.1:0"}, args...)...)
	ts.Check(err)
	ts.Defer(func() {
		if code := s.stop(); code != exitDone {
			ts.Logf("cyclecal serve ended with exit code %d", code)
		}
	})
	ts.Setenv("SERVER", s.url)
	ts.Setenv("ADDRESS", strings.TrimPrefix(s.url, "http://"))
}

// faking starts a server that gives one answer to everything: faking STATUS FILE.
func faking(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: faking STATUS FILE")
	}
	code, err := strconv.Atoi(args[0])
	ts.Check(err)
	body := ts.ReadFile(args[1])
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}))
	ts.Defer(s.Close)
	ts.Setenv("SERVER", s.URL)
}

// fetch prints what is at a URL, or at the one in a file: fetch @stdout.
func fetch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: fetch URL, or fetch @FILE")
	}
	address, inFile := strings.CutPrefix(args[0], "@")
	if inFile {
		address = strings.TrimSpace(ts.ReadFile(address))
	}
	answer, err := http.Get(address)
	ts.Check(err)
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		ts.Fatalf("%s: %s", address, answer.Status)
	}
	_, err = io.Copy(ts.Stdout(), answer.Body)
	ts.Check(err)
}

// awaiting asks a URL until its answer has a text: awaiting URL TEXT.
func awaiting(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: awaiting URL TEXT")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	for tick := time.NewTicker(50 * time.Millisecond); ; <-tick.C {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, args[0], nil)
		ts.Check(err)
		answer, err := http.DefaultClient.Do(r)
		ts.Check(err) // also when the time is over
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		ts.Check(err)
		if strings.Contains(string(body), args[1]) {
			return
		}
	}
}

// without prints a file without the lines that begin with a text: without SOURCE feed.ics.
// A folded line goes with its rest.
func without(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: without BEGINNING FILE")
	}
	dropping := false
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		dropping = strings.HasPrefix(line, args[0]) || dropping && strings.HasPrefix(line, " ")
		if !dropping {
			fmt.Fprint(ts.Stdout(), line)
		}
	}
}
