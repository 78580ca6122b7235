package main

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// A connection is accepted when its client has asked, not before.
func TestAcceptWaitsForTheQuestion(t *testing.T) {
	l, err := listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	tcp, ok := l.(*net.TCPListener)
	if !ok {
		t.Fatalf("listen() = %T, want a listener of TCP", l)
	}
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := tcp.SetDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Accept(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("Accept() of a client that has not asked: %v, want it to wait", err)
	}
	if err := tcp.SetDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(client, "GET"); err != nil {
		t.Fatal(err)
	}
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	asked := make([]byte, 3)
	if _, err := io.ReadFull(c, asked); err != nil || string(asked) != "GET" {
		t.Errorf("the client asked %q, %v, want GET", asked, err)
	}
}
