package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/catalog"
	"github.com/cyclecal/cyclecal/cycle/importer"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// tracksAlone is the history with its tracks alone.
func tracksAlone(t testing.TB) []cycle.Facts {
	t.Helper()
	facts, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	for i := range facts {
		facts[i].Releases, facts[i].Notices = nil, nil
	}
	return facts
}

// mayPage is the page of release information as it was in May 2026, when June was still
// planned as a hotpatch month; junePage is the one after June's baseline.
func mayPage(t testing.TB) string {
	t.Helper()
	body, err := os.ReadFile("../../cycle/importer/testdata/learn-win11-hotpatch-calendar-2026-05.html")
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

var juneRow = regexp.MustCompile(`(<td>2026\.06 B</td>\s*)<td>Hotpatch</td>\s*<td></td>\s*<td></td>\s*<td></td>`)

func junePage(t testing.TB) string {
	t.Helper()
	page := mayPage(t)
	for _, branch := range []string{"26200", "26100"} {
		at := juneRow.FindStringSubmatchIndex(page)
		if at == nil {
			t.Fatal("the page has no row of June as it was planned")
		}
		page = page[:at[3]] + `<td>Baseline (Restart)</td><td>2026-06-09</td><td>` + branch + `.8655</td><td>KB5094126</td>` + page[at[1]:]
	}
	return page
}

// microsoft is a server on this machine that stands for every host of the sources.
type microsoft struct {
	server *httptest.Server
	mu     sync.Mutex
	answer http.HandlerFunc
	asked  []string // the conditions of each request
}

func newMicrosoft(t testing.TB) *microsoft {
	t.Helper()
	m := &microsoft{}
	m.server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.mu.Lock()
		m.asked = append(m.asked, r.Header.Get("If-None-Match"))
		answer := m.answer
		m.mu.Unlock()
		answer(w, r)
	}))
	m.server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	t.Cleanup(m.server.Close)
	return m
}

// fetcher fetches from the server, whatever the host, and waits so long for an answer to begin; 0 is for as long as the
// program does.
func (m *microsoft) fetcher(patience time.Duration) *importer.Fetcher {
	transport := importer.Transport(nil)
	transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", m.server.Listener.Addr().String())
	}
	roots := x509.NewCertPool()
	roots.AddCert(m.server.Certificate())
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, ServerName: "example.com", MinVersion: tls.VersionTLS12}
	transport.ResponseHeaderTimeout = patience
	return importer.NewFetcher(transport, "cyclecal/test")
}

func (m *microsoft) serve(answer http.HandlerFunc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answer = answer
}

// requests returns the conditions of the requests since the last time.
func (m *microsoft) requests() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := m.asked
	m.asked = nil
	return list
}

// page answers with a page and its ETag, and with 304 to who has it.
func page(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("ETag", `"`+digestOf([]byte(body))+`"`)
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(body))
	}
}

func answers(code int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
	}
}

// raw answers with bytes that no honest server sends.
func raw(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, body)
	}
}

// synced is a world whose history is read from a server on this machine.
type synced struct {
	*world
	sync *syncer
	log  *bytes.Buffer
}

var onlyWindows11 = defaultSources()[:1]

func newSynced(t testing.TB, m *microsoft, now time.Time) *synced {
	t.Helper()
	w := &world{t: t, now: now, ground: tracksAlone(t), file: filepath.Join(t.TempDir(), "cyclecal.db")}
	w.start()
	t.Cleanup(func() { _ = w.store.Close() })
	return syncOf(t, w, m)
}

// syncOf starts to fetch for a program.
func syncOf(t testing.TB, w *world, m *microsoft) *synced {
	t.Helper()
	s := &synced{world: w, log: &bytes.Buffer{}}
	w.fleet.log = slog.New(slog.NewTextHandler(s.log, nil))
	s.sync = &syncer{
		timetable: timetable{pacific(t), always(0.5)}, fleet: w.fleet, sources: onlyWindows11, states: map[string]sourceState{},
		fetch: m.fetcher(0).Fetch,
	}
	h, err := api.New(api.Config{
		Source: w.fleet, Documents: w.fleet, Details: (&service{fleet: w.fleet, sync: s.sync}).details,
		Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler), BaseURL: "https://cal.example.com",
	})
	if err != nil {
		t.Fatal(err)
	}
	w.handler = h
	return s
}

