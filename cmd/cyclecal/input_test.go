package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// quiet is an input that nobody writes to.
type quiet struct{ read, ended chan struct{} }

func (q quiet) Read([]byte) (int, error) {
	close(q.read)
	<-q.ended
	return 0, errors.New("the test is over")
}

// What waits for standard input ends with the first signal.
func TestInterruptedInput(t *testing.T) {
	for _, line := range []string{"apply --file -", "devices -", "devices - --output csv", "eligible --file -", "import -", "import --parse -", "restore -"} {
		ctx, interrupt := context.WithCancelCause(t.Context())
		stderr, stdin := newScreen(), quiet{make(chan struct{}), make(chan struct{})}
		env := map[string]string{"CYCLECAL_DATA_DIR": t.TempDir()}
		p := &program{getenv: func(name string) string { return env[name] }, stdin: stdin, stdout: newScreen(), stderr: stderr, now: testClock}
		code := make(chan int, 1)
		go func() { code <- p.run(ctx, strings.Fields(line)) }()
		<-stdin.read
		interrupt(errors.New("terminated by the test"))
		select {
		case got := <-code:
			if got != exitFailed {
				t.Errorf("cyclecal %s: exit code %d, want %d", line, got, exitFailed)
			}
		case <-time.After(time.Minute):
			t.Fatalf("cyclecal %s still waits a minute later", line)
		}
		if got := stderr.String(); !strings.HasSuffix(got, "reading standard input: terminated by the test\n") {
			t.Errorf("cyclecal %s: stderr %q, want what ended it, and no more", line, got)
		}
		close(stdin.ended)
	}
}
