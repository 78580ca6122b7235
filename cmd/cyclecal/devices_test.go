package main

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle/catalog"
)

// The bar moves a hundredth at a time, and is taken away at the end.
func TestProgress(t *testing.T) {
	var bar bytes.Buffer
	l := &listFile{ReadCloser: io.NopCloser(iotest.OneByteReader(strings.NewReader(strings.Repeat("x", 1000)))), bar: &bar, size: 1000}
	if _, err := io.Copy(io.Discard, l); err != nil {
		t.Fatal(err)
	}
	l.close()
	got := strings.Split(strings.TrimPrefix(bar.String(), "\r"), "\r")
	if len(got) != 101 || !strings.HasPrefix(got[49], "[####################                    ]  50 %") || got[100] != "\x1b[K" {
		t.Errorf("%d bars, the middle %q, the last %q, want 100 and one that takes them away", len(got), got[49], got[len(got)-1])
	}
}

// On a narrow terminal the bar stays in one line: it could not be drawn over otherwise.
func TestProgressBarNarrow(t *testing.T) {
	for columns, want := range map[int]string{
		40: "[#########         ]  50 % of 4000 MB ", 20: "[]  50 % of 4000 MB ", 3: "[]  50 % of 4000 MB ",
		0: "[####################                    ]  50 % of 4000 MB ", // as of what is no terminal
	} {
		var bar bytes.Buffer
		l := &listFile{bar: &bar, columns: columns, size: 4e9, read: 2e9}
		l.show()
		if got := strings.TrimPrefix(bar.String(), "\r"); got != want {
			t.Errorf("with %d columns the bar is %q, want %q", columns, got, want)
		}
	}
}

// Whoever reads no terminal sees no bar, and what breaks off says why.
func TestBrokenList(t *testing.T) {
	p := &program{getenv: func(string) string { return "" }, stdout: io.Discard, stderr: io.Discard, now: testClock}
	client, err := p.client("")
	if err != nil {
		t.Fatal(err)
	}
	for _, output := range []string{"table", "csv", "json"} {
		r := &reading{program: p, client: client, output: output, query: map[string][]string{}}
		gone := errors.New("the disk is gone")
		list := "OSVersion,OS\n" + strings.Repeat("26100.3983,Windows Server 2025\n", 10_000)
		p.stdin = io.MultiReader(strings.NewReader(list), iotest.ErrReader(gone))
		if err := r.devices(t.Context(), "-"); !errors.Is(err, gone) {
			t.Errorf("--output %s of a list that breaks off = %v, want %v", output, err, gone)
		}
	}
}

// Nothing of a list gets into the log, whatever is wrong with it.
func TestDevicesAreNotLogged(t *testing.T) {
	facts, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	h, err := api.New(api.Config{
		Source: api.NewSnapshot(api.Contents{Revision: 1, Facts: facts}), Now: testClock, PublicDevices: true,
		Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	const secret = "sesame"
	for _, list := range []string{
		"Name,OSVersion\n" + secret + ",26100.3983\n", secret + ",b\n", "Name,OSVersion\n\"" + secret + "\"" + secret + "\n",
		"Name,OSVersion\n" + strings.Repeat(secret, 1<<20), secret + "\"\n",
	} {
		for _, output := range []string{"summary", "csv", "json"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api/v1/devices?build_column="+secret+"&output="+output, strings.NewReader(list))
			r.Header.Set("Content-Type", "text/csv")
			func() {
				defer func() { _ = recover() }() // an answer that breaks off
				h.ServeHTTP(httptest.NewRecorder(), r)
			}()
		}
	}
	if strings.Contains(log.String(), secret) || log.Len() == 0 {
		t.Errorf("log:\n%s\nwant requests in it, and nothing of the lists", log.String())
	}
}
