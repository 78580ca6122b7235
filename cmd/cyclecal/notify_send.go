package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
)

// receiver is somebody who is told.
type receiver struct {
	name string // such as "slack (3f2a)", no other's: log and metrics learn no more of the URL
	book string // the name of its ledger in the store
	send func(context.Context, message) error
}

// sendError says why a message was not taken. It tells nothing of the receiver's URL.
type sendError struct {
	reason string
	after  time.Duration // for how long the receiver wants to be left alone
}

func (e sendError) Error() string { return e.reason }

// wantReceiver tells what would have been right.
const wantReceiver = "want https://HOST/PATH, which gets JSON, teams+https://… of a Teams workflow, " +
	"slack://hook:TOKEN@webhook, smtp://USER:PASSWORD@HOST:587/?from=A&to=B, ntfy://ntfy.sh/TOPIC or another URL of shoutrrr's"

// parseReceivers reads the URLs of --notify. Its error names one by its place, as a URL holds a secret.
func parseReceivers(urls []string, now func() time.Time) ([]receiver, error) {
	var list []receiver
	for i, s := range urls {
		r, err := parseReceiver(s, now)
		if err != nil {
			return nil, usageError{fmt.Errorf("--notify, URL %d of %d: %w: %s", i+1, len(urls), err, wantReceiver)}
		}
		if slices.ContainsFunc(list, func(other receiver) bool { return other.book == r.book }) {
			continue
		}
		if slices.ContainsFunc(list, func(other receiver) bool { return other.name == r.name }) {
			r.name += " " + strconv.Itoa(i+1)
		}
		list = append(list, r)
	}
	return list, nil
}

func parseReceiver(s string, now func() time.Time) (receiver, error) {
	u, err := url.Parse(s)
	if err != nil {
		return receiver{}, errors.New("not a URL") // the error of url.Parse has the URL
	}
	sum := sha256.Sum256([]byte("cyclecal notify\n" + s))
	hash := hex.EncodeToString(sum[:])
	r := receiver{book: "notify/" + hash}
	service, inner, custom := strings.Cut(u.Scheme, "+")
	switch {
	case u.Scheme == "http" || u.Scheme == "https":
		service = "webhook"
		r.send = newWebhook(u, func(m message) any { return m }, now).send
	case service == "teams" && custom && !strings.HasSuffix(u.Hostname(), ".webhook.office.com"):
		u.Scheme = inner
		r.send = newWebhook(u, teamsCard, now).send
	default:
		if err := checkLibrary(service, s); err != nil {
			return receiver{}, err
		}
		r.send = newLibrary(service, s).send
	}
	if service == "webhook" || service == "teams" {
		err = checkWebhook(service, u.Hostname())
	}
	r.name = service + " (" + hash[:4] + ")"
	return r, err
}

// checkWebhook refuses a host that is none, or that is known not to understand our JSON.
func checkWebhook(service, host string) error {
	switch {
	case host == "":
		return errors.New("no host")
	case service == "webhook" && host == "hooks.slack.com":
		return errors.New("https://hooks.slack.com/services/A/B/C is written slack://hook:A-B-C@webhook")
	case service == "webhook" && (host == "discord.com" || host == "discordapp.com"):
		return errors.New("https://discord.com/api/webhooks/ID/TOKEN is written discord://TOKEN@ID")
	}
	return nil
}

// webhook posts JSON.
type webhook struct {
	url    string
	body   func(message) any
	client *http.Client
	now    func() time.Time
}

func newWebhook(u *url.URL, body func(message) any, now func() time.Time) *webhook {
	return &webhook{url: u.String(), body: body, now: now, client: &http.Client{
		// Where a redirect leads nobody has configured: the message and the secret stay here.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10,
		},
	}}
}

func (h *webhook) send(ctx context.Context, m message) error {
	body, err := json.Marshal(h.body(m))
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return sendError{reason: "the URL can't be asked"}
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "cyclecal/"+version())
	r.Header.Set("Idempotency-Key", m.ID)
	answer, err := h.client.Do(r)
	if err != nil {
		return sendError{reason: reasonOf(err)}
	}
	defer answer.Body.Close() // the status says it all: how the body ends, or whether, does not matter
	return h.judge(answer)
}

func (h *webhook) judge(answer *http.Response) error {
	switch class := answer.StatusCode / 100; class {
	case 2:
		return nil
	case 3:
		return sendError{reason: statusText(answer.StatusCode) + ", and redirects are not followed: give the URL that it leads to"}
	}
	return sendError{reason: statusText(answer.StatusCode), after: retryAfter(answer.Header.Get("Retry-After"), h.now())}
}

// mostPause is for how long a receiver may ask to be left alone.
const mostPause = 24 * time.Hour

// retryAfter reads seconds or an instant, RFC 9110, 10.2.3; 0 for anything else.
func retryAfter(s string, now time.Time) time.Duration {
	if n, err := strconv.ParseUint(s, 10, 31); err == nil {
		return min(time.Duration(n)*time.Second, mostPause)
	}
	if at, err := http.ParseTime(s); err == nil {
		return min(max(at.Sub(now), 0), mostPause)
	}
	return 0
}

