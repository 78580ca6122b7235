package cycle

import (
	"regexp"
	"strconv"
	"strings"
)

// Build is an OS build, "26100.3983".
type Build struct{ Branch, Revision int }

const wantBuild = "BRANCH.REVISION, such as 26100.3983, 10.0.26100.3983 or 26100.3983 (24H2)"

// shownBuild is a build as Windows and its tools show it: "winver" adds the version,
// inventories put the number of Windows 10 in front, which 11 and the servers share.
var shownBuild = regexp.MustCompile(`^(?:10\.0\.)?([0-9]{5})\.([0-9]{1,5})(?: ?\([0-9A-Za-z ]{1,20}\))?$`)

// ParseBuild reads a build: 26100.3983, 10.0.26100.3983 or 26100.3983 (24H2), with or without
// spaces around it. The version in parentheses is not looked at: no build has two.
// It returns an [*InvalidError] for anything else.
func ParseBuild(s string) (Build, error) {
	text := strings.TrimSpace(s)
	branch, revision, _ := strings.Cut(text, ".")
	if b, ok := build(branch, revision); ok { // the form of every release, read quickly
		return b, nil
	}
	if parts := shownBuild.FindStringSubmatch(text); parts != nil {
		if b, ok := build(parts[1], parts[2]); ok {
			return b, nil
		}
	}
	return Build{}, invalid("build", s, wantBuild)
}

func build(branch, revision string) (Build, bool) {
	const digits = 5 // exactly, and at most
	b, ok := number(branch)
	r, fine := number(revision)
	return Build{b, r}, ok && fine && len(branch) == digits && len(revision) <= digits && b > 0
}

// number reads digits; zeros before the first would make one build of two texts.
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

// Fits reports whether the track's product has builds of that branch. Two products may share
// one: 26100 is Windows 11 24H2 as well as Windows Server 2025. A track without a branch has none.
func (t Track) Fits(b Build) bool {
	branch, ok := number(t.Branch)
	return ok && branch == b.Branch
}

// revisionsOf returns those of the releases' builds, -1 where none of the branch is known.
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
