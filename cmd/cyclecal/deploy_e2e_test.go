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
	if err := os.WriteFile(unit, []byte(unitFor(program, []string{"serve", "--config", `/etc/a "b%c".yaml`})), 0o600); err != nil {
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

// TestKubernetes decodes the manifests into the types of the Kubernetes API, in a module of its own: they would bring
// forty modules into ours.
func TestKubernetes(t *testing.T) {
	t.Parallel()
	module, manifests := t.TempDir(), deployFile(t, "kubernetes.yaml")
	source, err := os.ReadFile(filepath.Join("testdata", "kubernetes", "check.go.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(module, "main.go"), source, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"mod", "init", "check"},
		{"get", "k8s.io/api@v0.37.2", "sigs.k8s.io/yaml@v1.6.0"},
		{"build", "-mod=mod", "-gcflags=k8s.io/...=-N -l", "-o", "check", "."}, // the standard library is compiled already
	} {
		cmd := exec.Command("go", args...)
		cmd.Dir = module
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	check := func(text string) (string, error) {
		cmd := exec.Command(filepath.Join(module, "check"))
		cmd.Stdin = strings.NewReader(text)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	want := "v1/Namespace\nv1/ServiceAccount\nv1/ConfigMap\napps/v1/Deployment\nv1/Service\npolicy/v1/PodDisruptionBudget\nnetworking.k8s.io/v1/NetworkPolicy\n"
	for _, text := range []string{manifests, uncommented(t, manifests)} {
		if out, err := check(text); err != nil || out != want {
			t.Errorf("the manifests: %v\n%swant %s", err, out, want)
		}
	}
	if out, err := check(strings.Replace(manifests, "readinessProbe:", "readynessProbe:", 1)); err == nil || !strings.Contains(out, "readynessProbe") {
		t.Errorf("a field that is none is taken: %s", out)
	}
}
