//go:build e2e

package api_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/api"
)

// statuses notes the status of each answer.
type statuses struct {
	http.ResponseWriter
	list *[]int
}

func (s statuses) WriteHeader(status int) {
	*s.list = append(*s.list, status)
	s.ResponseWriter.WriteHeader(status)
}

// TestPython runs the Python recipe as it is served. The first Patch Tuesday of 2027 is 12 January; the ring's
// days are counted by hand.
func TestPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal(err)
	}
	var answered []int
	var h http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(statuses{w, &answered}, r)
	}))
	defer server.Close()
	h = newHandler(t, api.Config{BaseURL: server.URL})
	script, cache := filepath.Join(t.TempDir(), "cyclecal.py"), filepath.Join(t.TempDir(), "cache.json")
	if err := os.WriteFile(script, serve(t, h, "/dashboards/cyclecal.py").Body.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	const line = "Windows 11 24H2: ring broad restarts from 2027-01-21 to 2027-01-28, in 60 days (2027-01, planned)\n"
	for _, tt := range []struct {
		name     string
		before   func()
		args     []string
		out, err string
		exit     int
		asked    []int
	}{
		{name: "far", args: []string{"--days", "59", "--cache", cache}, out: line, exit: 0, asked: []int{200}},
		{name: "near, from the cache", args: []string{"--days", "60", "--cache", cache}, out: line, exit: 3, asked: []int{304}},
		{
			name: "a broken cache is none", before: func() { truncate(t, cache) },
			args: []string{"--cache", cache}, out: line, exit: 0, asked: []int{200},
		},
		{
			name: "another ring is not in the cache", args: []string{"--ring", "fast:0", "--cache", cache}, exit: 0, asked: []int{200},
			out: "Windows 11 24H2: ring fast restarts from 2027-01-12 to 2027-01-12, in 51 days (2027-01, planned)\n",
		},
		{name: "wrong", args: []string{"--ring", "broad:99"}, err: "cyclecal.py: ring: invalid ring \"broad:99\": want NAME:DEFERRAL", exit: 1, asked: []int{400}},
		{name: "days that are none", args: []string{"--days", "-3"}, err: "usage: ", exit: 2},
		{name: "nobody there", args: []string{"--server", "http://127.0.0.1:1"}, err: "cyclecal.py: <urlopen error", exit: 1},
		{
			name: "one day", before: func() {
				h = newHandler(t, api.Config{BaseURL: server.URL, Now: newClock(t, "2027-01-20T20:00:00Z").time})
			},
			out: strings.NewReplacer("in 60 days", "in 1 day", "planned", "unconfirmed").Replace(line), exit: 3, asked: []int{200},
		},
	} {
		if tt.before != nil {
			tt.before()
		}
		answered = nil
		cmd := exec.CommandContext(t.Context(), python, append([]string{script, "--track", "windows-11-24h2"}, tt.args...)...)
		cmd.Env = []string{"PATH=/usr/bin:/bin", "no_proxy=*"}
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		code := 0
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			code = exit.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		if code != tt.exit || string(out) != tt.out || !strings.HasPrefix(stderr.String(), tt.err) || tt.err == "" && stderr.Len() > 0 {
			t.Errorf("%s: exit %d, %q, %q, want %d, %q, %q…", tt.name, code, out, stderr.String(), tt.exit, tt.out, tt.err)
		}
		if diff := cmp.Diff(tt.asked, answered); diff != "" {
			t.Errorf("%s: statuses (-want +got):\n%s", tt.name, diff)
		}
	}
}

// Of a stored ring, the Python recipe tells the window and the freeze. The first Saturday after 13 January 2027
// is the 16th; 22:00 in Berlin is 16:00 in New York. The freeze ends on Sunday the 17th. Of the built-in tracks
// the preview of 2021 alone has ended.
func TestPythonStored(t *testing.T) {
	config := fleetConfig(t)
	config.BaseURL = ""
	h := newHandler(t, config)
	server := httptest.NewServer(h)
	defer server.Close()
	script := filepath.Join(t.TempDir(), "cyclecal.py")
	if err := os.WriteFile(script, serve(t, h, "/dashboards/cyclecal.py").Body.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "python3", append([]string{script, "--server", server.URL}, args...)...)
		cmd.Env = []string{"PATH=/usr/bin:/bin", "no_proxy=*", "TZ=America/New_York", "CYCLECAL_TOKEN=" + viewerSecret}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%v: %v: %s", args, err, out)
		}
		return string(out)
	}
	pilot := ask("--ring", "pilot")
	for _, want := range []string{"ring pilot restarts from 2027-01-13 to 2027-01-17", ", window 2027-01-16 16:00 -0500 to 2027-01-16 20:00 -0500", ", IN FREEZE year-end: "} {
		if !strings.Contains(pilot, want) {
			t.Errorf("%s: want %q", pilot, want)
		}
	}
	const ended = "windows-server-azure-automanage-preview"
	if out := ask("--ring", "spare"); strings.Contains(out, "Preview") || strings.Contains(out, "window ") || strings.Count(out, "\n") < 5 {
		t.Errorf("%s: want the tracks that go on, of a ring without a window", out)
	}
	if out := ask("--ring", "spare", "--track", ended); !strings.HasSuffix(out, ": no restart to come\n") {
		t.Errorf("%s: want the track that was asked for", out)
	}
}

// truncate leaves half of a file.
func truncate(t *testing.T, file string) {
	t.Helper()
	body, err := os.ReadFile(file)
	if err == nil {
		err = os.WriteFile(file, body[:len(body)/2], 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
