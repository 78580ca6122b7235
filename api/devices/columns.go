package devices

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// What columns are called, as [plainName] leaves of it. Documented at
//
//   - Intune, "All devices" and the export API (OSVersion, OS version, SkuFamily):
//     https://learn.microsoft.com/intune/intune-service/fundamentals/reports-export-graph-available-reports
//   - Graph, managedDevice (osVersion, skuFamily, skuNumber) and device (operatingSystemVersion):
//     https://learn.microsoft.com/graph/api/resources/intune-devices-manageddevice
//     https://learn.microsoft.com/graph/api/resources/device
//   - Autopatch, quality update status (Current version):
//     https://learn.microsoft.com/windows/deployment/windows-autopatch/monitor/windows-autopatch-windows-quality-update-status-report
//   - Windows Update for Business reports, UCClient (OSBuild, OSRevisionNumber, OSEdition, OSVersion, which is "24H2"):
//     https://learn.microsoft.com/windows/deployment/update/wufb-reports-schema-ucclient
//   - ConfigMgr, v_R_System (Operating_System_Name_and0, Build01, BuildExt), v_GS_OPERATING_SYSTEM (Caption0, BuildNumber0,
//     OperatingSystemSKU0), SMS_CombinedDeviceResources (DeviceOS, DeviceOSBuild):
//     https://learn.microsoft.com/intune/configmgr/develop/core/understand/sqlviews/discovery-views-configuration-manager
//     https://learn.microsoft.com/intune/configmgr/develop/reference/core/clients/manage/sms_combineddeviceresources-server-wmi-class
//   - Azure Resource Graph, machines of Azure Arc and virtual machines (properties_osVersion,
//     properties_osSku, properties_extended_instanceView_osVersion):
//     https://learn.microsoft.com/azure/azure-arc/servers/scenario-azure-resource-graph
//   - Active Directory, Get-ADComputer (OperatingSystem, OperatingSystemVersion, without a revision):
//     https://learn.microsoft.com/powershell/module/activedirectory/get-adcomputer
//   - Defender, DeviceInfo (OSBuild, OSVersionInfo, OSPlatform):
//     https://learn.microsoft.com/defender-xdr/advanced-hunting-deviceinfo-table
var (
	// The surest first: a row's build is that of the first column that has a whole one.
	buildNames = strings.Fields(`
		osbuild operatingsystembuild deviceosbuild build01 buildext build windowsbuild osbuildversion currentversion
		osversion operatingsystemversion deviceosversion osversionnumber propertiesosversion propertiesextendedinstanceviewosversion
		extendedinstanceviewosversion instanceviewosversion windowsversion lcuver version
		buildnumber osbuildnumber operatingsystembuildnumber currentbuild currentbuildnumber`)
	revisionNames = strings.Fields(`ubr osrevisionnumber osrevision revision buildrevision`)
	// Beside these a bare "revision" is that of the build; elsewhere it may be that of anything.
	revisedNames = strings.Fields(`osbuild operatingsystembuild deviceosbuild buildnumber osbuildnumber operatingsystembuildnumber currentbuild currentbuildnumber`)
	productNames = strings.Fields(`
		os operatingsystem osname operatingsystemname operatingsystemnameand operatingsystemnameandversion caption oscaption osplatform deviceos platform product productname osdescription
		osfriendlyname operatingsystemedition osedition edition editionid windowsedition skufamily sku ossku operatingsystemsku skunumber
		operatingsystemskunumber imagesku imagereferencesku storageprofileimagereferencesku propertiesstorageprofileimagereferencesku
		propertiesossku propertiesosname propertiesextendedinstanceviewosname extendedinstanceviewosname instanceviewosname
		displayversion osdisplayversion osversioninfo featureupdateversion releaseid osdistribution`)
)

// plainName leaves of a column's name what the tools agree on: small letters and digits. The 0 that
// ConfigMgr puts behind the columns of its views goes too.
func plainName(header string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		}
		return -1
	}, header)
	if cut, ok := strings.CutSuffix(name, "0"); ok && cut != "" && cut[len(cut)-1] > '9' {
		return cut
	}
	return name
}

// columns are where a list has what is asked of it.
type columns struct {
	builds, revisions, products []int
	skus                        []int // those of products in which a number is an edition
}

// all are the columns that decide what a row means.
func (c columns) all() []int { return slices.Concat(c.builds, c.revisions, c.products) }

// find finds the columns of a header.
func find(header []string, o Options) (columns, error) {
	var plain []string
	for _, h := range header {
		plain = append(plain, plainName(h))
	}
	c := columns{builds: known(plain, buildNames), revisions: known(plain, revisionNames), products: known(plain, productNames)}
	for _, named := range []struct {
		what, column string
		to           *[]int
	}{{"build_column", o.BuildColumn, &c.builds}, {"product_column", o.ProductColumn, &c.products}} {
		if named.column == "" {
			continue
		}
		at := slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(strings.TrimSpace(h), strings.TrimSpace(named.column)) })
		if at < 0 {
			return columns{}, &HeaderError{Parameter: named.what, Asked: named.column, Headers: header}
		}
		*named.to = []int{at}
	}
	if len(c.builds) == 0 {
		return columns{}, &HeaderError{Parameter: "build_column", Headers: header}
	}
	if !slices.ContainsFunc(c.builds, func(i int) bool { return slices.Contains(revisedNames, plain[i]) }) {
		c.revisions = slices.DeleteFunc(c.revisions, func(i int) bool { return plain[i] == "revision" })
	}
	for _, i := range c.products {
		if strings.Contains(plain[i], "sku") {
			c.skus = append(c.skus, i)
		}
	}
	return c, nil
}

// known returns where those names stand, in the order of the names.
func known(plain, names []string) []int {
	var list []int
	for _, name := range names {
		for i, p := range plain {
			if p == name {
				list = append(list, i)
			}
		}
	}
	return list
}

// HeaderError says that a list has no column that is needed.
type HeaderError struct {
	// Parameter is what would name the column: build_column or product_column.
	Parameter string
	// Asked is the column that was named, or "" where none was and none is known.
	Asked string
	// Headers are the columns that there are.
	Headers []string
}

func (e *HeaderError) Error() string {
	const most, width = 40, 60
	var seen []string
	for _, h := range e.Headers[:min(len(e.Headers), most)] {
		if runes := []rune(strings.ToValidUTF8(h, "\uFFFD")); len(runes) > width {
			h = string(runes[:width]) + "…"
		}
		seen = append(seen, fmt.Sprintf("%q", h))
	}
	if n := len(e.Headers) - most; n > 0 {
		seen = append(seen, fmt.Sprintf("and %d more", n))
	}
	what := "no column is known to hold the build"
	if e.Asked != "" {
		what = fmt.Sprintf("no column is called %.60q", e.Asked)
	}
	return what + ": want one of those there are, " + strings.Join(seen, ", ")
}

// separator finds what parts the columns: what shows a column that is known, and then the most columns.
func separator(line []byte, o Options) byte {
	best, rank := byte(','), -1
	for _, sep := range []byte{',', ';', '\t'} {
		s := scanner{sep: sep}
		var header []string
		text := bytes.Clone(line)
		for more := true; more && len(header) <= mostColumns; {
			var cell []byte
			cell, text, more = s.cut(text)
			header = append(header, string(cell))
		}
		score := len(header)
		if _, err := find(header, o); err == nil {
			score += mostCells
		}
		if score > rank {
			best, rank = sep, score
		}
	}
	return best
}
