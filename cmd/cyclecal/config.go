package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// settings sets each flag that is not on the command line from the environment or, if it is not there
// either, from the file that --config names. It returns all faults in one error.
func (p *program) settings(flags *pflag.FlagSet) (origins, error) {
	typed := map[string]bool{}
	flags.Visit(func(f *pflag.Flag) { typed[f.Name] = true })
	fault := p.fromEnvironment(flags, append(settingNames(flags), "config")...)
	from := origins{}
	flags.Visit(func(f *pflag.Flag) {
		if !typed[f.Name] {
			from[f.Name] = variableOrigin(f.Name)
		}
	})
	name := flags.Lookup("config").Value.String()
	if name == "" {
		return from, fault
	}
	body, err := readConfig(name)
	if err != nil {
		return from, errors.Join(usageError{fmt.Errorf("--config: %w", unreadable(err, "want a file of settings"))}, fault)
	}
	file := configFile{name: name, flags: flags, from: from, seen: map[string]int{}}
	return from, errors.Join(file.read(body), fault)
}

// variable is the name by which the environment sets a flag.
func variable(flag string) string {
	return "CYCLECAL_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

const mostConfig = 1 << 20

func readConfig(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, mostConfig+1))
	if err == nil && len(body) > mostConfig {
		err = fmt.Errorf("%s is longer than 1 MiB", name)
	}
	return body, err
}

// configFile reads a file of settings into flags: one map, whose keys are their names.
type configFile struct {
	name   string
	flags  *pflag.FlagSet
	from   origins
	seen   map[string]int // the line of each key
	faults []error
}

func (c *configFile) read(body []byte) error {
	root, err := loadConfig(body)
	if load, ok := errors.AsType[*yaml.LoadError](err); ok {
		c.fault(load.Mark.Line, load.Mark.Column, "no YAML: %s: %s", load.Message, yamlHint(body, load))
	} else if err != nil {
		c.fault(1, 1, "no YAML: %v: want lines such as listen: 127.0.0.1:8080", err)
	}
	if root != nil {
		c.all(root)
	}
	if len(c.faults) == 0 {
		return nil
	}
	heading := errors.New("something is wrong with the configuration:") //nolint:revive,staticcheck // lines follow
	return errors.Join(append([]error{inFileError{error: badInput(heading)}}, c.faults...)...)
}

// yamlHint says what most often is meant where a parser stops.
func yamlHint(body []byte, load *yaml.LoadError) string {
	lines := strings.Split(string(body), "\n")
	line := lines[max(0, min(load.Mark.Line, len(lines))-1)]
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	switch {
	case strings.Contains(indent, "\t"):
		return "the line begins with a tab, and YAML wants spaces"
	case strings.Contains(load.Message, "escape") || strings.Contains(load.Message, "hexadecimal"):
		return singleQuotes
	}
	return "want lines such as listen: 127.0.0.1:8080"
}

const singleQuotes = `a \ in double quotes begins an escape: want single quotes, such as 'C:\ProgramData\Cyclecal'`

// loadConfig returns the one document of a file, nil where it has none.
func loadConfig(body []byte) (*yaml.Node, error) {
	const deepest = 10
	loader, err := yaml.NewLoader(bytes.NewReader(body), yaml.WithUniqueKeys(false),
		yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(deepest), loaderlimits.AliasNone())))
	if err != nil {
		return nil, err
	}
	var first, second yaml.Node
	err = loader.Load(&first)
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := loader.Load(&second); !errors.Is(err, io.EOF) {
		return nil, cmp.Or(err, errors.New("a second document"))
	}
	if first.Kind == yaml.DocumentNode && len(first.Content) == 1 {
		return first.Content[0], nil
	}
	return &first, nil
}

func (c *configFile) fault(line, column int, format string, values ...any) {
	text := plain(fmt.Sprintf("%s:%d:%d: ", c.name, line, column) + fmt.Sprintf(format, values...))
	c.faults = append(c.faults, inFileError{line, column, badInput(errors.New(text))})
}

func (c *configFile) all(root *yaml.Node) {
	if root.Tag == "!!null" {
		return // nothing but comments
	}
	if root.Kind != yaml.MappingNode {
		c.fault(root.Line, root.Column, "want one map of settings, such as listen: 127.0.0.1:8080")
		return
	}
	for pair := range slices.Chunk(root.Content, 2) {
		c.setting(pair[0], pair[1])
	}
}

