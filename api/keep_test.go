package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle"
)

// The memory of finished answers stays within its bound, whatever strangers ask.
func TestMemoryIsBounded(t *testing.T) {
	const most = 256 << 10
	snapshot := snapshotOf(builtIn(t))
	snapshot.KeepAtMost(most)
	h := newHandler(t, api.Config{Source: snapshot})
	day := cycle.DateOf(2000, time.January, 1)
	for i := range 5_000 {
		target := fmt.Sprintf("/api/v1/tracks/windows-server-2025?as_of=%s", day.AddDays(i))
		if i%500 == 0 {
			target = fmt.Sprintf("/api/v1/schedule?as_of=%s", day.AddDays(i))
		}
		if w := serve(t, h, target); w.Code != http.StatusOK {
			t.Fatalf("GET %s = %d %s", target, w.Code, w.Body)
		}
		if n, bytes := snapshot.Kept(); bytes > most || n == 0 {
			t.Fatalf("after %d queries %d answers take %d bytes, want some in at most %d", i, n, bytes, most)
		}
	}
}

// Problems are not kept, and a new snapshot starts with nothing.
func TestWhatIsKept(t *testing.T) {
	facts := builtIn(t)
	src := &source{snapshotOf(facts)}
	h := newHandler(t, api.Config{Source: src})
	for _, target := range []string{"/nothing", "/api/v1/tracks?x=1", "/api/v1/tracks/x", "/healthz", "/readyz"} {
		serve(t, h, target)
	}
	if n, _ := src.now.Kept(); n != 0 {
		t.Errorf("%d answers are kept of problems, want none", n)
	}
	serve(t, h, "/api/v1/tracks")
	serve(t, h, "/api/v1/tracks")
	serve(t, h, "/api/v1/tracks", "Accept-Encoding: gzip", "If-None-Match: *")
	if n, _ := src.now.Kept(); n != 1 {
		t.Errorf("%d answers are kept of one target, want 1", n)
	}
	src.now = api.NewSnapshot(api.Contents{Revision: 2, Facts: facts})
	if n, bytes := src.now.Kept(); n != 0 || bytes != 0 {
		t.Errorf("a new snapshot keeps %d answers in %d bytes, want none", n, bytes)
	}
	if w := serve(t, h, "/api/v1/tracks"); !strings.Contains(w.Body.String(), `"revision":2`) {
		t.Errorf("after a new snapshot: %.300s, want revision 2", w.Body)
	}
}

// Many readers at once, while the clock goes on and memory is short, all get whole
// answers that are true.
func TestConcurrentReaders(t *testing.T) {
	snapshot := snapshotOf(builtIn(t))
	snapshot.KeepAtMost(64 << 10)
	c := newClock(t, today)
	h := newHandler(t, api.Config{Source: snapshot, Now: c.time})
	want := map[string]string{}
	for _, target := range targets {
		want[target] = serve(t, h, target).Body.String()
	}
	var readers sync.WaitGroup
	for n := range 6 {
		readers.Go(func() {
			for i := range 15 {
				target := targets[(i+n)%len(targets)]
				if got := serve(t, h, target).Body.String(); got != want[target] {
					t.Errorf("GET %s among others = %d bytes, want %d", target, len(got), len(want[target]))
				}
				c.set(instant(t, today).Add(time.Duration(i) * time.Second))
			}
		})
	}
	readers.Wait()
}
