package main

import (
	"runtime/debug"
	"testing"
)

// What a build records is as "go help buildvcs" and runtime/debug describe it.
func TestCommit(t *testing.T) {
	const text = "path\tgithub.com/cyclecal/cyclecal/cmd/cyclecal\nmod\tgithub.com/cyclecal/cyclecal\t(devel)\t\n"
	for recorded, want := range map[string]string{
		"": "",
		"build\tvcs=git\nbuild\tvcs.revision=8c6943e\nbuild\tvcs.time=2026-11-22T16:00:00Z\nbuild\tvcs.modified=false\n": " commit 8c6943e of 2026-11-22T16:00:00Z",
		"build\tvcs.revision=8c6943e\nbuild\tvcs.modified=true\n":                                                        " commit 8c6943e, changed since",
	} {
		info, err := debug.ParseBuildInfo(text + recorded)
		if err != nil {
			t.Fatal(err)
		}
		if got := commit(info, true); got != want {
			t.Errorf("commit of %q = %q, want %q", recorded, got, want)
		}
	}
}
