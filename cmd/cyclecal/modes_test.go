//go:build !windows

package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestOpenSecrets warns only of what is both open and secret, and never repeats it.
func TestOpenSecrets(t *testing.T) {
	file := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		mode os.FileMode
		from origins
		want bool
	}{
		{0o644, origins{"database": file + ":1:1"}, true},
		{0o640, origins{"database": file + ":1:1"}, false},
		{0o644, origins{"listen": file + ":1:1"}, false},
		{0o644, origins{"database": "environment variable CYCLECAL_DATABASE"}, false},
	} {
		if err := os.Chmod(file, tt.mode); err != nil {
			t.Fatal(err)
		}
		if got := tt.from.openSecrets(file); (got != "") != tt.want {
			t.Errorf("openSecrets of %o and %v = %q, want a warning: %v", tt.mode, tt.from, got, tt.want)
		}
	}
}