// round goes on to an instant and fetches what is due.
func (s *synced) round(at time.Time) sourceState {
	s.t.Helper()
	s.now = at
	if err := s.fleet.catchUp(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	s.sync.round(s.t.Context())
	return s.sync.known(onlyWindows11[0])
}

func (s *synced) schedule(query string) string {
	s.t.Helper()
	var answer struct{ Data json.RawMessage }
	s.decode(s.ask(http.MethodGet, "/api/v1/schedule?track=windows-11-25h2&from=2026-04&to=2026-08"+query, "", ""), &answer)
	return string(answer.Data)
}

var may20 = time.Date(2026, 5, 20, 18, 0, 0, 0, time.UTC)

// Whatever a source does wrong, what is known stays, the fault is told once and by its name, and
// the source is asked again later.
func TestSyncFaults(t *testing.T) {
	may := mayPage(t)
	contradiction := strings.Replace(may, "26200.8390", "26200.8391", 1) + may
	released := regexp.MustCompile(`<tr>\s*<td>\w+</td>\s*<td>[^<]*</td>\s*<td>[^<]*</td>\s*<td>\d{4}-\d\d-\d\d</td>\s*<td>[^<]*</td>\s*<td>.*?</td>\s*(<td></td>\s*)?</tr>`)
	shrunk := released.ReplaceAllString(may, "")
	for what, test := range map[string]struct {
		answer http.HandlerFunc
		error  string
		pause  time.Duration
	}{
		"a redirect to no source": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://example.com/", http.StatusFound)
		}, "want one of https://", 5 * time.Minute},
		"a redirect inside": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://169.254.169.254/", http.StatusFound)
		}, "want one of https://", 5 * time.Minute},
		"a loop":                  {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }, "more than 5 redirects", 5 * time.Minute},
		"a stall":                 {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "^no answer in time$", 5 * time.Minute},
		"a length too long":       {raw(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(may)+1, may)), "unexpected EOF", 5 * time.Minute},
		"a length too short":      {raw(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(may)/2, may)), ".", 5 * time.Minute},
		"nothing":                 {raw(""), ".", 5 * time.Minute},
		"429":                     {answers(http.StatusTooManyRequests, "Retry-After", "3600"), "^429 Too Many Requests: want 200 OK$", time.Hour},
		"429 for a year":          {answers(http.StatusTooManyRequests, "Retry-After", "31536000"), "^429", 24 * time.Hour},
		"503":                     {answers(http.StatusServiceUnavailable, "Retry-After", "1"), "^503 Service Unavailable", 5 * time.Minute},
		"500":                     {answers(http.StatusInternalServerError), "^500 Internal Server Error", 5 * time.Minute},
		"404":                     {answers(http.StatusNotFound), "^404 Not Found", 5 * time.Minute},
		"another page":            {page("<html><body>Sign in</body></html>"), "no row that can be used", 5 * time.Minute},
		"a page that contradicts": {page(contradiction), ", but table .* has ", 5 * time.Minute},
		"a page that shrank":      {page(shrunk), "want a whole page", 5 * time.Minute},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			m := newMicrosoft(t)
			s := newSynced(t, m, may20)
			m.serve(page(may))
			good := s.round(may20)
			if good.Error != "" || good.Failures != 0 || good.ETag == "" {
				t.Fatalf("the page of May: %+v\n%s", good, s.log)
			}
			before, revision := s.schedule(""), s.fleet.Snapshot().Revision
			s.log.Reset()
			m.serve(test.answer)
			if what == "a stall" { // what is well is waited for
				s.sync.fetch = m.fetcher(100 * time.Millisecond).Fetch
			}
			bad := s.round(good.NextAt)
			if bad.Failures != 1 || !regexp.MustCompile(test.error).MatchString(bad.Error) || !bad.CheckedAt.Equal(good.CheckedAt) || bad.ETag != good.ETag {
				t.Errorf("state %+v, want one failure that says %q", bad, test.error)
			}
			if got := bad.NextAt.Sub(s.now); got != test.pause {
				t.Errorf("tried again after %v, want %v", got, test.pause)
			}
			if s.schedule("") != before || s.fleet.Snapshot().Revision != revision {
				t.Errorf("the schedule changed:\n%s\n%s", before, s.schedule(""))
			}
			again := s.round(bad.NextAt)
			if again.Failures != 2 || strings.Count(s.log.String(), "\n") != 1 {
				t.Errorf("%d failures, want 2; the log, which should tell it once:\n%s", again.Failures, s.log)
			}
			m.serve(page(may))
			s.sync.fetch = m.fetcher(0).Fetch
			if mended := s.round(again.NextAt); mended.Failures != 0 || mended.Error != "" || !mended.CheckedAt.Equal(s.now) {
				t.Errorf("after all is well: %+v, want no failure", mended)
			}
		})
	}
}

