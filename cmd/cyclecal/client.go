package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle/catalog"
)

// client asks the HTTP surface: a server's, or the same code in this process
// over the history in the program. So both say the same, byte for byte.
type client struct {
	http *http.Client
	base string
}

// mostAnswer bounds what a server may send.
const mostAnswer = 64 << 20

func (p *program) client(server string) (*client, error) {
	if server != "" {
		u, err := url.Parse(server)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
			return nil, usageError{fmt.Errorf("--server %q: want http:// or https:// and a host, without a query, such as https://cal.example.com", server)}
		}
		return &client{&http.Client{Timeout: time.Minute}, strings.TrimSuffix(server, "/")}, nil
	}
	facts, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	f := newFleet(facts, "", p.now, slog.New(slog.DiscardHandler))
	f.groundOnly()
	handler, err := api.New(api.Config{Source: f, Now: p.now, Log: f.log})
	if err != nil {
		return nil, err
	}
	return &client{&http.Client{Transport: inProcess{handler}}, "http://localhost"}, nil
}

// get returns the body of an answer. What the server says is wrong with the
// request is a usageError.
func (c *client) get(ctx context.Context, path string, query url.Values) ([]byte, error) {
	address := c.base + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, usageError{err}
	}
	r.Header.Set("User-Agent", "cyclecal/"+version())
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, fmt.Errorf("%w: want --server to name a server that runs", err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", address, err)
	}
	if len(body) > mostAnswer {
		return nil, fmt.Errorf("reading %s: more than %d MiB", address, mostAnswer>>20)
	}
	if answer.StatusCode == http.StatusOK {
		return body, nil
	}
	return nil, refusal(answer, body, address)
}

func refusal(answer *http.Response, body []byte, address string) error {
	var problem struct{ Detail string }
	if err := json.Unmarshal(body, &problem); err != nil || problem.Detail == "" {
		return fmt.Errorf("%s answered %s: is that a Cyclecal server?", address, answer.Status)
	}
	err := errors.New(plain(problem.Detail))
	if answer.StatusCode < http.StatusInternalServerError {
		return usageError{err}
	}
	return err
}

// inProcess answers requests by calling a handler.
type inProcess struct{ handler http.Handler }

// RoundTrip calls the handler. It never fails: what goes wrong is in the answer.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.RequestURI = r.URL.RequestURI()
	r.Body = http.NoBody
	w := &reply{header: http.Header{}, status: http.StatusOK}
	t.handler.ServeHTTP(w, r)
	return &http.Response{
		Status: fmt.Sprintf("%d %s", w.status, http.StatusText(w.status)), StatusCode: w.status,
		Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

// reply keeps what a handler writes.
type reply struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *reply) Header() http.Header         { return w.header }
func (w *reply) WriteHeader(status int)      { w.status = status }
func (w *reply) Write(p []byte) (int, error) { return w.body.Write(p) }
