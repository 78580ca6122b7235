package api_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cyclecal/cyclecal/api"
)

// pipes is a listener whose connections have no network in them, so that a test's clock holds for them.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	conn, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (p pipes) Close() error {
	close(p)
	return nil
}

func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// piped serves with the deadlines of the program, and returns a client.
func piped(t *testing.T, c api.Config) *http.Client {
	t.Helper()
	listener := make(pipes)
	server := &http.Server{Handler: newHandler(t, c), ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 30 * time.Second}
	go func() { _ = server.Serve(listener) }()
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		listener <- far
		return near, nil
	}}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = server.Close()
		time.Sleep(time.Minute) // whoever still sends notices it
		synctest.Wait()
	})
	return &http.Client{Transport: transport}
}

// drip sends a list in pieces, with a pause after each.
type drip struct {
	piece string
	times int
	pause time.Duration
	next  strings.Reader
}

func (d *drip) Read(p []byte) (int, error) {
	if d.next.Len() == 0 {
		if d.times == 0 {
			return 0, io.EOF
		}
		d.times--
		time.Sleep(d.pause)
		d.next.Reset(d.piece)
	}
	return d.next.Read(p)
}

func send(t *testing.T, client *http.Client, query string, list io.Reader) (*http.Response, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://cal.example.com/api/v1/devices"+query, list)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/csv")
	return client.Do(r)
}

const aDevice = "26100.8655,Windows 11 Enterprise\n"

// A list that takes minutes gets through, as long as it moves.
func TestLongList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := piped(t, api.Config{PublicDevices: true})
		list := &drip{piece: strings.Repeat(aDevice, 1000), times: 200, pause: time.Second}
		answer, err := send(t, client, "", io.MultiReader(strings.NewReader("OSVersion,OS\n"), list))
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil || !strings.Contains(string(body), `"rows":200000,`) {
			t.Errorf("answer %.200s, %v, want 200,000 rows", body, err)
		}
	})
}

// Who sends a byte now and then is cut off.
func TestSlowList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := piped(t, api.Config{PublicDevices: true})
		started := time.Now()
		answer, err := send(t, client, "", io.MultiReader(strings.NewReader("OSVersion,OS\n"), &drip{piece: aDevice, times: 1000, pause: time.Second}))
		if took := time.Since(started); took > 30*time.Second {
			t.Errorf("it took %v to be cut off, want seconds", took)
		}
		if err != nil {
			return // cut off before it could be told
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusRequestTimeout {
			t.Errorf("status %d, want %d", answer.StatusCode, http.StatusRequestTimeout)
		}
	})
}

// The rows come while the list is sent; who does not take them is cut off, and so is who breaks off.
func TestRowsStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := piped(t, api.Config{PublicDevices: true})
		list, more := io.Pipe()
		go func() {
			_, _ = io.WriteString(more, "OSVersion,OS\n"+strings.Repeat(aDevice, 10_000))
		}()
		answer, err := send(t, client, "?output=csv", list)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		lines := bufio.NewReader(answer.Body)
		for range 100 {
			if _, err := lines.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
		_ = more.CloseWithError(errors.New("gone"))
		if _, err := io.Copy(io.Discard, lines); err == nil {
			t.Error("half an answer ended like a whole one, want an error")
		}
	})
}

func TestRowsNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan struct{})
		client := piped(t, api.Config{PublicDevices: true, Count: func(string, string, int, time.Duration) { close(ended) }})
		answer, err := send(t, client, "?output=csv", io.MultiReader(strings.NewReader("OSVersion,OS\n"), &drip{piece: strings.Repeat(aDevice, 1000), times: 1000}))
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		select {
		case <-ended:
		case <-time.After(time.Minute):
			t.Error("the request still goes on after a minute, want it cut off")
		}
	})
}

// A list that is larger than the service takes is refused.
func TestLargeList(t *testing.T) {
	s := newSite(t, api.Config{PublicDevices: true, MostDevices: 1 << 20})
	list := "OSVersion,OS\n" + strings.Repeat(aDevice, 40_000)
	answer := s.send(request{method: "POST", target: "/api/v1/devices", headers: []string{"Content-Type: text/csv"}, body: list})
	if answer.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(answer.body, "want at most 1 MiB") {
		t.Errorf("status %d, %s, want 413 and the limit", answer.StatusCode, answer.body)
	}
}
