package main

import (
	"fmt"
	"strings"
)

// Where the archives are published.
const releases = "https://github.com/cyclecal/cyclecal/releases/download/"

// winget is the three files that winget wants of a version: none without an archive for Windows.
func (b *build) winget(all []file) []file {
	var installers strings.Builder
	for _, f := range all {
		base, isZip := strings.CutSuffix(f.name, ".zip")
		if !isZip {
			continue
		}
		machine := "x64"
		if strings.HasSuffix(base, "_arm64") {
			machine = "arm64"
		}
		fmt.Fprintf(&installers, "- Architecture: %s\n  InstallerUrl: %s%s/%s\n  InstallerSha256: %s\n", machine, releases, b.version, f.name, strings.ToUpper(sum(f.body)))
	}
	if installers.Len() == 0 {
		return nil
	}
	manifest := func(kind, suffix, rest string) file {
		text := fmt.Sprintf("# yaml-language-server: $schema=https://aka.ms/winget-manifest.%s.1.6.0.schema.json\n"+
			"PackageIdentifier: Cyclecal.Cyclecal\nPackageVersion: %s\n%sManifestType: %s\nManifestVersion: 1.6.0\n", kind, b.number, rest, kind)
		return file{"winget/Cyclecal.Cyclecal" + suffix + ".yaml", 0o644, []byte(text)}
	}
	return []file{
		manifest("version", "", "DefaultLocale: en-US\n"),
		manifest("installer", ".installer", "InstallerType: zip\nNestedInstallerType: portable\nNestedInstallerFiles:\n"+
			"- RelativeFilePath: cyclecal.exe\n  PortableCommandAlias: cyclecal\nReleaseDate: "+b.at.Format("2006-01-02")+"\nInstallers:\n"+installers.String()),
		manifest("defaultLocale", ".locale.en-US", "PackageLocale: en-US\nPublisher: Cyclecal\nPackageName: Cyclecal\nPackageUrl: https://github.com/cyclecal/cyclecal\n"+
			"License: Apache-2.0\nShortDescription: Which Windows update restarts our machines, and when?\nMoniker: cyclecal\nTags:\n- hotpatch\n- icalendar\n- windows-update\n"),
	}
}
