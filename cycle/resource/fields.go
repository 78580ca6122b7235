package resource

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cyclecal/cyclecal/cycle"
)

// shape is the table of one kind of document, which the reader, the writer and the schema share.
type shape struct {
	doc    string
	fields []field
	// build makes the value of the document, and reports fields that contradict each other.
	build func(v values) any
	// show returns the fields of a value, for the writer; false for a value of another kind.
	show func(value any) (map[string]any, bool)
}

func (s shape) form() form { return record(s.doc, s.fields...) }

const (
	mostName = 200
	mostNote = 1000
)

var shapes = map[Kind]shape{
	Tracks: {"A product or service that follows a cycle of its own.", []field{
		{"id", "What the track is called in addresses.", id(), true},
		{"name", "The product's name as people write it.", line(mostName), true},
		{"os_branch", "The first part of its builds; null where it has none.", matching(`^[0-9]{5}$`, "five digits in quotes", "26100"), false},
		{"first_month", "The first month on the track.", month(), true},
		{"hotpatch_until", "The last month on the track; null while no end is known.", month(), false},
		{"rule", "What is planned.", ruleForm(), true},
		{"note", "What else a reader should know.", line(mostNote), false},
	}, buildTrack, showTrack},
	Releases: {"One update of one track.", []field{
		{"id", "The track, a dot, and the KB in lower case or, without one, the month.", matching(
			`^[a-z0-9-]{1,64}\.(kb[0-9]{6,8}|[0-9]{4}-[0-9]{2})$`, "TRACK.kbNUMBER or TRACK.YYYY-MM", "windows-11-24h2.kb5061258"), true},
		{"track", "The id of its track.", id(), true},
		{"month", "The month of its label; null for a component.", month(), false},
		{"kb", "The number of its article.", matching(`^KB[0-9]{6,8}$`, "KB and 6 to 8 digits, such as KB5061258", "KB5061258"), false},
		{"build", "The OS build that it installs, in quotes.", matching(
			`^[0-9]{5}\.(0|[1-9][0-9]{0,4})$`, "BRANCH.REVISION in quotes, such as \"26100.3983\"", "26100.3983"), false},
		{"type", "What sort of update it is.", oneOf(cycle.ParseReleaseType, "baseline", "hotpatch", "cumulative", "component"), true},
		{"out_of_band", "Whether it came outside the monthly rhythm; false where left out.", truth(), false},
		{"restart", "Whether it restarts the machine; null where nobody knows.", truth(), false},
		{"release_date", "The day on which it came.", date(), false},
		{"known_on", "The day on which it became known; the release date where left out.", date(), false},
		{"title", "The title of its article.", line(mostName), false},
		{"url", "The address of its article.", address(), false},
		{"confidence", "primary for a page of Microsoft's that was seen, secondary for anything else.", named("primary", "secondary"), false},
		{"sources", "The ids of what the fact was read in, parted by spaces.", matching(`^[A-Za-z0-9-]{1,64}( [A-Za-z0-9-]{1,64})*$`, "ids of letters, digits and -, parted by one space", "release-notes learn-windows-11"), false},
		{"note", "What else a reader should know.", line(mostNote), false},
	}, buildRelease, showRelease},
	Notices: {"A dated statement that the kind of a month differs from the rule's.", slices.Concat([]field{
		{"id", "The track, a dot, and the month.", matching(`^[a-z0-9-]{1,64}\.[0-9]{4}-[0-9]{2}$`, "TRACK.YYYY-MM", "windows-11-24h2.2026-06"), true},
		{"track", "The id of the track that it speaks of.", id(), true},
		{"month", "The month that it speaks of.", month(), true},
	}, statement(), []field{
		{"earlier", "What was said of the month before, each with its day.", listOf(record("What was said before.", statement()...), "a list of statements"), false},
	}), buildNotice, showNotice},
	Rings: {"A group of devices that takes updates together.", []field{
		{"id", "What the ring is called in addresses.", id(), true},
		{"tracks", "The ids of its tracks; none means all.", ids("tracks"), false},
		{"deferral", "Days from the release to the offer; 0 where left out.", whole(0, 30), false},
		{"deadline", "Days from the offer to the deadline; 0 where left out.", whole(0, 30), false},
		{"grace", "Days from the deadline to the forced restart; 0 where left out.", whole(0, 7), false},
		{"window", "When its machines are restarted; null for no window.", windowForm(), false},
	}, buildRing, showRing},
	Freezes: {"A span of days in which no restart is wanted.", []field{
		{"id", "What the freeze is called in addresses.", id(), true},
		{"from", "The first day.", date(), true},
		{"to", "The last day, at most 366 days in all.", date(), true},
		{"tracks", "The ids of the tracks that it holds for; none means all.", ids("tracks"), false},
		{"rings", "The ids of the rings that it holds for; none means all.", ids("rings"), false},
		{"reason", "Why.", line(mostNote), false},
	}, buildFreeze, showFreeze},
	Feeds: {"A private calendar: a stored query behind a secret address.", []field{
		{"id", "What the feed is called among those who manage it.", id(), true},
		{"title", "The name of the calendar.", line(mostName), true},
		{"tracks", "The ids of its tracks; none means all.", ids("tracks"), false},
		{"rings", "The ids of the rings whose restarts it shows.", ids("rings"), false},
		{"kind", "Keeps the months of that kind; null keeps all.", oneOf(cycle.ParseKind, "baseline", "hotpatch"), false},
		{"alarm", "How long before an event it rings; null is never.", parsed(cycle.AlarmForm, wantAlarm, cycle.ParseAlarm, "P1D", "PT12H"), false},
		{"style", "allday where left out.", oneOf(cycle.ParseStyle, "allday", "timed"), false},
	}, buildFeed, showFeed},
	Tokens: {"What lets its bearer act in a role.", []field{
		{"id", "What the token is called among those who manage it.", id(), true},
		{"role", "What its bearer may do.", named("viewer", "editor", "admin"), true},
		{"expires_at", "When it ends; null is never.", parsed(
			`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})$`,
			wantInstant, parseInstant, "2027-01-01T00:00:00Z"), false},
	}, buildToken, showToken},
}

