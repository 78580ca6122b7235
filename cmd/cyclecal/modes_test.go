//go:build !windows

package main

import (
	"os"
	"path/filepath"
	"strings"
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
		if got := tt.from.openSecrets(file, nil); (len(got) > 0) != tt.want {
			t.Errorf("openSecrets of %o and %v = %q, want a warning: %v", tt.mode, tt.from, got, tt.want)
		}
	}
}

// A server that starts with a token or a key that everybody can read says so.
func TestOpenFilesOfSecrets(t *testing.T) {
	token, key := fileWith(t, firstTestToken), fileWith(t, "")
	for mode, want := range map[os.FileMode]bool{0o644: true, 0o640: false} {
		for _, name := range []string{token, key} {
			if err := os.Chmod(name, mode); err != nil {
				t.Fatal(err)
			}
		}
		s := serveForTest(t, nil, "--listen=127.0.0.1:0", "--admin-token-file", token)
		s.stop()
		if got := strings.Contains(s.stderr.String(), "admin-token-file: chmod o-r "+token); got != want {
			t.Errorf("a token of mode %o is warned of: %v, want %v: %s", mode, got, want, s.stderr)
		}
		p := &program{getenv: func(string) string { return "" }}
		if got := len(p.warnings(serveFlags{tlsKey: key})) > 0; got != want {
			t.Errorf("a key of mode %o is warned of: %v, want %v", mode, got, want)
		}
	}
	// A file that is overridden by the environment is none of the server's.
	p := &program{getenv: func(string) string { return firstTestToken }}
	if err := os.Chmod(token, 0o644); err != nil {
		t.Fatal(err)
	}
	if got := p.warnings(serveFlags{adminTokenFile: token, from: origins{"admin-token-file": "c.yaml:1:1"}}); len(got) > 0 {
		t.Errorf("a file that is not used: %q, want no warning", got)
	}
}
