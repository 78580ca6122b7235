package devices

import (
	"strings"
	"testing"

	"github.com/cyclecal/cyclecal/cycle"
)

// Which tracks are left by what the cells say of the product.
func TestExcludes(t *testing.T) {
	w11, ltsc := "Windows 11 24H2", "Windows 11 Enterprise LTSC 2024"
	s25, s22 := "Windows Server 2025", "Windows Server 2022 Azure Edition"
	all := []string{w11, ltsc, s25, s22}
	for _, tt := range []struct {
		cells []string
		want  []string // those that are left
	}{
		{nil, all},
		{[]string{"Windows"}, all},
		{[]string{"Windows 11 Enterprise"}, []string{w11}},
		{[]string{"Microsoft Windows 11 Enterprise LTSC"}, []string{ltsc}},
		{[]string{"Windows", "EnterpriseS"}, []string{ltsc}},
		{[]string{"Windows", "Enterprise"}, []string{w11}},
		{[]string{"Windows", "sku 125"}, []string{ltsc}},
		{[]string{"Windows", "sku 4"}, []string{w11}},
		{[]string{"Windows", "sku 7"}, []string{s25}},
		{[]string{"Windows", "7"}, all}, // a number anywhere else
		{[]string{"Windows 11"}, []string{w11, ltsc}},
		{[]string{"Windows 11", "24H2"}, []string{w11, ltsc}}, // LTSC 2024 shows 24H2 too
		{[]string{"Windows 11", "25H2"}, []string{ltsc}},
		{[]string{"Windows Server"}, []string{s25, s22}},
		{[]string{"Windows Server 2025 Datacenter"}, []string{s25}},
		{[]string{"Windows Server 2022 Datacenter"}, nil},
		{[]string{"Microsoft Windows Server 2022 Datacenter Azure Edition"}, []string{s22}},
		{[]string{"2022-datacenter-azure-edition-hotpatch"}, []string{s22}},
		{[]string{"2025-datacenter-azure-edition"}, []string{s25}},
		{[]string{"WindowsServer2025"}, []string{s25}},
		{[]string{"Microsoft Windows NT Workstation 10.0"}, []string{w11, ltsc}},
		{[]string{"Microsoft Windows NT Advanced Server 10.0"}, []string{s25, s22}},
		{[]string{"Windows 10 Enterprise"}, []string{w11}}, // as ProductName in the registry of 11
		{[]string{"Windows 11 Enterprise multi-session", "ServerRdsh"}, []string{w11}},
		{[]string{"ServerTurbine"}, []string{s25, s22}},
		{[]string{"Windows Server 2025", "Windows 11"}, all}, // a contradiction says nothing
	} {
		var words, skus, got []string
		for _, cell := range tt.cells {
			if sku, ok := strings.CutPrefix(cell, "sku "); ok {
				skus = append(skus, sku)
			} else {
				words = append(words, cell)
			}
		}
		for _, name := range all {
			if !describe(words, skus, nil).excludes(ofTrack(cycle.Track{Name: name})) {
				got = append(got, name)
			}
		}
		if len(got) != len(tt.want) {
			t.Errorf("%q leaves %q, want %q", tt.cells, got, tt.want)
			continue
		}
		for i := range got {
			if got[i] != tt.want[i] {
				t.Errorf("%q leaves %q, want %q", tt.cells, got, tt.want)
			}
		}
	}
}
