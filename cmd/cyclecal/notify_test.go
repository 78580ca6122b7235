package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/store"
)

// mailbox is a receiver that keeps what it gets, or refuses it.
type mailbox struct {
	mu     sync.Mutex
	got    []message
	refuse func(message) error
}

func (b *mailbox) send(_ context.Context, m message) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse != nil {
		if err := b.refuse(m); err != nil {
			return err
		}
	}
	b.got = append(b.got, m)
	return nil
}

// titles returns and forgets what came.
func (b *mailbox) titles() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []string
	for _, m := range b.got {
		list = append(list, m.Title)
	}
	b.got = nil
	return list
}

// notifierOf is a program that tells a mailbox.
func notifierOf(w *world, b *mailbox) *notifier {
	r := receiver{name: "mailbox (1234)", book: "notify/test", send: b.send}
	flags := serveFlags{baseURL: "https://cal.example.com", notify: notifyFlags{days: 7}}
	return newNotifiers([]receiver{r}, w.fleet, flags, slog.New(slog.DiscardHandler))[0]
}

// settle looks until there is nothing to do at this instant.
func (n *notifier) settle(t *testing.T) (next time.Duration) {
	t.Helper()
	for range 100 {
		if next = n.look(t.Context(), n.fleet.Snapshot()); next > 0 {
			return next
		}
	}
	t.Fatal("there is always something to do")
	return 0
}

var fleetTracks = []string{"windows-11-24h2", "windows-11-25h2", "windows-11-ltsc-2024", "windows-server-2022-azure-edition", "windows-server-2025"}

// storeIn writes a document by the API.
func storeIn(w *world, path, body string) {
	w.t.Helper()
	if err := w.fleet.catchUp(w.t.Context()); err != nil { // tokens count for ten seconds after it
		w.t.Fatal(err)
	}
	if answer := w.ask(http.MethodPut, "/api/v1/"+path, firstTestToken, body); answer.Code >= http.StatusBadRequest {
		w.t.Fatalf("PUT %s = %d %s", path, answer.Code, answer.Body)
	}
}

// flip stores that December, a hotpatch month by rule, is a baseline, as June and September were.
func flip(w *world) {
	w.t.Helper()
	for _, track := range fleetTracks {
		storeIn(w, "notices/"+track+".2026-12", `{"track":"`+track+`","month":"2026-12","kind":"baseline","known_on":"2026-11-22","reason":"Said so."}`)
	}
}

// A new receiver gets nothing of what was known; a plan that changes on five tracks is one
// message, and it is told once, also after a restart.
func TestNotifyOnce(t *testing.T) {
	w, b := newWorld(t, 1), &mailbox{}
	notifierOf(w, b).settle(t)
	if got := b.titles(); len(got) > 0 {
		t.Errorf("the first start tells %q, want nothing", got)
	}
	flip(w)
	notifierOf(w, b).settle(t)
	if len(b.got) != 1 {
		t.Fatalf("got %d messages, want 1: %v", len(b.got), b.got)
	}
	m := b.got[0]
	m.facts = nil
	want := message{
		ID: m.ID, Kind: "plan", Title: "December 2026 became a baseline month: its update restarts",
		Text: "- Windows 11 25H2\n- Windows 11 24H2\n- Windows 11 Enterprise LTSC 2024\n- Windows Server 2025\n- Windows Server 2022 Azure Edition\n" +
			"It was planned as a hotpatch month. Its update is of 2026-12-08; known since 2026-11-22.\n" +
			"Said so.\nhttps://cal.example.com/",
		Tracks: fleetTracks, Month: orNull("2026-12"), KnownOn: orNull("2026-11-22"), ReleaseDate: orNull("2026-12-08"), URL: orNull("https://cal.example.com/"),
	}
	if diff := cmp.Diff(want, m, cmp.AllowUnexported(message{})); diff != "" || !strings.HasPrefix(m.ID, "plan.2026-12.baseline.1.") {
		t.Errorf("message %s (-want +got):\n%s", m.ID, diff)
	}
	b.titles()
	w.restart()
	notifierOf(w, b).settle(t)
	w.now = w.now.AddDate(0, 0, 100) // it is no news any more, and its mark stays
	w.restart()
	notifierOf(w, b).settle(t)
	if got := b.titles(); slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "became") }) {
		t.Errorf("told again: %q", got)
	}
}

