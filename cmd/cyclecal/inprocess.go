package main

import (
	"fmt"
	"io"
	"net/http"

	"github.com/cyclecal/cyclecal/api"
)

// within returns a client of the surface in this process, with a token, or "" for none.
func within(c api.Config, token string) (*client, error) {
	handler, err := api.New(c)
	if err != nil {
		return nil, err
	}
	return &client{http: &http.Client{Transport: inProcess{handler}}, base: "http://localhost", token: token}, nil
}

// here reports whether the surface is in this process.
func (c *client) here() bool {
	_, here := c.http.Transport.(inProcess)
	return here
}

// inProcess answers requests by calling a handler, and passes its answer on while it is being written.
type inProcess struct{ handler http.Handler }

// RoundTrip calls the handler. It never fails: what goes wrong is in the answer.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.RequestURI = r.URL.RequestURI()
	if r.Body == nil { // which a handler never sees
		r.Body = http.NoBody
	}
	body, to := io.Pipe()
	w := &pipedReply{header: http.Header{}, to: to, begun: make(chan *http.Response, 1)}
	go func() {
		defer r.Body.Close()
		defer func() {
			if why := recover(); why != nil { // half an answer must not look like a whole one
				_ = to.CloseWithError(fmt.Errorf("the answer broke off: %v", why))
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
