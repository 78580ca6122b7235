//go:build bench

package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestSideBySide measures the program beside others that send the same on the same machine, in
// alternating rounds, and prints what came out as Markdown. .ci/bench runs it.
func TestSideBySide(t *testing.T) {
	if os.Getenv(benchServer) != "" {
		serveForBench(t) // this process is one of the others
		return
	}
	b := newBench(t)
	b.print("Measured on %s with load average %s; %d rounds of %v, medians; wrk with 1 thread and %d connections on the same cores.",
		machine(), loadAverage(), b.rounds, b.each, benchConnections)
	program := buildProgram(t)
	ours := startOurs(t, program)
	wanted := b.capture(ours)
	all := []*benchServed{ours, startNginx(t, "nginx", wanted), startNginx(t, "nginx, tuned", wanted), startPlain(t, wanted), startRendering(t), startRadicale(t, wanted)}
	for _, c := range benchCases {
		for _, fresh := range []bool{false, true} {
			b.compare(c, fresh, all)
		}
	}
	b.memory(ours)
	b.start(program)
	b.tracks(program)
	b.writes(program)
}

// bench is what all measurements share.
type bench struct {
	*testing.T
	rounds int
	each   time.Duration
}

func newBench(t *testing.T) *bench {
	number := func(name string, missing int) int {
		n, err := strconv.Atoi(cmp.Or(os.Getenv(name), strconv.Itoa(missing)))
		if err != nil || n < 1 {
			t.Fatalf("%s = %q: want a number of at least 1", name, os.Getenv(name))
		}
		return n
	}
	return &bench{t, number("CYCLECAL_BENCH_ROUNDS", 3), time.Duration(number("CYCLECAL_BENCH_SECONDS", 2)) * time.Second}
}

// print writes a line of the report.
func (b *bench) print(format string, args ...any) { fmt.Fprintf(os.Stdout, format+"\n", args...) }

// benchConnections is how many clients ask at once.
const benchConnections = 32

// benchCase is a request as clients send it.
type benchCase struct {
	name, path string
	gzip       bool
	unchanged  bool // the client has the answer already
}

var benchCases = []benchCase{
	{name: "feed", path: feedPath},
	{name: "feed, gzip", path: feedPath, gzip: true},
	{name: "feed, 304", path: feedPath, unchanged: true},
	{name: "JSON", path: jsonPath},
}

const (
	feedPath = "/calendars/windows-11-24h2.ics"
	jsonPath = "/api/v1/next"
)

// compare measures a request on every server that takes it, in turns.
func (b *bench) compare(c benchCase, fresh bool, servers []*benchServed) {
	connection := "kept alive"
	if fresh {
		connection = "a new connection each"
	}
	b.print("\n%s (%s)\n\n| server | requests/s | p50 ms | p99 ms | CPU µs | of nginx | we are × |\n|---|---|---|---|---|---|---|", c.name, connection)
	servers = slices.DeleteFunc(slices.Clone(servers), func(s *benchServed) bool { return !s.takes(c) })
	got := map[*benchServed][]load{}
	for range b.rounds {
		for _, s := range servers {
			got[s] = append(got[s], b.load(s, c, fresh))
		}
	}
	// Each round is compared with itself: what else the machine did then, it did to all.
	ratio := func(of, to *benchServed) float64 {
		list := make([]float64, b.rounds)
		for i := range list {
			list[i] = got[of][i].rate / got[to][i].rate
		}
		return median(list)
	}
	for _, s := range servers {
		m := medianLoad(got[s])
		b.print("| %s | %.0f | %.2f | %.2f | %.1f | %.2f | %.2f |", s.name, m.rate, m.p50, m.p99, m.cpu, ratio(s, servers[1]), ratio(servers[0], s))
	}
}

// load is what one round showed: requests/s, milliseconds, and microseconds of CPU for each request.
type load struct{ rate, p50, p99, cpu float64 }

var (
	wrkRate    = regexp.MustCompile(`Requests/sec:\s+([0-9.]+)`)
	wrkCount   = regexp.MustCompile(`(\d+) requests in`)
	wrkLatency = regexp.MustCompile(`(50|99)%\s+([0-9.]+)(us|ms|s)\b`)
	wrkFault   = regexp.MustCompile(`Non-2xx or 3xx responses.*|Socket errors.*`)
)

// benchAgent is what calendar programs send, and longer than what wrk would.
const benchAgent = "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Thunderbird/140.5.0"

func (b *bench) load(s *benchServed, c benchCase, fresh bool) load {
	b.Helper()
	args := []string{"-H", benchAgent, "--latency", "-t", "1", "-c", strconv.Itoa(benchConnections), "-d", fmt.Sprintf("%.0fs", b.each.Seconds())}
	for _, h := range s.headers(c) {
		args = append(args, "-H", h)
	}
	if fresh {
		args = append(args, "-H", "Connection: close")
	}
	before := s.cpu(b.T)
	out, err := exec.Command("wrk", append(args, s.url+s.path(c))...).CombinedOutput()
	spent := s.cpu(b.T) - before
	rate, count := wrkRate.FindSubmatch(out), wrkCount.FindSubmatch(out)
	if fault := wrkFault.Find(out); err != nil || rate == nil || count == nil || fault != nil && !s.slow {
		b.Fatalf("wrk %s of %s: %v\n%s", c.name, s.name, err, out)
	}
	l := load{rate: parseFloat(b.T, rate[1])}
	l.cpu = float64(spent.Microseconds()) / max(parseFloat(b.T, count[1]), 1)
	for _, m := range wrkLatency.FindAllSubmatch(out, -1) {
		ms := parseFloat(b.T, m[2]) * map[string]float64{"us": 0.001, "ms": 1, "s": 1000}[string(m[3])]
		if string(m[1]) == "50" {
			l.p50 = ms
		} else {
			l.p99 = ms
		}
	}
	return l
}

func parseFloat(t *testing.T, text []byte) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// medianLoad takes the median of each figure.
func medianLoad(list []load) load {
	of := func(figure func(load) float64) float64 {
		var all []float64
		for _, l := range list {
			all = append(all, figure(l))
		}
		return median(all)
	}
	return load{
		rate: of(func(l load) float64 { return l.rate }), cpu: of(func(l load) float64 { return l.cpu }),
		p50: of(func(l load) float64 { return l.p50 }), p99: of(func(l load) float64 { return l.p99 }),
	}
}

func median[T cmp.Ordered](list []T) T {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

// machine names what it was measured on.
func machine() string {
	info, _ := os.ReadFile("/proc/cpuinfo") // without it the name is missing
	model := "a processor without a name"
	for line := range bytes.Lines(info) {
		if name, value, ok := strings.Cut(string(line), ":"); ok && strings.TrimSpace(name) == "model name" {
			model = strings.TrimSpace(value)
			break
		}
	}
	return fmt.Sprintf("%d cores of %s, %s, %s/%s", runtime.NumCPU(), model, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func loadAverage() string {
	text, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(text), " ")
	return cmp.Or(first, "unknown")
}
