//go:build e2e

package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// browserCheck is what a script of testdata/browser prints of each of its checks.
type browserCheck struct {
	Name   string
	Faults []string
	MS     int
}

// browserTask tells the script where everything is.
type browserTask struct {
	Chromium string `json:"chromium"`
	Home     string `json:"home"`   // a server that names its own address
	Public   string `json:"public"` // one that names a public address
	Folder   string `json:"folder"` // for files
	Look     bool   `json:"look"`   // somebody will look at screenshots in that folder
}

// TestPageInBrowser lets Debian's Chromium read the pages, click, type and print.
func TestPageInBrowser(t *testing.T) {
	shots := os.Getenv("CYCLECAL_SCREENSHOTS")
	task := browserTask{
		Chromium: installed(t, "chromium"),
		Home:     serveForTest(t, nil, "--listen=127.0.0.1:0").url,
		Public:   serveForTest(t, nil, "--listen=127.0.0.1:0", "--base-url=https://patches.example.com").url,
		Folder:   cmp.Or(shots, t.TempDir()),
		Look:     shots != "",
	}
	checks := runBrowser(t, "checks.mjs", task)
	for _, c := range checks {
		t.Run(c.Name, func(t *testing.T) {
			t.Logf("%d ms", c.MS)
			for _, fault := range c.Faults {
				t.Error(fault)
			}
			if c.Name == "print" {
				checkPrint(t, task.Folder)
			}
		})
	}
	if only := os.Getenv("CYCLECAL_CHECK"); len(checks) < 20 && only == "" {
		t.Errorf("%d checks ran, want 20 or more", len(checks))
	}
}

// installed fails the test where a program is missing: .ci/run installs all of them.
func installed(t *testing.T, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatalf("%v: want Debian's package of it", err)
	}
	return path
}

func runBrowser(t *testing.T, script string, task browserTask) []browserCheck {
	t.Helper()
	arg, err := json.Marshal(task)
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), installed(t, "node"), filepath.Join("testdata", "browser", script), string(arg))
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	var checks []browserCheck
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var c browserCheck
		err := dec.Decode(&c)
		if err == io.EOF {
			return checks
		}
		if err != nil {
			t.Fatalf("%v in %.500s", err, out)
		}
		checks = append(checks, c)
	}
}

// checkPrint holds that the year is on the first page that comes out of the printer,
// and that no page comes after it.
func checkPrint(t *testing.T, folder string) {
	t.Helper()
	months := strings.Fields("January February March April May June July August September October November December")
	short := strings.Fields("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")
	for name, want := range map[string][]string{
		"all":  slices.Concat([]string{"Tuesday, 12 January 2027", "2026", "Windows 11 25H2", "Server 2022 Azure", "unplanned"}, short),
		"one":  slices.Concat([]string{"Tuesday, 12 January 2027", "2026", "KB5094126", "unplanned"}, months),
		"2022": slices.Concat([]string{"2022", "unplanned"}, months),
	} {
		file := filepath.Join(folder, name+".pdf")
		first := pdfText(t, file, 1)
		for _, word := range want {
			if !strings.Contains(first, word) {
				t.Errorf("%s.pdf: %q is not on the first page:\n%s", name, word, first)
			}
		}
		if second := pdfText(t, file, 2); strings.TrimSpace(second) != "" {
			t.Errorf("%s.pdf goes on on a second page:\n%s", name, second)
		}
	}
}

// pdfText is what a page of a PDF says; "" where the PDF ends before it.
func pdfText(t *testing.T, file string, page int) string {
	t.Helper()
	n := strconv.Itoa(page)
	out, err := exec.CommandContext(t.Context(), installed(t, "pdftotext"), "-layout", "-f", n, "-l", n, file, "-").Output()
	if _, ended := err.(*exec.ExitError); err != nil && (!ended || page == 1) { //nolint:errorlint // exec returns it so
		t.Fatalf("pdftotext %s: %v", file, err)
	}
	return string(out)
}
