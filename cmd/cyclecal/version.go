package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (p *program) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "The version of the program",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(p.stdout, "cyclecal %s %s/%s %s%s\n", version(), runtime.GOOS, runtime.GOARCH, runtime.Version(), commit(debug.ReadBuildInfo()))
			return failed(err)
		},
	}
}

// version is what the build recorded of itself.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

// userAgent is how the program calls itself where it asks somebody.
func userAgent() string { return "cyclecal/" + version() }

// commit names the commit of which the program was built, "" if the build did not record it: a build of a
// module by its version does not, nor one with -buildvcs=false.
func commit(info *debug.BuildInfo, ok bool) string {
	if !ok {
		return ""
	}
	recorded := map[string]string{}
	for _, s := range info.Settings {
		recorded[s.Key] = s.Value
	}
	if recorded["vcs.revision"] == "" {
		return ""
	}
	text := " commit " + recorded["vcs.revision"]
	if at := recorded["vcs.time"]; at != "" {
		text += " of " + at
	}
	if recorded["vcs.modified"] == "true" {
		text += ", changed since"
	}
	return text
}
