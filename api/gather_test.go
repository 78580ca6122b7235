package api

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

// gathered serves random bytes, as many as the path says, on connections that gather.
func gathered(t *testing.T) (url string, body []byte) {
	t.Helper()
	body = bytes.Repeat([]byte("0123456789abcdefghijklmnopqrstuvwxyz!"), 3000)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		size, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header()["Content-Length"] = []string{strconv.Itoa(size)}
		writeBody(w, r, body[:size])
	}))
	server.Listener = Gathering(server.Listener)
	server.Config.ConnContext = ConnContext
	server.Start()
	t.Cleanup(server.Close)
	return server.URL, body
}

// Answers of every length around the buffers of net/http arrive whole, one after the other on one connection.
func TestGatheredAnswers(t *testing.T) {
	url, body := gathered(t)
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	from := bufio.NewReader(c)
	var sizes []int
	for _, near := range []int{0, 2048, 3960, 4096, 8056, 8192, 70_000, 100_000} { // headers take some 130 bytes
		for size := max(near-100, 0); size < near+100; size++ {
			sizes = append(sizes, size)
		}
	}
	for i, size := range sizes {
		method := []string{http.MethodGet, http.MethodGet, http.MethodHead}[i%3]
		line := fmt.Sprintf("%s /%d HTTP/1.1\r\nHost: x\r\n\r\n", method, size)
		if _, err := io.WriteString(c, line+line); err != nil { // the second waits for the first
			t.Fatal(err)
		}
		for range 2 {
			answer, err := http.ReadResponse(from, &http.Request{Method: method})
			if err != nil {
				t.Fatalf("%s of %d bytes: %v", method, size, err)
			}
			got, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			want := body[:size]
			if method == http.MethodHead {
				want = nil
			}
			if err != nil || !bytes.Equal(got, want) || answer.ContentLength != int64(size) {
				t.Fatalf("%s of %d bytes = %d, Content-Length %d, %v", method, size, len(got), answer.ContentLength, err)
			}
		}
	}
}

// pair returns both ends of a connection, the first one gathering.
func pair(t *testing.T) (*gatheringConn, net.Conn) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l = Gathering(l)
	t.Cleanup(func() { _ = l.Close() })
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	accepted, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { accepted.Close() })
	c, ok := accepted.(*gatheringConn)
	if !ok {
		t.Fatalf("Accept() = %T, want a gathering connection", accepted)
	}
	return c, client
}

// The first part waits for the second, and then both leave in their order; what is longer than a buffer never waits.
func TestHoldBack(t *testing.T) {
	c, client := pair(t)
	long := strings.Repeat("x", 5000)
	for _, tt := range []struct {
		first, second string
		held          int
	}{{"headers and", " the body", 11}, {"headers and", long, 11}, {long, "the rest", 0}} {
		c.holding = true
		if n, err := io.WriteString(c, tt.first); n != len(tt.first) || err != nil {
			t.Fatalf("first part: %d, %v", n, err)
		}
		c.holding = false
		if held := c.part != nil; held != (tt.held > 0) || held && c.size != tt.held {
			t.Errorf("%.20q: %d bytes are held back (%v), want %d", tt.first, c.size, held, tt.held)
		}
		if n, err := io.WriteString(c, tt.second); n != len(tt.second) || err != nil || c.part != nil {
			t.Fatalf("second part: %d, %v; want nothing held back", n, err)
		}
		got := make([]byte, len(tt.first)+len(tt.second))
		if _, err := io.ReadFull(client, got); err != nil || string(got) != tt.first+tt.second {
			t.Errorf("arrived: %.40q, %v, want %.40q", got, err, tt.first+tt.second)
		}
	}
}

// A connection that is gone is told as such, and closed: nothing can follow on it.
func TestHoldBackFromNobody(t *testing.T) {
	c, _ := pair(t)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c.holding = true
	if _, err := io.WriteString(c, "headers"); err != nil {
		t.Fatalf("what is held back = %v, want it to be found out later", err)
	}
	if _, err := io.WriteString(c, "body"); err == nil || c.part != nil {
		t.Errorf("sent to nobody: %v, want an error", err)
	}
}

// What could be sent in part only breaks the connection: no client takes it for whole, or for the answer to its next request.
func TestGatheredInPart(t *testing.T) {
	body := make([]byte, 32<<20) // more than the system takes for a client that does not read
	over := make(chan struct{}, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		patience, err := time.ParseDuration(r.URL.Query().Get("patience"))
		if err == nil {
			err = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(patience))
		}
		if err != nil {
			t.Error(err)
		}
		w.Header()["Content-Length"] = []string{strconv.Itoa(len(body))}
		writeBody(w, r, body)
		over <- struct{}{}
	}))
	server.Listener = Gathering(server.Listener)
	server.Config.ConnContext = ConnContext
	server.Start()
	defer server.Close()
	for _, patience := range []string{"-1s", "50ms"} {
		c, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		line := "GET /?patience=" + patience + " HTTP/1.1\r\nHost: x\r\n\r\n"
		if _, err := io.WriteString(c, line+line); err != nil {
			t.Fatal(err)
		}
		<-over
		all, _ := io.ReadAll(c) // to the end, or to a reset
		c.Close()
		if heads := bytes.Count(all, []byte("HTTP/1.1 200 OK")); heads > 1 || len(all) >= len(body) {
			t.Errorf("in %s: %d bytes arrive with %d heads, want a part of one answer", patience, len(all), heads)
		}
	}
}
