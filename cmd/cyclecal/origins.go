package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// origins tell, by the name of the flag, where a setting that is not from the command line comes from: an
// environment variable, or a place in a file.
type origins map[string]string

var flagForm = regexp.MustCompile(`--[a-z-]+`)

// locate adds to each fault where the setting comes from that the fault names.
func (from origins) locate(faults ...error) error {
	var told []error
	for _, err := range faults {
		if err == nil {
			continue
		}
		for _, name := range flagForm.FindAllString(err.Error(), -1) {
			if place := from[name[2:]]; place != "" {
				line, column := position(place)
				err = inFileError{line, column, fmt.Errorf("%s: %w", place, err)}
				break
			}
		}
		told = append(told, err)
	}
	return errors.Join(told...)
}

// inFileError is a fault in a line of the file of settings. What stands above all lines is in line 0.
type inFileError struct {
	line, column int
	error
}

func (p inFileError) Unwrap() error { return p.error }

const nowhere = math.MaxInt // the line of what is in no file

// position returns where in the file of settings a place is, or nowhere.
func position(place string) (line, column int) {
	parts := strings.Split(place, ":")
	if len(parts) < 3 {
		return nowhere, 0
	}
	line, bad := strconv.Atoi(parts[len(parts)-2])
	column, worse := strconv.Atoi(parts[len(parts)-1])
	if bad != nil || worse != nil {
		return nowhere, 0
	}
	return line, column
}

// inOrder joins faults, those in the file of settings first, by line and column.
func inOrder(faults ...error) error {
	list := apart(errors.Join(faults...))
	at := func(err error) inFileError {
		p, ok := errors.AsType[inFileError](err)
		if !ok {
			p.line = nowhere
		}
		return p
	}
	slices.SortStableFunc(list, func(a, b error) int {
		return cmp.Or(cmp.Compare(at(a).line, at(b).line), cmp.Compare(at(a).column, at(b).column))
	})
	return errors.Join(list...)
}

// apart returns the faults that were joined to one.
func apart(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var list []error
	for _, e := range joined.Unwrap() {
		list = append(list, apart(e)...)
	}
	return list
}

// fromVariable reports whether the environment gave that setting.
func (from origins) fromVariable(name string) bool {
	return from[name] == variableOrigin(name)
}

func variableOrigin(name string) string { return "environment variable " + variable(name) }

// openSecrets warns of files with secrets that everybody can read: the settings, where they may have passwords, and
// the others, by their flags. They are no error, as what Kubernetes mounts is like that, in a container of its own.
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
