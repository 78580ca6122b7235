package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"github.com/cyclecal/cyclecal/api"
)

// within returns a client of the surface in this process.
func within(c api.Config) (*client, error) {
	handler, err := api.New(c)
	if err != nil {
		return nil, err
	}
	return &client{http: &http.Client{Transport: inProcess{handler}}, base: "http://localhost"}, nil
}

// inProcess answers requests by calling a handler.
type inProcess struct{ handler http.Handler }

// RoundTrip calls the handler. It never fails: what goes wrong is in the answer.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.RequestURI = r.URL.RequestURI()
	if r.Body == nil { // which a handler never sees
		r.Body = http.NoBody
	}
	defer r.Body.Close()
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

func (w *reply) Header() http.Header { return w.header }

func (w *reply) WriteHeader(status int) { w.status = status }

func (w *reply) Write(p []byte) (int, error) { return w.body.Write(p) }
