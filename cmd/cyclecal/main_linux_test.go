package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The first signal lets a server finish what is under way; a second one ends it at once.
func TestSignals(t *testing.T) {
	for _, again := range []bool{false, true} {
		t.Run(fmt.Sprintf("again %t", again), func(t *testing.T) {
			t.Parallel()
			server, output, ended := serveAlone(t)
			defer func() { _ = server.Process.Kill() }() // where the test has failed
			conn, err := net.Dial("tcp", output.waitFor(ended, regexp.MustCompile(`127\.0\.0\.1:\d+`)))
			if err != nil {
				t.Fatalf("%v; output:\n%s", err, output)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "PUT /api/v1/rings/pilot HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"+
				"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n", firstTestToken)
			if _, err := io.ReadFull(conn, make([]byte, len("HTTP/1.1 100 Continue\r\n\r\n"))); err != nil { // it is being read
				t.Fatal(err)
			}
			_ = server.Process.Signal(syscall.SIGTERM)
			output.waitFor(ended, regexp.MustCompile("finishing requests under way"))
			want := "exit status 0"
			if again {
				want = "signal: terminated"
				signalUntil(ended, server.Process)
			} else {
				_, _ = io.WriteString(conn, "{}")
				if answer, err := io.ReadAll(conn); !strings.HasPrefix(string(answer), "HTTP/1.1 201 ") {
					t.Errorf("the request under way got %q, %v, want 201", answer, err)
				}
			}
			<-ended
			if got := server.ProcessState.String(); got != want {
				t.Errorf("the server ended with %s, want %s; output:\n%s", got, want, output)
			}
		})
	}
}

// serveAlone starts "cyclecal serve" as a process of its own.
func serveAlone(t *testing.T) (*exec.Cmd, *screen, <-chan struct{}) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	output, ended := newScreen(), make(chan struct{})
	cmd := &exec.Cmd{
		Path: program, Args: []string{"cyclecal", "serve", "--listen", "127.0.0.1:0", "--data-dir", t.TempDir()},
		Stdout: output, Stderr: output,
		Env: []string{"NOW=" + testClock().Format(time.RFC3339), "CYCLECAL_ADMIN_TOKEN=" + firstTestToken, "GORACE=atexit_sleep_ms=0"},
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(ended)
		_ = cmd.Wait() // its state says it
	}()
	return cmd, output, ended
}

// signalUntil sends a signal until the process has ended: one that follows the first at once may be taken for the same.
func signalUntil(ended <-chan struct{}, p *os.Process) {
	for tick := time.NewTicker(time.Millisecond); ; <-tick.C {
		_ = p.Signal(syscall.SIGTERM)
		select {
		case <-ended:
			return
		default:
		}
	}
}