// statement has the fields that a notice shares with what was said earlier of the same month.
func statement() []field {
	return []field{
		{"kind", "What the month is, or will be.", oneOf(cycle.ParseKind, "baseline", "hotpatch"), true},
		{"known_on", "The day on which it was seen.", date(), true},
		{"plan_seen_on", "The last day on which the rule's kind was still to be seen.", date(), false},
		{"reason", "Why, where a reason was given.", line(mostNote), false},
		{"source", "The address of the page that said so.", address(), false},
	}
}

func id() form {
	return matching(`^[a-z0-9-]{1,64}$`, "1 to 64 of a-z, 0-9 and -", "windows-11-24h2")
}

func ids(what string) form { return set[string](id(), "a list of the ids of "+what) }

func month() form {
	return parsed(`^(19[7-9][0-9]|2[01][0-9]{2})-(0[1-9]|1[0-2])$`, "YYYY-MM, from 1970-01 to 2199-12", parseMonth, "2026-06")
}

// parseMonth reads a month within bounds: a schedule keeps every month up to the last fact in memory.
func parseMonth(s string) (cycle.Month, error) {
	m, err := cycle.ParseMonth(s)
	if year := m.Year(); err == nil && (year < 1970 || year > 2199) {
		return cycle.Month{}, &cycle.InvalidError{What: "month", Value: s, Want: "a month from 1970-01 to 2199-12"}
	}
	return m, err
}

func date() form {
	return parsed(`^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`, "YYYY-MM-DD", cycle.ParseDate, "2026-06-09")
}

func clock() form {
	return parsed(`^([01][0-9]|2[0-3]):[0-5][0-9]$`, "HH:MM in quotes, from 00:00 to 23:59", parseClock, "22:00")
}