// When the release of an announced month arrives, the day on which its change became known may
// move: that is told already. What changes again is told again.
func TestNotifyMovedDay(t *testing.T) {
	w, b := newWorld(t, 1), &mailbox{}
	n := notifierOf(w, b)
	n.days = 0
	n.settle(t)
	at := func(day string, want ...string) {
		t.Helper()
		w.now = cycleDay(t, day).Midnight().Add(20 * time.Hour)
		w.restart()
		n = notifierOf(w, b)
		n.days = 0
		n.settle(t)
		if diff := cmp.Diff(want, b.titles()); diff != "" {
			t.Errorf("on %s (-want +got):\n%s", day, diff)
		}
	}
	release := func(track, kb, kind, day string) {
		storeIn(w, "releases/"+track+"."+strings.ToLower(kb), fmt.Sprintf(
			`{"track":%q,"month":"2026-12","kb":%q,"type":%q,"restart":%t,"release_date":%[5]q,"known_on":%[5]q}`, track, kb, kind, kind == "baseline", day))
	}
	for _, track := range fleetTracks[3:] {
		storeIn(w, "notices/"+track+".2026-12", `{"track":"`+track+`","month":"2026-12","kind":"baseline","known_on":"2026-12-09"}`)
	}
	at("2026-12-09", "December 2026 became a baseline month: its update restarts")
	release(fleetTracks[3], "KB5999001", "baseline", "2026-12-08")
	at("2026-12-10")
	release(fleetTracks[4], "KB5999002", "hotpatch", "2026-12-10")
	at("2026-12-11", "December 2026 became a hotpatch month: its update needs no restart")
}

// What is stored late of what was long ago is no news; what is out-of-band today is.
func TestNotifyNews(t *testing.T) {
	w, b := newWorld(t, 1), &mailbox{}
	n := notifierOf(w, b)
	n.settle(t)
	for id, day := range map[string]string{"kb5999001": "2026-05-20", "kb5999002": "2026-11-20"} {
		body := fmt.Sprintf(`{"track":"windows-server-2025","month":%q,"kb":%q,"type":"hotpatch","out_of_band":true,"restart":false,"release_date":%[3]q,"known_on":%[3]q}`,
			day[:7], strings.ToUpper(id), day)
		storeIn(w, "releases/windows-server-2025."+id, body)
	}
	n.settle(t)
	if diff := cmp.Diff([]string{"New out-of-band hotpatch of 2026-11-20: no restart"}, b.titles()); diff != "" {
		t.Errorf("titles (-want +got):\n%s", diff)
	}
}

// Two programs on one file that look at the same time tell each fact once, whoever is quicker.
func TestNotifyReplicas(t *testing.T) {
	w, b := newWorld(t, 1), &mailbox{}
	notifierOf(w, b).settle(t)
	flip(w)
	storeIn(w, "rings/pilot", `{"deferral":1}`)
	w.now = time.Date(2026, 12, 3, 18, 0, 0, 0, time.UTC)
	var all sync.WaitGroup
	for range 4 {
		s, err := store.OpenSQLite(t.Context(), w.file)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		other, _ := replicaOf(t, &world{t: t, now: w.now, ground: w.ground, store: s})
		n := notifierOf(other, b)
		all.Go(func() {
			for range 20 {
				n.look(t.Context(), n.fleet.Snapshot())
			}
		})
	}
	all.Wait()
	got := b.titles()
	slices.Sort(got)
	want := []string{"December 2026 became a baseline month: its update restarts", "Ring pilot: restart in 6 days, 2026-12-09, for December 2026"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("titles (-want +got):\n%s", diff)
	}
}

// A program that died while it sent holds up the others until its lease ends.
func TestNotifyLease(t *testing.T) {
	w, b := newWorld(t, 1), &mailbox{}
	n := notifierOf(w, b)
	n.settle(t)
	flip(w)
	b.refuse = func(message) error { panic("killed") }
	func() {
		defer func() { _ = recover() }()
		n.look(t.Context(), w.fleet.Snapshot())
	}()
	b.refuse = nil
	n = notifierOf(w, b)
	if next := n.settle(t); next != time.Minute || len(b.got) > 0 {
		t.Errorf("under another's lease: %d messages, and again in %v; want none, and in a minute", len(b.got), next)
	}
	w.now = w.now.Add(leaseTime)
	n.settle(t)
	if len(b.got) != 1 {
		t.Errorf("after the lease: %d messages, want 1", len(b.got))
	}
}

