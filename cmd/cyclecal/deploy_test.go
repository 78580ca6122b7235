package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

func deployFile(t *testing.T, name string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestDeployedConfig takes the settings in the manifests as the program would, and holds their probes to its paths.
func TestDeployedConfig(t *testing.T) {
	manifests := deployFile(t, "kubernetes.yaml")
	found := 0
	for document := range strings.SplitSeq(manifests, "\n---\n") {
		var m struct {
			Data map[string]string
			Spec struct {
				Replicas     int
				MinAvailable int `yaml:"minAvailable"`
			}
		}
		if err := yaml.Unmarshal([]byte(document), &m); err != nil {
			t.Fatal(err)
		}
		if body := m.Data["config.yaml"]; body != "" {
			found++
			c := configFile{name: "config.yaml", flags: serveSettings(), from: origins{}, seen: map[string]int{}}
			if err := c.read([]byte(body)); err != nil {
				t.Error(err)
			}
		}
		if m.Spec.Replicas == 3 || m.Spec.MinAvailable == 2 {
			found++
		}
	}
	if found != 3 {
		t.Errorf("%d of: settings, three replicas, two of them at least; want 3", found)
	}
	if !strings.Contains(manifests, "livenessProbe:\n            httpGet: {path: /healthz,") || strings.Contains(manifests, "startupProbe:") {
		t.Error("a probe that ends servers asks for more than life: a database that is away would end them")
	}
	s := serveForTest(t, nil, "--listen=127.0.0.1:0")
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, _, _ := get(t, s.url+path); status != 200 || !strings.Contains(manifests, "path: "+path) {
			t.Errorf("GET %s = %d, want 200, and a probe that asks it", path, status)
		}
	}
}

// TestUnitSettings holds that each variable in the unit, and in what the help adds to it, is a setting.
func TestUnitSettings(t *testing.T) {
	flags, found := serveSettings(), 0
	known := map[string]bool{}
	for name := range strings.FieldsSeq("data-dir config listen admin-token-file tls-cert tls-key") {
		known[variable(name)] = flags.Lookup(name) != nil
	}
	help, err := os.ReadFile(filepath.Join("help", "deploy.md"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(systemdUnit + string(help)) {
		_, after, ok := strings.Cut(line, "Environment=CYCLECAL_")
		if name, _, _ := strings.Cut(after, "="); ok {
			found++
			if !known["CYCLECAL_"+name] {
				t.Errorf("CYCLECAL_%s is no setting", name)
			}
		}
	}
	if found != 5 {
		t.Errorf("%d variables in the unit and the help, want 2 and 3", found)
	}
}