func zone() form {
	return parsed(`^[A-Z][A-Za-z0-9_+/-]*$`, "an IANA name such as Europe/Berlin", cycle.ParseZone, "Europe/Berlin", "America/Los_Angeles", "UTC")
}

func address() form {
	return limited(2000, matching("^https://[^/?#\"<>\\\\^`{|}\\s"+noText+"][^\"<>\\\\^`{|}\\s"+noText+"]*$",
		"https://…, at most 2,000 characters without spaces", "https://support.microsoft.com/help/5061258"))
}

const weekdayNames = "sunday|monday|tuesday|wednesday|thursday|friday|saturday"

func ruleForm() form {
	return record("Which months restart, and when updates come.",
		field{"baseline_months", "The months of the year that restart: 1 is January; none and all twelve are fine.", set[int](
			whole(1, 12), "a list of months, 1 to 12"), true},
		field{"release_day", "The day of the month on which updates come.", parsed(
			"^((first|second|third|fourth|last) ("+weekdayNames+")|day ([1-9]|[12][0-9]|3[01])|last day)$",
			`"second tuesday", "last friday", "day 15" or "last day"`, cycle.ParseReleaseDay, "second tuesday", "last friday", "day 15", "last day"), true},
		field{"offset_days", "Moves that day by whole days; 0 where left out.", whole(-28, 28), false},
		field{"release_time", "The local time at which updates come.", clock(), true},
		field{"time_zone", "Where the updates come from.", zone(), true},
	)
}

func windowForm() form {
	f := record("The span in which the machines of a ring are restarted: on a weekday, or so many days after the release.",
		field{"weekday", "The first such day on which the update is offered; or give offset_days.", oneOf(
			cycle.ParseWeekday, strings.Split(weekdayNames, "|")...), false},
		field{"offset_days", "So many days after the release day, not before the deferral; or give weekday.", whole(0, 45), false},
		field{"start", "The local time at which it begins.", clock(), true},
		field{"duration", "How long it lasts, from PT1H to PT24H.", parsed(durationForm.String(), wantDuration, parseDuration, "PT4H", "PT1H30M"), true},
		field{"time_zone", "Where the machines are.", zone(), true},
	)
	absent := map[string]any{"type": "null"}
	given := func(name, other string) map[string]any {
		return map[string]any{"type": "object", "required": []string{name}, "properties": map[string]any{name: map[string]any{"not": absent}, other: absent}}
	}
	f.schema["oneOf"] = []any{given("weekday", "offset_days"), given("offset_days", "weekday")}
	return f
}

// timeOfDay is a local time, such as 22:00.
type timeOfDay struct{ hour, minute int }

func parseClock(s string) (timeOfDay, error) {
	hour, minute, err := cycle.ParseTimeOfDay(s)
	return timeOfDay{hour, minute}, err
}

const wantInstant = "an RFC 3339 instant from 1970 to 9998, such as 2027-01-01T00:00:00Z"

func parseInstant(s string) (time.Time, error) {
	var t time.Time
	if err := t.UnmarshalText([]byte(s)); err != nil || t.Year() < 1970 || t.Year() > 9998 {
		return time.Time{}, &cycle.InvalidError{Want: wantInstant}
	}
	return t.UTC(), nil
}

const (
	wantDuration = "an ISO 8601 duration from PT1H to PT24H in hours and minutes, such as PT1H30M"
	wantAlarm    = "a duration of at most 31 days, such as P1D, PT12H, P1DT6H or P1W"
)

var durationForm = regexp.MustCompile(`^PT([0-9]{1,2}H([0-9]{1,2}M)?|[0-9]{1,4}M)$`)

func parseDuration(s string) (time.Duration, error) {
	if durationForm.MatchString(s) {
		d, err := time.ParseDuration(strings.ToLower(strings.TrimPrefix(s, "PT")))
		if err == nil && d >= time.Hour && d <= 24*time.Hour {
			return d, nil
		}
	}
	return 0, &cycle.InvalidError{Want: wantDuration}
}
