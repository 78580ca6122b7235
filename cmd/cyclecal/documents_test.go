package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A client that closes its half of the connection once it has asked is answered by what needs the store, too: net/http then
// ends the context of its request. Nor does the store seem broken after it.
func TestHalfClosedReachesTheStore(t *testing.T) {
	getenv := func(name string) string { return map[string]string{"CYCLECAL_ADMIN_TOKEN": firstTestToken}[name] }
	p := &program{getenv: getenv, stdout: io.Discard, stderr: io.Discard, now: testClock}
	service, err := p.newService(t.Context(), serveFlags{storeFlags: storeFlags{dataDir: t.TempDir()}, public: true}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = service.close() })
	handler, err := service.handler("http://127.0.0.1:8080")
	if err != nil {
		t.Fatal(err)
	}
	closed, closeHalf := context.WithCancel(t.Context())
	closeHalf()
	for _, tt := range []struct {
		method, path, body string
		want               int
		told               string
	}{
		{http.MethodPut, "/api/v1/rings/pilot", `{"deferral":1}`, http.StatusCreated, `"pilot"`},
		{http.MethodPut, "/api/v1/tokens/ci", `{"role":"viewer"}`, http.StatusCreated, `"ci"`},
		{http.MethodPost, "/api/v1/tokens/ci/rotate", "", http.StatusOK, `"secret"`},
		{http.MethodGet, "/api/v1/audit", "", http.StatusOK, `"pilot"`},
		{http.MethodGet, "/api/v1/feeds", "", http.StatusOK, `"data"`},
		{http.MethodDelete, "/api/v1/rings/pilot", "", http.StatusNoContent, ""},
		{http.MethodGet, "/readyz", "", http.StatusOK, `"status":"ok"`},
	} {
		r := httptest.NewRequestWithContext(closed, tt.method, tt.path, strings.NewReader(tt.body))
		r.Header.Set("Authorization", "Bearer "+firstTestToken)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != tt.want || !strings.Contains(w.Body.String(), tt.told) {
			t.Errorf("%s %s = %d %s, want %d with %s", tt.method, tt.path, w.Code, w.Body, tt.want, tt.told)
		}
	}
}
