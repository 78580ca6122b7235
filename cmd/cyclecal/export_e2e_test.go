//go:build e2e

package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// TestExportedLinksOfAll follows every link of the whole history's export.
func TestExportedLinksOfAll(t *testing.T) {
	checkExport(t, 20_000, "--ring", "broad:9/5/2")
}

// TestExportInBrowser lets Chromium read an export from a web server and from the disk.
func TestExportInBrowser(t *testing.T) {
	dir := exportForTest(t, "--as-of", "2026-11-20")
	host := httptest.NewServer(http.StripPrefix("/some/where/", http.FileServer(http.Dir(dir))))
	defer host.Close()
	checks := runBrowser(t, "files.mjs", browserTask{Chromium: installed(t, "chromium"), Home: host.URL + "/some/where/", Folder: dir})
	for _, c := range checks {
		t.Run(c.Name, func(t *testing.T) {
			t.Logf("%d ms", c.MS)
			for _, fault := range c.Faults {
				t.Error(fault)
			}
		})
	}
	if len(checks) != 2 {
		t.Errorf("%d checks ran, want 2", len(checks))
	}
}