// setting sets one flag. A value that the command line or the environment overrides is checked, too.
func (c *configFile) setting(key, value *yaml.Node) {
	name := key.Value
	f := c.flags.Lookup(name)
	if f == nil || name == "help" || name == "config" {
		c.fault(key.Line, key.Column, "%q is no setting: %s", name, meant(name, settingNames(c.flags)))
		return
	}
	if line := c.seen[name]; line > 0 {
		c.fault(key.Line, key.Column, "%s is there twice: want it once; the first is in line %d", name, line)
		return
	}
	c.seen[name] = key.Line
	text, want := settingText(f, value)
	if want != "" {
		c.fault(value.Line, value.Column, "%s: want %s", name, want)
		return
	}
	if f.Changed {
		return
	}
	if err := c.flags.Set(name, text); err != nil {
		c.fault(value.Line, value.Column, "%v", err)
		return
	}
	c.from[name] = fmt.Sprintf("%s:%d:%d", c.name, value.Line, value.Column)
}

// settingText is a value as the flag takes it, or what would have been right.
func settingText(f *pflag.Flag, value *yaml.Node) (text, want string) {
	separator, listed := separators()[f.Name]
	isBool := value.Kind == yaml.ScalarNode && value.Tag == "!!bool"
	switch {
	case value.Kind == yaml.SequenceNode && listed:
		return listText(value, separator)
	case f.Value.Type() == "bool" && !isBool:
		return "", "true or false"
	case f.Value.Type() == "int" && value.Tag != "!!int":
		return "", "a whole number"
	case f.Value.Type() == "bool", f.Value.Type() == "int":
		return value.Value, ""
	case isBool && f.NoOptDefVal != "": // true is the flag without a value, and false is no flag
		return map[bool]string{true: f.NoOptDefVal}[strings.EqualFold(value.Value, "true")], ""
	case value.Kind == yaml.ScalarNode && value.Tag != "!!str" && f.Name == "listen":
		return "", `HOST:PORT, such as "127.0.0.1:8080" or ":8080"; leave the line out for the default`
	case value.Kind == yaml.ScalarNode && value.Style&yaml.DoubleQuotedStyle != 0 && strings.ContainsFunc(value.Value, unmeant):
		return "", "no character that can't be seen: " + singleQuotes
	case value.Kind != yaml.ScalarNode || value.Tag != "!!str":
		return "", "text, in quotes where YAML takes it for something else; leave the line out for the default"
	}
	return value.Value, ""
}

// unmeant reports whether nobody meant a character. Double quotes make such ones of a path of Windows, as \n and \t
// are escapes of YAML.
func unmeant(r rune) bool { return r != ' ' && (unicode.IsControl(r) || unicode.IsSpace(r)) }

// separators are those of the settings that can be lists.
func separators() map[string]string {
	return map[string]string{"sync": ",", "trusted-proxies": ",", "notify": " "}
}

func listText(list *yaml.Node, separator string) (text, want string) {
	var parts []string
	for _, item := range list.Content {
		if item.Kind != yaml.ScalarNode || item.Tag != "!!str" || item.Value == "" || strings.Contains(item.Value, separator) {
			return "", "a list of texts, without " + fmt.Sprintf("%q", separator) + " in them"
		}
		parts = append(parts, item.Value)
	}
	return strings.Join(parts, separator), ""
}

// settingNames are those that a file of settings can have.
func settingNames(flags *pflag.FlagSet) []string {
	var names []string
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Name != "help" && f.Name != "config" {
			names = append(names, f.Name)
		}
	})
	return names
}

// fromEnvironment sets each of these flags that is not on the command line from its environment variable.
func (p *program) fromEnvironment(flags *pflag.FlagSet, names ...string) error {
	var faults []error
	for _, name := range names {
		value := p.getenv(variable(name))
		if flags.Changed(name) || value == "" {
			continue
		}
		err := flags.Set(name, value)
		if bad, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
			err = wrongValue(bad)
		}
		if err != nil {
			faults = append(faults, usageError{fmt.Errorf("%s: %w", variableOrigin(name), err)})
		}
	}
	return errors.Join(faults...)
}
