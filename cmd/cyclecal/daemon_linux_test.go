package main

import (
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Elsewhere an install makes folders of the machine.
func TestServiceInstall(t *testing.T) {
	config := t.TempDir() + `/100% "mine".yaml`
	if err := os.WriteFile(config, []byte("listen: 127.0.0.1:0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := &fakeManager{}
	if _, err := serviceCommand(t, m, "install", "--config", config); err != nil {
		t.Fatal(err)
	}
	unit, ok := m.config.Option["SystemdScript"].(string)
	if !ok {
		t.Fatalf("options %v, want a unit", m.config.Option)
	}
	for _, want := range []string{
		`(?m)^ExecStart="/.+" "serve" "--config" %d/config.yaml$`,
		`(?m)^LoadCredential=config.yaml:/.+/100%% "mine"\.yaml$`,
	} {
		if !regexp.MustCompile(want).MatchString(unit) {
			t.Errorf("the unit has no %s:\n%s", want, unit)
		}
	}
	if !slices.Equal(m.config.Arguments, []string{"serve", "--config", config}) {
		t.Errorf("arguments %q, want serve and the file", m.config.Arguments)
	}
	odd := t.TempDir() + "/a\nUser=root"
	if err := errors.Join(os.WriteFile(config, []byte("listen: nowhere\n"), 0o600), os.WriteFile(odd, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		platform string
		args     []string
		want     string
	}{
		{"", []string{"--config", config}, `:1:9: --listen "nowhere"`},
		{"", []string{"--config", odd}, "want one without"},
		{"", []string{"--data-dir", "/srv"}, "systemd has it in /var/lib/cyclecal"},
		{"linux-openrc", nil, "there is no systemd on this machine: have its own init start cyclecal serve"},
	} {
		m := &fakeManager{platform: tt.platform}
		_, err := serviceCommand(t, m, append([]string{"install"}, tt.args...)...)
		if err == nil || !strings.Contains(err.Error(), tt.want) || len(m.calls) != 0 {
			t.Errorf("install %q with %s = %v, calls %v; want %q and none", tt.args, tt.platform, err, m.calls, tt.want)
		}
	}
}
