//go:build bench

package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api/ics"
	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/catalog"
)

// What a process is told that this test starts to be one of the others.
const (
	benchServer  = "CYCLECAL_BENCH_SERVER" // "plain" or "rendering"
	benchAddress = "CYCLECAL_BENCH_ADDRESS"
	benchDir     = "CYCLECAL_BENCH_DIR"
)

// benchServed is a server that runs for the comparison.
type benchServed struct {
	name, url string
	cmd       *exec.Cmd
	paths     map[string]string // where it has what is at a path of ours; nil for there
	feedsOnly bool              // it has neither 304 nor JSON
	etags     map[string]string // by path of ours
	slow      bool              // it may let clients wait too long
}

func (s *benchServed) takes(c benchCase) bool {
	return !s.feedsOnly || c.path == feedPath && !c.unchanged && (s.paths == nil || !c.gzip)
}

func (s *benchServed) path(c benchCase) string {
	switch {
	case s.paths == nil:
		return c.path
	case c.unchanged:
		return unchangedPrefix + s.paths[c.path]
	}
	return s.paths[c.path]
}

func (s *benchServed) headers(c benchCase) []string {
	switch {
	case c.gzip:
		return []string{"Accept-Encoding: gzip"}
	case c.unchanged:
		return []string{"If-None-Match: " + s.etags[c.path]}
	}
	return nil
}

// cpu is what the server and its workers have used.
func (s *benchServed) cpu(t *testing.T) time.Duration {
	t.Helper()
	sum := ticks(t, s.cmd.Process.Pid)
	for _, pid := range childrenOf(t, s.cmd.Process.Pid) {
		sum += ticks(t, pid)
	}
	const tick = 10 * time.Millisecond // USER_HZ is 100 on every Linux that Go knows
	return time.Duration(sum) * tick
}

// ticks are utime and stime of /proc/PID/stat, whose second field is a name in parentheses.
func ticks(t *testing.T, pid int) (sum int) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	for _, field := range fields[11:13] {
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	return sum
}

func childrenOf(t *testing.T, pid int) (list []int) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%[1]d/task/%[1]d/children", pid))
	if err != nil {
		t.Fatal(err)
	}
	for field := range strings.FieldsSeq(string(text)) {
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, n)
	}
	return list
}

// startBenched runs a command until the test ends, and waits until something answers at url.
func startBenched(t *testing.T, s *benchServed, ready string, env ...string) *benchServed {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Env, s.cmd.Stderr = append(os.Environ(), env...), log // a file, so that nothing reads along
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		_ = s.cmd.Wait()
		log.Close()
	})
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		answer, err := http.Get(s.url + ready)
		if err == nil {
			answer.Body.Close()
			return s
		}
		if time.Now().After(until) {
			text, _ := os.ReadFile(log.Name())
			t.Fatalf("%s does not answer at %s: %v\n%s", s.name, s.url, err, text)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return address
}

func buildProgram(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "cyclecal")
	cmd := exec.Command("go", "build", "-buildvcs=false", "-o", program, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

// startOurs starts the program as everybody does: with its timeouts, metrics and a log line for each request.
func startOurs(t *testing.T, program string, flags ...string) *benchServed {
	t.Helper()
	address := freeAddress(t)
	if len(flags) == 0 {
		flags = []string{"--data-dir", t.TempDir()}
	}
	cmd := exec.Command(program, append([]string{"serve", "--listen", address}, flags...)...)
	return startBenched(t, &benchServed{name: "cyclecal", url: "http://" + address, cmd: cmd}, "/readyz", "CYCLECAL_ADMIN_TOKEN="+firstTestToken)
}

// capturedAnswer is what the others shall send.
type capturedAnswer struct {
	Header, Unchanged http.Header // of the answer, and of a 304
	Body, Zipped      []byte
}

// capture asks the program for what all others send then, byte for byte.
func (b *bench) capture(s *benchServed) map[string]capturedAnswer {
	b.Helper()
	all := map[string]capturedAnswer{}
	s.etags = map[string]string{}
	for _, path := range []string{feedPath, jsonPath} {
		header, body := b.fetch(s.url+path, "identity")
		_, zipped := b.fetch(s.url+path, "gzip")
		s.etags[path] = header.Get("ETag")
		all[path] = capturedAnswer{header, b.fetchUnchanged(s.url+path, s.etags[path]), body, zipped}
		b.print("`%s`: %d bytes, %d compressed.", path, len(body), len(zipped))
	}
	return all
}

func (b *bench) fetch(url, encoding string) (http.Header, []byte) {
	b.Helper()
	return b.get(url, "Accept-Encoding", encoding, http.StatusOK)
}

// fetchUnchanged returns the headers of a 304.
func (b *bench) fetchUnchanged(url, etag string) http.Header {
	b.Helper()
	header, _ := b.get(url, "If-None-Match", etag, http.StatusNotModified)
	return header
}

func (b *bench) get(url, name, value string, status int) (http.Header, []byte) {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url, nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "identity")
	r.Header.Set(name, value)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != status {
		b.Fatalf("GET %s = %d, %v, want %d", url, answer.StatusCode, err, status)
	}
	return answer.Header, body
}

