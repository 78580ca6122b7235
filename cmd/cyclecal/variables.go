package main

import (
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// unknownVariables warns of variables that look like settings and are none. They are no error, as they may be
// somebody else's, such as those that Kubernetes sets for a service.
func (p *program) unknownVariables() []string {
	if p.environ == nil {
		return nil
	}
	known := p.variables()
	var warnings []string
	for _, pair := range p.environ() {
		name, value, _ := strings.Cut(pair, "=")
		if runtime.GOOS == "windows" { // whose names are the same in small letters
			name = strings.ToUpper(name)
		}
		if !strings.HasPrefix(name, "CYCLECAL_") || value == "" || slices.Contains(known, name) || ofKubernetes(name, value) {
			continue
		}
		hint := `"cyclecal help config" has all`
		if near := nearest(name, known); near != "" {
			hint = "did you mean " + near + "?"
		}
		warnings = append(warnings, "the environment has "+plain(name)+", which is no setting and changes nothing: "+hint)
	}
	slices.Sort(warnings)
	return warnings
}

// variables are those that serve and the other commands read.
func (p *program) variables() []string {
	var f serveFlags
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	f.add(flags, p.getenv)
	names := []string{adminVariable, "CYCLECAL_TOKEN", variable("config")}
	for _, name := range append(settingNames(flags), "server", "token-file") {
		names = append(names, variable(name))
	}
	return names
}

var kubernetesForm = regexp.MustCompile(`_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$`)

// ofKubernetes reports whether Kubernetes set a variable, for a service whose name begins with cyclecal.
func ofKubernetes(name, value string) bool {
	return kubernetesForm.MatchString(name) || strings.HasSuffix(name, "_PORT") && strings.Contains(value, "://")
}
