package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/cyclecal/cyclecal/api/auth"
	"github.com/cyclecal/cyclecal/cycle/resource"
)

// wish is a change that a command asks for.
type wish struct {
	method  string // PUT, DELETE, or POST for a new secret
	kind    resource.Kind
	id      string
	body    []byte
	absent  bool  // it may not be there yet
	version int64 // the version that it must have; 0 for any
}

// granted is what the server says of a change.
type granted struct {
	Data        json.RawMessage
	Meta        struct{ Revision int64 }
	Secret, URL string
}

// Waits between two tries, if the server does not say how long.
const (
	firstPause = 250 * time.Millisecond
	mostPause  = 5 * time.Second
)

// patienceOfWrites is how long a change is retried whose answer was lost.
const patienceOfWrites = 20 * time.Second

// send asks for a change, and retries if its result is not known. The idempotency key makes
// the server carry it out only once.
func (c *client) send(ctx context.Context, w wish) (granted, error) {
	header := http.Header{"Content-Type": {"application/json"}, "Idempotency-Key": {auth.NewSecret()}}
	if w.absent {
		header.Set("If-None-Match", "*")
	}
	if w.version > 0 {
		header.Set("If-Match", strconv.Quote(strconv.FormatInt(w.version, 10)))
	}
	ctx, cancel := context.WithTimeout(ctx, patienceOfWrites)
	defer cancel()
	for pause := firstPause; ; pause = min(2*pause, mostPause) {
		body, err := c.do(ctx, w.method, w.path(), header, w.body)
		if err == nil {
			return readGranted(body)
		}
		wait, again := c.again(err, pause)
		if !again || !sleep(ctx, wait) {
			return granted{}, err
		}
	}
}

func (w wish) path() string {
	path := "/api/v1/" + string(w.kind) + "/" + url.PathEscape(w.id)
	if w.method == http.MethodPost {
		path += "/rotate"
	}
	return path
}

func readGranted(body []byte) (granted, error) {
	var g granted
	if len(body) == 0 { // of a deletion
		return g, nil
	}
	if err := json.Unmarshal(body, &g); err != nil {
		return g, fmt.Errorf("the server's answer to a change: %w", err)
	}
	return g, nil
}

// again reports whether to retry a change, since it may have been carried out or may succeed soon, and
// how long to wait before that.
func (c *client) again(err error, pause time.Duration) (time.Duration, bool) {
	if c.here() {
		return 0, false // no answer gets lost within a process, and the store has waited already
	}
	if _, lost := errors.AsType[noAnswerError](err); lost {
		dial, ok := errors.AsType[*net.OpError](err)
		return pause, c.reached || !ok || dial.Op != "dial" // a server that was never there is not waited for
	}
	refused, ok := errors.AsType[refusedError](err)
	if !ok {
		return 0, false
	}
	switch refused.status {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		if seconds, err := strconv.ParseUint(refused.retryAfter, 10, 16); err == nil {
			pause = time.Duration(seconds) * time.Second
		}
		return pause, refused.status != http.StatusServiceUnavailable || refused.retryAfter != ""
	}
	return 0, false
}

// sleep reports whether it slept; not where the context ends first.
func sleep(ctx context.Context, d time.Duration) bool {
	if end, ok := ctx.Deadline(); ok && time.Until(end) < d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// storedRow is a stored document as /api/v1/documents lists it.
type storedRow struct {
	Kind     resource.Kind
	ID       string
	Version  int64
	Document json.RawMessage
}

// stored returns all stored documents that the bearer may see.
func (c *client) stored(ctx context.Context) ([]storedRow, error) {
	var answer struct{ Data []storedRow }
	err := c.read(ctx, "/api/v1/documents", nil, &answer)
	return answer.Data, err
}

// canonical returns the document as this program writes it, whatever version of it the server
// is; as the server wrote it where this program can't read it.
func (r storedRow) canonical() []byte {
	d, err := r.read()
	if err != nil {
		return bytes.TrimSpace(r.Document)
	}
	return d.JSON()
}

// read returns the document, and an error where this program can't read it.
func (r storedRow) read() (resource.Document, error) {
	return resource.ParseJSON(r.Kind, r.ID, r.Document)
}
