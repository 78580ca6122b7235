package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/cycle"
)

func cycleDay(t *testing.T, s string) cycle.Date {
	t.Helper()
	d, err := cycle.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func parsed(t *testing.T, s string) receiver {
	t.Helper()
	list, err := parseReceivers([]string{s}, testClock)
	if err != nil {
		t.Fatal(err)
	}
	return list[0]
}

var sample = message{ID: "plan.1", Kind: "plan", Title: "December became a baseline", Text: "- Windows <11>\nSaid so.", Tracks: []string{"windows-11-24h2"}, Month: orNull("2026-12")}

// A server that behaves badly is an error in words of our own; one that took the message is none, whatever
// it says afterwards.
func TestNotifyWebhookAnswers(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") }))
	t.Cleanup(elsewhere.Close)
	stalled := make(chan struct{})
	t.Cleanup(func() { close(stalled) }) // after all of them
	raw := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.WriteString(conn, text)
			conn.Close()
		}
	}
	status := func(code int, headers ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(headers); i += 2 {
				w.Header().Set(headers[i], headers[i+1])
			}
			w.WriteHeader(code)
		}
	}
	for name, tt := range map[string]struct {
		handler http.HandlerFunc
		want    string
		after   time.Duration
	}{
		"200":                      {handler: status(200)},
		"202":                      {handler: status(202)},
		"204":                      {handler: status(204)},
		"a body cut short":         {handler: raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")},
		"a body longer than told":  {handler: raw("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nlonger")},
		"two lengths":              {raw("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), "no answer that says it was taken", 0},
		"a header cut short":       {raw("HTTP/1.1 200 OK\r\nContent-"), "no answer that says it was taken", 0},
		"nothing":                  {raw(""), "no answer that says it was taken", 0},
		"a header without an end":  {raw("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20)), "no answer that says it was taken", 0},
		"no answer":                {func(http.ResponseWriter, *http.Request) { <-stalled }, "timed out", 0},
		"a redirect":               {status(307, "Location", elsewhere.URL), "answered 307 Temporary Redirect, and redirects are not followed: give the URL that it leads to", 0},
		"not modified":             {status(304), "answered 304 Not Modified, and redirects are not followed: give the URL that it leads to", 0},
		"too many, with seconds":   {status(429, "Retry-After", "120"), "answered 429 Too Many Requests", 2 * time.Minute},
		"too many, with a date":    {status(429, "Retry-After", "Sun, 22 Nov 2026 18:10:00 GMT"), "answered 429 Too Many Requests", 10 * time.Minute},
		"too many, for ever":       {status(503, "Retry-After", "2147483647"), "answered 503 Service Unavailable", 24 * time.Hour},
		"too many, for aeons":      {status(503, "Retry-After", "2147483648"), "answered 503 Service Unavailable", 24 * time.Hour},
		"too many, past counting":  {status(503, "Retry-After", "99999999999999999999"), "answered 503 Service Unavailable", 24 * time.Hour},
		"too many, until 2099":     {status(503, "Retry-After", "Tue, 22 Dec 2099 18:10:00 GMT"), "answered 503 Service Unavailable", 24 * time.Hour},
		"too many, until the past": {status(503, "Retry-After", "Sun, 22 Nov 2026 17:10:00 GMT"), "answered 503 Service Unavailable", 0},
		"too many, with nonsense":  {status(429, "Retry-After", "-5 soon"), "answered 429 Too Many Requests", 0},
		"broken":                   {status(500), "answered 500 Internal Server Error", 0},
		"a status that nobody has": {status(599), "answered 599", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(tt.handler)
			t.Cleanup(server.CloseClientConnections)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			if tt.want == "timed out" {
				ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
				defer cancel()
			}
			var want error
			if tt.want != "" {
				want = sendError{tt.want, tt.after}
			}
			if err := parsed(t, server.URL+"/secret").send(ctx, sample); err != want { //nolint:errorlint // it is a value, and not wrapped
				t.Errorf("send = %v, want %v", err, want)
			}
		})
	}
}

// What a plain webhook and a workflow of Teams are posted.
func TestNotifyWebhookBody(t *testing.T) {
	var header http.Header
	var body map[string]any
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		header, body = r.Header, nil
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.Method != http.MethodPost {
			t.Errorf("%s, %v; want JSON by POST", r.Method, err)
		}
	}))
	defer server.Close()
	withUser := strings.Replace(server.URL, "://", "://me:secret@", 1)
	if err := parsed(t, withUser+"/hook?sig=1").send(t.Context(), sample); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"id": "plan.1", "kind": "plan", "title": sample.Title, "text": sample.Text, "tracks": []any{"windows-11-24h2"}, "month": "2026-12",
		"known_on": nil, "release_date": nil, "restart_on": nil, "restart_by": nil, "ring": nil, "url": nil,
	}
	if diff := cmp.Diff(want, body); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if header.Get("Idempotency-Key") != "plan.1" || header.Get("Content-Type") != "application/json" || !strings.HasPrefix(header.Get("Authorization"), "Basic ") {
		t.Errorf("header %v", header)
	}
	teams := parsed(t, "teams+"+server.URL+"/workflows/1")
	if err := teams.send(t.Context(), sample); err != nil || !strings.HasPrefix(teams.name, "teams (") {
		t.Fatal(teams.name, err)
	}
	text, err := json.Marshal(body)
	if err != nil || body["type"] != "message" || !strings.Contains(string(text), `"contentType":"application/vnd.microsoft.card.adaptive"`) || !strings.Contains(string(text), sample.Title) {
		t.Errorf("Teams gets %s, want an adaptive card", text)
	}
}

