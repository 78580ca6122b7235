package resource

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// readFile makes the tree of a file of YAML or JSON.
func readFile(file []byte) (node, *Fault) {
	switch {
	case len(file) > mostBytes:
		return node{}, &Fault{Detail: "file of " + itoa(len(file)) + " bytes: want at most 1 MiB"}
	case !utf8.Valid(file):
		return node{}, notUTF8(file)
	case json.Valid(file): // not all of JSON is YAML to its readers: \/ and surrogates
		return readJSON(file)
	}
	return readYAML(file)
}

func readYAML(file []byte) (node, *Fault) {
	loader, err := yaml.NewLoader(bytes.NewReader(file), yaml.WithUniqueKeys(false),
		yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(4*mostLevels), loaderlimits.AliasNone())))
	if err != nil {
		return node{}, yamlFault(err)
	}
	var first, second yaml.Node
	err = loader.Load(&first)
	if errors.Is(err, io.EOF) {
		return node{}, &Fault{Line: 1, Column: 1, Detail: "empty file: want a mapping with " + kindNames()}
	}
	if err != nil {
		return node{}, yamlFault(err)
	}
	err = loader.Load(&second)
	if err == nil {
		return node{}, &Fault{Line: second.Line, Column: second.Column, Detail: "a second YAML document: want one in a file"}
	}
	if !errors.Is(err, io.EOF) {
		return node{}, yamlFault(err)
	}
	p := yamlParser{budget{left: mostNodes}}
	root := p.value(&first, 0)
	return root, p.fault
}

func yamlFault(err error) *Fault {
	fault := &Fault{Detail: "no YAML: " + short(err.Error())}
	if load, ok := errors.AsType[*yaml.LoadError](err); ok {
		fault.Line, fault.Column = load.Mark.Line, load.Mark.Column
		fault.Detail = "no YAML: " + load.Message
	}
	fault.Detail += ": want YAML or JSON"
	return fault
}

// yamlParser makes our nodes of the library's, and refuses what JSON has not.
type yamlParser struct{ budget }

func (p *yamlParser) value(y *yaml.Node, depth int) node {
	n := node{line: y.Line, column: y.Column}
	if !p.spend(depth, y.Line, y.Column) {
		return n
	}
	switch {
	case y.Kind == yaml.DocumentNode && len(y.Content) == 1:
		return p.value(y.Content[0], depth+1)
	case y.Kind == yaml.AliasNode:
		target := p.value(y.Alias, depth+1) // a circle ends at the deepest level
		target.line, target.column = n.line, n.column
		return target
	case y.Style&yaml.TaggedStyle != 0:
		n.kind, n.text = refused, "tag "+quote(y.Tag)+": want the value without a tag"
	case y.Kind == yaml.ScalarNode:
		n.kind, n.text = scalar(y), y.Value
	case y.Kind == yaml.SequenceNode:
		n.kind = list
		for _, item := range y.Content {
			if p.fault != nil {
				break // an alias might stand for a million more
			}
			n.items = append(n.items, p.value(item, depth+1))
		}
	case y.Kind == yaml.MappingNode:
		n.kind = object
		for i := 0; i+1 < len(y.Content) && p.fault == nil; i += 2 {
			n.fields = append(n.fields, p.member(y.Content[i], y.Content[i+1], depth))
		}
	}
	return n
}

func (p *yamlParser) member(key, value *yaml.Node, depth int) member {
	m := member{name: key.Value, key: node{line: key.Line, column: key.Column}, value: p.value(value, depth+1)}
	if key.Kind != yaml.ScalarNode || key.Style&yaml.TaggedStyle != 0 {
		m.name = "?" // a key that is a list, an object or an alias: no field has this name, so it is refused
	}
	return m
}

var numberForm = regexp.MustCompile(`^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?$|^0[ox][0-9a-fA-F]+$`)

// scalar returns the kind of a scalar by the core schema of YAML 1.2, section
// 10.3.2. By YAML 1.1, 22:00 would be a number, 2026-12-18 a timestamp and no a boolean.
func scalar(y *yaml.Node) nodeKind {
	switch {
	case y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return text
	case y.Value == "" || y.Value == "~" || y.Value == "null" || y.Value == "Null" || y.Value == "NULL":
		return null
	case y.Value == "true" || y.Value == "false":
		return boolean
	case numberForm.MatchString(y.Value):
		return number
	}
	return text
}
