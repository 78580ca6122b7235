package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	daemon "github.com/kardianos/service"
)

// fakeManager stands for the service manager of a machine.
type fakeManager struct {
	daemon.Service // nil: what a test does not give panics

	unit     daemon.Interface
	config   *daemon.Config
	platform string
	err      error
	status   daemon.Status
	calls    []string
	events   *screen
	running  func(*fakeManager) // between start and stop
}

func (m *fakeManager) new(i daemon.Interface, c *daemon.Config) (daemon.Service, error) {
	m.unit, m.config = i, c
	return m, nil
}
func (m *fakeManager) Platform() string               { return cmp.Or(m.platform, "linux-systemd") }
func (m *fakeManager) Install() error                 { return m.called("install") }
func (m *fakeManager) Uninstall() error               { return m.called("uninstall") }
func (m *fakeManager) Start() error                   { return m.called("start") }
func (m *fakeManager) Stop() error                    { return m.called("stop") }
func (m *fakeManager) Status() (daemon.Status, error) { return m.status, m.called("status") }
func (m *fakeManager) called(name string) error       { m.calls = append(m.calls, name); return m.err }

func (m *fakeManager) SystemLogger(chan<- error) (daemon.Logger, error) {
	return fakeEvents{m.events}, nil
}

func (m *fakeManager) Run() error {
	if err := m.unit.Start(m); err != nil {
		return err
	}
	m.running(m)
	return m.unit.Stop(m)
}

// fakeEvents is an event log, with a line for each event.
type fakeEvents struct{ to *screen }

func (e fakeEvents) Error(v ...any) error              { return e.line("error", fmt.Sprint(v...)) }
func (e fakeEvents) Warning(v ...any) error            { return e.line("warning", fmt.Sprint(v...)) }
func (e fakeEvents) Info(v ...any) error               { return e.line("info", fmt.Sprint(v...)) }
func (e fakeEvents) Errorf(f string, v ...any) error   { return e.Error(fmt.Sprintf(f, v...)) }
func (e fakeEvents) Warningf(f string, v ...any) error { return e.Warning(fmt.Sprintf(f, v...)) }
func (e fakeEvents) Infof(f string, v ...any) error    { return e.Info(fmt.Sprintf(f, v...)) }
func (e fakeEvents) line(level, text string) error {
	_, err := fmt.Fprintf(e.to, "%s: %s\n", level, text)
	return err
}

// serviceCommand carries out "cyclecal service …" with that manager.
func serviceCommand(t *testing.T, m *fakeManager, args ...string) (string, error) {
	t.Helper()
	out := newScreen()
	p := &program{getenv: func(string) string { return "" }, stdout: out, stderr: newScreen(), now: testClock}
	cmd := p.daemon(m.new)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.SetArgs(args)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

// TestServiceRuns starts and stops a server as a service manager does.
func TestServiceRuns(t *testing.T) {
	m := &fakeManager{events: newScreen()}
	var url string
	m.running = func(m *fakeManager) {
		url = m.events.waitFor(m.unit.(*unit).ended, regexp.MustCompile(`http://127\.0\.0\.1:\d+`)) //nolint:errcheck // it is one
		if status, _, _ := get(t, url+"/healthz"); status != http.StatusOK {
			t.Errorf("GET /healthz = %d, want 200", status)
		}
	}
	if _, err := serviceCommand(t, m, "run", "--listen", "127.0.0.1:0", "--data-dir", t.TempDir()); err != nil {
		t.Fatalf("service run = %v\n%s", err, m.events)
	}
	if answer, err := http.Get(url + "/healthz"); err == nil {
		answer.Body.Close()
		t.Errorf("after stop GET /healthz = %s, want nobody there", answer.Status)
	}
	events := m.events.String()
	if strings.Contains(events, "msg=request") || !strings.HasSuffix(events, "info: level=INFO msg=ended\n") {
		t.Errorf("events:\n%swant no requests, and the end", events)
	}
}

// A server that ends by itself ends the program, and says why where an administrator looks.
func TestServiceFails(t *testing.T) {
	events, code := newScreen(), make(chan int, 1)
	p := (&program{getenv: func(string) string { return "" }, now: testClock}).logging(fakeEvents{events})
	u := &unit{
		serve: func(ctx context.Context) int { return p.run(ctx, []string{"serve", "--listen", "nowhere"}) },
		exit:  func(c int) { code <- c },
	}
	if err := u.Start(nil); err != nil {
		t.Fatal(err)
	}
	if got := <-code; got != exitUsage {
		t.Errorf("exit code %d, want %d", got, exitUsage)
	}
	if got := events.String(); !strings.HasPrefix(got, `error: cyclecal: --listen "nowhere": want HOST:PORT`) {
		t.Errorf("events: %s, want an error that says what is wrong", got)
	}
	if err := u.Stop(nil); err == nil {
		t.Error("Stop = nil, want the exit code")
	}
}

func TestServiceEvents(t *testing.T) {
	events := newScreen()
	log := slog.New(newEventHandler(fakeEvents{events}))
	log.Info("request", "status", 200)
	log.Warn("request", "status", 503)
	log.With("who", "me").WithGroup("g").Error("broken", "by", "a\nnewline")
	log.Debug("nobody wants this")
	want := "warning: level=WARN msg=request status=503\nerror: level=ERROR msg=broken who=me g.by=\"a\\nnewline\"\n"
	if got := events.String(); got != want {
		t.Errorf("events:\n%swant:\n%s", got, want)
	}
}

func TestServiceStatus(t *testing.T) {
	for _, tt := range []struct {
		status daemon.Status
		err    error
		out    string
		fault  string
	}{
		{daemon.StatusRunning, nil, "running\n", ""},
		{daemon.StatusStopped, nil, "", "does not run"},
		{daemon.StatusUnknown, daemon.ErrNotInstalled, "", "not installed"},
		{daemon.StatusUnknown, errors.New("no bus"), "", "no bus"},
	} {
		out, err := serviceCommand(t, &fakeManager{status: tt.status, err: tt.err}, "status")
		if out != tt.out || (err == nil) != (tt.fault == "") || err != nil && !strings.Contains(err.Error(), tt.fault) {
			t.Errorf("status of %d, %v = %q, %v; want %q and %q", tt.status, tt.err, out, err, tt.out, tt.fault)
		}
	}
}

// Each command does what its name says, and names the right that is missing.
func TestServiceWithoutRights(t *testing.T) {
	for _, name := range []string{"uninstall", "start", "stop"} {
		m := &fakeManager{}
		if _, err := serviceCommand(t, m, name); err != nil || !slices.Equal(m.calls, []string{name}) {
			t.Errorf("service %s calls %v: %v", name, m.calls, err)
		}
		m.err = fmt.Errorf("open unit: %w", fs.ErrPermission)
		_, err := serviceCommand(t, m, name)
		if _, right := errors.AsType[failedError](err); !right || !regexp.MustCompile("want (root|a console)").MatchString(err.Error()) {
			t.Errorf("service %s without rights = %v, want what to do", name, err)
		}
	}
}
