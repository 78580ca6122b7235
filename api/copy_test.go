package api_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api"
	"github.com/cyclecal/cyclecal/cycle/catalog"
)

func newCopy(t testing.TB) *api.Copy {
	t.Helper()
	c := copyConfig(t, copyDay)
	x, err := api.NewCopy(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestX(t *testing.T) {
	start := time.Now()
	x := newCopy(t)
	n := 0
	for _, name := range x.Names() {
		b, err := x.File(t.Context(), name)
		if err != nil {
			t.Error(err)
		}
		n += len(b)
	}
	t.Log(len(x.Names()), n, time.Since(start))
}

const copyDay = "2026-11-22T08:00:00Z"

func copyConfig(t testing.TB, day string) api.Config {
	t.Helper()
	requirements, err := catalog.Requirements()
	if err != nil {
		t.Fatal(err)
	}
	return api.Config{
		Source: api.NewSnapshot(api.Contents{Revision: 1, Facts: builtIn(t)}), Now: newClock(t, day).time,
		BaseURL: "https://files.example.com/hotpatch", Log: slog.New(slog.DiscardHandler), Requirements: requirements,
	}
}