// A page is asked for by its ETag, also after a restart; 304 says that it was checked.
func TestSyncUnchanged(t *testing.T) {
	m := newMicrosoft(t)
	m.serve(page(mayPage(t)))
	s := newSynced(t, m, may20)
	first := s.round(may20)
	second := s.round(first.NextAt)
	if !second.CheckedAt.Equal(s.now) || !second.ChangedAt.Equal(first.ChangedAt) || second.Digest != first.Digest {
		t.Errorf("after 304: %+v, want it checked and not changed", second)
	}
	s.world.restart()
	s = syncOf(t, s.world, m)
	if early := s.round(second.NextAt.Add(-time.Second)); !early.CheckedAt.Equal(second.CheckedAt) {
		t.Error("a restart fetched what was not due")
	}
	third := s.round(second.NextAt)
	if diff := cmp.Diff([]string{"", first.ETag, first.ETag}, m.requests()); diff != "" {
		t.Errorf("If-None-Match (-want +got):\n%s", diff)
	}
	// Once a day it is read as a whole, and so it is where the history was put back since.
	whole := s.round(third.NextAt.Add(24 * time.Hour))
	if got := m.requests(); len(got) != 1 || got[0] != "" || !whole.ReadAt.Equal(s.now) || !whole.ChangedAt.Equal(third.ChangedAt) {
		t.Errorf("the day after: asked %q, %+v, want the whole page that did not change", got, whole)
	}
	var copied bytes.Buffer
	if err := errors.Join(s.store.Backup(t.Context(), &copied), s.store.Restore(t.Context(), &copied)); err != nil {
		t.Fatal(err)
	}
	after := s.round(whole.NextAt)
	s.round(after.NextAt)
	if diff := cmp.Diff([]string{"", first.ETag}, m.requests()); diff != "" {
		t.Errorf("If-None-Match after a restore (-want +got):\n%s", diff)
	}
}

