package main

import (
	"bytes"
	"testing"

	"github.com/cyclecal/cyclecal/cycle/catalog"
	"github.com/cyclecal/cyclecal/cycle/resource"
)

// Every fact of the history can be read as a document, changed and written again.
func TestGroundDocuments(t *testing.T) {
	ground, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[key]bool{}
	for _, d := range documentsOf(ground) {
		k := key{string(d.Kind), d.ID}
		if seen[k] {
			t.Errorf("two facts are called %v: one hides the other", k)
		}
		seen[k] = true
		again, err := resource.ParseJSON(d.Kind, d.ID, d.JSON())
		if err != nil || !bytes.Equal(again.JSON(), d.JSON()) {
			t.Errorf("%v = %s reads back as %s, %v", k, d.JSON(), again.JSON(), err)
		}
	}
}
