package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// origins tell, by the name of the flag, where a setting that is not from the command line comes from: an
// environment variable, or a place in a file.
type origins map[string]string

// locate adds to each fault where the setting comes from that the fault names.
func (from origins) locate(faults ...error) error {
	named := regexp.MustCompile(`--[a-z-]+`)
	var told []error
	for _, err := range faults {
		if err == nil {
			continue
		}
		for _, name := range named.FindAllString(err.Error(), -1) {
			if place := from[name[2:]]; place != "" {
				err = fmt.Errorf("%s: %w", place, err)
				break
			}
		}
		told = append(told, err)
	}
	return errors.Join(told...)
}

// openSecrets returns a warning about a file of settings that may have a password and that everybody can
// read, or "". It is only a warning, since files that Kubernetes mounts are readable in this way, but only
// within the container.
func (from origins) openSecrets(config string) string {
	info, err := os.Stat(config)
	const everybody = 0o004
	if config == "" || err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&everybody == 0 {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(from)) {
		if slices.Contains([]string{"database", "notify", "sync-proxy"}, name) && strings.HasPrefix(from[name], config+":") {
			return "everybody on this machine can read the configuration, which has " + name + " and so may have a password: chmod o-r " + config
		}
	}
	return ""
}