// A clock that was wrong by years holds nobody up.
func TestNotifyWrongClock(t *testing.T) {
	now := testClock()
	for _, tt := range []struct {
		retry, lease time.Duration
		by           string
		want         time.Duration
	}{
		{time.Hour, 0, "", time.Hour},
		{longestPause + time.Second, 0, "", longestPause + time.Second}, // written by a clock that is a second ahead
		{-time.Hour, time.Minute, "other", time.Minute},
		{-time.Hour, time.Minute, "me", 0},
		{1000 * time.Hour, 1000 * time.Hour, "other", 0},
	} {
		l := ledger{RetryAt: now.Add(tt.retry), Lease: lease{tt.by, now.Add(tt.lease)}}
		if got := l.wait("me", now); got != tt.want {
			t.Errorf("%+v: wait %v, want %v", tt, got, tt.want)
		}
	}
}

// A restart is told so many days before, counted in its zone, and again if it moves.
func TestNotifyRestart(t *testing.T) {
	w, b := newWorld(t, 1), &mailbox{}
	pacific, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	n := notifierOf(w, b)
	n.settle(t)
	at := func(now time.Time, want ...string) {
		t.Helper()
		w.now = now
		n.settle(t)
		if diff := cmp.Diff(want, b.titles()); diff != "" {
			t.Errorf("at %v (-want +got):\n%s", now, diff)
		}
	}
	at(time.Date(2027, 1, 4, 23, 59, 59, 0, pacific))
	at(time.Date(2027, 1, 5, 0, 0, 0, 0, pacific), "Restart in 7 days, 2027-01-12, for January 2027")
	at(time.Date(2027, 1, 11, 12, 0, 0, 0, pacific))
	storeIn(w, "rings/pilot",
		`{"deferral":1,"deadline":2,"window":{"weekday":"saturday","start":"00:30","duration":"PT4H","time_zone":"Asia/Tokyo"}}`)
	at(time.Date(2027, 1, 11, 13, 0, 0, 0, pacific), "Ring pilot: restart in 4 days, 2027-01-16, for January 2027") // it is the 12th in Tokyo
	storeIn(w, "rings/pilot", `{"deferral":3}`)
	at(time.Date(2027, 1, 14, 13, 0, 0, 0, pacific), "Ring pilot: restart tomorrow, 2027-01-15, for January 2027")
	n.days = 0
	at(time.Date(2027, 4, 12, 13, 0, 0, 0, pacific))
}

// A message tells what falls into a freeze as the feed does, and which days of a ring without a window. Tracks of which
// that is not true are told of by themselves.
func TestNotifyFreeze(t *testing.T) {
	const window = `,"window":{"weekday":"saturday","start":"22:00","duration":"PT1H","time_zone":"America/Los_Angeles"}`
	for _, tt := range []struct{ window, freeze, want string }{ // the update is of 2027-01-12: offered on the 13th, restarted by the 17th
		{"", `"from":"2027-01-18","to":"2027-01-20"`, ""},
		{"", `"from":"2027-01-01","to":"2027-01-12"`, ""},
		{"", `"from":"2027-01-01","to":"2027-01-13"`, " The last day does not, but 2027-01-13 falls into the freeze quiet."},
		{"", `"from":"2027-01-14","to":"2027-01-16"`, " The last day does not, but 2027-01-14 to 2027-01-16 fall into the freeze quiet."},
		{"", `"from":"2027-01-14","to":"2027-01-17"`, " The last day, 2027-01-17, falls into the freeze quiet."},
		{window, `"from":"2027-01-13","to":"2027-01-15"`, ""},
		{window, `"from":"2027-01-16","to":"2027-01-16"`, " The window falls into the freeze quiet."},
		{window, `"from":"2027-01-17","to":"2027-01-17"`, " The last day, 2027-01-17, falls into the freeze quiet."},
	} {
		w := newWorld(t, 1)
		w.now = time.Date(2027, 1, 11, 20, 0, 0, 0, time.UTC)
		storeIn(w, "rings/pilot", `{"deferral":1,"deadline":2,"grace":2,"tracks":["windows-11-24h2","windows-11-25h2"]`+tt.window+`}`)
		storeIn(w, "freezes/quiet", `{"tracks":["windows-11-25h2"],`+tt.freeze+`}`)
		told := map[string]string{}
		for _, m := range compose(factsOf(w.fleet.Snapshot(), w.now, 14), "") {
			if m.Kind == factRestart {
				_, told[strings.Join(m.Tracks, " ")], _ = strings.Cut(m.Text, "by 2027-01-17.")
			}
		}
		want := map[string]string{"windows-11-24h2": "", "windows-11-25h2": tt.want}
		if tt.want == "" {
			want = map[string]string{"windows-11-24h2 windows-11-25h2": ""}
		}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("freeze %s (-want +got):\n%s", tt.freeze, diff)
		}
	}
}