// nginxConfig is what Debian ships, but for files that are compressed already, and for connections that stay.
const nginxConfig = `
%[3]s
worker_processes 2;
daemon off;
pid %[1]s/pid;
error_log stderr;
events { worker_connections 4096; }
http {
	sendfile on;
	tcp_nopush on;
	keepalive_requests 1000000000;
	keepalive_timeout 30s;
	gzip_static on;
	types { text/calendar ics; application/json json; }
	client_body_temp_path %[1]s/1; proxy_temp_path %[1]s/2; fastcgi_temp_path %[1]s/3; uwsgi_temp_path %[1]s/4; scgi_temp_path %[1]s/5;
	%[4]s
	server {
		listen %[2]s;
		root %[1]s;
		%[5]s
	}
}
`

// nginxTunings are what differs: the log is buffered as ours is, and the files stay open.
var nginxTunings = map[string]string{
	"nginx":        "access_log %[1]s/access.log;",
	"nginx, tuned": "access_log %[1]s/access.log combined buffer=64k flush=1s; open_file_cache max=100 inactive=600s; open_file_cache_valid 600s;",
}

// startNginx serves the same bytes and headers from files.
func startNginx(t *testing.T, name string, wanted map[string]capturedAnswer) *benchServed {
	t.Helper()
	dir, address, user := t.TempDir(), freeAddress(t), ""
	if os.Geteuid() == 0 {
		user = "user root;" // who may read the folder
	}
	s := &benchServed{name: name, url: "http://" + address, etags: map[string]string{}, paths: map[string]string{feedPath: "/feed.ics", jsonPath: "/next.json"}}
	var locations strings.Builder
	for path, file := range s.paths {
		writeFile(t, filepath.Join(dir, file), wanted[path].Body)
		writeFile(t, filepath.Join(dir, file+".gz"), wanted[path].Zipped)
		fmt.Fprintf(&locations, "location = %s { %s }\n", file, addHeaders(wanted[path].Header))
		fmt.Fprintf(&locations, "location = %s { alias %s; %s }\n", unchangedPrefix+file, filepath.Join(dir, file), addHeaders(wanted[path].Unchanged))
	}
	config := filepath.Join(dir, "nginx.conf")
	tuning := strings.ReplaceAll(nginxTunings[name], "%[1]s", dir)
	writeFile(t, config, fmt.Appendf(nil, nginxConfig, dir, address, user, tuning, locations.String()))
	s.cmd = exec.Command("nginx", "-p", dir, "-c", config, "-e", "stderr")
	startBenched(t, s, "/next.json")
	b := &bench{T: t}
	for path, file := range s.paths {
		header, body := b.fetch(s.url+file, "identity")
		if _, zipped := b.fetch(s.url+file, "gzip"); !bytes.Equal(body, wanted[path].Body) || !bytes.Equal(zipped, wanted[path].Zipped) {
			t.Fatalf("nginx sends %d and %d bytes of %s, want the same as cyclecal", len(body), len(zipped), path)
		}
		for name := range wanted[path].Header {
			if header[name] == nil {
				t.Fatalf("nginx sends %s without %s, want the headers of cyclecal", path, name)
			}
		}
		s.etags[path] = header.Get("ETag")
	}
	return s
}

// unchangedPrefix stands before what nginx has for 304s, which carry fewer headers.
const unchangedPrefix = "/unchanged"

// addHeaders tells nginx to send what it would not send by itself.
func addHeaders(wanted http.Header) string {
	var text strings.Builder
	for name, values := range wanted {
		switch name {
		case "Date", "Content-Type", "Content-Length", "Etag", "Last-Modified":
		case "X-Request-Id":
			text.WriteString("add_header X-Request-Id $request_id; ")
		default:
			fmt.Fprintf(&text, "add_header %s '%s'; ", name, strings.ReplaceAll(strings.Join(values, ", "), "'", `\'`))
		}
	}
	return text.String()
}

func writeFile(t *testing.T, name string, body []byte) {
	t.Helper()
	if err := os.WriteFile(name, body, 0o644); err != nil {
		t.Fatal(err)
	}
}

// startAnother starts this test as one of the others.
func startAnother(t *testing.T, kind string, s *benchServed, env ...string) *benchServed {
	t.Helper()
	address := freeAddress(t)
	s.url = "http://" + address
	s.cmd = exec.Command(os.Args[0], "-test.run=^TestSideBySide$", "-test.timeout=0")
	return startBenched(t, s, feedPath, append(env, benchServer+"="+kind, benchAddress+"="+address)...)
}

