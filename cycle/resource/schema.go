package resource

import (
	"encoding/json"
	"maps"
)

// Schema returns the JSON Schema, draft 2020-12, of a fleet file, for editors to
// complete and check it. It accepts all that [ParseFleet] accepts; what it can't
// say, that a field contradicts another or names no zone, only the latter refuses.
func Schema() []byte {
	properties := map[string]any{}
	for _, kind := range Kinds {
		properties[string(kind)] = map[string]any{
			"type":        []string{"array", "null"},
			"description": shapes[kind].doc,
			"items":       shapes[kind].form().schema,
		}
	}
	schema, err := json.MarshalIndent(map[string]any{
		"$schema":              "https://json-schema.org/draft/2020-12/schema",
		"title":                "Cyclecal fleet file",
		"description":          "The documents of a Cyclecal server, as cyclecal apply -f reads them.",
		"type":                 "object",
		"properties":           properties,
		"additionalProperties": false,
	}, "", "  ")
	if err != nil { // maps, lists, texts and numbers
		return nil
	}
	return append(schema, '\n')
}

// recordSchema is that of an object with these fields and no other.
func recordSchema(doc string, fields []field) map[string]any {
	properties, required := map[string]any{}, []string{}
	for _, f := range fields {
		properties[f.name] = fieldSchema(f)
		if f.need {
			required = append(required, f.name)
		}
	}
	return map[string]any{
		"type": "object", "description": doc, "properties": properties, "required": required, "additionalProperties": false,
	}
}

func fieldSchema(f field) map[string]any {
	schema := maps.Clone(f.form.schema)
	schema["description"] = f.doc
	if f.need {
		return schema
	}
	if names, ok := schema["enum"].([]string); ok {
		values := []any{}
		for _, name := range names {
			values = append(values, name)
		}
		schema["enum"] = append(values, nil)
		return schema
	}
	schema["type"] = []any{schema["type"], "null"}
	if either, ok := schema["oneOf"].([]any); ok { // which speaks of the object alone
		schema["oneOf"] = append([]any{map[string]any{"type": "null"}}, either...)
	}
	return schema
}
