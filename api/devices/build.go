package devices

import (
	"regexp"
	"strconv"

	"github.com/cyclecal/cyclecal/cycle"
)

var (
	wholeBuild  = regexp.MustCompile(`(?:^|[^0-9])([1-9][0-9]{4}\.[0-9]{1,5})(?:$|[^0-9.])`)
	branchAlone = regexp.MustCompile(`^(?:10\.0\.)?([1-9][0-9]{4})(?:\.0)?$|^10\.0 \(([1-9][0-9]{4})\)$`)
	digits      = regexp.MustCompile(`^[0-9]{1,5}$`)
)

// buildOf returns the build of the first text that has a whole one, or else of a branch and a revision.
// If there is only a branch, as in Active Directory, it returns that, and false for whole.
func buildOf(texts, revisions []string) (b cycle.Build, whole bool) {
	branch := ""
	for _, text := range texts {
		if m := branchAlone.FindStringSubmatch(text); m != nil {
			if branch == "" {
				branch = m[1] + m[2]
			}
			continue
		}
		if m := wholeBuild.FindStringSubmatch(text); m != nil {
			if b, err := cycle.ParseBuild(m[1]); err == nil {
				return b, true
			}
		}
	}
	if branch == "" {
		return cycle.Build{}, false
	}
	for _, revision := range revisions {
		if digits.MatchString(revision) {
			if b, err := cycle.ParseBuild(branch + "." + revision); err == nil {
				return b, true
			}
		}
	}
	number, _ := strconv.Atoi(branch) // five digits, by branchAlone
	return cycle.Build{Branch: number}, false
}