// A receiver that is down is tried again, less and less often, for a week, and its
// messages do not hold up each other.
func TestNotifyBackOff(t *testing.T) {
	w, b := newWorld(t, 1), &mailbox{}
	n := notifierOf(w, b)
	n.settle(t)
	var tries []time.Time
	b.refuse = func(m message) error {
		if m.Kind == factRestart {
			return nil
		}
		tries = append(tries, w.now)
		return sendError{reason: "answered 503", after: 90 * time.Second}
	}
	flip(w)
	for end := w.now.AddDate(0, 0, 10); w.now.Before(end); {
		if len(tries) == 2 {
			n = notifierOf(w, b) // a restart forgets nothing
		}
		w.now = w.now.Add(max(n.look(t.Context(), w.fleet.Snapshot()), time.Second))
	}
	least := []time.Duration{90 * time.Second, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute, time.Hour, time.Hour}
	for i, want := range least {
		if got := tries[i+1].Sub(tries[i]); got < want || got > want*5/4+time.Minute {
			t.Errorf("pause %d is %v, want %v and at most a quarter more", i, got, want)
		}
	}
	if took := tries[len(tries)-1].Sub(tries[0]); took < giveUp || n.givenUp.Load() != 1 {
		t.Errorf("given up %d times, after %v; want once, after %v", n.givenUp.Load(), took, giveUp)
	}
	if got := b.titles(); len(got) != 1 || !strings.HasPrefix(got[0], "Restart in 7 days") {
		t.Errorf("got %q, want the restart, which comes through", got)
	}
}

// Without a store nothing is sent, and nothing is lost; what could not be noted is noted later.
func TestNotifyWithoutStore(t *testing.T) {
	w, b := newWorld(t, 1), &mailbox{}
	notifierOf(w, b).settle(t)
	flip(w)
	other, _ := replicaOf(t, w)
	broken := &forgetful{Store: w.store}
	if err := other.fleet.use(t.Context(), broken); err != nil {
		t.Fatal(err)
	}
	n := notifierOf(other, b)
	broken.reads = true
	if next := n.look(t.Context(), other.fleet.Snapshot()); next != storePause || len(b.got) > 0 {
		t.Errorf("without a store: %d messages, and again in %v; want none, and in %v", len(b.got), next, storePause)
	}
	broken.reads, broken.writesLeft = false, 1 // the lease, but not what became of it
	n.look(t.Context(), other.fleet.Snapshot())
	for range 3 {
		n.look(t.Context(), other.fleet.Snapshot())
	}
	broken.writesLeft = 100
	n.settle(t)
	other.now = other.now.Add(leaseTime)
	n.settle(t)
	notifierOf(other, b).settle(t)
	if got := b.titles(); len(got) != 1 {
		t.Errorf("got %q, want one message", got)
	}
	empty := newFleet(w.ground, firstToken{}, w.fleet.now, slog.New(slog.DiscardHandler))
	if next := notifierOf(&world{fleet: empty}, b).look(t.Context(), w.fleet.Snapshot()); next != storePause {
		t.Errorf("before the store is open: again in %v, want in %v", next, storePause)
	}
}