// What happened in June 2026: the page of May, then that with June's baseline. It gives one notice
// for each track, the public schedule tells it, and a look back still knows the plan.
func TestSyncReplay(t *testing.T) {
	m := newMicrosoft(t)
	m.serve(page(mayPage(t)))
	s := newSynced(t, m, may20)
	s.round(may20)
	planned := s.schedule("")
	june9 := time.Date(2026, 6, 9, 17, 30, 0, 0, time.UTC)
	m.serve(page(junePage(t)))
	released := s.round(june9)
	if !released.ChangedAt.Equal(june9) || released.Error != "" {
		t.Fatalf("state %+v, want that it changed\n%s", released, s.log)
	}
	s.round(released.NextAt)
	s.round(june9.AddDate(0, 0, 10))
	for _, f := range s.fleet.Snapshot().Facts {
		if want := strings.HasPrefix(f.Track.ID, "windows-11"); want != (len(f.Notices) == 1) {
			t.Errorf("%s has the notices %v", f.Track.ID, f.Notices)
		}
	}
	type row struct {
		Month, Kind, Status string
		Unplanned           bool
		KB                  *string
	}
	juneOf := func(schedule string) (row, string) {
		var rows []row
		if err := json.Unmarshal([]byte(schedule), &rows); err != nil {
			t.Fatal(err)
		}
		june := rows[slices.IndexFunc(rows, func(r row) bool { return r.Month == "2026-06" })]
		if june.KB == nil {
			return june, ""
		}
		return june, *june.KB
	}
	for what, test := range map[string]struct{ schedule, kind, kb string }{
		"in May":        {planned, "hotpatch", ""},
		"in June":       {s.schedule(""), "baseline", "KB5094126"},
		"as of 8 June":  {s.schedule("&as_of=2026-06-08"), "hotpatch", ""},
		"as of 10 June": {s.schedule("&as_of=2026-06-10"), "baseline", "KB5094126"},
	} {
		if june, kb := juneOf(test.schedule); june.Kind != test.kind || june.Unplanned != (test.kind == "baseline") || kb != test.kb {
			t.Errorf("%s: June is %+v %s, want %s %s", what, june, kb, test.kind, test.kb)
		}
	}
}

// A page that takes back on the same day what it said is believed on the next one, though it does not change again.
func TestSyncTakenBack(t *testing.T) {
	m := newMicrosoft(t)
	m.serve(page(strings.ReplaceAll(mayPage(t), "<td>2026.06 B</td>\n             <td>Hotpatch</td>", "<td>2026.06 B</td><td>Baseline (Restart)</td>")))
	s := newSynced(t, m, may20)
	kind := func() string {
		var rows []struct{ Month, Kind string }
		if err := json.Unmarshal([]byte(s.schedule("")), &rows); err != nil {
			t.Fatal(err)
		}
		return rows[slices.IndexFunc(rows, func(r struct{ Month, Kind string }) bool { return r.Month == "2026-06" })].Kind
	}
	state := s.round(may20)
	if kind() != "baseline" {
		t.Fatal("June is not a baseline month, as the page says")
	}
	m.serve(page(mayPage(t)))
	for s.now.Sub(may20) < 36*time.Hour {
		state = s.round(state.NextAt)
	}
	if kind() != "hotpatch" {
		t.Errorf("June is a %s month the day after it was taken back, want hotpatch", kind())
	}
}

// Two programs on one store ask a source once when it is due, and both tell the same of it.
func TestSyncReplicas(t *testing.T) {
	m := newMicrosoft(t)
	m.serve(page(mayPage(t)))
	one := newSynced(t, m, may20)
	world, _ := replicaOf(t, one.world)
	other := syncOf(t, world, m)
	at := may20
	for range 10 {
		one.now, other.now = at, at
		var both sync.WaitGroup
		for _, s := range []*synced{one, other} {
			both.Go(func() { s.sync.round(t.Context()) })
		}
		both.Wait()
		one.round(at.Add(time.Minute))
		next := other.round(at.Add(time.Minute)).NextAt
		if got := len(m.requests()); got != 1 {
			t.Fatalf("%v: %d requests, want one", at, got)
		}
		a, b := one.ask("GET", "/api/v1/next", "", ""), other.ask("GET", "/api/v1/next", "", "")
		if a.Body.String() != b.Body.String() || a.Header().Get("ETag") != b.Header().Get("ETag") || !strings.Contains(a.Body.String(), `"sources":[{"source":"learn-windows-11"`) {
			t.Fatalf("two programs at one revision answer differently:\n%s%s", a.Body, b.Body)
		}
		at = next
	}
}

