package main

import (
	"bufio"
	"io"
	"sync"
	"time"
)

// lineBuffer keeps log lines off the path of the requests: a system call for
// each would cost a fifth of the speed.
type lineBuffer struct {
	mu sync.Mutex
	to io.Writer
	w  *bufio.Writer
}

func newLineBuffer(w io.Writer) *lineBuffer {
	return &lineBuffer{to: w, w: bufio.NewWriterSize(w, 64<<10)}
}

// Write takes whole lines.
func (b *lineBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, err := b.w.Write(p)
	if err != nil {
		b.w.Reset(b.to) // it would fail for ever; what it held is lost
	}
	return n, err
}

func (b *lineBuffer) flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.w.Flush() != nil { // a log that can't be written must not stop the service
		b.w.Reset(b.to)
	}
}

// flushEvery writes the lines out at once and then at that interval. The
// function it returns stops that and writes out the rest.
func (b *lineBuffer) flushEvery(interval time.Duration) (stop func()) {
	b.flush()
	ticker := time.NewTicker(interval)
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-ticker.C:
				b.flush()
			case <-done:
				return
			}
		}
	})
	return func() {
		ticker.Stop()
		close(done)
		wg.Wait()
		b.flush()
	}
}
