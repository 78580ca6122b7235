package resource_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cyclecal/cyclecal/cycle/resource"
)

// FuzzParseJSON holds that what is accepted is read again from its canonical form
// to the same value, and that a file that holds it is accepted by the schema.
func FuzzParseJSON(f *testing.F) {
	for i, kind := range resource.Kinds() {
		for _, tt := range broken {
			if tt.kind == kind {
				f.Add(uint8(i), tt.id, []byte(tt.body))
			}
		}
	}
	for _, d := range fleet(f, string(read(f, "design.yaml"))) {
		for i, kind := range resource.Kinds() {
			if d.Kind == kind {
				f.Add(uint8(i), d.ID, d.JSON())
			}
		}
	}
	schema := compiled(f)
	f.Fuzz(func(t *testing.T, kind uint8, id string, body []byte) {
		start := time.Now()
		d, err := resource.ParseJSON(resource.Kinds()[int(kind)%len(resource.Kinds())], id, body)
		if took := time.Since(start); len(body) <= 1<<20 && took > time.Minute {
			t.Errorf("%d bytes took %v", len(body), took)
		}
		if err != nil {
			if _, ok := errors.AsType[resource.Faults](err); !ok {
				t.Errorf("error %v, want faults", err)
			}
			return
		}
		if d.ID != id {
			t.Errorf("id %q, want %q", d.ID, id)
		}
		roundTrip(t, d)
		file := fileOf(t, []resource.Document{d})
		if err := validate(t, schema, file); err != nil {
			t.Errorf("schema refuses %s: %v", file, err)
		}
	})
}

// FuzzParseFleet holds the same of files, in both notations.
func FuzzParseFleet(f *testing.F) {
	for _, name := range []string{"design.yaml", "oracle.yaml", "sap.yaml"} {
		f.Add(read(f, name))
		f.Add(fileOf(f, fleet(f, string(read(f, name)))))
	}
	f.Add([]byte("rings: [{id: r, deferral: &d 3, deadline: *d}]"))
	f.Add([]byte("feeds:\n- id: f\n  title: |-\n    x\n  <<: {a: !!str 1}\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		start := time.Now()
		first, err := resource.ParseFleet(file, "f")
		if took := time.Since(start); took > time.Minute {
			t.Errorf("%d bytes took %v", len(file), took)
		}
		if err != nil {
			if _, ok := errors.AsType[resource.Faults](err); !ok {
				t.Errorf("error %v, want faults", err)
			}
			return
		}
		if len(first) == 0 {
			return
		}
		for _, again := range [][]byte{fileOf(t, first), yamlOf(first)} {
			second, err := resource.ParseFleet(again, "f")
			if err != nil {
				t.Fatalf("%s: %v", again, err)
			}
			if diff := cmp.Diff(first, second, same); diff != "" {
				t.Errorf("%s (-first +second):\n%s", again, diff)
			}
		}
	})
}