// Who was killed with a source in hand is waited for, but not for long. A program that ends
// while it fetches says nothing of the source.
func TestSyncLease(t *testing.T) {
	m := newMicrosoft(t)
	s := newSynced(t, m, may20)
	m.serve(page(mayPage(t)))
	ctx, end := context.WithCancel(t.Context())
	fetch := s.sync.fetch
	s.sync.fetch = func(context.Context, string, importer.Validators) (importer.Page, error) {
		end()
		return importer.Page{}, errors.New("the connection was closed")
	}
	s.sync.round(ctx)
	s.sync.fetch = fetch
	if held := s.round(may20.Add(fetchLease - time.Second)); held.Failures != 0 || len(m.requests()) != 0 {
		t.Errorf("before the lease ended: %+v, want no failure and no request", held)
	}
	if free := s.round(may20.Add(fetchLease)); !free.CheckedAt.Equal(s.now) || len(m.requests()) != 1 {
		t.Errorf("after the lease ended: %+v, want it fetched", free)
	}
}

// A fault of ours that a page brings to light ends the look at that page, not the service.
func TestSyncPanic(t *testing.T) {
	m := newMicrosoft(t)
	s := newSynced(t, m, may20)
	s.sync.fetch = func(context.Context, string, importer.Validators) (importer.Page, error) { panic("index out of range") }
	if state := s.round(may20); state.Failures != 1 || state.Error != "a fault of this program" || !strings.Contains(s.log.String(), "index out of range") {
		t.Errorf("state %+v, want a failure, and what it was in the log:\n%s", state, s.log)
	}
}

// lame is a store whose notes are away.
type lame struct {
	store.Store
	away atomic.Bool
}

func (l *lame) Notes(ctx context.Context) (map[string][]byte, error) {
	if l.away.Load() {
		return nil, store.ErrUnavailable
	}
	return l.Store.Notes(ctx)
}

// Without the store nothing is fetched, and the program waits.
func TestSyncWithoutStore(t *testing.T) {
	m := newMicrosoft(t)
	s := newSynced(t, m, may20)
	m.serve(page(mayPage(t)))
	l := &lame{Store: s.store}
	var opened store.Store = l
	s.fleet.opened.Store(&opened)
	first := s.round(may20)
	l.away.Store(true)
	s.now = first.NextAt.AddDate(0, 0, 20)
	if wait := s.sync.round(t.Context()); wait != lookEvery || len(m.requests()) != 1 {
		t.Errorf("waits %v after requests, want a minute and no request", wait)
	}
	if body := s.ask("GET", "/readyz", "", "").Body.String(); !strings.Contains(body, `"stale":true`) {
		t.Errorf("/readyz = %s, want the source to be stale", body)
	}
}

// How old a source is stands in every answer, changes it only with a day, and is marked after 14 days.
func TestSyncAges(t *testing.T) {
	m := newMicrosoft(t)
	s := newSynced(t, m, may20)
	if body := s.ask("GET", "/api/v1/next", "", "").Body.String(); strings.Contains(body, "sources") {
		t.Errorf("without a source: %s", body)
	}
	m.serve(answers(http.StatusInternalServerError))
	state := s.round(may20)
	sources := func() string {
		var answer struct {
			Meta struct{ Sources json.RawMessage }
		}
		s.decode(s.ask("GET", "/api/v1/next", "", ""), &answer)
		return string(answer.Meta.Sources)
	}
	expect := func(when, day string, stale bool, pageTells string) {
		t.Helper()
		if want := fmt.Sprintf(`[{"source":"learn-windows-11","checked_on":%s,"stale":%t}]`, day, stale); sources() != want {
			t.Errorf("%s: meta has %s, want %s", when, sources(), want)
		}
		body := s.ask("GET", "/", "", "").Body.String()
		if !strings.Contains(body, "Sources: Windows 11 release information "+pageTells+".") {
			t.Errorf("%s: the page does not say %q", when, pageTells)
		}
	}
	expect("never read", "null", false, "not read yet")
	m.serve(page(mayPage(t)))
	state = s.round(state.NextAt)
	expect("read", `"2026-05-20"`, false, "read on 20 May 2026")
	snapshot := s.fleet.Snapshot()
	state = s.round(state.NextAt)
	if s.fleet.Snapshot() != snapshot {
		t.Error("a look on the same day made another snapshot")
	}
	state = s.round(s.round(state.NextAt).NextAt)
	checked := state.CheckedAt
	expect("a day later", `"2026-05-21"`, false, "read on 21 May 2026")
	m.serve(answers(http.StatusInternalServerError))
	s.round(checked.AddDate(0, 0, 14))
	expect("14 days later", `"2026-05-21"`, false, "read on 21 May 2026")
	s.round(checked.AddDate(0, 0, 15))
	expect("15 days later", `"2026-05-21"`, true, "read on 21 May 2026 <b>(stale)</b>")
	var ready struct{ Sources []sourceDetails }
	s.decode(s.ask("GET", "/readyz", "", ""), &ready)
	told, at := "500 Internal Server Error: want 200 OK", checked.Format(time.RFC3339)
	changed := state.ChangedAt.Format(time.RFC3339)
	want := []sourceDetails{{ID: "learn-windows-11", URL: onlyWindows11[0].address, CheckedAt: &at, ChangedAt: &changed, Stale: true, Error: &told}}
	if diff := cmp.Diff(want, ready.Sources); diff != "" {
		t.Errorf("/readyz (-want +got):\n%s", diff)
	}
	if got := s.sync.measured(); len(got) != 1 || !got[0].Checked.Equal(checked) || got[0].Failures != 2 {
		t.Errorf("a scrape tells %+v, want the last success and two failures", got)
	}
}

