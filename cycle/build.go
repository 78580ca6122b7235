package cycle

import (
	"regexp"
	"strconv"
	"strings"
)

// Build is an OS build: 26100.3983 has the branch 26100 and the revision 3983. The zero Build is none.
type Build struct{ Branch, Revision int }

const wantBuild = "BRANCH.REVISION, such as 26100.3983, 10.0.26100.3983 or 26100.3983 (24H2)"

// shownBuild is a build as Windows and its tools show it: "winver" adds the version,
// inventories put the number of Windows 10 in front, which 11 and the servers share.
var shownBuild = regexp.MustCompile(`^(?:10\.0\.)?([0-9]{5})\.([0-9]{1,5})(?: ?\([0-9A-Za-z ]{1,20}\))?$`)

// ParseBuild reads a build: 26100.3983, 10.0.26100.3983 or 26100.3983 (24H2), with or without
// spaces around it. The version in parentheses is ignored, as the branch determines it.
// It returns an [*InvalidError] for anything else.
func ParseBuild(s string) (Build, error) {
	text := strings.TrimSpace(s)
	branch, revision, _ := strings.Cut(text, ".")
	if b, ok := build(branch, revision); ok { // nearly always, and quicker than the regular expression
		return b, nil
	}
	if parts := shownBuild.FindStringSubmatch(text); parts != nil {
		if b, ok := build(parts[1], parts[2]); ok {
			return b, nil
		}
	}
	return Build{}, invalid("build", s, wantBuild)
}

// build makes a build of its two numbers.
func build(branch, revision string) (Build, bool) {
	const digits = 5 // exactly, and at most
	b, ok := number(branch)
	r, fine := number(revision)
	return Build{b, r}, ok && fine && len(branch) == digits && len(revision) <= digits
}

// number reads digits. Leading zeros are refused, so that no build has two spellings.
func number(s string) (int, bool) {
	if s == "" || len(s) > 1 && s[0] == '0' {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' || n > 99_999 {
			return 0, false
		}
		n = 10*n + int(s[i]-'0')
	}
	return n, true
}

// String returns the build as [ParseBuild] reads it, "26100.3983"; "" for the zero Build.
func (b Build) String() string {
	if b == (Build{}) {
		return ""
	}
	return strconv.Itoa(b.Branch) + "." + strconv.Itoa(b.Revision)
}

// Fits reports whether the build's branch is that of the track's product. Two products may share a
// branch: 26100 is Windows 11 24H2 as well as Windows Server 2025. No build fits a track without one.
func (t Track) Fits(b Build) bool {
	branch, ok := number(t.Branch)
	return ok && branch == b.Branch
}

// revisionsOf returns the revision of each release's build, -1 where it has no build of the track's branch.
func (t Track) revisionsOf(releases []Release) []int {
	list := make([]int, len(releases))
	for i := range releases {
		branch, revision, _ := strings.Cut(releases[i].Build, ".")
		b, ok := build(branch, revision)
		if list[i] = b.Revision; !ok || !t.Fits(b) {
			list[i] = -1
		}
	}
	return list
}
