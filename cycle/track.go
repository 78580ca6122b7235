package cycle

import (
	"strconv"
	"strings"
)

// Track is one product that follows a cycle of its own. Products do not move
// together: a month may be a baseline on one track and a hotpatch on another.
type Track struct {
	// ID names the track in URLs and UIDs: 1 to 64 of a-z, 0-9 and "-".
	ID string
	// Name is the product's name as people write it.
	Name string
	// Branch is the first part of the product's builds, "26100"; "" where its
	// releases have no such builds.
	Branch string
	// FirstMonth is the first month on the track.
	FirstMonth Month
	// LastMonth is the last month on the track; the zero Month means that no end is
	// known.
	LastMonth Month
	// Rule is the plan.
	Rule Rule
	// Note tells in a sentence what else a reader should know, or "".
	Note string
}

// Has reports whether that month lies on the track.
func (t Track) Has(m Month) bool {
	return !m.Before(t.FirstMonth) && (t.LastMonth.IsZero() || !m.After(t.LastMonth))
}

// monthFaults returns an [*InvalidError] for a month that does not lie on the track.
func (t Track) monthFaults(m Month) []error {
	if t.Has(m) {
		return nil
	}
	end := " on"
	if !t.LastMonth.IsZero() {
		end = " to " + t.LastMonth.String()
	}
	return []error{invalid("month", m.String(), "a month on the track, from "+t.FirstMonth.String()+end)}
}

// Check returns an [*InvalidError] for a track that can't be: an id of another
// form, no first month, an end before it, an offset of more than four weeks.
func (t Track) Check() error {
	switch {
	case !ValidID(t.ID):
		return invalid("track", t.ID, "1 to 64 of a-z, 0-9 and -")
	case t.FirstMonth.IsZero():
		return invalid("first_month", "", "YYYY-MM")
	case !t.LastMonth.IsZero() && t.LastMonth.Before(t.FirstMonth):
		return invalid("last_month", t.LastMonth.String(), "a month from "+t.FirstMonth.String()+" on, or nothing")
	case t.Rule.Zone == nil:
		return invalid("time_zone", "", "an IANA name")
	case t.Rule.OffsetDays < -28 || t.Rule.OffsetDays > 28:
		// more would let a month's update come after that of the next but one
		return invalid("offset_days", strconv.Itoa(t.Rule.OffsetDays), "-28 to 28")
	}
	return nil
}

// ValidID reports whether s can name a track or a ring: 1 to 64 of a-z, 0-9 and "-".
func ValidID(s string) bool {
	const most = 64
	if s == "" || len(s) > most {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}) < 0
}