// forgetful is a store whose notes can't be read, or written any more.
type forgetful struct {
	store.Store
	reads      bool
	writesLeft int
}

func (f *forgetful) Notes(ctx context.Context) (map[string][]byte, error) {
	if f.reads {
		return nil, fmt.Errorf("forgetful: %w", store.ErrUnavailable)
	}
	return f.Store.Notes(ctx)
}

func (f *forgetful) SetNote(ctx context.Context, name string, before, after []byte) error {
	f.writesLeft--
	if f.writesLeft < 0 {
		return fmt.Errorf("forgetful: %w", store.ErrUnavailable)
	}
	return f.Store.SetNote(ctx, name, before, after)
}

// memory is a store that has notes and nothing else.
type memory struct {
	store.Store
	mu    sync.Mutex
	notes map[string][]byte
}

func (s *memory) Notes(context.Context) (map[string][]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.notes), nil
}

func (s *memory) SetNote(_ context.Context, name string, before, after []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !bytes.Equal(s.notes[name], before) {
		return store.ErrConflict
	}
	s.notes[name] = after
	return nil
}

// inBubble runs a test with a notifier that tells a mailbox, of a fleet without a database.
func inBubble(t *testing.T, at time.Time, test func(t *testing.T, n *notifier, b *mailbox, notes *memory)) {
	t.Helper()
	ground := newWorld(t, 1).ground
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		now := func() time.Time { return at.Add(time.Since(start)) }
		w, notes, b := &world{t: t, fleet: newFleet(ground, firstToken{}, now, slog.New(slog.DiscardHandler))}, &memory{notes: map[string][]byte{}}, &mailbox{}
		var s store.Store = notes
		w.fleet.opened.Store(&s)
		test(t, notifierOf(w, b), b, notes)
	})
}

// A new receiver is told all that comes from the start on: what is known before is noted at once.
func TestNotifyBegins(t *testing.T) {
	inBubble(t, time.Date(2027, 1, 4, 20, 0, 0, 0, time.UTC), func(t *testing.T, n *notifier, b *mailbox, notes *memory) {
		n.fleet.groundOnly()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go n.run(ctx)
		synctest.Wait() // and no time passes
		if known, _ := notes.Notes(t.Context()); len(known[n.book]) == 0 {
			t.Errorf("notes %v, want what is known already in %s", known, n.book)
		}
	})
}

// The loop tells by itself: of restarts as they come nearer, and of what is written when the
// writing has settled.
func TestNotifyRun(t *testing.T) {
	inBubble(t, time.Date(2027, 1, 4, 20, 0, 0, 0, time.UTC), func(t *testing.T, n *notifier, b *mailbox, _ *memory) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go n.run(ctx)
		after := func(pause time.Duration, want ...string) {
			t.Helper()
			time.Sleep(pause) // of the bubble's clock
			synctest.Wait()
			if diff := cmp.Diff(want, b.titles()); diff != "" {
				t.Errorf("at %v (-want +got):\n%s", n.fleet.now(), diff)
			}
		}
		after(time.Minute)
		n.fleet.groundOnly()
		after(11 * time.Hour) // it is a quarter past eleven there
		after(2*time.Hour, "Restart in 7 days, 2027-01-12, for January 2027")
		for _, track := range fleetTracks {
			body := `{"track":"` + track + `","month":"2027-02","kind":"baseline","known_on":"2027-01-04"}`
			n.fleet.mu.Lock()
			n.fleet.apply(store.Document{Kind: "notices", ID: track + ".2027-02", Version: 1, Body: []byte(body)})
			n.fleet.compile()
			n.fleet.mu.Unlock()
			after(20 * time.Second)
		}
		after(20*time.Second, "February 2027 became a baseline month: its update restarts")
	})
}

// A message under way when the program ends has a few more seconds.
func TestNotifyEnds(t *testing.T) {
	inBubble(t, testClock(), func(t *testing.T, n *notifier, _ *mailbox, notes *memory) {
		notes.notes[n.book] = []byte("{}") // what is known in the program is news
		n.fleet.groundOnly()
		started, ended := make(chan struct{}), make(chan struct{})
		n.send = func(ctx context.Context, _ message) error {
			close(started)
			<-ctx.Done()
			return sendError{reason: reasonOf(ctx.Err())}
		}
		ctx, cancel := context.WithCancel(t.Context())
		go func() { defer close(ended); n.run(ctx) }()
		<-started
		cancel()
		stopping := time.Now()
		<-ended
		if took := time.Since(stopping); took != graceTime {
			t.Errorf("it took %v, want %v", took, graceTime)
		}
		if book := string(notes.notes[n.book]); strings.Contains(book, "lease") || !strings.Contains(book, "retry_at") {
			t.Errorf("ledger %s, want no lease, and a time to try again", book)
		}
	})
}

