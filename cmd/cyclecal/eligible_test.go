package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A server that tells no requirements tells nothing: an empty table would say that there are none.
func TestEligibleWithoutRequirements(t *testing.T) {
	for _, told := range []string{`{}`, `{"requirements": null}`, `{"requirements": ["vbs"]}`} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"data": [`+told+`], "meta": {"as_of": "2026-11-22"}}`)
		}))
		t.Cleanup(server.Close)
		var stdout, stderr bytes.Buffer
		p := &program{getenv: func(string) string { return "" }, stdout: &stdout, stderr: &stderr, now: testClock}
		code := p.run(t.Context(), []string{"eligible", "--product", "windows-11", "--server", server.URL})
		if want := "want objects as requirements"; code != exitFailed || !strings.Contains(stderr.String(), want) {
			t.Errorf("%s: exit code %d, %q: want %d and %q", told, code, stderr.String(), exitFailed, want)
		}
	}
}

// The name of a source may tell its day, which is then not told again.
func TestSourceOf(t *testing.T) {
	for _, tt := range []struct {
		source row
		want   string
	}{
		{row{"source_name": "A page", "source": "https://example.com", "source_date": "2026-03-11"}, " [https://example.com, 2026-03-11]"},
		{row{"source_name": "The press, 2026-03-11", "source": nil, "source_date": "2026-03-11"}, " [The press, 2026-03-11]"},
		{row{"source_name": "A page", "source": nil, "source_date": nil}, " [A page]"},
	} {
		if got := sourceOf(tt.source); got != tt.want {
			t.Errorf("sourceOf(%v) = %q, want %q", tt.source, got, tt.want)
		}
	}
}