// startPlain starts net/http with a handler that does nothing but send the same headers and bytes.
func startPlain(t *testing.T, wanted map[string]capturedAnswer) *benchServed {
	t.Helper()
	dir := t.TempDir()
	text, err := json.Marshal(wanted)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "wanted.json"), text)
	etags := map[string]string{feedPath: `"x"`, jsonPath: `"x"`} // any: it is not compared
	return startAnother(t, "plain", &benchServed{name: "empty net/http handler", etags: etags}, benchDir+"="+dir)
}

// startRendering starts a handler that makes the feed with golang-ical for each request.
func startRendering(t *testing.T) *benchServed {
	t.Helper()
	return startAnother(t, "rendering", &benchServed{name: "golang-ical for each request", feedsOnly: true})
}

// serveForBench is the process of an other, until it is killed.
func serveForBench(t *testing.T) {
	handler := map[string]func(*testing.T) http.Handler{"plain": plainHandler, "rendering": renderingHandler}[os.Getenv(benchServer)](t)
	t.Fatal(http.ListenAndServe(os.Getenv(benchAddress), handler))
}

func plainHandler(t *testing.T) http.Handler {
	text, err := os.ReadFile(filepath.Join(os.Getenv(benchDir), "wanted.json"))
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[string]capturedAnswer{}
	if err := json.Unmarshal(text, &wanted); err != nil {
		t.Fatal(err)
	}
	type field struct {
		name   string
		values []string
	}
	listed := func(h http.Header) (list []field) {
		for name, values := range h {
			if name != "Content-Length" && name != "Date" {
				list = append(list, field{name, values})
			}
		}
		return list
	}
	fields, unchanged := map[string][]field{}, map[string][]field{}
	for path, answer := range wanted {
		fields[path], unchanged[path] = listed(answer.Header), listed(answer.Unchanged)
	}
	zipped := []string{"gzip"}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, h := wanted[r.URL.Path], w.Header()
		if r.Header["If-None-Match"] != nil {
			for _, f := range unchanged[r.URL.Path] {
				h[f.name] = f.values
			}
			w.WriteHeader(http.StatusNotModified)
			return
		}
		for _, f := range fields[r.URL.Path] {
			h[f.name] = f.values
		}
		body := answer.Body
		if r.Header["Accept-Encoding"] != nil {
			body = answer.Zipped
			h["Content-Encoding"] = zipped
		}
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
		_, _ = w.Write(body) // a client that hung up gets nothing more
	})
}

func renderingHandler(t *testing.T) http.Handler {
	facts, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	var schedules []cycle.Schedule
	now := time.Now()
	for _, f := range facts {
		if strings.Contains(feedPath, f.Track.ID) {
			schedules = append(schedules, cycle.Compile(f, cycle.DateIn(now, time.UTC)))
		}
	}
	month := cycle.MonthOf(now.Year(), now.Month())
	query := ics.Query{From: month.AddMonths(-12), To: month.AddMonths(18)}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := ics.Render(ics.Calendar{Name: "Windows restarts"}, ics.Events(schedules, query))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
		if r.Header["Accept-Encoding"] == nil {
			_, _ = w.Write(body)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = z.Write(body)
		_ = z.Close()
	})
}

const radicaleConfig = `
[server]
hosts = %[1]s
[auth]
type = none
[rights]
type = from_file
file = %[2]s/rights
[storage]
filesystem_folder = %[2]s/collections
[logging]
level = error
`

// startRadicale serves the same events from a calendar server.
func startRadicale(t *testing.T, wanted map[string]capturedAnswer) *benchServed {
	t.Helper()
	dir, address := t.TempDir(), freeAddress(t)
	writeFile(t, filepath.Join(dir, "rights"), []byte("[all]\nuser: .*\ncollection: .*\npermissions: RrWw\n"))
	writeFile(t, filepath.Join(dir, "config"), fmt.Appendf(nil, radicaleConfig, address, dir))
	s := &benchServed{
		name: "Radicale", url: "http://" + address, feedsOnly: true, slow: true, paths: map[string]string{feedPath: "/bench/feed/"},
		cmd: exec.Command("radicale", "--config", filepath.Join(dir, "config")),
	}
	startBenched(t, s, "/.web/")
	send := func(method, path string, body []byte) {
		r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "text/calendar")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if text, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusCreated {
			t.Fatalf("%s %s of Radicale = %d %s, want 201", method, path, answer.StatusCode, text)
		}
	}
	send("MKCOL", "/bench/", nil)
	send(http.MethodPut, s.paths[feedPath], wanted[feedPath].Body)
	_, body := (&bench{T: t}).fetch(s.url+s.paths[feedPath], "identity")
	if got, want := bytes.Count(body, []byte("BEGIN:VEVENT")), bytes.Count(wanted[feedPath].Body, []byte("BEGIN:VEVENT")); got != want {
		t.Fatalf("Radicale serves %d events, want %d", got, want)
	}
	return s
}
