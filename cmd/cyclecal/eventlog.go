package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"

	daemon "github.com/kardianos/service"
)

// logging returns the program for a service, whose output nobody sees: it writes to the log of the system instead.
func (p *program) logging(to daemon.Logger) *program {
	return &program{getenv: p.getenv, environ: p.environ, now: p.now, stdout: io.Discard, stderr: errorLog{to}, log: slog.New(newEventHandler(to))}
}

// errorLog logs what the program prints on stderr, which is why it ends.
type errorLog struct{ to daemon.Logger }

func (e errorLog) Write(b []byte) (int, error) {
	if text := strings.TrimSpace(string(b)); text != "" {
		return len(b), e.to.Error(text)
	}
	return len(b), nil
}

// eventHandler writes each record as one event. Requests are left out, unless something went wrong with
// one: the event log is for the administrators of the machine, and small.
type eventHandler struct {
	slog.Handler // writes text
	text         *bytes.Buffer
	mu           *sync.Mutex // guards text
	to           daemon.Logger
}

func newEventHandler(to daemon.Logger) eventHandler {
	text := &bytes.Buffer{}
	leaveTime := func(groups []string, a slog.Attr) slog.Attr { // an event has one of its own
		if len(groups) == 0 && a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	return eventHandler{slog.NewTextHandler(text, &slog.HandlerOptions{ReplaceAttr: leaveTime}), text, &sync.Mutex{}, to}
}

// Handle implements [slog.Handler].
func (h eventHandler) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "request" && r.Level < slog.LevelWarn {
		return nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.text.Reset()
	if err := h.Handler.Handle(ctx, r); err != nil {
		return err
	}
	text := strings.TrimSpace(h.text.String())
	switch {
	case r.Level >= slog.LevelError:
		return h.to.Error(text)
	case r.Level >= slog.LevelWarn:
		return h.to.Warning(text)
	}
	return h.to.Info(text)
}

// WithAttrs implements [slog.Handler].
func (h eventHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	h.Handler = h.Handler.WithAttrs(attrs)
	return h
}

// WithGroup implements [slog.Handler].
func (h eventHandler) WithGroup(name string) slog.Handler {
	h.Handler = h.Handler.WithGroup(name)
	return h
}
