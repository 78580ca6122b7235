package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/cyclecal/cyclecal/api/auth"
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

// TestDeployedMarks holds that a search for one mark finds all that is nobody's, that no server starts with it, and
// that what is commented is right once it is not.
func TestDeployedMarks(t *testing.T) {
	manifests := deployFile(t, "kubernetes.yaml")
	head, body, _ := strings.Cut(manifests, "\napiVersion:")
	for _, name := range []string{"base-url: ", "image: ", "trusted-proxies: [", "--from-file=ca.crt="} {
		if !strings.Contains(body, name+"CHANGE-ME") {
			t.Errorf("%s has no mark", name)
		}
	}
	for _, name := range []string{"base-url", "image", "trusted-proxies", "host", "password", "database-ca"} {
		if !strings.Contains(head, name) {
			t.Errorf("the list before has no %s", name)
		}
	}
	for _, bad := range []string{"example.com", "10.0.0.0/8"} {
		if strings.Contains(body, bad) {
			t.Errorf("%s stands there as if it were somebody's", bad)
		}
	}
	for document := range strings.SplitSeq(uncommented(t, "apiVersion:"+body), "\n---\n") {
		var m struct{ Data map[string]string }
		if err := yaml.Unmarshal([]byte(document), &m); err != nil {
			t.Fatal(err)
		}
		config := m.Data["config.yaml"]
		if config == "" {
			continue
		}
		c := configFile{name: "config.yaml", flags: serveSettings(), from: origins{}, seen: map[string]int{}}
		if err := c.read([]byte(config)); err != nil || c.flags.Lookup("trusted-proxies").Value.String() != "CHANGE-ME" {
			t.Errorf("the settings with what was commented: %v", err)
		}
	}
	if _, err := checkBaseURL("CHANGE-ME"); err == nil {
		t.Error("the mark is taken for a base URL, want a server that does not start")
	}
	if _, err := auth.ParseProxies("CHANGE-ME"); err == nil {
		t.Error("the mark is taken for a proxy, want a server that does not start")
	}
}

// uncommented returns the manifests with what is there for those who need it.
func uncommented(t *testing.T, manifests string) string {
	t.Helper()
	all := regexp.MustCompile(`(?m)^( +)# (trusted-proxies: |- \{?name: database-ca|  configMap: )`).ReplaceAllString(manifests, "$1$2")
	if strings.Count(all, "# ")+4 != strings.Count(manifests, "# ") {
		t.Error("want 4 lines that are commented out: trusted-proxies, a mount, and a volume in two")
	}
	return all
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
