package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle/catalog"
	"github.com/cyclecal/cyclecal/cycle/resource"
)

// client asks the HTTP surface of a server, or the same code in this process. So both
// answer the same, byte for byte.
type client struct {
	http  *http.Client
	base  string
	token string // "" for none

	reached bool // it has answered before
}

// mostAnswer bounds what a server may send.
const mostAnswer = 64 << 20

// client returns a client of a server or, if none is named, of the history in the program.
func (p *program) client(server string) (*client, error) {
	if server != "" {
		return remote(server, p.getenv("CYCLECAL_TOKEN")) // stored rings need one; an admin's is not given away for reading
	}
	facts, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	requirements, err := catalog.Requirements()
	if err != nil {
		return nil, err
	}
	f := newFleet(facts, firstToken{}, p.now, slog.New(slog.DiscardHandler))
	f.groundOnly()
	return within(api.Config{Source: f, Now: p.now, Log: f.log, Requirements: requirements, PublicDevices: true, MostDevices: math.MaxInt64}, "")
}

func remote(server, token string) (*client, error) {
	if _, ok := httpURL(server); !ok {
		return nil, usageError{fmt.Errorf("--server %q: want http:// or https:// and a host, without a query, such as https://cal.example.com", server)}
	}
	return &client{http: &http.Client{Timeout: time.Minute}, base: strings.TrimSuffix(server, "/"), token: token}, nil
}

// dontFollow is for clients to whom a redirect is the answer.
func dontFollow(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// get returns the body of an answer. What the server says is wrong with the
// request is a usageError.
func (c *client) get(ctx context.Context, path string, query url.Values) ([]byte, error) {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return c.do(ctx, http.MethodGet, path, nil, nil)
}

// read decodes the JSON of an answer.
func (c *client) read(ctx context.Context, path string, query url.Values, answer any) error {
	body, err := c.get(ctx, path, query)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, answer); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// do asks once. A refusal is a refusedError, within a usageError if the question was wrong.
func (c *client) do(ctx context.Context, method, path string, header http.Header, send []byte) ([]byte, error) {
	answer, err := c.ask(ctx, c.http, method, path, header, bytes.NewReader(send))
	if err != nil {
		return nil, err
	}
	defer answer.Close()
	body, err := io.ReadAll(io.LimitReader(answer, mostAnswer+1))
	if err != nil {
		return nil, noAnswerError{fmt.Errorf("reading %s: %w", c.base+path, err)}
	}
	if len(body) > mostAnswer {
		return nil, fmt.Errorf("reading %s: more than %d MiB", c.base+path, mostAnswer>>20)
	}
	return body, nil
}

// stream sends a body of any length. The answer may begin before the body has ended. The caller
// closes it.
func (c *client) stream(ctx context.Context, path, media string, body io.Reader) (io.ReadCloser, error) {
	header := http.Header{"Content-Type": {media}}
	patient := *c.http
	patient.Timeout = 0 // it takes as long as there is something to send
	if !c.here() {
		header.Set("Expect", "100-continue") // a refusal then comes before everything is sent
	}
	return c.ask(ctx, &patient, http.MethodPost, path, header, io.NopCloser(body))
}

// ask returns the body of an answer that is a success, which the caller closes.
func (c *client) ask(ctx context.Context, by *http.Client, method, path string, header http.Header, send io.Reader) (io.ReadCloser, error) {
	address := c.base + path
	r, err := http.NewRequestWithContext(ctx, method, address, send)
	if err != nil {
		return nil, usageError{err}
	}
	maps.Copy(r.Header, header)
	r.Header.Set("User-Agent", userAgent())
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := by.Do(r)
	if err != nil {
		return nil, noAnswerError{fmt.Errorf("%w: want --server to name a server that runs", err)}
	}
	c.reached = true
	if answer.StatusCode/100 == 2 {
		return answer.Body, nil
	}
	defer answer.Body.Close()
	told, err := io.ReadAll(io.LimitReader(answer.Body, mostAnswer))
	if err != nil {
		return nil, noAnswerError{fmt.Errorf("reading %s: %w", address, err)}
	}
	return nil, refusal(answer, told, address)
}

// noAnswerError says that nobody knows what became of a request.
type noAnswerError struct{ error }

func (e noAnswerError) Unwrap() error { return e.error }

// refusedError is an answer that is no success.
type refusedError struct {
	status     int
	retryAfter string
	detail     string
	faults     []resource.Fault // what is wrong with a document
}

func (e refusedError) Error() string { return e.detail }

func refusal(answer *http.Response, body []byte, address string) error {
	refused := refusedError{status: answer.StatusCode, retryAfter: answer.Header.Get("Retry-After")}
	var problem struct {
		Detail string
		Errors []resource.Fault
	}
	if err := json.Unmarshal(body, &problem); err != nil || problem.Detail == "" {
		refused.detail = fmt.Sprintf("%s answered %s: is that a Cyclecal server?", address, answer.Status)
		if to := answer.Header.Get("Location"); to != "" {
			refused.detail = fmt.Sprintf("%s answered %s to %s: want --server to name that", address, answer.Status, plain(to))
		}
		return refused
	}
	refused.detail = plain(problem.Detail)
	for _, f := range problem.Errors {
		refused.faults = append(refused.faults, resource.Fault{Pointer: plain(f.Pointer), Detail: plain(f.Detail)})
	}
	switch {
	case refused.status >= http.StatusInternalServerError, refused.status == http.StatusUnauthorized, refused.status == http.StatusForbidden,
		refused.status == http.StatusConflict, refused.status == http.StatusPreconditionFailed, refused.status == http.StatusTooManyRequests:
		return refused // nothing is wrong with the question
	}
	return usageError{refused}
}
