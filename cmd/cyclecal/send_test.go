package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// lossy answers with each of its answers in turn, and then with the last one for ever.
type lossy struct {
	answers []reaction
	keys    []string // as they came
	bodies  []string
}

func (l *lossy) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	l.keys, l.bodies = append(l.keys, r.Header.Get("Idempotency-Key")), append(l.bodies, string(body))
	return l.answers[min(len(l.keys), len(l.answers))-1].response()
}

// reaction is how a server takes a request.
type reaction struct {
	status           int
	retryAfter, body string
	location         string
	err              error // the answer does not come
}

func (r reaction) response() (*http.Response, error) {
	if r.err != nil {
		return nil, r.err
	}
	header := http.Header{}
	if r.retryAfter != "" {
		header.Set("Retry-After", r.retryAfter)
	}
	if r.location != "" {
		header.Set("Location", r.location)
	}
	return &http.Response{Status: http.StatusText(r.status), StatusCode: r.status, Header: header, Body: io.NopCloser(strings.NewReader(r.body))}, nil
}

func answering(status int, retryAfter, body string) reaction {
	return reaction{status: status, retryAfter: retryAfter, body: body}
}

// refusing is a server that does not run.
var refusing = reaction{err: &net.OpError{Op: "dial", Err: errors.New("connection refused")}}

// A change whose answer was lost is asked for again under the same key, for a while.
func TestSendAgain(t *testing.T) {
	done := answering(http.StatusCreated, "", `{"secret": "s"}`)
	losing := reaction{err: io.ErrUnexpectedEOF}
	for name, tt := range map[string]struct {
		answers []reaction
		tries   int
		waits   time.Duration
		ok      bool
	}{
		"at once":              {[]reaction{done}, 1, 0, true},
		"lost":                 {[]reaction{losing, losing, done}, 3, 750 * time.Millisecond, true},
		"as long as is said":   {[]reaction{answering(503, "5", `{"detail": "wait"}`), done}, 2, 5 * time.Second, true},
		"not for how long":     {[]reaction{answering(503, "", `{"detail": "never"}`), done}, 1, 0, false},
		"a proxy":              {[]reaction{answering(502, "", "<p>"), answering(504, "", "<p>"), done}, 3, 750 * time.Millisecond, true},
		"restarted":            {[]reaction{losing, refusing, done}, 2, 250 * time.Millisecond, false},
		"never there":          {[]reaction{refusing, done}, 1, 0, false},
		"refused":              {[]reaction{answering(412, "", `{"detail": "no"}`), done}, 1, 0, false},
		"lost for ever":        {[]reaction{losing}, 8, 17750 * time.Millisecond, false},
		"too long to wait for": {[]reaction{answering(503, "60", `{"detail": "wait"}`)}, 1, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &lossy{answers: tt.answers}
				c := &client{http: &http.Client{Transport: l}, base: "http://localhost"}
				began := time.Now()
				g, err := c.send(t.Context(), wish{method: http.MethodPut, kind: "rings", id: "r", body: []byte("{}")})
				if ok := err == nil && g.Secret == "s"; ok != tt.ok {
					t.Errorf("send = %+v, %v, want it to be done: %t", g, err, tt.ok)
				}
				if len(l.keys) != tt.tries || time.Since(began) != tt.waits {
					t.Errorf("%d tries in %v, want %d in %v", len(l.keys), time.Since(began), tt.tries, tt.waits)
				}
				for i := range l.keys {
					if l.keys[i] != l.keys[0] || l.keys[i] == "" || l.bodies[i] != "{}" {
						t.Errorf("try %d has the key %q and the body %q, want key %q and {}", i, l.keys[i], l.bodies[i], l.keys[0])
					}
				}
			})
		})
	}
}

// A server that has answered before is waited for: it restarts.
func TestSendToRestarting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &lossy{answers: []reaction{answering(http.StatusOK, "", `{"data": []}`), refusing, answering(http.StatusNoContent, "", "")}}
		c := &client{http: &http.Client{Transport: l}, base: "http://localhost"}
		if _, err := c.stored(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := c.send(t.Context(), wish{method: http.MethodDelete, kind: "rings", id: "r"}); err != nil {
			t.Errorf("send = %v, want nil", err)
		}
	})
}

// A redirected PUT would come as a GET, whose answer looks like success.
func TestRedirect(t *testing.T) {
	l := &lossy{answers: []reaction{{status: http.StatusMovedPermanently, location: "https://cal.example.com/"}}}
	k := &keeping{reading: reading{program: &program{getenv: func(string) string { return "secret" }}}}
	k.server = "http://cal.example.com"
	if err := k.connectRemote(); err != nil {
		t.Fatal(err)
	}
	k.client.http.Transport = l
	_, err := k.client.send(context.Background(), wish{method: http.MethodPut, kind: "rings", id: "r"})
	want := "http://cal.example.com/api/v1/rings/r answered Moved Permanently to https://cal.example.com/: want --server to name that"
	if err == nil || err.Error() != want || len(l.keys) != 1 {
		t.Errorf("send = %v after %d tries, want %q after 1", err, len(l.keys), want)
	}
}