// Secrets of a receiver reach neither the log nor an error nor the store, whatever goes wrong.
func TestNotifySecrets(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", r.URL.String())
		w.WriteHeader(http.StatusTeapot)
		_, _ = fmt.Fprint(w, r.URL.String(), r.Header)
	}))
	defer server.Close()
	at := strings.TrimPrefix(server.URL, "http://")
	nowhere := "127.0.0.1:1"
	w, log := newWorld(t, 1), newScreen()
	var urls []string
	for _, form := range []string{
		"http://user:hush1@%s/hush2?sig=hush3#hush4", "teams+http://%s/hush5?sig=hush6", "generic://%s/hush7?disabletls=yes&@hush=hush8",
		"ntfy://hush9:hushA@%s/hushB?scheme=http", "gotify://%s/AhushC12345678A?disabletls=yes", "smtp://hushD:hushE@%s/?from=hushF@hush.example&to=hushG@hush.example",
		"rocketchat://hushH@%s/hushI/hushJ?disabletls=yes", "mattermost://hushK@%s/hushL?disabletls=yes", "matrix://hushM:hushN@%s/?disableTLS=yes",
		"bark://hushO@%s/?scheme=http",
	} {
		urls = append(urls, fmt.Sprintf(form, at), fmt.Sprintf(form, nowhere))
	}
	receivers, err := parseReceivers(urls, testClock)
	if err != nil {
		t.Fatal(err)
	}
	list := newNotifiers(receivers, w.fleet, serveFlags{}, slog.New(slog.NewTextHandler(log, nil)))
	for _, n := range list {
		n.sendTime = 2 * time.Second
		n.settle(t)
	}
	flip(w)
	for _, n := range list {
		n.look(t.Context(), w.fleet.Snapshot())
		if got := n.failed.Load(); got != 1 {
			t.Errorf("%s failed %d times, want once", n.name, got)
		}
	}
	notes, err := w.store.Notes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, count := range counted(list) {
		fmt.Fprintln(log, count)
	}
	text := log.String() + fmt.Sprintf("%s", notes)
	for _, secret := range []string{"hush", at, nowhere, "sig="} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in the log or in the store:\n%s", secret, text)
		}
	}
	if n := strings.Count(text, "a message was not taken"); n != len(urls) {
		t.Errorf("the log tells of %d failures, want %d:\n%s", n, len(urls), text)
	}
	for _, reason := range []string{"connection refused", "timed out", "answered 418 I'm a teapot"} {
		if !strings.Contains(text, reason) {
			t.Errorf("the log does not tell that a receiver %s:\n%s", reason, text)
		}
	}
}

// A URL that is none is a fault of usage that names it by its place, and not by what it holds.
func TestNotifyUsage(t *testing.T) {
	for _, bad := range []string{
		"hush", "https://", "slack://hush", "nosuch://hush", "http://hush\x7f", "https://ho st/hush", "logger://hush", "teams://hush", "teams+https://", "discord://hush", "smtp://hush",
		"telegram://hush@telegram", "://hush", "slack+https://hush/", "https://hooks.slack.com/services/hush/B/C", "https://discord.com/api/webhooks/1/hush",
		"teams+https://hush.webhook.office.com/webhookb2/hush", "teams+ftp://host/hush", "teams+hush://host/",
	} {
		_, err := parseReceivers([]string{"https://example.com/hush", bad}, testClock)
		if err == nil || strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), "URL 2 of 2") || !strings.Contains(err.Error(), "want https://") {
			t.Errorf("%q: %v, want an error that says what would be right, without the URL", bad, err)
		}
	}
	for _, line := range []string{"--notify=nosuch://hush", "--notify-days=-1", "--notify-days=91"} {
		stderr := newScreen()
		p := &program{getenv: func(string) string { return "" }, stdout: io.Discard, stderr: stderr, now: testClock}
		if code := p.run(t.Context(), []string{"serve", "--listen=127.0.0.1:0", "--data-dir", t.TempDir(), line}); code != exitUsage || strings.Contains(stderr.String(), "hush") {
			t.Errorf("%s: exit code %d and %q, want %d and no secret", line, code, stderr, exitUsage)
		}
	}
}

