package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/cyclecal/cyclecal/cycle"
)

func longDay(d cycle.Date) string { return d.Midnight().Format("Monday, 2 January 2006") }
func shortDay(d cycle.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.Midnight().Format("2 Jan 2006")
}

// dayIn is a day beside its month, "9", or "1 Sep" where a rule or a release puts it into another month.
func dayIn(m cycle.Month, d cycle.Date) string {
	if d.Month() == m {
		return d.Midnight().Format("2")
	}
	return d.Midnight().Format("2 Jan")
}

// onDay is the same within a sentence: "the 9", or "1 September".
func onDay(m cycle.Month, d cycle.Date) string {
	if d.Month() == m {
		return "the " + d.Midnight().Format("2")
	}
	return d.Midnight().Format("2 January")
}

func weekDay(d cycle.Date) string { return d.Midnight().Format("Mon 2 Jan 2006") }
func yearText(year int) string    { return fmt.Sprintf("%04d", year) }

// away says in words how many days away a day is.
func away(days int) string {
	switch {
	case days == 0:
		return "today"
	case days == 1:
		return "tomorrow"
	case days == -1:
		return "yesterday"
	case days < 0:
		return strconv.Itoa(-days) + " days ago"
	}
	return "in " + strconv.Itoa(days) + " days"
}

// reason says why a month restarts, or does not.
func reason(m cycle.Milestone) string {
	switch {
	case m.Unplanned():
		return "unplanned baseline"
	case m.Kind == cycle.Baseline && m.Status == cycle.Planned:
		return "planned baseline"
	case m.Kind == cycle.Baseline:
		return "baseline"
	case m.PlannedKind == cycle.Baseline:
		return "hotpatch in place of a planned baseline"
	}
	return "hotpatch"
}

// effect says what an update does to devices on the cycle.
func effect(r cycle.Release) string {
	switch {
	case r.Type == cycle.TypeCumulative:
		return "off the cycle only"
	case r.Restarts() == cycle.RestartNeeded:
		return "restart"
	case r.Restarts() == cycle.RestartNotNeeded:
		return "no restart"
	}
	return "not known"
}

// names joins words as a sentence does.
func names(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

// tracksOf names the tracks of a group, or says that they are all that have not ended.
func (in Input) tracksOf(ids []int) string {
	live, among := 0, 0
	for i, s := range in.Schedules {
		if _, ok := s.Next(in.Now); ok {
			live++
			if slices.Contains(ids, i) {
				among++
			}
		}
	}
	if len(ids) == live && among == live && live > 2 {
		return "all " + strconv.Itoa(live) + " tracks"
	}
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = in.Schedules[id].Track().Name
	}
	return names(list)
}

// shortName leaves out what a reader of these pages knows.
func shortName(t cycle.Track) string {
	return strings.NewReplacer("Windows Server", "Server", "Enterprise LTSC", "LTSC").Replace(t.Name)
}

// oneLine makes one line without control characters of what anybody may have written.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ") // U+2028 and U+2029 are white space too
}

// sentence ends a text with a full stop.
func sentence(s string) string {
	if s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}
