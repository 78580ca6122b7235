package api

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// errSlow says that a client sent, or took, too little for too long.
var errSlow = errors.New("too slow")

// flow is a body that may take long, as long as bytes are moving. The deadlines of the server, which are
// for small requests, do not apply to it.
type flow struct {
	io.ReadCloser
	control *http.ResponseController
	moved   atomic.Int64 // bytes since the last look, in both directions
	writing atomic.Bool  // some of the answer was written
	slow    atomic.Bool  // it was cut off
	ended   chan struct{}
	end     func() // to be called when the request is done
}

func newFlow(w http.ResponseWriter, r *http.Request) *flow {
	f := &flow{ReadCloser: r.Body, control: http.NewResponseController(w), ended: make(chan struct{})}
	var watching sync.WaitGroup
	f.end = func() {
		close(f.ended)
		watching.Wait() // the next request on the connection has deadlines of its own
	}
	_ = f.control.SetReadDeadline(time.Time{}) // a writer without deadlines needs none
	_ = f.control.SetWriteDeadline(time.Time{})
	watching.Go(f.watch)
	return f
}

// watch cuts the flow off when it has nearly stopped.
func (f *flow) watch() {
	ticker := time.NewTicker(slownessFor)
	defer ticker.Stop()
	for {
		select {
		case <-f.ended:
			return
		case <-ticker.C:
		}
		if f.moved.Swap(0) >= slowest {
			continue
		}
		past := time.Unix(1, 0)
		f.slow.Store(true)
		_ = f.control.SetReadDeadline(past)
		if f.writing.Load() { // else the client is told
			_ = f.control.SetWriteDeadline(past)
		}
		return
	}
}

func (f *flow) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	f.moved.Add(int64(n))
	if err != nil && f.slow.Load() && !errors.Is(err, io.EOF) {
		err = errSlow
	}
	return n, err
}

// flowWriter writes an answer while its flow goes on.
type flowWriter struct {
	http.ResponseWriter
	flow *flow
}

func (w *flowWriter) Write(p []byte) (int, error) {
	w.flow.writing.Store(true)
	n, err := w.ResponseWriter.Write(p)
	w.flow.moved.Add(int64(n))
	return n, err
}
