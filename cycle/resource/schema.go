package resource

import (
	"encoding/json"
	"maps"
)

// Schema returns the JSON Schema, draft 2020-12, of a fleet file, by which editors
// complete and check it. It accepts all that [ParseFleet] accepts, and more: it can't
// say that two fields contradict each other, or that no zone has some name.
func Schema() []byte {
	properties := map[string]any{}
	for _, kind := range kinds {
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

// recordSchema returns the schema of an object with these fields and no others.
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
	if either, ok := schema["oneOf"].([]any); ok { // it is about the object, and would forbid null
		schema["oneOf"] = append([]any{map[string]any{"type": "null"}}, either...)
	}
	return schema
}
