//go:build e2e

package windows_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cyclecal/cyclecal/api/windows"
	"github.com/cyclecal/cyclecal/cycle"
)

// Alertmanager's own tool takes what is written, with a route that is muted in it; also the plan
// that is written as a comment.
func TestAmtool(t *testing.T) {
	ring := cycle.Ring{Name: "---", Deferral: 1, Deadline: 2, Grace: 2, Window: window(5 * time.Hour)}
	freeze := cycle.Freeze{ID: "always", From: day("2020-01-01"), To: day("2040-01-01")}
	for name, c := range map[string]windows.Calendar{
		"window": calendar(facts(), ring), "whole days": calendar(facts(), cycle.Ring{Name: "---", Deferral: 9, Deadline: 5}),
		"never": calendar(facts(), ring, freeze),
	} {
		written := render(t, windows.Alertmanager, c)
		amtool(t, name, written, "---_windows")
		if name != "whole days" { // which have no plan
			before, plan, _ := strings.Cut(written, "  # - name:")
			amtool(t, name+" by plan", before+strings.ReplaceAll("  # - name:"+plan, "  # ", "  "), "---_windows-by-plan")
		}
	}
}

func amtool(t *testing.T, name, written, muted string) {
	t.Helper()
	config := "route:\n  receiver: nobody\n  routes:\n    - receiver: nobody\n      mute_time_intervals: ['" + muted + "']\nreceivers:\n  - name: nobody\n" + written
	file := filepath.Join(t.TempDir(), "alertmanager.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "amtool", "check-config", file).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "SUCCESS") {
		t.Errorf("%s: amtool check-config: %v\n%s\n%s", name, err, out, config)
	}
}
