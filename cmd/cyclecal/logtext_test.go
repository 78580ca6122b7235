package main

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// lineOfRequest is as the service logs it. slog adds no source and no name of its own.
func lineOfRequest(agent string) slog.Record {
	r := slog.NewRecord(time.Date(2026, 11, 22, 9, 0, 0, 1_999_999, time.FixedZone("", -7*3600)), slog.LevelInfo, "request", 0)
	r.AddAttrs(slog.String("id", "ABC"), slog.String("path", "/calendars/all.ics"), slog.Int("status", 200),
		slog.Duration("took", 12_345), slog.String("agent", agent))
	return r
}

// The log is slog's, byte for byte, whatever strangers write into it.
func TestLogIsThatOfSlog(t *testing.T) {
	var values []any
	for c := range 256 {
		values = append(values, string([]byte{byte(c)}), "before"+string([]byte{byte(c)})+"after")
	}
	values = append(values, "", "Mozilla/5.0 (X11; Linux)", "a=b", "clipped…", "clipped …", "…\"", "\xff\xfe", "é\u2028\u202e\x7f", "\" level=ERROR msg=\"forged", "\nlevel=ERROR", strings.Repeat("x", 9000),
		-1, int64(1)<<62, 1.5, true, uint8(7), nil, errors.New("a \"fault\""), time.Minute, -time.Nanosecond, time.Duration(0), time.Unix(0, 1).UTC(),
		[]string{"a b"}, map[string]int{"a": 1}, slog.GroupValue(slog.Int("a", 1)), slog.Attr{})
	for _, value := range values {
		ways := []func(*slog.Logger){
			func(l *slog.Logger) { l.Info("request", "id", "ABC", "value", value, "after", 1) },
			func(l *slog.Logger) { l.With("value", value).Warn("two words") },
			func(l *slog.Logger) { l.WithGroup("group").Error("x=y", "value", value) },
		}
		if text, ok := value.(string); ok {
			ways = append(ways,
				func(l *slog.Logger) { l.Info(text) },
				func(l *slog.Logger) { l.Info("named", text, 1) },
				func(l *slog.Logger) { _ = l.Handler().Handle(t.Context(), lineOfRequest(text)) })
		}
		for i, log := range ways {
			if got, want := logged(t, log); got != want {
				t.Errorf("way %d of %q: %q, want %q", i, value, got, want)
			}
		}
	}
}

// logged returns what is written at one instant, by us and by slog.
func logged(t *testing.T, log func(*slog.Logger)) (ours, slogs string) {
	t.Helper()
	var got, want bytes.Buffer
	to := newLineBuffer(&got)
	synctest.Test(t, func(*testing.T) {
		log(slog.New(newTextHandler(to)))
		log(slog.New(slog.NewTextHandler(&want, nil)))
	})
	to.flush()
	return got.String(), want.String()
}

// The usual line takes the short way: slog itself is not asked.
func TestLogOfRequests(t *testing.T) {
	for agent, want := range map[string]bool{"": true, "Mozilla/5.0 (X11; Linux)": true, "Mozilla/5.0 (X11; …": true, "curl…": true, "a\"b": false, "é": false} {
		if _, got := appendText(nil, lineOfRequest(agent)); got != want {
			t.Errorf("agent %q is plain: %v, want %v", agent, got, want)
		}
	}
	if _, plain := appendText(nil, slog.NewRecord(time.Time{}, slog.LevelInfo, "request", 0)); plain {
		t.Error("a line without a time is plain, want slog to leave the time out")
	}
}

// A duration has a unit in JSON too, in groups as well.
func TestLogOfDurations(t *testing.T) {
	var to bytes.Buffer
	buffer := newLineBuffer(&to)
	log, err := newLog("json", buffer)
	if err != nil {
		t.Fatal(err)
	}
	_ = log.Handler().Handle(t.Context(), lineOfRequest("curl"))
	log.Info("ending", slog.Group("of", "patience", 10*time.Second, "seconds", 10))
	buffer.flush()
	for _, want := range []string{`"took":"12.345µs"`, `"status":200`, `"of":{"patience":"10s","seconds":10}`} {
		if !strings.Contains(to.String(), want) {
			t.Errorf("the log is %s, want %s", to.String(), want)
		}
	}
}

// BenchmarkLog is what the line of a request costs.
func BenchmarkLog(b *testing.B) {
	agent := "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thu…" // clipped
	to := newLineBuffer(io.Discard)
	for name, h := range map[string]slog.Handler{"ours": newTextHandler(to), "slog": slog.NewTextHandler(to, nil)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = h.Handle(b.Context(), lineOfRequest(agent))
			}
		})
	}
}
