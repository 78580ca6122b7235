package api

import (
	"strings"
	"testing"
)

// TestCSVRunsNothing: no cell begins as a spreadsheet's formula does, also not in the full width of
// East Asian keyboards, which spreadsheets read like ASCII: https://owasp.org/www-community/attacks/CSV_Injection
func TestCSVRunsNothing(t *testing.T) {
	for _, text := range []string{"=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠SUM(1)", "\ufeff=1"} {
		body, err := writeCSV([]tokenRow{{ID: text}})
		if err != nil {
			t.Fatal(err)
		}
		_, row, _ := strings.Cut(string(body), "\r\n")
		if cell := strings.TrimPrefix(row, `"`); !strings.HasPrefix(cell, "'") {
			t.Errorf("%q is written as %q, want ' before it", text, row)
		}
	}
}
