package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// receiver is somebody to whom messages are sent.
type receiver struct {
	name string // a unique name, such as "slack (3f2a)": all that log and metrics show of the URL
	book string // the name of its ledger in the store
	send func(context.Context, message) error
	hung *hung // shared by all receivers; nil if every try ends in time
}

// sendError says why a message was not taken. It has nothing of the receiver's URL in it.
type sendError struct {
	reason string
	after  time.Duration // how long the receiver asks to wait
}

func (e sendError) Error() string { return e.reason }

// wantReceiver tells what would have been right.
const wantReceiver = "want https://HOST/PATH, which gets JSON, teams+https://… of a Teams workflow, " +
	"slack://hook:TOKEN@webhook, smtp://USER:PASSWORD@HOST:587/?from=A&to=B, ntfy://ntfy.sh/TOPIC or another URL of shoutrrr's"

// parseReceivers reads the URLs of --notify. Its error names one by its place, as a URL holds a secret.
func parseReceivers(urls []string, now func() time.Time) ([]receiver, error) {
	var list []receiver
	left := &hung{}
	for i, s := range urls {
		r, err := parseReceiver(s, left, now)
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

func parseReceiver(s string, left *hung, now func() time.Time) (receiver, error) {
	u, err := url.Parse(s)
	if err != nil {
		return receiver{}, errors.New("not a URL") // the error of url.Parse has the URL
	}
	hash := sha256Of([]byte("cyclecal notify\n" + s))
	r := receiver{book: "notify/" + hash}
	service, inner, _ := strings.Cut(u.Scheme, "+")
	switch {
	case u.Scheme == "http" || u.Scheme == "https":
		service = "webhook"
		r.send = newWebhook(u, func(m message) any { return m }, now).send
	case service == "teams" && (inner == "http" || inner == "https") && !strings.HasSuffix(u.Hostname(), ".webhook.office.com"):
		u.Scheme = inner
		r.send = newWebhook(u, teamsCard, now).send
	default:
		if err := checkLibrary(service, s); err != nil {
			return receiver{}, err
		}
		r.send, r.hung = newLibrary(service, s, left, now).send, left
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
		// Nobody has configured the target of a redirect, so it gets neither the message nor the secret.
		CheckRedirect: dontFollow,
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
	r.Header.Set("User-Agent", userAgent())
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
	return sendError{reason: statusText(answer.StatusCode), after: pauseAsked(answer.Header.Get("Retry-After"), h.now())}
}

// longestPause is the longest wait that a receiver may ask for.
const longestPause = 24 * time.Hour

// pauseAsked returns how long a Retry-After asks to wait, at most the longest pause. RFC 9110, 10.2.3:
// it is a number of seconds, or an instant, which is compared with this machine's clock. It returns 0
// for anything else.
func pauseAsked(s string, now time.Time) time.Duration {
	if n, err := strconv.ParseUint(s, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(n, uint64(longestPause/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(s); err == nil {
		return min(max(at.Sub(now), 0), longestPause)
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