// URLs as people copy them are understood, and two are told apart.
func TestNotifyReceivers(t *testing.T) {
	list, err := parseReceivers([]string{
		"https://example.com/hook", "https://example.com/hook", "slack://hook:AAAAAAAAA-BBBBBBBBB-123456789123456789123456@webhook",
		"discord://token@123456789", "ntfy://ntfy.sh/topic", "smtp://user:pass@mail.example.com:587/?from=a@example.com&to=b@example.com",
		"telegram://123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@telegram?channels=@a", "gotify://host.example/AzyoeNS.D4iJLVa", "pushover://shoutrrr:token@user",
		"teams+https://prod-00.westeurope.logic.azure.com:443/workflows/1/triggers/manual/paths/invoke?sig=1",
		"matrix://user:password@matrix.example.com", "opsgenie://api.opsgenie.com/token", "zulip://bot@example.com:key@example.zulipchat.com?stream=a&topic=b",
		"googlechat://chat.googleapis.com/v1/spaces/FOO/messages?key=bar&token=baz", "mattermost://host.example/token", "rocketchat://host.example/a/b",
	}, testClock)
	var names []string
	for _, r := range list {
		name, hash, _ := strings.Cut(r.name, " ")
		names = append(names, name)
		if len(hash) != len("(1234)") || !strings.HasPrefix(r.book, "notify/"+hash[1:5]) {
			t.Errorf("receiver %q with ledger %q", r.name, r.book)
		}
	}
	want := "webhook slack discord ntfy smtp telegram gotify pushover teams matrix opsgenie zulip googlechat mattermost rocketchat"
	if got := strings.Join(names, " "); err != nil || got != want {
		t.Errorf("receivers %s, %v; want %s", got, err, want)
	}
	var urls urlList
	p := &program{getenv: func(name string) string {
		return map[string]string{"CYCLECAL_NOTIFY": "https://a.example/1\n  ntfy://ntfy.sh/a "}[name]
	}}
	cmd := p.serve()
	if err := p.fromEnvironment(cmd.Flags(), "notify"); err != nil {
		t.Fatal(err)
	}
	if err := urls.Set(cmd.Flags().Lookup("notify").Value.String()); err != nil || len(urls) != 2 {
		t.Errorf("from the environment: %q, %v; want two", urls, err)
	}
}

// hanging makes a mail server hang for who connects, and counts them.
type hanging struct {
	atomic.Bool
	conns atomic.Int64
}

// mailServer takes mail until it is told to hang in the middle of it.
func mailServer(t *testing.T, mails chan<- string, hang *hanging) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { conn.Close() })
			if hang.Load() {
				hang.conns.Add(1)
				continue
			}
			go serveMail(conn, mails)
		}
	}()
	return listener.Addr().String()
}

// await waits until that is so, at most two minutes.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

func serveMail(conn net.Conn, mails chan<- string) {
	defer conn.Close()
	_, _ = fmt.Fprint(conn, "220 hello\r\n")
	var mail strings.Builder
	inData := false
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		line := lines.Text()
		switch {
		case inData && line == ".":
			inData = false
			mails <- mail.String()
			_, _ = fmt.Fprint(conn, "250 taken\r\n")
		case inData:
			mail.WriteString(line + "\n")
		case line == "DATA":
			inData = true
			_, _ = fmt.Fprint(conn, "354 go on\r\n")
		case line == "QUIT":
			_, _ = fmt.Fprint(conn, "221 bye\r\n")
			return
		default:
			_, _ = fmt.Fprint(conn, "250 fine\r\n")
		}
	}
}

