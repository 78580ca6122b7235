package api_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/api/metrics"
)

const (
	rendered  = "/api/v1/tracks?as_of=2026-06-10"
	respelled = "/api/v1/tracks?as_of=2026%2D06-10"
	other     = "/api/v1/tracks/windows-server-2025"
)

// busy has one answer, and no core to make another.
func busy(t *testing.T) (h http.Handler, snapshot *api.Snapshot, end func()) {
	t.Helper()
	snapshot = api.NewSnapshot(fleetContents(t))
	c := api.Config{Source: snapshot, Documents: keeper{}, Now: newClock(t, today).time, Log: slog.New(slog.DiscardHandler)}
	if w := serve(t, newHandler(t, c), rendered); w.Code != http.StatusOK {
		t.Fatalf("GET %s = %d %s", rendered, w.Code, w.Body)
	}
	h, end = api.NewBusy(t, c)
	return h, snapshot, end
}

// later asks without waiting for the answer, which is done when the channel is closed.
func later(ctx context.Context, h http.Handler, target string) (w *httptest.ResponseRecorder, done chan struct{}) {
	w, done = httptest.NewRecorder(), make(chan struct{})
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	go func() {
		defer close(done)
		h.ServeHTTP(w, r)
	}()
	return w, done
}

func under(done chan struct{}) bool {
	synctest.Wait()
	select {
	case <-done:
		return false
	default:
		return true
	}
}

// Renderings that never end keep nobody from what is there, in any spelling. All others wait, and each that
// asks for the same gets what one of them made.
func TestKeptAnswersWaitForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, snapshot, end := busy(t)
		first, madeFirst := later(t.Context(), h, other)
		second, madeSecond := later(t.Context(), h, other)
		bad, told := later(t.Context(), h, "/calendars/all.ics?ring=x:99")
		for _, target := range []string{rendered, respelled, "/healthz", "/readyz"} {
			w, done := later(t.Context(), h, target)
			if under(done) || w.Code != http.StatusOK {
				t.Errorf("GET %s while everything renders = %d, want 200 at once", target, w.Code)
			}
		}
		if w := serve(t, h, "/api/v1/audit", asAdmin); w.Code != http.StatusOK {
			t.Errorf("GET /api/v1/audit = %d %s, want 200: it waits for the store alone", w.Code, w.Body)
		}
		if !under(madeFirst) || !under(madeSecond) || !under(told) {
			t.Error("an answer was made out of turn")
		}
		end()
		<-madeFirst
		<-madeSecond
		<-told
		if first.Code != http.StatusOK || second.Code != http.StatusOK || bad.Code != http.StatusBadRequest {
			t.Errorf("after their turn: %d, %d and %d, want 200, 200 and 400", first.Code, second.Code, bad.Code)
		}
		if n, _ := snapshot.Kept(); n != 2+1 { // the second spelling is one of its own
			t.Errorf("%d answers are kept, want 3", n)
		}
	})
}

// Nobody waits for ever, and who hung up gives his place away.
func TestWaitingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, snapshot, end := busy(t)
		counts := func(want metrics.Cache) {
			t.Helper()
			if got := api.Measure(snapshot, time.Now()).Cache; got.Waiting != want.Waiting || got.Refused != want.Refused {
				t.Errorf("%d wait and %d were refused, want %d and %d", got.Waiting, got.Refused, want.Waiting, want.Refused)
			}
		}
		ctx, hangUp := context.WithCancel(t.Context())
		gone, left := later(ctx, h, other)
		started := time.Now()
		patient, told := later(t.Context(), h, other)
		if !under(left) {
			t.Error("the answer was made out of turn")
		}
		counts(metrics.Cache{Waiting: 2})
		hangUp()
		if under(left) || gone.Code != http.StatusServiceUnavailable {
			t.Errorf("after it hung up: %d, want 503 at once", gone.Code)
		}
		counts(metrics.Cache{Waiting: 1, Refused: 1})
		<-told
		took := time.Since(started)
		if patient.Code != http.StatusServiceUnavailable || patient.Header().Get("Retry-After") == "" || took > 15*time.Second {
			t.Errorf("%d %v after %v, want 503 with Retry-After within 15s", patient.Code, patient.Header(), took)
		}
		counts(metrics.Cache{Refused: 2})
		end()
		if w := serve(t, h, other); w.Code != http.StatusOK {
			t.Errorf("GET %s with a core = %d, want 200", other, w.Code)
		}
	})
}

// A client may close its half of the connection when it has asked, which ends the context of its request
// (net/http can't tell it from one that hung up). With a core free it is answered like any other.
func TestHalfClosedIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, _, end := busy(t)
		end()
		ctx, closeHalf := context.WithCancel(t.Context())
		closeHalf()
		for range 100 { // by chance some would be
			w, done := later(ctx, h, "/api/v1/tracks/none")
			<-done
			if w.Code != http.StatusNotFound {
				t.Fatalf("GET of a client that closed its half = %d %s, want 404", w.Code, w.Body)
			}
		}
	})
}

// Who asks after a change is not told what was begun to be made before it, nor what a clock made that was set back since.
func TestSharedAnswerIsTrue(t *testing.T) {
	const path = "/api/v1/next"
	for _, to := range []string{"2026-12-08T18:00:00Z", "2026-11-21T18:00:00Z"} {
		synctest.Test(t, func(t *testing.T) {
			clock, contents := newClock(t, "2026-12-08T17:59:59Z"), api.Contents{Revision: 1, Facts: builtIn(t)}
			h, end := api.NewSharing(t, api.Config{Source: api.NewSnapshot(contents), Now: clock.time, Log: slog.New(slog.DiscardHandler)}, path)
			synctest.Wait()
			clock.set(instant(t, to))
			got, done := later(t.Context(), h, path)
			if !under(done) {
				t.Error("the answer does not wait for the one that is being made")
			}
			end()
			<-done
			want := serve(t, newHandler(t, api.Config{Source: api.NewSnapshot(contents), Now: clock.time}), path)
			if got.Code != http.StatusOK || got.Body.String() != want.Body.String() {
				t.Errorf("GET %s at %s = %d %.300s, want %.300s", path, to, got.Code, got.Body, want.Body)
			}
		})
	}
}
