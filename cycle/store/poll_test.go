package store

import (
	"context"
	"testing"
	"time"
)

// poll calls f until it returns no error, for at most a minute.
func poll(t *testing.T, what string, f func() error) {
	t.Helper()
	deadline, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		err := f()
		if err == nil {
			return
		}
		if deadline.Err() != nil {
			t.Fatalf("%s: %v", what, err)
		}
		wait(deadline, 10*time.Millisecond)
	}
}
