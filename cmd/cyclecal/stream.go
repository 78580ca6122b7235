package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// stream sends a body of any length. The answer may begin before the body has ended. The caller
// closes it.
func (c *client) stream(ctx context.Context, path, media string, body io.Reader) (io.ReadCloser, error) {
	address := c.base + path
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, io.NopCloser(body))
	if err != nil {
		return nil, usageError{err}
	}
	r.Header.Set("Content-Type", media)
	r.Header.Set("User-Agent", "cyclecal/"+version())
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	patient := *c.http
	patient.Timeout = 0 // it takes as long as there is something to send
	if within, ok := patient.Transport.(inProcess); ok {
		patient.Transport = streamed(within)
	} else {
		r.Header.Set("Expect", "100-continue") // a refusal then comes before everything is sent
	}
	answer, err := patient.Do(r)
	if err != nil {
		return nil, noAnswerError{fmt.Errorf("%w: want --server to name a server that runs", err)}
	}
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

// streamed calls a handler as inProcess does, and passes its answer on while it is being written.
type streamed struct{ handler http.Handler }

// RoundTrip calls the handler. It never fails: what goes wrong is in the answer.
func (t streamed) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.RequestURI = r.URL.RequestURI()
	body, to := io.Pipe()
	w := &pipedReply{header: http.Header{}, to: to, begun: make(chan *http.Response, 1)}
	go func() {
		defer func() {
			if recover() != nil { // half an answer must not look like a whole one
				_ = to.CloseWithError(errors.New("the list could not be read to its end"))
			}
			w.WriteHeader(http.StatusOK)
			_ = to.Close()
		}()
		t.handler.ServeHTTP(w, r)
	}()
	answer := <-w.begun
	answer.Body, answer.Request = body, r
	return answer, nil
}

// pipedReply hands on what a handler writes.
type pipedReply struct {
	header http.Header
	to     *io.PipeWriter
	begun  chan *http.Response
	begins bool
}

func (w *pipedReply) Header() http.Header { return w.header }

func (w *pipedReply) WriteHeader(status int) {
	if w.begins {
		return
	}
	w.begins = true
	w.begun <- &http.Response{
		Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status,
		Header: w.header.Clone(), ContentLength: -1,
	}
}

func (w *pipedReply) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.to.Write(p)
}
