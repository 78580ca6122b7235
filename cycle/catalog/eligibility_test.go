package catalog_test

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/cyclecal/cyclecal/cycle"
	"github.com/cyclecal/cyclecal/cycle/catalog"
)

func requirements(t testing.TB) []cycle.Requirement {
	t.Helper()
	list, err := catalog.Requirements()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Devices that meet everything, by track.
var eligible = map[string]string{
	"windows-11-25h2": "product=windows-11 edition=enterprise version=25H2 build=26200.9999 architecture=x64 licence=windows-enterprise-e3 " +
		"management=autopatch cloud=commercial vbs=true baseline=2026-10",
	"windows-11-24h2": "product=windows-11 edition=education version=24H2 build=26100.9999 architecture=arm64 licence=windows-education-a5 " +
		"management=intune cloud=gcc vbs=true chpe_disabled=true baseline=2026-10",
	"windows-11-ltsc-2024": "product=windows-11 edition=enterprise-ltsc version=24H2 build=26100.9999 architecture=x64 licence=microsoft-365-e5 " +
		"management=intune cloud=commercial vbs=true baseline=2026-10",
	"windows-server-2025": "product=windows-server-2025 edition=standard build=26100.39999 host=azure-arc secure_boot=true vbs=true baseline=2026-10",
	"windows-server-2022-azure-edition": "product=windows-server-2022 edition=datacenter-azure-edition build=20348.9999 " +
		"host=azure baseline=2026-10",
}

// candidateOf is a device that is eligible, but for the changes; "vbs=" is not known.
func candidateOf(track, changes string) cycle.Candidate {
	c := cycle.Candidate{}
	for pair := range strings.FieldsSeq(eligible[track] + " " + changes) {
		name, value, _ := strings.Cut(pair, "=")
		if c[name] = value; value == "" {
			delete(c, name)
		}
	}
	return c
}

// judge holds a candidate to the rules of a day, and tells the verdict and what is not met or not known.
func judge(t *testing.T, track, changes, asOf string) string {
	t.Helper()
	facts := load(t)
	i := slices.IndexFunc(facts, func(f cycle.Facts) bool { return f.Track.ID == track })
	findings := cycle.Compile(facts[i], day(t, asOf)).Judge(candidateOf(track, changes), requirements(t))
	got := cycle.Verdict(findings).String()
	for _, f := range findings {
		switch f.Outcome {
		case cycle.NotMet:
			got += " " + f.ID + "-"
		case cycle.Unknown:
			got += " " + f.ID + "?"
		case cycle.Met:
		}
	}
	return got
}

// What Microsoft's documents require, each met, not met and not known.
func TestEligible(t *testing.T) {
	const (
		w25, w24, ltsc   = "windows-11-25h2", "windows-11-24h2", "windows-11-ltsc-2024"
		s2025, s2022     = "windows-server-2025", "windows-server-2022-azure-edition"
		azure, elsewhere = "edition=datacenter-azure-edition host=azure", "edition=datacenter-azure-edition host=other"
	)
	for _, tt := range []struct{ track, changes, want string }{
		{w25, "product=windows-10", "not_met product-"},
		{w25, "product=windows-server-2025", "not_met product-"},
		{w25, "product=", "unknown product?"},
		{w25, "edition=home", "not_met edition-"},
		{w25, "edition=pro", "unknown edition?"}, // Business Premium is on the list of licences, Pro on none
		{w25, "edition=", "unknown edition?"},
		{w25, "edition=enterprise-ltsc", "not_met edition-"},
		{w25, "version=24H2", "not_met version-"},
		{w25, "version=26H1", "not_met version-"},
		{w25, "version=26H2", "unknown version?"}, // of which nothing was found
		{w25, "version=26H2 build=26300.8700", "unknown version? build?"},
		{w25, "version= build=26300.8700", "unknown version? build?"},
		{w25, "version=26H1 build=28000.2704", "not_met version- build-"},
		{w24, "build=26300.8700 architecture=x64", "not_met build-"},
		{w25, "build=26100.8700", "not_met build-"},
		{w25, "architecture=arm64", "unknown chpe?"},
		{w25, "architecture=arm64 chpe_disabled=false", "not_met chpe-"},
		{w25, "architecture=arm64 chpe_disabled=true", "met"},
		{w25, "architecture=", "unknown architecture? chpe?"},
		{w25, "architecture=x86", "not_met architecture-"},
		{w25, "chpe_disabled=false", "met"}, // x64 has no CHPE
		{w25, "licence=none", "not_met licence-"},
		{w25, "licence=other", "not_met licence-"},
		{w25, "licence=", "unknown licence?"},
		{w25, "licence=microsoft-365-business-premium", "met"},
		{w25, "licence=microsoft-365-f3", "met"},
		{w25, "licence=windows-365-enterprise", "met"},
		{w25, "management=wsus", "not_met management-"},
		{w25, "management=configmgr", "not_met management-"},
		{w25, "management=", "unknown management?"},
		{w25, "cloud=gcc-high", "not_met cloud-"},
		{w25, "cloud=dod", "not_met cloud-"},
		{w25, "cloud=", "unknown cloud?"},
		{w25, "vbs=false", "not_met vbs-"},
		{w25, "vbs=", "unknown vbs?"},
		{w25, "baseline=2026-07", "not_met baseline-"},
		{w25, "baseline=2026-09", "unknown baseline?"}, // no release of October is known
		{w25, "baseline= build=", "unknown build? baseline?"},
		{w25, "baseline=", "unknown baseline?"},
		{w25, "baseline= build=26200.8700", "not_met baseline-"}, // older than that of September
		{w25, "build=26200.8700", "not_met baseline-"},           // whatever was told
		{w25, "build=26200.9448", "unknown baseline?"},           // on that of September
		{w25, "baseline=2030-01", "not_met baseline-"},
		{w25, "version=", "met"}, // the branch has one
		{w25, "version= build=26100.8700", "not_met version? build-"},

		{w24, "version=25H2", "not_met version-"},
		{w24, "version=23H2", "not_met version-"},
		{w24, "build=26100.4929", "not_met baseline-"},
		{w24, "build=26100.4928", "not_met build-arm64- baseline-"},
		{w24, "build=26100.4928 architecture=x64", "not_met baseline-"},
		{w24, "build=26100.2032 architecture=x64", "not_met build- baseline-"},
		{w24, "build=26100.4928 architecture=", "not_met build-arm64? architecture? baseline-"},
		{w24, "build=", "unknown build? build-arm64?"},
		{w24, "chpe_disabled=false", "not_met chpe-"},
		{w24, "chpe_disabled=", "unknown chpe?"},

		{ltsc, "edition=enterprise", "not_met edition-"},
		{ltsc, "edition=iot-enterprise-ltsc", "unknown edition?"}, // the release notes name the other alone
		{ltsc, "version=21H2 build=", "not_met version- build?"},
		{ltsc, "architecture=arm64 chpe_disabled=true", "met"},
		{ltsc, "vbs=false licence=", "not_met licence? vbs-"},

		{s2025, "edition=datacenter", "met"},
		{s2025, "edition=other", "not_met edition-"},
		{s2025, "host=azure", "not_met arc-"}, // Standard without Arc
		{s2025, "host=", "unknown arc?"},
		{s2025, "edition=", "unknown edition? host?"},
		{s2025, azure, "met"},
		{s2025, azure + "-local", "met"},
		{s2025, elsewhere, "not_met host-"},
		{s2025, "edition=datacenter-azure-edition host=azure-arc", "not_met host-"},
		{s2025, "build=26100.1741", "not_met build- baseline-"},
		{s2025, "build=26100.1742", "not_met baseline-"},
		{s2025, "secure_boot=false", "not_met secure-boot-"},
		{s2025, "secure_boot=", "unknown secure-boot?"},
		{s2025, "vbs=false", "not_met vbs-"},
		{s2025, "baseline=2026-06", "not_met baseline-"},
		{s2025, "licence=none", "met"}, // it has been free since May 2026

		{s2022, "edition=datacenter", "not_met edition-"},
		{s2022, "edition=standard", "not_met edition-"},
		{s2022, "host=azure-local", "met"},
		{s2022, "host=azure-arc", "not_met host-"},
		{s2022, "vbs=false", "met"}, // nobody requires it
		{s2022, "product=windows-server-2019", "not_met product-"},
		{s2022, "build=20348.350", "not_met baseline-"}, // of November 2021, before the first baseline
		{s2022, "build=20348.344", "not_met baseline-"}, // the hotpatch of that month
	} {
		if got := judge(t, tt.track, tt.changes, today); got != tt.want {
			t.Errorf("%s with %q: %s, want %s", tt.track, tt.changes, got, tt.want)
		}
	}
	for track := range eligible {
		if got := judge(t, track, "", today); got != "met" {
			t.Errorf("%s, all that is required: %s, want met", track, got)
		}
	}
}

// Every single trait that decides something is not known, or wrong, without harm to the others:
// the verdict is never better than the worst of the requirements.
func TestEligibleNeverGuesses(t *testing.T) {
	for track := range eligible {
		for _, trait := range cycle.Traits() {
			if _, asked := candidateOf(track, "")[trait.Name]; !asked {
				continue
			}
			changes := trait.Name + "="
			if trait.Name == cycle.TraitBaseline || trait.Name == cycle.TraitVersion { // which a build may tell
				changes += " build="
			}
			if got := judge(t, track, changes, today); !strings.HasPrefix(got, "unknown ") {
				t.Errorf("%s without %s: %s, want unknown", track, trait.Name, got)
			}
		}
	}
	if got := judge(t, "windows-server-2025", strings.ReplaceAll(eligible["windows-server-2025"]+" ", "=", "= "), today); !strings.HasPrefix(got, "unknown") {
		t.Errorf("nothing known: %s, want unknown", got)
	}
}

// What was required on a day.
func TestEligibleAsOf(t *testing.T) {
	for _, tt := range []struct{ track, changes, asOf, want string }{
		{"windows-server-2025", "licence=none baseline=2025-04", "2025-06-30", "met"}, // preview
		{"windows-server-2025", "licence=none baseline=2025-04", "2025-07-01", "not_met arc-licence-"},
		{"windows-server-2025", "licence=arc-hotpatch baseline=2026-04", "2026-05-14", "met"},
		{"windows-server-2025", "licence= baseline=2026-04", "2026-05-14", "unknown arc-licence?"},
		{"windows-server-2025", "licence= baseline=2026-04", "2026-05-15", "met"},
		{"windows-server-2025", "licence=none edition=datacenter-azure-edition host=azure baseline=2026-04", "2026-05-14", "met"},
		{"windows-11-24h2", "baseline=2025-04", "2025-05-01", "unknown architecture?"}, // Arm64 was in preview
		{"windows-11-24h2", "baseline=2025-07", "2025-08-01", "met"},
	} {
		if got := judge(t, tt.track, tt.changes, tt.asOf); got != tt.want {
			t.Errorf("%s with %q as of %s: %s, want %s", tt.track, tt.changes, tt.asOf, got, tt.want)
		}
	}
}

// Where Microsoft's documents differ, the requirement says so, and where each of them is.
func TestEligibleDiffers(t *testing.T) {
	got := map[string]bool{}
	for _, r := range requirements(t) {
		if r.Source.Name == "" || r.Differs.Text != "" && r.Differs.Name == "" {
			t.Errorf("%s of %v has no source", r.ID, r.Tracks)
		}
		if r.Differs.Text != "" {
			got[r.ID] = true
		}
	}
	for _, id := range []string{"version", "build", "build-arm64", "edition", "management", "cloud", "arc-licence"} {
		if !got[id] {
			t.Errorf("%s does not say that documents differ", id)
		}
	}
	for _, r := range requirements(t) {
		if r.ID == "management" && r.From.IsZero() && r.Until != day(t, "2026-05-11") {
			t.Errorf("management by a policy ends on %v, want the day before hotpatching was on by default", r.Until)
		}
		if r.ID == "chpe" && (!strings.Contains(r.How, `HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management`) ||
			!strings.Contains(r.How, "HotPatchRestrictions = 1") || !strings.Contains(r.How, "System/DisableCHPE")) {
			t.Errorf("how to turn CHPE off is %q, want the registry value and the policy", r.How)
		}
	}
}

// Each trait is asked for by a requirement, and each track that goes on has some.
func TestEveryTraitCounts(t *testing.T) {
	used := map[string]bool{}
	for _, r := range requirements(t) {
		used[r.Trait] = true
		for _, track := range r.Tracks {
			used[track] = true
		}
	}
	for _, trait := range cycle.Traits() {
		if !used[trait.Name] {
			t.Errorf("nothing requires %s", trait.Name)
		}
	}
	for track := range eligible {
		if !used[track] {
			t.Errorf("%s requires nothing", track)
		}
	}
}

// smallEligibility is a table that is right, for tests to break.
const smallEligibility = `# a comment
id,tracks,trait,values,unclear,when,from,until,text,how,source,source_date,differs,differs_source,differs_date
vbs,win old,vbs,true,,,,2026-05-11,It runs.,Start it.,nav,2026-01-02,,,
vbs,win,vbs,true,,architecture=x64 arm64,2026-05-12,,It runs.,"Start it, and restart.",nav,,"No, it does not.",nav,2026-05-28
`

func smallTables(t testing.TB, text string) fstest.MapFS {
	t.Helper()
	dir := fstest.MapFS{"eligibility.csv": &fstest.MapFile{Data: []byte(text)}}
	for _, table := range small {
		dir[table.name] = &fstest.MapFile{Data: []byte(table.text)}
	}
	return dir
}

// One line that breaks a law refuses the whole, and the error says which.
func TestReadRequirements(t *testing.T) {
	if list, err := catalog.ReadRequirements(smallTables(t, smallEligibility)); err != nil || len(list) != 2 {
		t.Fatalf("ReadRequirements = %d, %v, want 2", len(list), err)
	}
	lines := strings.SplitAfter(smallEligibility, "\n")
	lines[2], lines[3] = lines[3], lines[2]
	if list, err := catalog.ReadRequirements(smallTables(t, strings.Join(lines, ""))); err != nil || len(list) != 2 {
		t.Errorf("with the later one first: ReadRequirements = %d, %v, want 2", len(list), err)
	}
	for _, tt := range []struct {
		old, new string
		line     int
		want     string
	}{
		{"win old", "win new", 3, `track "new": want an id of tracks.csv`},
		{"win old", "", 3, "no track: want at least one id of tracks.csv"},
		{"win old,vbs", "win old,vba", 3, `invalid trait "vba": want one of product, edition`},
		{"vbs,true,,,,", "vbs,yes,,,,", 3, `invalid vbs "yes": want one of true, false`},
		{"vbs,true,,,,", "vbs,,,,,", 3, `invalid values ""`},
		{"vbs,true,,,,", "vbs,true,perhaps,,,", 3, `invalid vbs "perhaps"`},
		{"=x64 arm64", "", 4, `when: invalid condition "architecture"`},
		{"=x64 arm64", "=x64 arm", 4, `invalid architecture "arm"`},
		{"architecture=", "=", 4, `when: invalid condition "=x64 arm64"`},
		{"architecture=", "colour=", 4, `invalid trait "colour"`},
		{"2026-05-11", "2026-05", 3, `until: invalid day "2026-05"`},
		{",2026-05-11", ",2026-05-12", 4, "vbs of win: is there already for some of these days"},
		{",2026-05-11", ",", 4, "vbs of win: is there already for some of these days"},
		{"2026-05-12,,", "2026-05-12,2026-05-01,", 4, `invalid until "2026-05-01"`},
		{"It runs.,Start it.,", ",Start it.,", 3, `invalid text ""`},
		{"It runs.,Start it.,", "It runs.,,", 3, `invalid how ""`},
		{"nav,2026-01-02", "hearsay,2026-01-02", 3, `source "hearsay": want an id of sources.csv`},
		{"nav,2026-01-02", "nav,yesterday", 3, `source_date: invalid day "yesterday"`},
		{"nav,2026-01-02,,,", "nav,2026-01-02,,,2026-01-02", 3, `differs: empty: want what source "" says`},
		{"nav,2026-01-02,,,", "nav,2026-01-02,,nav,", 3, `differs: empty: want what source "nav" says`},
		{"nav,2026-01-02,,,", "nav,2026-01-02,No.,,", 3, `differs_source "": want an id of sources.csv`},
		{`"No, it does not."`, "", 4, `differs: empty: want what source "nav" says`},
		{"nav,2026-05-28", ",2026-05-28", 4, `differs_source "": want an id of sources.csv`},
		{"vbs,win old", "V,win old", 3, `invalid id "V"`},
	} {
		if strings.Count(smallEligibility, tt.old) != 1 {
			t.Fatalf("%q is there %d times, want once", tt.old, strings.Count(smallEligibility, tt.old))
		}
		list, err := catalog.ReadRequirements(smallTables(t, strings.Replace(smallEligibility, tt.old, tt.new, 1)))
		if want := fmt.Sprintf("eligibility.csv:%d: %s", tt.line, tt.want); err == nil || !strings.HasPrefix(err.Error(), want) || list != nil {
			t.Errorf("with %q: %v, want %s", tt.new, err, want)
		}
	}
	if _, err := catalog.ReadRequirements(fstest.MapFS{}); err == nil {
		t.Errorf("ReadRequirements of an empty folder = nil, want %v", fs.ErrNotExist)
	}
	if list, err := catalog.ReadRequirements(os.DirFS(".")); err != nil || len(list) != len(requirements(t)) {
		t.Errorf("ReadRequirements = %d, %v, want those that are embedded", len(list), err)
	}
}

// FuzzReadRequirements: whatever is in the table, it is read or refused, and what was read can be judged by.
func FuzzReadRequirements(f *testing.F) {
	f.Add(smallEligibility, "26100.1", "true")
	f.Add(strings.ReplaceAll(smallEligibility, "vbs,true", "build,26100.1"), "26100.99999", "")
	f.Fuzz(func(t *testing.T, text, build, vbs string) {
		list, err := catalog.ReadRequirements(smallTables(t, text))
		if err != nil {
			return
		}
		for _, facts := range load(t)[:1] {
			for i := range list {
				list[i].Tracks = []string{facts.Track.ID}
			}
			findings := cycle.Compile(facts, day(t, today)).Judge(cycle.Candidate{"build": build, "vbs": vbs}, list)
			if len(findings) > len(list) {
				t.Errorf("%d findings of %d requirements", len(findings), len(list))
			}
		}
	})
}

// What the build tells of the baseline goes before what was told.
func TestEligibleBaselineByBuild(t *testing.T) {
	const off = ", a standard cumulative update: off the cycle until the next baseline"
	for _, tt := range []struct {
		build, told string
		want        cycle.Outcome
		have        string
	}{
		{"26200.9445", "2026-09", cycle.Met, "2026-09"},
		{"26200.9445", "", cycle.Met, "2026-09"},
		{"26200.9448", "", cycle.Met, "2026-09"}, // a hotpatch on it
		{"26200.9448", "2026-07", cycle.Met, "2026-09 by build 26200.9448, although 2026-07 was told"},
		{"26200.8893", "", cycle.NotMet, "2026-07"},
		{"26200.6899", "2026-09", cycle.NotMet, "2025-10 by build 26200.6899, although 2026-09 was told"},
		{"26200.9457", "2026-09", cycle.NotMet, "build 26200.9457" + off},
		{"26200.9457", "", cycle.NotMet, "build 26200.9457" + off},
		{"26200.9168", "2026-09", cycle.NotMet, "build 26200.9168" + off + ", although 2026-09 was told"},
		{"26200.8700", "2026-09", cycle.NotMet, "build 26200.8700, although 2026-09 was told"}, // of no release
		{"26200.9999", "2026-09", cycle.Met, "2026-09"},
		{"26200.9999", "", cycle.Unknown, ""},
		{"26200.9445", "2026-10", cycle.NotMet, "2026-10, which had not come on 2026-09-20"},
		{"", "2027-01", cycle.NotMet, "2027-01, which had not come on 2026-09-20"},
		{"", "2030-01", cycle.NotMet, "2030-01, which is no baseline month of Windows 11 25H2"}, // it has ended
		{"", "2026-08", cycle.NotMet, "2026-08, which is no baseline month of Windows 11 25H2"},
	} {
		facts := load(t)
		i := slices.IndexFunc(facts, func(f cycle.Facts) bool { return f.Track.ID == "windows-11-25h2" })
		candidate := candidateOf("windows-11-25h2", "build="+tt.build+" baseline="+tt.told)
		for _, f := range cycle.Compile(facts[i], day(t, "2026-09-20")).Judge(candidate, requirements(t)) {
			if f.ID == "baseline" && (f.Outcome != tt.want || f.Have != tt.have) {
				t.Errorf("build %q, told %q: %v, %q, want %v, %q", tt.build, tt.told, f.Outcome, f.Have, tt.want, tt.have)
			}
		}
	}
}
