//go:build bench

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle/store"
)

// memory is at rest, after the load of before, and with clients that stay without asking.
func (b *bench) memory(loaded *benchServed) {
	s := startOurs(b.T, loaded.cmd.Path)
	atRest := b.resident(s)
	const idle = 1000
	for range idle {
		b.askAndStay(s)
	}
	with := b.resident(s)
	b.print("\nMemory (RSS): %d MB at rest, %d MB with %d idle connections (%d KB each), %d MB after the load above.",
		atRest>>10, with>>10, idle, (with-atRest)/idle, b.resident(loaded)>>10)
}

// askAndStay makes a connection that stays until the end, after one request.
func (b *bench) askAndStay(s *benchServed) {
	b.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", jsonPath)
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		b.Fatal(err)
	}
}

// resident is the memory of a process in KB.
func (b *bench) resident(s *benchServed) int {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		if value, ok := strings.CutPrefix(string(line), "VmRSS:"); ok {
			kb, err := strconv.Atoi(strings.Fields(value)[0])
			if err != nil {
				b.Fatal(err)
			}
			return kb
		}
	}
	b.Fatalf("no VmRSS in %s", text)
	return 0
}

// start is the time from the start of the process to the first answer of /readyz.
func (b *bench) start(program string) {
	var list []time.Duration
	dir := b.TempDir()
	for range 10 {
		began := time.Now()
		s := startOurs(b.T, program, "--data-dir", dir)
		list = append(list, time.Since(began))
		b.end(s)
	}
	b.print("\nFrom the start of the process to the first answer of /readyz: %v (median of %d).", median(list).Round(time.Millisecond/10), len(list))
}

func (b *bench) end(s *benchServed) {
	_ = s.cmd.Process.Signal(os.Interrupt) // it may have ended
	_ = s.cmd.Wait()
}

// builtInTracks are those that ship with the program.
const builtInTracks = 6

// tracks measures feeds of one track, of those built in, and of a thousand.
func (b *bench) tracks(program string) {
	s := startOurs(b.T, program)
	b.print("\n| tracks in the feed | bytes | compressed | first answer | requests/s, gzip | CPU µs |\n|---|---|---|---|---|---|")
	b.feed(s, 1, feedPath)
	b.feed(s, builtInTracks, "/calendars/all.ics")
	const many = 1000
	var file strings.Builder
	file.WriteString("tracks:\n")
	for i := range many - builtInTracks {
		fmt.Fprintf(&file, "- {id: own-%[1]d, name: Own %[1]d, first_month: 2024-01, rule: {baseline_months: [1, 4, 7, 10], release_day: second tuesday, release_time: \"10:00\", time_zone: America/Los_Angeles}}\n", i)
	}
	fleet := filepath.Join(b.TempDir(), "fleet.yaml")
	writeFile(b.T, fleet, []byte(file.String()))
	apply := exec.Command(program, "apply", "-f", fleet, "--server", s.url)
	apply.Env = append(os.Environ(), "CYCLECAL_TOKEN="+firstTestToken)
	began := time.Now()
	if out, err := apply.CombinedOutput(); err != nil {
		b.Fatalf("apply: %v\n%s", err, out)
	}
	took := time.Since(began)
	b.feed(s, many, "/calendars/all.ics?past=0&ahead=0") // a feed has at most 1 MB
	b.print("\nThe feed of %d tracks is that of one month; to apply their fleet file took %v.", many, took.Round(time.Millisecond))
}

func (b *bench) feed(s *benchServed, tracks int, path string) {
	began := time.Now()
	_, body := b.fetch(s.url+path, "identity")
	first := time.Since(began)
	_, zipped := b.fetch(s.url+path, "gzip")
	var list []load
	for range b.rounds {
		list = append(list, b.load(s, benchCase{name: path, path: path, gzip: true}, false))
	}
	m := medianLoad(list)
	b.print("| %d | %d | %d | %.1f ms | %.0f | %.1f |", tracks, len(body), len(zipped), float64(first.Microseconds())/1000, m.rate, m.cpu)
}

// writes measures a PUT beside few stored rings and beside many.
func (b *bench) writes(program string) {
	b.print("\n| rings stored | a PUT, median of %d | start to ready |\n|---|---|---|", benchPuts)
	for _, rings := range []int{10, 10_000} {
		dir := b.TempDir()
		b.storeRings(dir, rings)
		began := time.Now()
		s := startOurs(b.T, program, "--data-dir", dir)
		ready := time.Since(began)
		var list []time.Duration
		for i := range benchPuts {
			body := fmt.Sprintf(`{"deferral": %d, "deadline": 2}`, i%30+1)
			r, err := http.NewRequestWithContext(b.Context(), http.MethodPut, s.url+"/api/v1/rings/ring-1", strings.NewReader(body))
			if err != nil {
				b.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+firstTestToken)
			began := time.Now()
			answer, err := http.DefaultClient.Do(r)
			if err != nil || answer.StatusCode != http.StatusOK {
				b.Fatalf("PUT of a ring: %v, %v, want 200", answer, err)
			}
			answer.Body.Close()
			list = append(list, time.Since(began))
		}
		b.print("| %d | %v | %v |", rings, median(list).Round(10*time.Microsecond), ready.Round(time.Millisecond))
		b.end(s)
	}
}

const benchPuts = 20

// storeRings fills a store before the server has it.
func (b *bench) storeRings(dir string, n int) {
	b.Helper()
	s, err := store.OpenSQLite(b.Context(), filepath.Join(dir, "cyclecal.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}()
	var writes []store.Write
	for i := range n {
		writes = append(writes, store.Write{Kind: "rings", ID: fmt.Sprintf("ring-%d", i), Body: []byte(`{"deferral":1,"deadline":2}`), Match: store.Absent})
	}
	if _, err := s.Write(b.Context(), store.Batch{Who: "bench", At: time.Now(), Writes: writes}); err != nil {
		b.Fatal(err)
	}
}