// A whole program tells a webhook, and counts it.
func TestNotifyServe(t *testing.T) {
	got := make(chan message, 9)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var m message
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			t.Error(err)
		}
		got <- m
	}))
	defer hook.Close()
	var passed atomic.Int64
	now := func() time.Time { return testClock().Add(time.Duration(passed.Load())) }
	env := map[string]string{"CYCLECAL_NOTIFY": hook.URL + "/hush", "CYCLECAL_ADMIN_TOKEN": firstTestToken}
	s, err := startServer(context.Background(), func(name string) string { return env[name] }, now, "--listen=127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.stop() })
	_ = s.stderr.waitFor(nil, regexp.MustCompile("told what is new from now on"))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, s.url+"/api/v1/notices/windows-server-2025.2026-12",
		strings.NewReader(`{"track":"windows-server-2025","month":"2026-12","kind":"baseline","known_on":"2026-11-22"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+firstTestToken)
	answer, err := http.DefaultClient.Do(r)
	if err != nil || answer.StatusCode != http.StatusCreated {
		t.Fatal(answer, err)
	}
	answer.Body.Close()
	steps := time.NewTicker(100 * time.Millisecond) // the program's clock runs ahead
	defer steps.Stop()
	for told := false; !told; {
		select {
		case m := <-got:
			told = m.Kind == factPlan
		case <-steps.C:
			passed.Add(int64(settleTime))
		}
	}
	_ = s.stderr.waitFor(nil, regexp.MustCompile("msg=told"))
	if _, _, text := get(t, s.url+"/metrics"); !regexp.MustCompile(`cyclecal_notifications_total\{receiver="webhook \([0-9a-f]{4}\)",result="sent"\} 1\n`).MatchString(text) {
		t.Errorf("metrics without the message:\n%.2000s", text)
	}
	if s.stop() != exitDone || strings.Contains(s.stderr.String(), "hush") {
		t.Errorf("log:\n%s", s.stderr)
	}
}

// A ledger has room for the restarts of hundreds of rings, and forgets them soon. What can't be
// noted is not sent, and the log says so once; a change of plan finds room beside all restarts.
func TestNotifyFullLedger(t *testing.T) {
	w, b, log := newWorld(t, 1), &mailbox{}, newScreen()
	n := notifierOf(w, b)
	n.log = slog.New(slog.NewTextHandler(log, nil))
	n.settle(t)
	book, err := readLedger(t.Context(), w.store, n.book)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5500 { // a thousand rings on five tracks
		f := fact{kind: factRestart, track: cycle.Track{ID: fleetTracks[i%5]}, restartOn: cycleDay(t, "2026-11-10"), ring: fmt.Sprint("ring", i/5)}
		if m := messageOf([]fact{f}, ""); book.fits(m) {
			book.add(m.facts)
		}
	}
	if marks := len(book.Restarts["2026-11-10"]) / markLength; marks < 5000 || marks == 5500 {
		t.Errorf("%d restarts fit, want 5,000, and not all", marks)
	}
	if err := book.save(t.Context(), w.store, n.book, cycleDay(t, "2026-11-22")); err != nil {
		t.Fatal(err)
	}
	n.days = 30 // December's
	flip(w)
	for range 3 {
		n.settle(t)
	}
	if diff := cmp.Diff([]string{"December 2026 became a baseline month: its update restarts"}, b.titles()); diff != "" {
		t.Errorf("titles (-want +got):\n%s", diff)
	}
	if got := strings.Count(log.String(), "more is to be told than can be kept"); got != 1 {
		t.Errorf("the log tells of a full ledger %d times, want once:\n%s", got, log)
	}
	w.now = w.now.AddDate(0, 0, 3) // the others have passed by 15 days
	n.settle(t)
	if got := b.titles(); len(got) != 1 || !strings.HasPrefix(got[0], "Restart in 13 days") {
		t.Errorf("with room again: %q, want the restart", got)
	}
}

// A new receiver of a fleet with more rings than a ledger has room for begins all the same.
func TestNotifyBeginFull(t *testing.T) {
	w, b := newWorld(t, 1), &mailbox{}
	n := notifierOf(w, b)
	book := &ledger{Changes: map[string]string{}, Restarts: map[string]string{}}
	var facts []fact
	for i := range 10000 {
		facts = append(facts, fact{kind: factRestart, restartOn: cycleDay(t, "2026-11-25"), ring: fmt.Sprint(i)})
	}
	facts = append(facts, fact{kind: factPlan, nth: 1, change: cycle.Change{KnownOn: cycleDay(t, "2026-11-30")}})
	if next := n.begin(t.Context(), w.store, book, facts); next != askEvery || len(book.Changes) != 1 || len(book.Restarts) != 1 {
		t.Errorf("again in %v with %d days of changes; want it to begin with the change", next, len(book.Changes))
	}
}

// A change of plan that has no room takes that of restarts: they are left out, and not told again.
func TestNotifyRoomForChanges(t *testing.T) {
	w, b := newWorld(t, 1), &mailbox{}
	n := notifierOf(w, b)
	log := newScreen()
	n.log = slog.New(slog.NewTextHandler(log, nil))
	book := &ledger{Changes: map[string]string{"2026-11-22": strings.Repeat("12345678", 2200)}, Restarts: map[string]string{}}
	var restarts []fact
	for i := range 4500 {
		restarts = append(restarts, fact{kind: factRestart, ring: fmt.Sprint(i), restartOn: cycleDay(t, []string{"2026-11-23", "2026-11-24"}[i/2250])})
	}
	book.add(restarts)
	change := messageOf([]fact{{kind: factPlan, nth: 1, change: cycle.Change{KnownOn: cycleDay(t, "2026-11-22")}}}, "")
	if book.fits(change) {
		t.Fatal("there is room already")
	}
	if got := n.fitting(book, []message{change}); len(got) != 1 {
		t.Error("the change is left out")
	}
	if got := len(book.missing(restarts)); got > 0 {
		t.Errorf("%d restarts would be told again", got)
	}
	if book.Restarts["2026-11-23"] != allOfDay || len(book.Restarts["2026-11-24"]) != 2250*markLength {
		t.Error("want the nearest day to be left out, and no more")
	}
	if !strings.Contains(log.String(), "more is to be told than can be kept") {
		t.Errorf("the log does not tell that restarts are left out:\n%s", log)
	}
}

// However many messages a receiver refuses, and whatever was told, the ledger fits into its note.
func TestNotifyManyFailures(t *testing.T) {
	w := newWorld(t, 1)
	book, err := readLedger(t.Context(), w.store, "notify/test")
	if err != nil {
		t.Fatal(err)
	}
	now, name := testClock(), strings.Repeat("r", 64)
	plan := message{ID: "plan.2026-12.baseline.1.12345678", Kind: factPlan}
	book.fail(plan, now, time.Hour)
	for i := range 1000 {
		book.fail(message{ID: fmt.Sprintf("restart.2026-12.2026-12-08.%s.%08d", name, i), Kind: factRestart}, now, time.Hour)
	}
	if len(book.Failed) != mostFailing || book.Failed[plan.ID].Tries != 1 {
		t.Errorf("%d failures, want %d, and the change of plan among them", len(book.Failed), mostFailing)
	}
	for day, i := cycleDay(t, "2026-11-22"), 0; ; i++ {
		f := fact{kind: factPlan, nth: i, change: cycle.Change{KnownOn: day.AddDays(-i % changeDays)}}
		if !book.fits(messageOf([]fact{f}, "")) {
			break
		}
		book.add([]fact{f})
	}
	book.Lease = lease{"ABCDEFGHIJKLMNOPQRSTUVWXYZ", now}
	if err := book.save(t.Context(), w.store, "notify/test", cycleDay(t, "2026-11-22")); err != nil {
		t.Errorf("a full ledger: %v, want it to be kept", err)
	}
}
