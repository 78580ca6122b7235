package importer

import (
	"regexp"
	"slices"
	"strings"
)

// keep writes into the note that a source told another value than the one that stands. It
// returns false where the note says so already.
func (j *joiner) keep(name, stands, other string) bool {
	r := &j.release
	word := regexp.MustCompile(`\b` + regexp.QuoteMeta(other) + `\b`) // 20348.10 is not in 20348.1006
	var told []string
	for segment := range strings.SplitSeq(r.Note, "; ") {
		if list, ok := strings.CutPrefix(segment, alsoTold); ok {
			told = strings.Split(list, ", ")
		} else if name != "out_of_band" && word.MatchString(segment) {
			return false // somebody has written about it
		}
	}
	if slices.Contains(told, name+" "+other) {
		return false
	}
	told = append(told, name+" "+other)
	told = slices.DeleteFunc(told, func(s string) bool { return s == name+" "+stands })
	slices.Sort(told)
	r.Note = withNote(r.Note, alsoTold, alsoTold+strings.Join(told, ", "))
	return true
}

// withNote replaces the segment of a note that has that beginning; "" removes it.
func withNote(note, beginning, segment string) string {
	var segments, own []string
	for s := range strings.SplitSeq(note, "; ") {
		switch {
		case s == "" || strings.HasPrefix(s, beginning):
		case strings.HasPrefix(s, alsoTold) || strings.HasPrefix(s, derivedNote):
			own = append(own, s)
		default:
			segments = append(segments, s)
		}
	}
	if segment != "" {
		own = append(own, segment)
	}
	slices.Sort(own)
	return strings.Join(append(segments, own...), "; ")
}

// better returns the text of the higher rank or, where the ranks are equal, the first in order.
func better(rank func(string) int, a, b string) string {
	switch {
	case a == "" || b != "" && rank(b) > rank(a):
		return b
	case b == "" || rank(a) > rank(b):
		return a
	}
	return min(a, b)
}

func titleRank(s string) int {
	switch {
	case hotpatchWord.MatchString(s) || baselineWord.MatchString(s):
		return 2
	case strings.Contains(s, "—"):
		return 1
	}
	return 0
}

// addressRank prefers the addresses that pages have today to those that they had before.
func addressRank(s string) int {
	for i, part := range []string{"/servicing/os/hotpatch/", "/servicing/os/", "/topic/"} {
		if strings.Contains(s, part) {
			return 3 - i
		}
	}
	return 0
}
