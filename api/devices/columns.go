package devices

import "strings"

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
	// The most reliable first: a row's build is that of the first column that has a whole one.
	buildNames = strings.Fields(`
		osbuild operatingsystembuild deviceosbuild build01 buildext build windowsbuild osbuildversion currentversion
		osversion operatingsystemversion deviceosversion osversionnumber propertiesosversion propertiesextendedinstanceviewosversion
		extendedinstanceviewosversion instanceviewosversion windowsversion lcuver version
		buildnumber osbuildnumber operatingsystembuildnumber currentbuild currentbuildnumber`)
	revisionNames = strings.Fields(`ubr osrevisionnumber osrevision revision buildrevision`)
	// Beside one of these, a column "revision" has the revision of the build; elsewhere it may be anything.
	revisedNames = strings.Fields(`osbuild operatingsystembuild deviceosbuild buildnumber osbuildnumber operatingsystembuildnumber currentbuild currentbuildnumber`)
	productNames = strings.Fields(`
		os operatingsystem osname operatingsystemname operatingsystemnameand operatingsystemnameandversion caption oscaption osplatform deviceos platform product productname osdescription
		osfriendlyname operatingsystemedition osedition edition editionid windowsedition skufamily sku ossku operatingsystemsku skunumber
		operatingsystemskunumber imagesku imagereferencesku storageprofileimagereferencesku propertiesstorageprofileimagereferencesku
		propertiesossku propertiesosname propertiesextendedinstanceviewosname extendedinstanceviewosname instanceviewosname
		displayversion osdisplayversion osversioninfo featureupdateversion releaseid osdistribution`)
)

// plainName reduces a column's name to what the tools agree on: its letters, in lower case, and digits. The
// 0 that ConfigMgr appends to the columns of its views is removed too.
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