// teamsCard is a message as a workflow of Teams reads it, "when a webhook request is received".
func teamsCard(m message) any {
	type block struct {
		Type   string `json:"type"`
		Text   string `json:"text"`
		Weight string `json:"weight,omitempty"`
		Wrap   bool   `json:"wrap"`
	}
	card := map[string]any{
		"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.2",
		"body": []block{{"TextBlock", m.Title, "Bolder", true}, {"TextBlock", strings.ReplaceAll(m.Text, "\n", "\n\n"), "", true}},
	}
	return map[string]any{"type": "message", "attachments": []any{
		map[string]any{"contentType": "application/vnd.microsoft.card.adaptive", "content": card},
	}}
}

// library sends by shoutrrr. Some of its services have no time limit, so each try runs beside, in
// a goroutine that may be left behind; slots bound how many.
type library struct {
	service, url string
	slots        chan struct{}
	late         sync.Map // ids of messages that were taken after their time
}

const mostLeftBehind = 4

func newLibrary(service, url string) *library {
	return &library{service: service, url: url, slots: make(chan struct{}, mostLeftBehind)}
}

// checkLibrary returns an error for a URL that shoutrrr does not understand.
func checkLibrary(service, s string) error {
	empty, err := router.New(nil)
	if err != nil {
		return errors.New("shoutrrr can't be used")
	}
	names := slices.DeleteFunc(empty.ListServices(), func(name string) bool { return name == "logger" }) // it tells nobody
	if !slices.Contains(names, service) {
		return errors.New("not a service that is known here")
	}
	if service == "matrix" { // it signs in at once: not before there is something to tell
		return nil
	}
	if _, err := empty.Locate(s); err != nil {
		return fmt.Errorf("not a URL of %s as shoutrrr reads it", service)
	}
	return nil
}

func (l *library) send(ctx context.Context, m message) error {
	if _, taken := l.late.LoadAndDelete(m.ID); taken {
		return nil
	}
	select {
	case l.slots <- struct{}{}:
	default:
		return sendError{reason: "earlier tries have not ended yet"}
	}
	ended := make(chan error, 1)
	go func() {
		defer func() { <-l.slots }()
		err := l.try(m)
		if err == nil {
			l.late.Store(m.ID, true)
		}
		ended <- err
	}()
	select {
	case err := <-ended:
		l.late.Delete(m.ID)
		return err
	case <-ctx.Done():
		return sendError{reason: reasonOf(ctx.Err())}
	}
}

// try sends with a service of its own, as they change while they send.
func (l *library) try(m message) (err error) {
	defer func() {
		if recover() != nil {
			err = sendError{reason: "shoutrrr broke down"}
		}
	}()
	empty, err := router.New(nil)
	if err != nil {
		return sendError{reason: reasonOf(err)}
	}
	service, err := empty.Locate(l.url)
	if err == nil {
		text, params := l.words(m)
		err = service.Send(text, &params)
	}
	if err != nil {
		return sendError{reason: reasonOf(err)}
	}
	return nil
}

// titled are the services that have a title apart from the text.
const titled = " bark discord gotify join lark matrix ntfy opsgenie pushbullet pushover slack smtp teams telegram "

func (l *library) words(m message) (string, types.Params) {
	title, text := m.Title, m.Text
	switch l.service {
	case "smtp":
		title = mime.QEncoding.Encode("utf-8", title)
	case "slack": // a name must not call everybody; docs.slack.dev, "Escaping text"
		escape := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
		title, text = escape.Replace(title), escape.Replace(text)
	}
	if !strings.Contains(titled, " "+l.service+" ") {
		return title + "\n" + text, types.Params{}
	}
	return text, types.Params{types.TitleKey: title}
}

// statusForm is how a library writes a status into its errors.
var statusForm = regexp.MustCompile(`\b[3-5][0-9]{2} [A-Z][A-Za-z' -]+`)

// reasonOf says what went wrong in words of our own: the error may hold the URL.
func reasonOf(err error) string {
	var timeout net.Error
	smtp, isSMTP := errors.AsType[*textproto.Error](err)
	_, isDNS := errors.AsType[*net.DNSError](err)
	_, isTLS := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case errors.Is(err, context.Canceled):
		return "interrupted, as the program ends"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return timedOut
	case isSMTP:
		return "answered " + strconv.Itoa(smtp.Code)
	case isDNS:
		return noAddress
	case isTLS:
		return notTrusted
	case errors.Is(err, syscall.ECONNREFUSED):
		return refused
	}
	return reasonIn(err.Error())
}

const (
	timedOut   = "timed out"
	noAddress  = "its host has no address"
	notTrusted = "its certificate is not trusted"
	refused    = "connection refused"
)

// reasonIn finds what it knows in the text of an error that is no more than text.
func reasonIn(text string) string {
	for _, known := range [][2]string{
		{"connection refused", refused},
		{"no such host", noAddress},
		{"failed to verify certificate", notTrusted},
		{"deadline exceeded", timedOut},
		{"i/o timeout", timedOut},
	} {
		if strings.Contains(text, known[0]) {
			return known[1]
		}
	}
	for _, s := range statusForm.FindAllString(text, -1) {
		code, _ := strconv.Atoi(s[:3])
		if name := http.StatusText(code); name != "" && strings.HasPrefix(s[4:], name) {
			return statusText(code)
		}
	}
	return "no answer that says it was taken"
}

func statusText(code int) string {
	return strings.TrimSpace(fmt.Sprintf("answered %d %s", code, http.StatusText(code)))
}