// Mail has a subject in ASCII; a mail server that hangs in the middle takes four tries with it and no more.
func TestNotifyMail(t *testing.T) {
	mails, hang := make(chan string, 1), &hanging{}
	r := parsed(t, "smtp://"+mailServer(t, mails, hang)+"/?from=a@example.com&to=b@example.com&useStartTLS=no")
	m := sample
	m.Title = "Größe"
	if err := r.send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if mail := <-mails; !strings.Contains(mail, "Subject: =?utf-8?q?Gr=C3=B6=C3=9Fe?=\n") || !strings.Contains(mail, "\n\n- Windows <11>\nSaid so.") {
		t.Errorf("mail:\n%s", mail)
	}
	hang.Store(true)
	for i := range mostSlots + 1 {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		want := "timed out"
		if i == mostSlots {
			want = "earlier tries have not ended yet"
		}
		if err := r.send(ctx, sample); err == nil || err.Error() != want {
			t.Errorf("try %d: %v, want %s", i, err, want)
		}
		cancel()
	}
}

// A mail server that hung, and whose sockets stay open, gets the mail when it works again.
func TestNotifyMailAgain(t *testing.T) {
	mails, hang := make(chan string, 1), &hanging{}
	now, left := testClock(), &hung{}
	l := newLibrary("smtp", "smtp://"+mailServer(t, mails, hang)+"/?from=a@example.com&to=b@example.com&useStartTLS=no", left, func() time.Time { return now })
	hang.Store(true)
	for range mostSlots {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if err := l.send(ctx, sample); err == nil {
			t.Error("a mail that nobody has taken was sent")
		}
		cancel()
	}
	await(t, "all tries hang", func() bool { return hang.conns.Load() == mostSlots }) // and none comes when it works again
	hang.Store(false)
	if err := l.send(t.Context(), sample); err == nil || err.Error() != "earlier tries have not ended yet" {
		t.Errorf("at once: %v, want the tries to be waited for", err)
	}
	now = now.Add(hungTime)
	if err := l.send(t.Context(), sample); err != nil || len(mails) != 1 {
		t.Errorf("after %v: %v and %d mails, want one to be taken", hungTime, err, len(mails))
	}
}

// Tries that never end are bounded for all receivers together, last for longer than a message is
// tried, take nothing from the other receivers, and are told of once.
func TestNotifyHung(t *testing.T) {
	now, left := testClock(), &hung{}
	clock := func() time.Time { return now }
	bad, good := &slots{hung: left, now: clock}, &slots{hung: left, now: clock}
	var list []*slot
	var last time.Time
	for range 100 * 24 {
		if s, ok := bad.take(); ok {
			list, last = append(list, s), now
		}
		now = now.Add(time.Hour)
	}
	if len(list) != mostSlots+mostHung || last.Sub(testClock()) < 2*giveUp {
		t.Errorf("%d tries in %v, want %d in more than %v", len(list), last.Sub(testClock()), mostSlots+mostHung, 2*giveUp)
	}
	s, ok := good.take()
	if !ok {
		t.Fatal("another receiver has no slot")
	}
	good.free(s)
	if !left.news() || left.news() || (*hung)(nil).news() {
		t.Error("want to be told once")
	}
	for _, s := range list {
		bad.free(s)
	}
	if left.count != 0 || bad.inUse() != 0 {
		t.Errorf("when all have ended: %d hang and %d have a slot, want none", left.count, bad.inUse())
	}
}

func (s *slots) inUse() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.taken)
}

// What a mail server takes after its time is not sent again.
func TestNotifyLate(t *testing.T) {
	mails, hang := make(chan string), &hanging{}
	l := newLibrary("smtp", "smtp://"+mailServer(t, mails, hang)+"/?from=a@example.com&to=b@example.com&useStartTLS=no", &hung{}, testClock)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.send(ctx, sample); err == nil {
		t.Error("a mail that nobody has taken was sent")
	}
	<-mails
	await(t, "the try has ended", func() bool { return l.slots.inUse() == 0 })
	if err := l.send(t.Context(), sample); err != nil {
		t.Errorf("send = %v, want nil, as it was taken", err)
	}
}

// Slack calls everybody for <!channel>: what people write must not.
func TestNotifyWords(t *testing.T) {
	l := newLibrary("slack", "", &hung{}, testClock)
	m := sample
	m.Text = "<!channel> & more"
	if text, params := l.words(m); text != "&lt;!channel&gt; &amp; more" || params["title"] != m.Title {
		t.Errorf("Slack gets %q, %v", text, params)
	}
	if text, params := newLibrary("googlechat", "", &hung{}, testClock).words(sample); text != sample.Title+"\n"+sample.Text || len(params) > 0 {
		t.Errorf("Google Chat gets %q, %v; want the title in the text", text, params)
	}
	if got := clean("a\r\nb\x00\u202e\xff"+strings.Repeat("c", 10), 8); got != "a  bccc…" {
		t.Errorf("clean = %q", got)
	}
}
