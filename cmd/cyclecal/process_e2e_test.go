//go:build e2e

package main

import (
	"context"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestProgram proves what is promised of the program itself, in processes that are killed
// and on disks that are full. It is built once for all.
func TestProgram(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "cyclecal")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for name, test := range map[string]func(*testing.T, built){
		"failover": testFailover, "outage": testOutage, "killed": testKilled, "full disk": testFullDisk, "tls": testTLS, "prometheus": testPrometheus,
		"soak": testSoak, "soak on disk": testSoakOnDisk,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, built(program))
		})
	}
}

// built is the path of the program.
type built string

// process is "cyclecal serve" on its own.
type process struct {
	url    string
	client *http.Client
	cmd    *exec.Cmd
	stderr *screen
	ended  chan struct{}
}

// serve starts the program and waits until it listens. It is killed when the test ends.
func (b built) serve(t *testing.T, flags ...string) *process {
	t.Helper()
	p := &process{stderr: newScreen(), ended: make(chan struct{})}
	p.cmd = exec.Command(string(b), append([]string{"serve", "--listen", "127.0.0.1:0"}, flags...)...)
	p.cmd.Env = []string{"CYCLECAL_ADMIN_TOKEN=" + firstTestToken}
	p.cmd.Stderr = p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	p.client = &http.Client{Transport: transport, Timeout: 2 * time.Minute}
	t.Cleanup(func() {
		p.kill()
		transport.CloseIdleConnections()
		if t.Failed() {
			t.Logf("what %s said beside requests:\n%s", p.url, p.said())
		}
	})
	if p.url = p.stderr.waitFor(p.ended, regexp.MustCompile(`https?://127\.0\.0\.1:\d+`)); p.url == "" {
		t.Fatalf("serve ended: %s", p.stderr)
	}
	return p
}

// kill is kill -9, and waits. It may be called again.
func (p *process) kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL) // it may have ended
	<-p.ended
}

// said is the log without a line for each request.
func (p *process) said() string {
	var b strings.Builder
	for line := range strings.Lines(p.stderr.String()) {
		if !strings.Contains(line, "msg=request ") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// answered is a whole answer.
type answered struct {
	status int
	header http.Header
	body   string
}

// ask sends a request with a token, "" for none, and headers as pairs. An error
// says that there was no whole answer.
func (p *process) ask(ctx context.Context, method, path, token, body string, headers ...string) (answered, error) {
	r, err := http.NewRequestWithContext(ctx, method, p.url+path, strings.NewReader(body))
	if err != nil {
		return answered{}, err
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := p.client.Do(r)
	if err != nil {
		return answered{}, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return answered{answer.StatusCode, answer.Header, string(text)}, err
}

// get asks as the first admin, and expects 200.
func (p *process) get(t *testing.T, path string) answered {
	t.Helper()
	a, err := p.ask(t.Context(), http.MethodGet, path, firstTestToken, "")
	if err != nil || a.status != http.StatusOK {
		t.Fatalf("GET %s = %d %.300s, %v, want 200", path, a.status, a.body, err)
	}
	return a
}

// closed says whether the answer is a 503 as it should be, of which nobody takes anything for true.
func (a answered) closed() bool {
	return a.status == http.StatusServiceUnavailable && a.header.Get("Retry-After") != "" &&
		a.header.Get("Content-Type") == "application/problem+json" && strings.Contains(a.body, `"status":503`)
}
