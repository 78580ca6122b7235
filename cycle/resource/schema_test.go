package resource_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/cyclecal/cyclecal/cycle/resource"
)

func compiled(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(resource.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("fleet.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("fleet.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func validate(t testing.TB, schema *jsonschema.Schema, file []byte) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(file))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return schema.Validate(doc)
}

// TestSchema holds the schema against the parser: it takes what that takes, and
// refuses what has another shape.
func TestSchema(t *testing.T) {
	schema := compiled(t)
	for _, name := range []string{"design.yaml", "oracle.yaml", "sap.yaml"} {
		if err := validate(t, schema, fileOf(t, fleet(t, string(read(t, name))))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, file := range []string{
		`{}`, `{"rings": null}`, `{"rings": [{"id": "r"}]}`,
		`{"rings": [{"id": "r", "window": {"offset_days": 0, ` + window + `}}, {"id": "s", "window": {"weekday": "sunday", "offset_days": null, ` + window + `}}]}`,
		`{"tracks": [{"id": "t", ` + track + rule + `}], "freezes": [{"id": "f", ` + freeze + `}], "tokens": [{"id": "t", "role": "admin"}]}`,
		`{"releases": [{"id": "t.2026-01", ` + release + `, "confidence": null, "restart": null}], "notices": [{"id": "t.2026-06", ` + notice + `}]}`,
	} {
		if err := validate(t, schema, []byte(file)); err != nil {
			t.Errorf("schema refuses %s: %v", file, err)
		}
		fleet(t, file)
	}
	for _, tt := range broken {
		file := `{"` + string(tt.kind) + `": [` + withID(tt.id, tt.body) + `]}`
		if err := validate(t, schema, []byte(file)); tt.shape && err == nil {
			t.Errorf("schema accepts %s", file)
		}
	}
	for _, file := range []string{`[]`, `{"ring": []}`, `{"rings": {}}`, `{"rings": ["r"]}`, `{"rings": [{}]}`} {
		if validate(t, schema, []byte(file)) == nil {
			t.Errorf("schema accepts %s", file)
		}
	}
}

// TestSchemaDescribes holds that an editor has something to show for every field.
func TestSchemaDescribes(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(resource.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(resource.Schema(), resource.Schema()) {
		t.Error("the schema differs from one call to the next")
	}
	var walk func(at string, of map[string]any)
	walk = func(at string, of map[string]any) {
		properties, _ := of["properties"].(map[string]any)
		for name, p := range properties {
			property, _ := p.(map[string]any)
			if text, _ := property["description"].(string); text == "" {
				t.Errorf("%s/%s has no description", at, name)
			}
			walk(at+"/"+name, property)
			items, _ := property["items"].(map[string]any)
			walk(at+"/"+name, items)
		}
	}
	walk("", schema)
}