// A page of which a row can't be read is used, and says so for as long as it is that page.
func TestSyncProblems(t *testing.T) {
	m := newMicrosoft(t)
	s := newSynced(t, m, may20)
	m.serve(page(strings.Replace(mayPage(t), "2026-05-12", "soon", 1)))
	state := s.round(may20)
	for range 2 {
		if !s.sync.measured()[0].Incomplete {
			t.Fatal("no metric says that the page could not be read whole")
		}
		if state.Failures != 0 || !state.CheckedAt.Equal(s.now) || !strings.Contains(state.Problem, "1 row can't be read") {
			t.Fatalf("state %+v, want it read with a problem", state)
		}
		state = s.round(state.NextAt)
	}
	if got := strings.Count(s.log.String(), "can't be read whole"); got != 1 {
		t.Errorf("told %d times, want once:\n%s", got, s.log)
	}
}

// What a page tells and is not taken is told once for that page, with what it is; it is nothing new on any other day.
func TestSyncDiffers(t *testing.T) {
	const beyond = `<table id="HotpatchCalendar_Version24H2_2027"><tr><th>Month</th><th>Update type</th><th>Type</th><th>Availability date</th><th>Build</th><th>KB article</th></tr>
<tr><td>October</td><td>2027.10 B</td><td>Baseline (Restart)</td><td></td><td></td><td></td></tr>
<tr><td>November</td><td>2027.11 B</td><td>Hotpatch</td><td></td><td></td><td></td></tr></table>`
	m := newMicrosoft(t)
	m.serve(page(mayPage(t) + beyond))
	s := newSynced(t, m, may20)
	state := s.round(may20)
	for range 3 {
		state = s.round(state.NextAt.Add(24 * time.Hour))
	}
	const told = `level=WARN msg="a source tells what is not taken: cyclecal import tells all of it" source=learn-windows-11 differences=1 first="windows-11-24h2 hotpatch_until: 2027-11, known is 2027-10"`
	if log := s.log.String(); strings.Count(log, told) != 1 || strings.Count(log, "told something new") != 1 {
		t.Errorf("want once something new, and once %s:\n%s", told, log)
	}
}

