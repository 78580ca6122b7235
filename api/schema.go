package api

import (
	"encoding/json"
	"reflect"
	"strings"
)

func bodySchema(rt *route) map[string]any {
	switch {
	case rt.media != mediaJSON:
		return map[string]any{"type": "string"}
	case rt.document:
		return schemaOf(reflect.TypeFor[documentAnswer]())
	case rt.row == nil:
		return map[string]any{"type": "object"}
	}
	data := schemaOf(reflect.TypeOf(rt.row))
	if rt.ringRow != nil {
		data = map[string]any{"anyOf": []any{data, schemaOf(reflect.TypeOf(rt.ringRow))}}
	}
	rows := map[string]any{"type": "array", "items": map[string]any{"type": "object"}}
	if rt.list {
		rows["items"] = data
		data = rows
	}
	if rt.upload != "" { // whose rows may come back, with columns of their own
		data = map[string]any{"anyOf": []any{data, rows}}
	}
	envelope := map[string]any{
		"type": "object", "required": []string{"data", "meta"}, "additionalProperties": false,
		"properties": map[string]any{"data": data, "meta": ref("Meta")},
	}
	if !has(rt.params, "shape") {
		return envelope
	}
	return map[string]any{"anyOf": []any{envelope, rows}}
}

// schemaOf returns the JSON Schema of a view type. Pointers may be null; the tags doc,
// format and enum say what a type can't.
func schemaOf(t reflect.Type) map[string]any {
	if t == reflect.TypeFor[json.RawMessage]() {
		return map[string]any{"type": "object"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		schema := schemaOf(t.Elem())
		schema["type"] = []any{schema["type"], "null"}
		return schema
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Struct:
		return objectSchema(t)
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int, reflect.Int64:
		return map[string]any{"type": "integer"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	}
	return map[string]any{"type": "string"}
}

func objectSchema(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	for _, f := range reflect.VisibleFields(t) {
		name, rest, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			continue // an embedded struct: its fields are visible themselves
		}
		properties[name] = describeField(f)
		if rest != "omitempty" {
			required = append(required, name)
		}
	}
	return map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

func describeField(f reflect.StructField) map[string]any {
	schema := schemaOf(f.Type)
	if doc := f.Tag.Get("doc"); doc != "" {
		schema["description"] = doc
	}
	switch format := f.Tag.Get("format"); format {
	case "":
	case "month":
		schema["pattern"] = schemaMonth["pattern"]
	default:
		schema["format"] = format
	}
	if enum := f.Tag.Get("enum"); enum != "" {
		values := []any{}
		for value := range strings.SplitSeq(enum, ",") {
			values = append(values, value)
		}
		if f.Type.Kind() == reflect.Pointer {
			values = append(values, nil)
		}
		schema["enum"] = values
	}
	return schema
}
