package windows_test

import (
	"slices"
	"testing"

	"github.com/cyclecal/cyclecal/api/windows"
)

// FuzzParseFormat holds that the listed names alone are formats, and are written as they were.
func FuzzParseFormat(f *testing.F) {
	for _, s := range append(windows.Names(), "", "Azure", "\xff") {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		format, err := windows.ParseFormat(s)
		if listed := slices.Contains(windows.Names(), s); listed != (err == nil) || listed && format.String() != s {
			t.Errorf("ParseFormat(%q) = %v, %v, want one of %v", s, format, err, windows.Names())
		}
	})
}