func TestParseSources(t *testing.T) {
	other := "https://learn.microsoft.com/en-us/windows/release-health/windows-server-release-info?accept=text/markdown"
	for flag, want := range map[string]string{
		"": "[]", "false": "[]", "0": "[]", "true": "[learn-windows-11 learn-windows-server release-notes update-history]",
		"1": "[learn-windows-11 learn-windows-server release-notes update-history]", "default": "[learn-windows-11 learn-windows-server release-notes update-history]",
		onlyWindows11[0].address: "[learn-windows-11]",
		"HTTPS://Learn.Microsoft.COM" + strings.TrimPrefix(onlyWindows11[0].address, "https://learn.microsoft.com"): "[learn-windows-11]",
		other: "[learn-microsoft-com-en-us-windows-release-health-windows-server-release-info-accept-text-markdown]",
		" " + onlyWindows11[0].address + " , " + other: "[learn-windows-11 learn-microsoft-com-en-us-windows-release-health-windows-server-release-info-accept-text-markdown]",
	} {
		list, err := parseSources(flag)
		ids := []string{}
		for _, one := range list {
			ids = append(ids, one.id)
		}
		if err != nil || fmt.Sprint(ids) != want {
			t.Errorf("parseSources(%q) = %v, %v, want %s", flag, ids, err, want)
		}
	}
	for flag, want := range map[string]string{
		"https://example.com/": "want one of https://api", "http://learn.microsoft.com/": "or default", ",": "want one of https://api",
		"default," + onlyWindows11[0].address: "want each source once", other + "," + other: "want each source once",
		"https://learn.microsoft.com/" + strings.Repeat("x", 200): "want at most 200", "on": "or default",
		"https://10.0.0.1/": "want one of https://api", "https://[fe80::1%25eth0]/": "want one of https://api", "https://%zz/": "https://",
	} {
		if _, err := parseSources(flag); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parseSources(%q) = %v, want an error with %q", flag, err, want)
		}
	}
	for proxy, ok := range map[string]bool{
		"http://proxy:3128": true, "https://me:secret@proxy/": true, "socks5://proxy:1080": false, "proxy:3128": false, "http://": false,
		"http://me:secret@proxy/path": false, "http://me:secret@proxy:port": false,
	} {
		_, u, err := (syncFlags{usualSources, proxy}).parse()
		if (err == nil) != ok || ok && u == nil || err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("--sync-proxy %q: %v, want allowed: %v", proxy, err, ok)
		}
	}
	if _, _, err := (syncFlags{"", "http://proxy:3128"}).parse(); err == nil {
		t.Error("--sync-proxy without --sync: no error")
	}
}

// serve --sync fetches through the proxy that it is told, goes on serving without an answer, and says in /readyz and /metrics what it tried.
func TestServeSync(t *testing.T) {
	asked := make(chan string, len(defaultSources()))
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.Host
		w.WriteHeader(http.StatusForbidden)
	}))
	defer proxy.Close()
	env := map[string]string{"CYCLECAL_SYNC": "true", "CYCLECAL_SYNC_PROXY": proxy.URL}
	s := serveForTest(t, env, "--listen=127.0.0.1:0", "--data-dir="+t.TempDir())
	for range defaultSources() {
		select {
		case got := <-asked:
			if got != "CONNECT learn.microsoft.com:443" && got != "CONNECT support.microsoft.com:443" {
				t.Errorf("the proxy was asked for %q, want a host of the sources", got)
			}
		case <-time.After(time.Minute):
			t.Fatal("no source was fetched within a minute")
		}
	}
	_, _, next := get(t, s.url+"/api/v1/next")
	_, _, ready := get(t, s.url+"/readyz")
	_, _, metrics := get(t, s.url+"/metrics")
	for _, one := range defaultSources() {
		if !strings.Contains(next, `{"source":"`+one.id+`","checked_on":null,"stale":false}`) {
			t.Errorf("/api/v1/next does not tell of %s:\n%s", one.id, next)
		}
		if !strings.Contains(ready, `"id":"`+one.id+`","url":"`+one.address+`","checked_at":null`) {
			t.Errorf("/readyz does not tell of %s:\n%s", one.id, ready)
		}
		if !strings.Contains(metrics, `cyclecal_source_failures{source="`+one.id+`"}`) {
			t.Errorf("/metrics does not tell of %s", one.id)
		}
	}
}
