package store

import (
	"testing"
	"time"
)

// TestConnectTimeout: a host that went without a word must not hold up the way to the next.
func TestConnectTimeout(t *testing.T) {
	for query, want := range map[string]time.Duration{
		"": 5 * time.Second, "?connect_timeout=0": 5 * time.Second, "?connect_timeout=60": 5 * time.Second, "?connect_timeout=2": 2 * time.Second,
	} {
		config, err := postgresConfig("postgres://u@one,two/cyclecal" + query)
		if err != nil {
			t.Fatal(err)
		}
		if got := config.ConnConfig.ConnectTimeout; got != want {
			t.Errorf("%q: ConnectTimeout = %v, want %v", query, got, want)
		}
	}
}
