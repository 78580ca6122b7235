//go:build e2e

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestUnit has systemd read the unit, as it ships and as it is installed for a path with odd characters,
// and judge how much it leaves to a server that was broken into.
func TestUnit(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "100% of mine")
	program := filepath.Join(dir, "cyclecal")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(t.TempDir(), "cyclecal.service")
	if err := os.WriteFile(unit, []byte(unitFor(program, []string{"serve", "--config", "/etc/a b%c.yaml"})), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("systemd-analyze", "verify", unit).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	// 2.0 of 10 is "OK" to systemd; 20 is ten times that.
	out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", unit).CombinedOutput()
	if err != nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, out)
	}
	broken := strings.Replace(systemdUnit, "NoNewPrivileges=yes", "NoNewPrivilege=yes", 1)
	if err := os.WriteFile(unit, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, _ := exec.Command("systemd-analyze", "verify", unit).CombinedOutput(); !strings.Contains(string(out), "NoNewPrivilege") {
		t.Errorf("systemd-analyze verify takes a key that is none: %s", out)
	}
}
