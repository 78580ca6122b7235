package main

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkStart measures what a start costs beside that of the process: the
// history read, an empty store made, the service built, and the first answer that it is ready.
func BenchmarkStart(b *testing.B) {
	p := &program{getenv: func(string) string { return "" }, stdout: io.Discard, stderr: io.Discard, now: testClock}
	for b.Loop() {
		service, err := p.newService(b.Context(), serveFlags{storeFlags: storeFlags{dataDir: b.TempDir()}, public: true}, slog.New(slog.DiscardHandler))
		if err != nil {
			b.Fatal(err)
		}
		handler, err := service.handler("http://127.0.0.1:8080")
		if err != nil {
			b.Fatal(err)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		if w.Code != http.StatusOK {
			b.Fatalf("GET /readyz = %d, want 200", w.Code)
		}
		if err := service.close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkExport measures the whole history made into files and written into an empty folder.
func BenchmarkExport(b *testing.B) {
	for b.Loop() {
		exportForTest(b)
	}
}
