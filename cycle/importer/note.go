package importer

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cyclecal/cyclecal/cycle"
)

// by stands between a value that its own source told otherwise, too, and the day on which that was read.
const by = " by "

// keep writes into the note that a source told another value than the one that stands; own says that this one is
// the source's, too. It returns false where the note says so already, or has no room.
func (j *joiner) keep(name, stands, other string, own bool) bool {
	told := toldOf(j.release.Note)
	segment, is := name+" "+other, func(s string) bool { return isValue(s, name, other) }
	if name != "out_of_band" && isWritten(j.release.Note, other) || slices.ContainsFunc(told, is) && (!own || !lostOn(j.release.Note, name, other).IsZero()) {
		return false
	}
	if own {
		segment += by + j.today.String()
	}
	told = slices.DeleteFunc(told, func(s string) bool { return is(s) || isValue(s, name, stands) })
	before := j.release.Note
	j.note(append(told, segment))
	return j.release.Note != before
}

// keepAll keeps what another note says was also told.
func (j *joiner) keepAll(note string) {
	for _, s := range toldOf(note) {
		value, _, _ := strings.Cut(s, by)
		for _, f := range fields {
			stands := f.text(j.release)
			if other, ok := strings.CutPrefix(value, f.name+" "); ok && other != stands {
				j.keep(f.name, stands, other, false)
			}
		}
	}
}

// settle takes the days from the values of a field, as a better source tells it now: which of them the others told
// last means nothing.
func (j *joiner) settle(name string) {
	told := toldOf(j.release.Note)
	if len(told) == 0 {
		return
	}
	for i, s := range told {
		if value, _, dated := strings.Cut(s, by); dated && strings.HasPrefix(s, name+" ") {
			told[i] = value
		}
	}
	j.note(told)
}

// mostNote is how many characters a document's note may have.
const mostNote = 1000

// note writes what was also told into the note: where it would get too long, without what was told first.
func (j *joiner) note(told []string) {
	slices.SortFunc(told, func(a, b string) int {
		_, before, _ := strings.Cut(a, by)
		_, after, _ := strings.Cut(b, by)
		return cmp.Or(cmp.Compare(before, after), cmp.Compare(a, b))
	})
	for ; len(told) > 0; told = told[1:] {
		list := slices.Sorted(slices.Values(told))
		if note := withNote(j.release.Note, alsoTold, alsoTold+strings.Join(list, ", ")); utf8.RuneCountInString(note) <= mostNote {
			j.release.Note = note
			return
		}
	}
}

// toldOf returns what a note says was also told.
func toldOf(note string) (told []string) {
	for segment := range strings.SplitSeq(note, "; ") {
		if list, ok := strings.CutPrefix(segment, alsoTold); ok {
			told = strings.Split(list, ", ")
		}
	}
	return told
}

// isWritten reports whether somebody has written about a value.
func isWritten(note, value string) bool {
	word := regexp.MustCompile(`\b` + regexp.QuoteMeta(value) + `\b`) // 20348.10 is not in 20348.1006
	for segment := range strings.SplitSeq(note, "; ") {
		if !strings.HasPrefix(segment, alsoTold) && word.MatchString(segment) {
			return true
		}
	}
	return false
}

// isValue reports whether something that was also told is that value.
func isValue(told, name, value string) bool {
	told, _, _ = strings.Cut(told, by)
	return told == name+" "+value
}

// lostOn returns the day on which a value and another one were told by the same source, by the note; zero where
// that did not happen.
func lostOn(note, name, value string) cycle.Date {
	for _, s := range toldOf(note) {
		if isValue(s, name, value) {
			_, day, _ := strings.Cut(s, by)
			lost, _ := cycle.ParseDate(day) // what has no day is from another source
			return lost
		}
	}
	return cycle.Date{}
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
