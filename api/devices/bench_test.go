//go:build !race

package devices_test

// What is measured here has no goroutines, and takes ten times as long under the race detector.

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api/devices"
)

// fleet is a list of many devices that is never in memory as a whole.
type fleet struct {
	rows int
	rest []byte
	made int
	seed *rand.Rand
}

func newFleet(rows int) *fleet {
	return &fleet{rows: rows, seed: rand.New(rand.NewPCG(1, 2)), rest: []byte("Device name,Primary user UPN,OS,OS version,SKU family,Serial number,Last check-in,Compliance\r\n")}
}

var fleetBuilds = []string{"26200.8655", "26100.8655", "26100.3983", "26100.7462", "26200.6899", "26100.32860", "22631.5472", "26100.4946"}

func (f *fleet) Read(p []byte) (int, error) {
	for len(f.rest) < len(p) && f.made < f.rows {
		f.made++
		quoted := "Compliant"
		if f.made%10 == 0 {
			quoted = `"Not compliant, ""grace"""`
		}
		f.rest = fmt.Appendf(f.rest, "PC-%07d,user%d@contoso.example,Windows 11,10.0.%s,Enterprise,%016x,2026-11-%02dT08:00:00Z,%s\r\n",
			f.made, f.made, fleetBuilds[f.seed.IntN(len(fleetBuilds))], f.seed.Uint64(), f.made%28+1, quoted)
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	if n == 0 {
		return 0, io.EOF
	}
	if len(f.rest) == 0 {
		f.rest = nil
	}
	return n, nil
}

const million = 1_000_000

// BenchmarkDevices reads a million devices, and as a measure lets encoding/csv read the same and do
// nothing with it. "ratio" is the time against that; "peak-MB" what the heap took above the list.
func BenchmarkDevices(b *testing.B) {
	modes := []struct {
		name string
		read func(*devices.Table) error
		peak float64
	}{
		{"summary", (*devices.Table).Skim, 0},
		{"csv", func(t *devices.Table) error { return t.WriteCSV(io.Discard) }, 0},
		{"json", func(t *devices.Table) error { return t.WriteJSON(io.Discard) }, 0},
	}
	for i := range modes { // before there is a list in memory, which lets the collector take its time
		modes[i].peak = peak(b, newFleet(million), modes[i].read)
	}
	var whole strings.Builder
	if _, err := io.Copy(&whole, newFleet(million)); err != nil {
		b.Fatal(err)
	}
	text := whole.String()
	alone := func() error {
		r := csv.NewReader(strings.NewReader(text))
		r.ReuseRecord = true // as fast as it can be
		for {
			_, err := r.Read()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
		}
	}
	for _, bb := range modes {
		b.Run(bb.name, func(b *testing.B) {
			var measure, took time.Duration
			for b.Loop() {
				started := time.Now()
				if err := alone(); err != nil {
					b.Fatal(err)
				}
				measure += time.Since(started)
				started = time.Now()
				table, err := devices.Read(strings.NewReader(text), options(b))
				if err != nil {
					b.Fatal(err)
				}
				if err := bb.read(table); err != nil {
					b.Fatal(err)
				}
				took += time.Since(started)
				if n := table.Summary().Rows; n != million {
					b.Fatalf("%d rows, want a million", n)
				}
			}
			b.ReportMetric(took.Seconds()/float64(b.N), "s")
			b.ReportMetric(measure.Seconds()/float64(b.N), "csv-alone-s")
			b.ReportMetric(took.Seconds()/measure.Seconds(), "ratio")
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(bb.peak, "peak-MB")
		})
	}
}

// peak returns the most that the heap takes while a list streams through, in MB above what it takes
// before.
func peak(t testing.TB, list io.Reader, read func(*devices.Table) error) float64 {
	t.Helper()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	base, most := m.HeapAlloc, uint64(0)
	table, err := devices.Read(&watched{Reader: list, every: 4 << 20, look: func() {
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapAlloc)
	}}, options(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := read(table); err != nil {
		t.Fatal(err)
	}
	return float64(max(most, base)-base) / 1e6
}

// watched looks at something now and then while it is read.
type watched struct {
	io.Reader
	every, left int
	look        func()
}

func (w *watched) Read(p []byte) (int, error) {
	if w.left <= 0 {
		w.left = w.every
		w.look()
	}
	n, err := w.Reader.Read(p)
	w.left -= n
	return n, err
}

// Many rows take no more memory than ten, and a list that was made to take much takes less than
// there is for it.
func TestFlatMemory(t *testing.T) {
	for name, read := range map[string]func(*devices.Table) error{
		"summary": (*devices.Table).Skim,
		"csv":     func(t *devices.Table) error { return t.WriteCSV(io.Discard) },
		"json":    func(t *devices.Table) error { return t.WriteJSON(io.Discard) },
	} {
		if got := peak(t, newFleet(200_000), read); got > 16 {
			t.Errorf("%s took %.1f MB above the base, want at most 16", name, got)
		}
		const most = 64
		if got := peak(t, &endless{left: 20_000, of: "26100.%d,%0460d\n"}, read); got > most {
			t.Errorf("%s of rows that are all different took %.1f MB, want at most %d", name, got, most)
		}
		if got := peak(t, &endless{left: 100, of: "26100.%d,%01000000d\n"}, read); got > most {
			t.Errorf("%s of long rows took %.1f MB, want at most %d", name, got, most)
		}
		if got := peak(t, &endless{left: 20_000, of: "\"26100.%d,%0460d\n"}, read); got > most {
			t.Errorf("%s of rows that do not end took %.1f MB, want at most %d", name, got, most)
		}
	}
}

// endless is a list of rows that are all different.
type endless struct {
	left int
	of   string
	rest []byte
	any  bool
}

func (e *endless) Read(p []byte) (int, error) {
	switch {
	case !e.any:
		e.any, e.rest = true, []byte("OSVersion,OS\n")
	case len(e.rest) == 0 && e.left == 0:
		return 0, io.EOF
	case len(e.rest) == 0:
		e.left--
		e.rest = fmt.Appendf(e.rest, e.of, e.left%9999, e.left)
	}
	n := copy(p, e.rest)
	e.rest = append(e.rest[:0], e.rest[n:]...)
	return n, nil
}
