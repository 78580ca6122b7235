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

// origins tell where the settings come from that no flag gave: a variable, or a place in a file.
type origins map[string]string

// locate says of each fault where the setting comes from that it names.
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

// fromVariable returns whether the environment gave that setting.
func (from origins) fromVariable(name string) bool {
	return from[name] == variableOrigin(name)
}

func variableOrigin(name string) string { return "environment variable " + variable(name) }

// openSecrets warns of files with secrets that everybody can read: the settings, where they may have passwords, and
// the others that are named. It is no more than a warning: what Kubernetes mounts is like that, in a container of its own.
func (from origins) openSecrets(config string, others map[string]string) []string {
	var warnings []string
	for _, name := range slices.Sorted(maps.Keys(from)) {
		if slices.Contains([]string{"database", "notify", "sync-proxy"}, name) && strings.HasPrefix(from[name], config+":") && openToAll(config) {
			warnings = append(warnings, "everybody on this machine can read the configuration, which has "+name+" and so may have a password: chmod o-r "+config)
			break
		}
	}
	for _, name := range slices.Sorted(maps.Keys(others)) {
		if openToAll(others[name]) {
			warnings = append(warnings, "everybody on this machine can read the "+name+": chmod o-r "+others[name])
		}
	}
	return warnings
}

func openToAll(file string) bool {
	const everybody = 0o004
	info, err := os.Stat(file)
	return file != "" && err == nil && runtime.GOOS != "windows" && info.Mode().Perm()&everybody != 0
}

// warnings are of what does not keep a server from starting.
func (p *program) warnings(f serveFlags) []string {
	admin, _ := p.adminFile(f) // checked before
	open := f.from.openSecrets(f.config, map[string]string{"admin-token-file": admin, "tls-key": f.tlsKey})
	return append(open, p.unknownVariables()...)
}
