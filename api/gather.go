package api

import (
	"context"
	"net"
	"net/http"
	"runtime"
	"sync"
)

// Gathering returns a listener whose connections can send an answer in one system call: net/http
// sends its headers and what follows the first 4 KB of its body in two. The server must have
// [ConnContext]. Over TLS nothing is gathered.
func Gathering(l net.Listener) net.Listener {
	return &gatheringListener{l, &sync.Pool{New: func() any { return new(firstPart) }}}
}

// ConnContext is that of a server on a listener of [Gathering].
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	if c, ok := c.(*gatheringConn); ok {
		return context.WithValue(ctx, connKey{}, c)
	}
	return ctx
}

type connKey struct{}

type gatheringListener struct {
	net.Listener
	parts *sync.Pool // of *firstPart
}

func (l *gatheringListener) Accept() (net.Conn, error) {
	runtime.Gosched() // serves who came before on this core: waking another one costs more than most answers
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok && err == nil {
		return &gatheringConn{TCPConn: tcp, parts: l.parts}, nil
	}
	return c, err
}

// firstPart is what net/http sends first of a longer answer: its buffer, which is full.
type firstPart [4 << 10]byte

// gatheringConn holds back the first part of an answer until the second is there. In HTTP/1.1 only
// one goroutine writes at a time.
type gatheringConn struct {
	*net.TCPConn
	parts   *sync.Pool
	holding bool
	part    *firstPart // nil where nothing is held back
	size    int
}

func (c *gatheringConn) Write(p []byte) (int, error) {
	switch {
	case c.part != nil:
		return len(p), c.send(p)
	case c.holding && len(p) <= len(c.part):
		c.part, _ = c.parts.Get().(*firstPart)
		c.size = copy(c.part[:], p)
		return len(p), nil
	}
	return c.TCPConn.Write(p)
}

// send sends what was held back, and p.
func (c *gatheringConn) send(p []byte) error {
	part := c.part
	c.part = nil
	both := net.Buffers{part[:c.size], p}
	_, err := both.WriteTo(c.TCPConn)
	c.parts.Put(part)
	return err
}

// writeBody writes a whole body, and what stands before it with it. Where its first part is held back,
// net/http has the rest in its buffer, and sends it when the request is done: a buffer is emptied
// only for what does not fit into it, or then.
func writeBody(w http.ResponseWriter, r *http.Request, body []byte) {
	c, _ := r.Context().Value(connKey{}).(*gatheringConn)
	if c == nil || len(body) < len(c.part)/2 { // it is sent at once anyhow
		_, _ = w.Write(body) // a client that hung up gets nothing more
		return
	}
	c.holding = true
	_, _ = w.Write(body)
	c.holding = false
}
